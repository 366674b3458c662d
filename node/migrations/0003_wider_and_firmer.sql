-- Version 3: what the neighbourhood, the desk and the safety of what is kept need.
-- Every change here stands in schema.sql too; tests/store/test_migrations.py holds the two together.

-- ---------------------------------------------------------------------------------------- pictures

-- Pictures that stewards gave, cleaned and made small. Their files lie in DIR/media (node/pictures.py).
CREATE TABLE picture (
    id         TEXT PRIMARY KEY,             -- random, with width and height the name of its file
    width      INTEGER NOT NULL,             -- in pixels, of the larger of its two files
    height     INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,             -- of that one
    small_bytes INTEGER NOT NULL,            -- of the smaller one; 0 where there is none
    created_at INTEGER NOT NULL,
    taken      INTEGER NOT NULL DEFAULT 0    -- 1: something shows it or did; it goes with the last thing that does
) STRICT;

-- What shows which picture: each `file` of a document. Triggers write it, so nobody can forget.
CREATE TABLE picture_use (
    picture TEXT NOT NULL,                   -- id of a picture, kept or not
    source  TEXT NOT NULL CHECK (source IN ('group', 'event', 'reflection')),
    name    TEXT NOT NULL,                   -- a slug; empty for the group
    PRIMARY KEY (picture, source, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_use_by_name ON picture_use (source, name);

CREATE TRIGGER picture_is_shown AFTER INSERT ON picture_use BEGIN
    UPDATE picture SET taken = 1 WHERE id = new.picture;
END;
CREATE TRIGGER group_shows AFTER INSERT ON group_profile WHEN new.document LIKE '%"file"%' BEGIN
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'group', '' FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER group_shows_another AFTER UPDATE OF document ON group_profile
WHEN new.document IS NOT old.document BEGIN
    DELETE FROM picture_use WHERE source = 'group' AND name = '';
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'group', '' FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER event_shows AFTER INSERT ON event WHEN new.document LIKE '%"file"%' BEGIN
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'event', new.slug FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER event_shows_another AFTER UPDATE OF document ON event
WHEN new.document IS NOT old.document BEGIN
    DELETE FROM picture_use WHERE source = 'event' AND name = old.slug;
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'event', new.slug FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER reflection_shows AFTER INSERT ON reflection WHEN new.document LIKE '%"file"%' BEGIN
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'reflection', new.slug FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER reflection_shows_another AFTER UPDATE OF document ON reflection
WHEN new.document IS NOT old.document BEGIN
    DELETE FROM picture_use WHERE source = 'reflection' AND name = old.slug;
    INSERT INTO picture_use SELECT DISTINCT substr(value, 1, 26), 'reflection', new.slug FROM json_tree(new.document)
        WHERE key = 'file' AND type = 'text' AND value LIKE '%.jpg';
END;
CREATE TRIGGER event_shows_no_longer AFTER DELETE ON event BEGIN
    DELETE FROM picture_use WHERE source = 'event' AND name = old.slug;
END;

-- ------------------------------------------------------------------------------------------ search

-- What changed since the search last looked: out of its index already, and read anew before the next
-- question is answered (node/services/search.py). Triggers write it, so nobody can forget.
CREATE TABLE search_due (
    source TEXT NOT NULL CHECK (source IN ('event', 'reflection', 'practice', 'neighbour_post')),
    name   TEXT NOT NULL,                    -- a slug, or the id of a neighbour's post
    PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;

-- What can be found: only what is public and listed ever gets a row.
CREATE TABLE search_entry (
    id        INTEGER PRIMARY KEY AUTOINCREMENT, -- the rowid of its words in search_words; never used again
    source    TEXT NOT NULL,                 -- as in search_due
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('event', 'reflection', 'practice')),
    languages TEXT NOT NULL,                 -- in small letters between spaces: ' de en '
    starts_at INTEGER,                       -- when it takes place, or was published; NULL: no date
    ends_at   INTEGER,
    UNIQUE (source, name)
) STRICT;

-- The words themselves, folded (node/domain/tokens.py) and parted by spaces: all that is left to FTS5 is to part
-- them there, in Unicode as in ASCII. A row without its search_entry is found by nobody.
CREATE VIRTUAL TABLE search_words USING fts5 (title, place, words, tokenize = 'ascii');

-- Rows of search_words that are to go: a trigger may not touch a virtual table (trusted_schema is off).
CREATE TABLE search_stale (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
    INSERT INTO search_stale VALUES (old.id);
END;
CREATE TRIGGER event_to_find AFTER INSERT ON event BEGIN
    INSERT INTO search_due SELECT 'event', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'event' AND name = new.slug);
END;
CREATE TRIGGER event_to_find_again AFTER UPDATE ON event BEGIN
    DELETE FROM search_entry WHERE source = 'event' AND name = old.slug;
    INSERT INTO search_due SELECT 'event', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'event' AND name = new.slug);
END;
CREATE TRIGGER event_not_to_find AFTER DELETE ON event BEGIN
    DELETE FROM search_entry WHERE source = 'event' AND name = old.slug;
END;
CREATE TRIGGER reflection_to_find AFTER INSERT ON reflection BEGIN
    INSERT INTO search_due SELECT 'reflection', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'reflection' AND name = new.slug);
