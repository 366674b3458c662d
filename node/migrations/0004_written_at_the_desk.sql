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

-- Calendars from elsewhere: looked at and not yet taken, taken once, kept in step, or no longer so.
CREATE TABLE imported_calendar (
    id         INTEGER PRIMARY KEY,
    address    TEXT,                         -- NULL: it came as a file
    name       TEXT NOT NULL,                -- as the calendar calls itself; else its address or the file's name
    state      TEXT NOT NULL CHECK (state IN ('proposed', 'taken', 'kept', 'stopped')),
    open_places INTEGER NOT NULL,            -- 1: places and links to calls are told to everyone
    with_past  INTEGER NOT NULL,             -- 1: what is over is taken, too
    body       BLOB,                         -- what was looked at, until it is taken or forgotten
    digest     TEXT NOT NULL DEFAULT '',     -- SHA-256 of what was read last, in hexadecimal
    etag       TEXT,
    report     TEXT NOT NULL DEFAULT '[]',   -- JSON array: what became, or would become, of each entry
    problem    TEXT,                         -- JSON: why it could not be read last time; NULL: it could
    attempts   INTEGER NOT NULL DEFAULT 0,   -- failures since it was read
    not_before INTEGER,                      -- kept: it is read then, milliseconds; else NULL
    read_at    INTEGER,                      -- when it was last read, or known to be unchanged
    created_at INTEGER NOT NULL,
    who        TEXT NOT NULL                 -- who brought it
) STRICT;
CREATE INDEX imported_calendar_due ON imported_calendar (not_before) WHERE state = 'kept';

-- Which of our events came from a calendar: a UID is never taken twice, also after its calendar is forgotten.
CREATE TABLE imported_event (
    uid         TEXT PRIMARY KEY,
    slug        TEXT NOT NULL REFERENCES event (slug),
    calendar_id INTEGER REFERENCES imported_calendar (id) ON DELETE SET NULL,
    sequence    INTEGER NOT NULL,            -- the revision taken last
    since       TEXT NOT NULL,               -- day from which its sessions were taken, YYYY-MM-DD
    written     TEXT NOT NULL,               -- JSON: what the calendar said, as taken; tells our own changes apart
    missing_at  INTEGER                      -- it has been missing from its calendar since then; NULL: it is there
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_event_by_slug ON imported_event (slug);
CREATE INDEX imported_event_by_calendar ON imported_event (calendar_id);
-- Who may pass on what neighbours publish, and who does.
ALTER TABLE neighbour_post ADD COLUMN practice INTEGER NOT NULL DEFAULT 0;
ALTER TABLE neighbour_post ADD COLUMN passable INTEGER NOT NULL DEFAULT 1;
CREATE TABLE passed_on (
    post_id  TEXT NOT NULL REFERENCES neighbour_post (id) ON DELETE CASCADE,
    actor_id TEXT NOT NULL,
    PRIMARY KEY (post_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX passed_on_by_actor ON passed_on (actor_id);
INSERT INTO passed_on SELECT id, actor_id FROM neighbour_post WHERE actor_id <> author;
