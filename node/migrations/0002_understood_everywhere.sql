-- Version 2: what the fediverse's other servers need of us to understand and be understood.
-- Every change here stands in schema.sql too; tests/store/test_migrations.py holds the two together.

-- What software other servers run, as their NodeInfo says: some must be told of gatherings in another form.
CREATE TABLE host_software (
    host       TEXT PRIMARY KEY,             -- lower case, with its port where that is not the default
    origin     TEXT NOT NULL,                -- scheme and host: where NodeInfo is asked for
    software   TEXT,                         -- lower-case name; NULL: not known, or not (yet) told
    version    TEXT,
    read_at    INTEGER,                      -- when it answered last; NULL: never
    attempts   INTEGER NOT NULL DEFAULT 0,   -- failures since then
    not_before INTEGER NOT NULL              -- it is asked (again) then
) STRICT;
CREATE INDEX host_software_due ON host_software (not_before);
INSERT INTO host_software (host, origin, not_before)
SELECT lower(substr(origin, instr(origin, '://') + 3)), lower(origin), 0 FROM (
    SELECT DISTINCT CASE WHEN instr(rest, '/') > 0
        THEN substr(actor_id, 1, length(actor_id) - length(rest) + instr(rest, '/') - 1) ELSE actor_id END AS origin
    FROM (SELECT actor_id, substr(actor_id, instr(actor_id, '://') + 3) AS rest
        FROM (SELECT actor_id FROM follower UNION SELECT actor_id FROM following))
) WHERE true ON CONFLICT DO NOTHING;

-- Servers that hold a Note about a gathering in place of its Event, which they would have dropped.
CREATE TABLE companion_note (
    event_slug TEXT NOT NULL REFERENCES event (slug),
    host       TEXT NOT NULL,                -- of the inbox it went to
    PRIMARY KEY (event_slug, host)
) STRICT;

-- ------------------------------------------------------------------------------------- identity

CREATE TABLE former_keypair AS SELECT * FROM keypair;
DROP TABLE keypair;
CREATE TABLE keypair (
    actor       TEXT NOT NULL CHECK (actor IN ('group', 'instance')),
    name        TEXT NOT NULL,              -- its id is the actor's id, # and this: main-key, ed25519-key
    kind        TEXT NOT NULL CHECK (kind IN ('rsa', 'ed25519')),
    private_pem TEXT NOT NULL,
    public_pem  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    replaced_at INTEGER,                    -- NULL: in use
    PRIMARY KEY (actor, name)
) STRICT;
CREATE UNIQUE INDEX keypair_in_use ON keypair (actor, kind) WHERE replaced_at IS NULL;
INSERT INTO keypair (actor, name, kind, private_pem, public_pem, created_at)
    SELECT actor, 'main-key', 'rsa', private_pem, public_pem, created_at FROM former_keypair;
DROP TABLE former_keypair;
CREATE TRIGGER keypair_added AFTER INSERT ON keypair BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;

ALTER TABLE group_profile ADD COLUMN also_known_as TEXT NOT NULL DEFAULT '[]';
ALTER TABLE group_profile ADD COLUMN moved_to TEXT;
ALTER TABLE group_profile ADD COLUMN moved_at INTEGER;
ALTER TABLE group_profile ADD COLUMN retired_at INTEGER;
ALTER TABLE activity ADD COLUMN key_name TEXT;
ALTER TABLE inbound ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;

-- Whoever is shown by name on our pages has another name.
CREATE TRIGGER actor_renamed AFTER UPDATE OF name ON actor WHEN new.name IS NOT old.name BEGIN
    UPDATE page_version SET version = version + 1
    WHERE section = 'neighbours' AND EXISTS (SELECT 1 FROM following WHERE actor_id = new.id)
       OR section = 'local' AND EXISTS (SELECT 1 FROM reply WHERE actor_id = new.id AND state = 'accepted');
END;
-- Who asked to follow while the group lets followers in one by one. Hears nothing before a steward says yes.
CREATE TABLE follow_request (
    actor_id     TEXT PRIMARY KEY,
    inbox        TEXT NOT NULL,
    shared_inbox TEXT,
    host         TEXT NOT NULL,
    follow_id    TEXT NOT NULL,
    follow       TEXT NOT NULL,              -- the Follow as received (JSON), embedded in our answer
    created_at   INTEGER NOT NULL
) STRICT;
