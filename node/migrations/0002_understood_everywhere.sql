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

-- Important changes of events that are not told yet: until the hosts have finished editing.
CREATE TABLE pending_change (
    event_slug TEXT PRIMARY KEY REFERENCES event (slug),
    told       TEXT NOT NULL,                -- JSON: when, where and whether, as told last (node/domain/change.py)
    changed_at INTEGER NOT NULL              -- the last important change
) STRICT;

ALTER TABLE neighbour_post ADD COLUMN previous_start_at INTEGER;
ALTER TABLE neighbour_post ADD COLUMN organizers TEXT;
ALTER TABLE neighbour_post ADD COLUMN categories TEXT NOT NULL DEFAULT '[]';
ALTER TABLE neighbour_post ADD COLUMN join_url TEXT;
CREATE INDEX neighbour_post_undated ON neighbour_post (updated_at) WHERE kind = 'event' AND start_at IS NULL;

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
ALTER TABLE actor ADD COLUMN moved_to TEXT;
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

-- Conversations: replies to replies, quotes, what is passed on to followers.
ALTER TABLE reply ADD COLUMN root TEXT;
ALTER TABLE reply ADD COLUMN quotes TEXT;
ALTER TABLE reply ADD COLUMN language TEXT;
ALTER TABLE reflection ADD COLUMN origin TEXT;
CREATE UNIQUE INDEX reflection_by_origin ON reflection (origin) WHERE origin IS NOT NULL;
ALTER TABLE reply ADD COLUMN activity TEXT;
ALTER TABLE reply ADD COLUMN passable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reply ADD COLUMN passed_on INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reply_by_root ON reply (root);
-- A reply to a notice of change stands under its event.
UPDATE reply SET root = coalesce(
    (SELECT substr(reply.in_reply_to, 1, instr(reply.in_reply_to, '/notices/')) || 'events/' || notice.event_slug
    FROM notice WHERE reply.in_reply_to LIKE '%/notices/' || notice.id), in_reply_to);

-- What stewards answered in the group's name to replies they had accepted: Notes of the group.
CREATE TABLE comment (
    id          TEXT PRIMARY KEY,
    in_reply_to TEXT NOT NULL,               -- the reply of theirs that it answers
    actor_id    TEXT NOT NULL,               -- who wrote that, and is mentioned
    handle      TEXT NOT NULL,               -- how they are called: name@host
    root        TEXT,                        -- as of that reply
    content     TEXT,                        -- plain text; NULL once taken back
    language    TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER,
    CHECK ((content IS NULL) = (removed_at IS NOT NULL))
) STRICT;
CREATE INDEX comment_by_parent ON comment (in_reply_to);
CREATE INDEX comment_by_root ON comment (root);

-- Who asked whether they may do something with a thing of ours (FEP-044f QuoteRequest; GoToSocial's
-- LikeRequest, ReplyRequest and AnnounceRequest), and the stamp that says yes: anybody may look it up.
CREATE TABLE stamp (
    id          TEXT PRIMARY KEY,            -- its part of its address
    kind        TEXT NOT NULL CHECK (kind IN ('quote', 'like', 'reply', 'announce')),
    actor_id    TEXT NOT NULL,               -- who asked
    inbox       TEXT NOT NULL,               -- where the answer goes
    target      TEXT NOT NULL,               -- our object
    interacting TEXT NOT NULL,               -- what they make of it: a post, a Like, an Announce
    request     TEXT,                        -- the request as our answer embeds it (JSON); NULL: they did not ask
    content     TEXT NOT NULL DEFAULT '',    -- what the post says, for stewards: sanitised HTML
    state       TEXT NOT NULL CHECK (state IN ('pending', 'given', 'refused', 'revoked')),
    created_at  INTEGER NOT NULL,
    decided_at  INTEGER,
    UNIQUE (interacting, target, kind)
) STRICT;
CREATE INDEX stamp_by_target ON stamp (target);
CREATE INDEX stamp_by_actor ON stamp (actor_id);

CREATE TRIGGER comment_added AFTER INSERT ON comment BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER comment_removed AFTER UPDATE ON comment BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER stamp_decided AFTER UPDATE OF state ON stamp BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER stamp_removed AFTER DELETE ON stamp BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;

-- ---- who comes: offered places, private links, invitations, private messages

ALTER TABLE rsvp ADD COLUMN offered_until INTEGER;
ALTER TABLE rsvp ADD COLUMN lapsed_at INTEGER;

-- When somebody of another server last said something about an event, as their server dates it: what is older
-- and comes later has no effect. Stays when they take their answer back; deleted after 30 days.
CREATE TABLE rsvp_said (
    event_slug TEXT NOT NULL REFERENCES event (slug),
    who        TEXT NOT NULL,
    said_at    INTEGER NOT NULL,
    PRIMARY KEY (event_slug, who)
) STRICT;

