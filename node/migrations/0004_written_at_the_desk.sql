-- Version 4: what is being written at the desk, and calendars from elsewhere that are kept in step.
-- Every change here stands in schema.sql too; tests/store/test_migrations.py holds the two together.

-- What a steward is writing at the desk: the fields of a form as they were typed, shown to nobody else. It goes
-- when it is published, discarded, too old, or with its steward (docs/adr/0020-drafts-and-previews.md).
CREATE TABLE draft (
    id         TEXT PRIMARY KEY,             -- ULID, part of its address
    steward_id INTEGER NOT NULL REFERENCES steward (id) ON DELETE CASCADE,
    form       TEXT NOT NULL CHECK (form IN ('event', 'following', 'reflection')), -- following: a session and all after it
    about      TEXT NOT NULL,                -- slug of what is being changed; empty for something new
    fields     TEXT NOT NULL,                -- JSON array of [name, text]; empty once it was published
    picture    TEXT,                         -- id of the picture they name, which is kept as long as the draft
    became     TEXT,                         -- slug of what it was published as: a second tap finds it
    saved_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_by_steward ON draft (steward_id, saved_at);
CREATE INDEX draft_by_picture ON draft (picture) WHERE picture IS NOT NULL;
-- What a draft would change is gone for good: so is whatever was typed to change it.
CREATE TRIGGER draft_of_withdrawn AFTER UPDATE OF document ON reflection WHEN new.document IS NULL BEGIN
    DELETE FROM draft WHERE about = new.slug AND form = 'reflection' AND became IS NULL;
END;
CREATE TRIGGER draft_of_removed AFTER UPDATE OF document ON event WHEN new.document IS NULL BEGIN
    DELETE FROM draft WHERE about = new.slug AND form <> 'reflection' AND became IS NULL;
END;