END;
CREATE TRIGGER reflection_to_find_again AFTER UPDATE ON reflection BEGIN
    DELETE FROM search_entry WHERE source = 'reflection' AND name = old.slug;
    INSERT INTO search_due SELECT 'reflection', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'reflection' AND name = new.slug);
END;
CREATE TRIGGER reflection_not_to_find AFTER DELETE ON reflection BEGIN
    DELETE FROM search_entry WHERE source = 'reflection' AND name = old.slug;
END;
CREATE TRIGGER practice_to_find AFTER INSERT ON practice BEGIN
    INSERT INTO search_due SELECT 'practice', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'practice' AND name = new.slug);
END;
CREATE TRIGGER practice_to_find_again AFTER UPDATE ON practice BEGIN
    DELETE FROM search_entry WHERE source = 'practice' AND name = old.slug;
    INSERT INTO search_due SELECT 'practice', new.slug
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'practice' AND name = new.slug);
END;
CREATE TRIGGER practice_not_to_find AFTER DELETE ON practice BEGIN
    DELETE FROM search_entry WHERE source = 'practice' AND name = old.slug;
END;
CREATE TRIGGER neighbour_post_to_find AFTER INSERT ON neighbour_post BEGIN
    INSERT INTO search_due SELECT 'neighbour_post', new.id
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'neighbour_post' AND name = new.id);
END;
CREATE TRIGGER neighbour_post_to_find_again AFTER UPDATE ON neighbour_post BEGIN
    DELETE FROM search_entry WHERE source = 'neighbour_post' AND name = old.id;
    INSERT INTO search_due SELECT 'neighbour_post', new.id
    WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE source = 'neighbour_post' AND name = new.id);
END;
CREATE TRIGGER neighbour_post_not_to_find AFTER DELETE ON neighbour_post BEGIN
    DELETE FROM search_entry WHERE source = 'neighbour_post' AND name = old.id;
END;
-- Texts that do not say their language are in the group's first one, which may be another now.
CREATE TRIGGER group_to_find_again AFTER UPDATE OF document ON group_profile
WHEN new.document <> old.document BEGIN
    DELETE FROM search_entry WHERE source <> 'neighbour_post';
    DELETE FROM search_due WHERE source <> 'neighbour_post';
    INSERT INTO search_due SELECT 'event', slug FROM event
        UNION ALL SELECT 'reflection', slug FROM reflection UNION ALL SELECT 'practice', slug FROM practice;
END;

INSERT INTO search_due SELECT 'event', slug FROM event
    UNION ALL SELECT 'reflection', slug FROM reflection UNION ALL SELECT 'practice', slug FROM practice
    UNION ALL SELECT 'neighbour_post', id FROM neighbour_post;

-- How many posts of one neighbour came in a day is asked before each new one.
DROP INDEX neighbour_post_by_actor;
CREATE INDEX neighbour_post_by_actor ON neighbour_post (actor_id, received_at);

-- ------------------------------------------------------------------------------- people who host

ALTER TABLE steward ADD COLUMN role TEXT NOT NULL DEFAULT 'steward' CHECK (role IN ('steward', 'organiser', 'care'));
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';

-- What stewards decide can be read, and what visitors are concerned about can be said on our pages.
ALTER TABLE concern ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE concern ADD COLUMN closed_at INTEGER;
-- ---------------------------------------------------------------------------------- groups around us

-- Groups we know of: our neighbours, those they publicly stand with, and those that these do (docs/adr/0018-groups-around.md).
-- What is told of a group is what its own document says; until that was read the row is a mere claim, shown nowhere.
CREATE TABLE known_group (
    id           TEXT PRIMARY KEY,           -- actor id
    host         TEXT NOT NULL,              -- of the id, with its port where that is not the default
    name         TEXT NOT NULL DEFAULT '',   -- plain text, as place
    url          TEXT NOT NULL DEFAULT '',
    languages    TEXT NOT NULL DEFAULT '[]', -- JSON array of BCP 47 tags
    place        TEXT NOT NULL DEFAULT '',
    latitude     REAL,                       -- to a tenth of a degree, as longitude
    longitude    REAL,
    stands_with  TEXT,                       -- where it says whom it stands with; NULL: it does not
    listed       INTEGER NOT NULL DEFAULT 0, -- 1: it does not mind being named to strangers
    actor_etag   TEXT,                       -- of its document as last read
    list_etag    TEXT,                       -- and of its list
    confirmed_at INTEGER,                    -- when its document was last read or known to be unchanged; NULL: never
    attempts     INTEGER NOT NULL DEFAULT 0, -- failures since then
    not_before   INTEGER NOT NULL,           -- it is looked at (again) then
    created_at   INTEGER NOT NULL,
    hidden_at    INTEGER                     -- the stewards said that it is not for us
) STRICT;
CREATE INDEX known_group_due ON known_group (not_before);
CREATE INDEX known_group_by_host ON known_group (host);