-- Private links to one person's answer. Only hashes are kept; deleted with the answer.
CREATE TABLE rsvp_link (
    token_hash TEXT PRIMARY KEY,             -- SHA-256 of the token in the link
    code_hash  TEXT NOT NULL UNIQUE,         -- SHA-256 of the short code that can be typed instead
    event_slug TEXT NOT NULL REFERENCES event (slug),
    who        TEXT NOT NULL,
    via        TEXT NOT NULL,                -- as in rsvp
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX rsvp_link_by_person ON rsvp_link (event_slug, who);

-- Whom the hosts invited from other servers. Never public; deleted after the event.
CREATE TABLE invitation (
    event_slug TEXT NOT NULL REFERENCES event (slug),
    actor_id   TEXT NOT NULL,
    invite_id  TEXT NOT NULL UNIQUE,         -- id of the Invite we sent
    inbox      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (event_slug, actor_id)
) STRICT;

-- What we wrote to one person of another server and to nobody else; a question where it has options to vote for.
CREATE TABLE direct_message (
    id          TEXT PRIMARY KEY,            -- its own part of its address
    kind        TEXT NOT NULL,               -- rsvp, consent …: who acts on a vote (node/services/votes.py)
    subject     TEXT NOT NULL,               -- what it is about: an event's slug, a post's id
    actor_id    TEXT NOT NULL,               -- whom it is for: nobody else may read it or vote
    content     TEXT NOT NULL,               -- HTML made by us, without the private link
    language    TEXT NOT NULL,
    in_reply_to TEXT,                        -- what they wrote to us
    options     TEXT NOT NULL,               -- JSON array of [value, label]; empty where it asks nothing
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,            -- votes count until then; 30 days later it is deleted
    answered_at INTEGER,
    answer      TEXT                         -- the value last voted for
) STRICT;
CREATE INDEX direct_message_by_subject ON direct_message (kind, subject, actor_id);
CREATE INDEX direct_message_by_age ON direct_message (created_at);
-- Series: what recurs is kept once, and its sessions become events of their own.
ALTER TABLE event ADD COLUMN is_series INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN series_slug TEXT REFERENCES event (slug);
ALTER TABLE event ADD COLUMN recurrence TEXT CHECK ((series_slug IS NULL) = (recurrence IS NULL));
ALTER TABLE event ADD COLUMN announced_at INTEGER;
ALTER TABLE neighbour_post ADD COLUMN series TEXT;
ALTER TABLE neighbour_post ADD COLUMN siblings TEXT NOT NULL DEFAULT '[]';
UPDATE event SET is_series = 1, end_at = NULL WHERE start_at IS NOT NULL
    AND (document ->> '$.series.rrule' IS NOT NULL OR json_array_length(document, '$.series.added_local') > 0);
CREATE INDEX event_by_series ON event (series_slug, recurrence) WHERE series_slug IS NOT NULL;
CREATE TRIGGER event_dropped AFTER DELETE ON event BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
-- Other servers have a series as one event; from now on they are told of its sessions instead.
INSERT INTO outbox_entry (kind, subject, created_at)
    SELECT 'delete_event', slug, updated_at FROM event WHERE is_series = 1 AND federated = 1 AND document IS NOT NULL;

-- What time other servers say it is.
ALTER TABLE host_state ADD COLUMN clock_ahead INTEGER;
ALTER TABLE host_state ADD COLUMN clock_at INTEGER;

-- Where somebody wants letters about one event. Never public; deleted with the answer.
CREATE TABLE rsvp_email (
    event_slug TEXT NOT NULL REFERENCES event (slug),
    who        TEXT NOT NULL,                -- as in rsvp
    address    TEXT NOT NULL,
    language   TEXT NOT NULL,                -- of the page they answered on
    PRIMARY KEY (event_slug, who)
) STRICT;

-- Letters by e-mail. Once one is sent or erased only the hash stays, for a month: so we know how often we wrote.
CREATE TABLE letter (
    id           TEXT PRIMARY KEY,           -- also in its Message-ID
    event_slug   TEXT NOT NULL,
    who          TEXT NOT NULL,              -- as in rsvp; empty once erased
    recipient    TEXT NOT NULL,              -- empty once sent or erased
    address_hash TEXT NOT NULL,              -- SHA-256 of the address in small letters
    language     TEXT NOT NULL,
    subject      TEXT NOT NULL,              -- plain text on one line
    words        TEXT NOT NULL,              -- plain text without the link
    token        TEXT NOT NULL,              -- of the private link
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'parked', 'erased', 'unwanted')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    not_before   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_due ON letter (not_before) WHERE state = 'pending';
CREATE INDEX letter_by_address ON letter (address_hash, created_at);
CREATE INDEX letter_by_person ON letter (event_slug, who);

-- Pages of people's own websites that answer an event, or may (Webmention). Never public; deleted with the answer.
CREATE TABLE webmention (
    source     TEXT NOT NULL,                -- address of the page
    event_slug TEXT NOT NULL REFERENCES event (slug),
    who        TEXT,                         -- on the list because of it, as in rsvp
    due_at     INTEGER,                      -- to be looked at then
    not_before INTEGER NOT NULL,             -- and never before then
    attempts   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, event_slug)
) STRICT;
CREATE INDEX webmention_due ON webmention (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webmention_by_person ON webmention (event_slug, who);
