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