-- Who says that it stands with whom: a neighbour of ours, or a group that a neighbour stands with.
CREATE TABLE group_claim (
    source   TEXT NOT NULL,                  -- actor id of who says so
    group_id TEXT NOT NULL REFERENCES known_group (id) ON DELETE CASCADE,
    PRIMARY KEY (source, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_claim_by_group ON group_claim (group_id);

-- Our neighbours that are groups and let us follow them: never a person's account.
CREATE VIEW neighbour_group AS
    SELECT following.actor_id AS id FROM following JOIN actor ON actor.id = following.actor_id
    WHERE following.state = 'accepted' AND actor.type IN ('Group', 'Organization');

-- Whose lists count: theirs, and those of the groups on them.
CREATE VIEW group_source AS
    SELECT id FROM neighbour_group
    UNION SELECT group_id FROM group_claim WHERE source IN (SELECT id FROM neighbour_group);

CREATE TRIGGER known_group_changed
AFTER UPDATE OF name, url, languages, place, latitude, longitude, listed, hidden_at ON known_group
WHEN (new.name, new.url, new.languages, new.place, new.latitude, new.longitude, new.listed, new.hidden_at)
    IS NOT (old.name, old.url, old.languages, old.place, old.latitude, old.longitude, old.listed, old.hidden_at) BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER known_group_forgotten AFTER DELETE ON known_group BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;

-- ------------------------------------------------------------------------------------ our own clock

-- Our own clock: a machine without a battery for it wakes up in the past (federation/clock_watch.py).
CREATE TABLE clock_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at INTEGER,                         -- the latest moment it has shown while it was believed
    trouble TEXT                             -- why it is in doubt; NULL: it is believed
) STRICT;

-- ------------------------------------------------------------------------- the shared calendar

ALTER TABLE event ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE neighbour_post ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
CREATE INDEX neighbour_post_by_page ON neighbour_post (url, start_at) WHERE kind = 'event';
-- What older rows tell by themselves; coordinates and access facts come with the next change of each.
UPDATE event SET facts = json_object(
    'kind', coalesce(document ->> '$.kind', 'other'),
    'languages', json(coalesce(document -> '$.languages', (SELECT document -> '$.languages' FROM group_profile), '[]')),
    'online', coalesce(document ->> '$.format', '') IN ('online', 'hybrid'),
    'free', CASE WHEN document -> '$.price' IS NULL OR document ->> '$.price' IS NULL THEN NULL
        ELSE coalesce(document ->> '$.price.model', '') IN ('free', 'gift', 'dana') END,
    'access', json('[]'), 'place', '') WHERE document IS NOT NULL;
UPDATE neighbour_post SET facts = json_object(
    'kind', '', 'languages', json(CASE WHEN language IS NULL THEN '[]' ELSE json_array(lower(language)) END),
    'online', online_url IS NOT NULL, 'access', json('[]'), 'place', ' ' || lower(place) || ' ',
    'original', id = url) WHERE kind = 'event';

-- Neighbours are read again about once a day.
ALTER TABLE following ADD COLUMN read_again_at INTEGER;
ALTER TABLE following ADD COLUMN read_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE following ADD COLUMN upcoming_etag TEXT;
DROP TRIGGER following_changed;
CREATE TRIGGER following_changed
AFTER UPDATE OF handle, state ON following BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;

-- Neighbours' gatherings that we pass on to our followers.
CREATE TABLE boost (
    object_id  TEXT PRIMARY KEY,             -- of a neighbour_post; where that is gone, the boost is taken back
    author     TEXT NOT NULL,
    boosted_at INTEGER NOT NULL
) STRICT;

-- Gatherings held together with other groups: ours that we offered, and theirs that were offered to us.
CREATE TABLE cohosting (
    event      TEXT NOT NULL,                -- slug of ours, or id of theirs
    actor_id   TEXT NOT NULL,                -- the other group
    offer_id   TEXT NOT NULL UNIQUE,         -- id of the Offer
    inbox      TEXT NOT NULL,                -- of the other group
    ours       INTEGER NOT NULL,             -- 1: the gathering is ours
    state      TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'declined')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (event, actor_id)
) STRICT;
