-- Roughweather's data model: the whole current schema, and its documentation.
--
-- Moments are INTEGER milliseconds since 1970 UTC, in columns that end in _at. Documents are JSON
-- text of the exchange format (docs/exchange-format.md): what a group wrote is kept as it wrote it,
-- and the columns beside it exist only to find and order rows. Ids of the fediverse are their full
-- URLs. The file is 0600: it also holds the private keys.
--
-- A new database is made from this file; PRAGMA user_version carries its version (node/store/migrations.py).
-- This is version 4; older databases are brought here by node/migrations/NNNN_*.sql.

-- ------------------------------------------------------------------ the group and its own content

-- The one group this node hosts. The handle is permanent: it is part of every follower's address.
CREATE TABLE group_profile (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    handle     TEXT NOT NULL,
    document   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    also_known_as TEXT NOT NULL DEFAULT '[]', -- JSON array of ids under which the group lives or lived too
    moved_to   TEXT,                         -- the id of the actor it moved to
    moved_at   INTEGER,
    retired_at INTEGER                       -- the group said farewell: its actor answers 410 from then on
) STRICT;

-- Key pairs of our two actors: of each kind one is in use. RSA signs requests, Ed25519 proofs in documents.
-- A replaced RSA key stays until everyone was told of the new one, signed with the old. Never logged.
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

-- Gatherings. A removed one loses its document, and the row answers 410 for ever. Only the session of a
-- series that nobody has heard of yet goes without a trace when the series no longer has it.
CREATE TABLE event (
    slug         TEXT PRIMARY KEY,
    document     TEXT,                       -- NULL once removed
    visibility   TEXT NOT NULL,
    federated    INTEGER NOT NULL,           -- 1: is sent to other servers
    start_at     INTEGER,                    -- NULL: postponed without a date
    end_at       INTEGER,
    sequence     INTEGER NOT NULL DEFAULT 0, -- iCalendar SEQUENCE, +1 at each change
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    removed_at   INTEGER,
    is_series    INTEGER NOT NULL DEFAULT 0, -- 1: it recurs; its sessions are events of their own (docs/adr/0007-series.md)
    series_slug  TEXT REFERENCES event (slug), -- of a session: its series; the document is made from that one's
    recurrence   TEXT,                       -- of a session: the wall time the rule gives it, 2027-03-17T19:00:00
    announced_at INTEGER,                    -- of a session: when its turn came to be told of; NULL: not yet
    facts        TEXT NOT NULL DEFAULT '{}', -- JSON: what the shared calendar chooses by (node/domain/facts.py)
    CHECK ((document IS NULL) = (removed_at IS NOT NULL)),
    CHECK ((series_slug IS NULL) = (recurrence IS NULL))
) STRICT;
CREATE INDEX event_by_end ON event (end_at) WHERE document IS NOT NULL;
CREATE INDEX event_by_series ON event (series_slug, recurrence) WHERE series_slug IS NOT NULL;

-- Reflections. Withdrawn means gone: the document goes, the slug stays and answers 410.
CREATE TABLE reflection (
    slug         TEXT PRIMARY KEY,
    document     TEXT,                       -- NULL once withdrawn
    status       TEXT NOT NULL CHECK (status IN ('draft', 'pending_review', 'published', 'withdrawn')),
    visibility   TEXT NOT NULL,
    federated    INTEGER NOT NULL,
    spiral_stage TEXT,
    event_slug   TEXT,                       -- the gathering it came out of
    origin       TEXT,                       -- the post on another server it was made of, with its author's consent
    published_at INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    withdrawn_at INTEGER,
    CHECK ((document IS NULL) = (status = 'withdrawn'))
) STRICT;
CREATE UNIQUE INDEX reflection_by_origin ON reflection (origin) WHERE origin IS NOT NULL;
CREATE INDEX reflection_by_date ON reflection (published_at) WHERE status = 'published';

-- The library of practices.
CREATE TABLE practice (
    slug       TEXT PRIMARY KEY,
    document   TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What an imported document held beside groups, events, reflections and practices; export gives it back.
CREATE TABLE extra_document (
    name     TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

-- Short notes to followers about a change (moved, cancelled): many servers ignore Update of an Event.
CREATE TABLE notice (
    id         TEXT PRIMARY KEY,
    event_slug TEXT NOT NULL REFERENCES event (slug),
    content    TEXT NOT NULL,                -- HTML made by us
    language   TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_by_event ON notice (event_slug);

-- Important changes of events that are not told yet: until the hosts have finished editing.
CREATE TABLE pending_change (
    event_slug TEXT PRIMARY KEY REFERENCES event (slug),
    told       TEXT NOT NULL,                -- JSON: when, where and whether, as told last (node/domain/change.py)
    changed_at INTEGER NOT NULL              -- the last important change
) STRICT;

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

-- ------------------------------------------------------------------------------- people who host

-- Stewards: people who may sign in at the desk. No password until the one-time link was used.
CREATE TABLE steward (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password_hash TEXT,                      -- argon2id
    created_at    INTEGER NOT NULL,
    role          TEXT NOT NULL DEFAULT 'steward' CHECK (role IN ('steward', 'organiser', 'care'))
) STRICT;

-- One-time links that let a steward set a password. Only the SHA-256 of the token is kept.
CREATE TABLE sign_in_link (
    token_hash TEXT PRIMARY KEY,
    steward_id INTEGER NOT NULL REFERENCES steward (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

-- Who is signed in. Only the SHA-256 of the cookie is kept; deleting the row signs out at once.
CREATE TABLE session (
    token_hash   TEXT PRIMARY KEY,
    steward_id   INTEGER NOT NULL REFERENCES steward (id) ON DELETE CASCADE,
    csrf_token   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    browser      TEXT NOT NULL DEFAULT ''    -- in a word or two, to be told from others: Firefox, Android
) STRICT;

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

-- Decisions, so that they can be explained and undone: who did what to what, and why.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,                    -- a steward's name, 'command line' or 'node'
    action TEXT NOT NULL,
    about  TEXT NOT NULL,
    reason TEXT
) STRICT;

-- ------------------------------------------------------------------------------------ other servers

-- Actors of other servers as last fetched; a cache that may be dropped and refetched.
CREATE TABLE actor (
    id           TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    handle       TEXT NOT NULL,              -- name@host
    name         TEXT NOT NULL,              -- plain text
    summary      TEXT NOT NULL,              -- sanitised HTML
    url          TEXT,                       -- its page for people
    inbox        TEXT NOT NULL,
    shared_inbox TEXT,
    outbox       TEXT,
    upcoming     TEXT,                       -- FEP-8a8e upcomingEvents
    featured     TEXT,
    also_known_as TEXT NOT NULL DEFAULT '[]', -- JSON array of ids, for Move
    moved_to     TEXT,                       -- where it lives now, by its own word
    fetched_at   INTEGER NOT NULL
) STRICT;

-- Public keys by id. Refetched at most once in five minutes when a signature does not fit.
CREATE TABLE public_key (
    key_id     TEXT PRIMARY KEY,
    owner      TEXT NOT NULL,                -- actor id
    pem        TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX public_key_by_owner ON public_key (owner);

-- Who follows our group. Never shown to anyone.
CREATE TABLE follower (
    actor_id     TEXT PRIMARY KEY,
    inbox        TEXT NOT NULL,
    shared_inbox TEXT,
    host         TEXT NOT NULL,
    follow_id    TEXT NOT NULL,              -- id of the Follow, for Accept and Undo
    follow       TEXT NOT NULL,              -- the Follow as received (JSON), embedded in our Accept
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX follower_by_host ON follower (host);

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

-- Whom our group follows: its neighbours.
CREATE TABLE following (
    actor_id   TEXT PRIMARY KEY,
    handle     TEXT NOT NULL,
    inbox      TEXT NOT NULL,
    follow_id  TEXT NOT NULL,                -- id of the Follow we sent last
    state      TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    read_again_at INTEGER,                   -- its upcoming events are read again then; NULL: a day after updated_at
    read_failures INTEGER NOT NULL DEFAULT 0, -- since they were last read
    upcoming_etag TEXT                       -- of its collection of upcoming events as last read
) STRICT;

-- What neighbours published, read once into what our pages show. The past is kept as an archive.
CREATE TABLE neighbour_post (
    id           TEXT PRIMARY KEY,           -- object id
    actor_id     TEXT NOT NULL,              -- the neighbour it reached us from
    author       TEXT NOT NULL,              -- attributedTo
    kind         TEXT NOT NULL CHECK (kind IN ('event', 'note')),
    url          TEXT NOT NULL,
    title        TEXT NOT NULL,              -- plain text, may be empty for notes
    content      TEXT NOT NULL,              -- sanitised HTML
    summary      TEXT NOT NULL,              -- plain text
    language     TEXT,
    status       TEXT NOT NULL DEFAULT 'scheduled',
    start_at     INTEGER,
    end_at       INTEGER,
    timezone     TEXT,                       -- IANA, NULL where the other server gave none
    utc_offset   INTEGER,                    -- minutes, as written in startTime, where no zone is known
    place        TEXT NOT NULL,              -- plain text, one line
    online_url   TEXT,
    previous_start_at INTEGER,               -- the date it was to have before it was moved
    organizers   TEXT,                       -- JSON array of names; NULL: its author; empty: withheld
    categories   TEXT NOT NULL DEFAULT '[]', -- JSON array of FEP-8a8e categories
    join_url     TEXT,                       -- where one registers, if elsewhere
    series       TEXT,                       -- id of the series it is a session of
    siblings     TEXT NOT NULL DEFAULT '[]', -- JSON array of ids: the same at another hour
    listed       INTEGER NOT NULL DEFAULT 1, -- 0: its author keeps it out of public lists (Public in cc)
    facts        TEXT NOT NULL DEFAULT '{}', -- JSON: what the shared calendar chooses by, as in event
    practice     INTEGER NOT NULL DEFAULT 0, -- 1: a note that stands in its author's library of practices
    passable     INTEGER NOT NULL DEFAULT 1, -- 0: its author does not let everyone pass it on (canAnnounce)
    published_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    received_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX neighbour_post_by_end ON neighbour_post (coalesce(end_at, start_at + 7200000)) WHERE kind = 'event';
CREATE INDEX neighbour_post_undated ON neighbour_post (updated_at) WHERE kind = 'event' AND start_at IS NULL;
CREATE INDEX neighbour_post_by_date ON neighbour_post (published_at) WHERE kind = 'note';
CREATE INDEX neighbour_post_by_actor ON neighbour_post (actor_id, received_at);
CREATE INDEX neighbour_post_by_author ON neighbour_post (author);
CREATE INDEX neighbour_post_by_page ON neighbour_post (url, start_at) WHERE kind = 'event';

-- The neighbours that pass a post on to us, beside whom it reached us from: it stays while one of them is followed.
CREATE TABLE passed_on (
    post_id  TEXT NOT NULL REFERENCES neighbour_post (id) ON DELETE CASCADE,
    actor_id TEXT NOT NULL,                  -- the neighbour
    PRIMARY KEY (post_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX passed_on_by_actor ON passed_on (actor_id);

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

-- Neighbours' gatherings that we pass on to our followers.
CREATE TABLE boost (
    object_id  TEXT PRIMARY KEY,             -- of a neighbour_post; where that is gone, the boost is taken back
    author     TEXT NOT NULL,
    boosted_at INTEGER NOT NULL
) STRICT;

-- Neighbours whose upcoming events are still to be read, once they have accepted our Follow.
CREATE TABLE backfill (
    actor_id   TEXT PRIMARY KEY,
    not_before INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Ids of other servers' objects that were deleted: a late Create must not bring them back.
CREATE TABLE remote_tombstone (
    id         TEXT PRIMARY KEY,
    deleted_at INTEGER NOT NULL
) STRICT;

-- Quiet acknowledgements (Like, EmojiReact) and boosts of what we published. No totals are shown.
CREATE TABLE witness (
    activity_id TEXT PRIMARY KEY,
    actor_id    TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('like', 'announce')),
    created_at  INTEGER NOT NULL,
    UNIQUE (actor_id, object_id, kind)
) STRICT;
CREATE INDEX witness_by_object ON witness (object_id);

-- Replies and messages to us. Held until a steward accepts them; private ones are never shown.
CREATE TABLE reply (
    id          TEXT PRIMARY KEY,            -- object id
    actor_id    TEXT NOT NULL,
    in_reply_to TEXT,                        -- our object, or a reply to one; NULL for a message to the group
    root        TEXT,                        -- our event or reflection under which it stands, NULL for a message
    quotes      TEXT,                        -- our object that it quotes
    content     TEXT NOT NULL,               -- sanitised HTML
    language    TEXT,                        -- BCP 47, as far as it says
    activity    TEXT,                        -- the Create as it came (JSON), for servers that want it whole (FEP-1b12)
    public      INTEGER NOT NULL,            -- 1: Public in to or cc
    passable    INTEGER NOT NULL DEFAULT 0,  -- 1: Public in to, and its author lets everyone pass it on
    passed_on   INTEGER NOT NULL DEFAULT 0,  -- 1: the stewards have it announced to followers
    state       TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'declined')),
    published_at INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,            -- an older Update is ignored
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reply_by_parent ON reply (in_reply_to);
CREATE INDEX reply_by_root ON reply (root);
CREATE INDEX reply_by_actor ON reply (actor_id);

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

-- Who is coming. One list for every way of answering; never public; deleted after the event.
CREATE TABLE rsvp (
    event_slug  TEXT NOT NULL REFERENCES event (slug),
    who         TEXT NOT NULL,               -- actor id, or a name where via is not 'activitypub'
    via         TEXT NOT NULL,               -- activitypub, web, email, phone, paper
    answer      TEXT NOT NULL CHECK (answer IN ('going', 'maybe', 'not_going')),
    state       TEXT NOT NULL CHECK (state IN ('confirmed', 'waiting', 'pending')),
    guests      INTEGER NOT NULL DEFAULT 0,
    activity_id TEXT,                        -- the Join that asked, for our Accept and their Undo
    message     TEXT NOT NULL DEFAULT '',    -- plain text
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    offered_until INTEGER,                   -- a place is kept for them until then: they still have to say yes
    lapsed_at   INTEGER,                     -- they did not: nothing is offered again until they ask anew
    PRIMARY KEY (event_slug, who)
) STRICT;
CREATE INDEX rsvp_by_person ON rsvp (who);
CREATE INDEX rsvp_by_activity ON rsvp (activity_id) WHERE activity_id IS NOT NULL;

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

-- Concerns raised with the stewards (Flag from other servers, or from our pages). Never public.
CREATE TABLE concern (
    id          INTEGER PRIMARY KEY,
    reporter    TEXT NOT NULL,               -- actor id, or visitor: who need not say who they are
    about       TEXT NOT NULL,               -- JSON array of ids
    content     TEXT NOT NULL,               -- plain text
    state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    received_at INTEGER NOT NULL,
    contact     TEXT NOT NULL DEFAULT '',    -- how to reach a visitor who raised it, if they said so
    closed_at   INTEGER                      -- deleted a year later
) STRICT;

-- Servers and actors whose doors are closed here. A host also covers its subdomains.
CREATE TABLE block (
    target     TEXT PRIMARY KEY,             -- lower-case host name, or actor id
    kind       TEXT NOT NULL CHECK (kind IN ('host', 'actor')),
    reason     TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------ the two paths

-- In: what was authenticated, can have an effect and was answered 202, exactly once per (origin, id).
-- The body goes when the effects are in; the row stays 30 days against replays.
CREATE TABLE inbound (
    seq         INTEGER PRIMARY KEY,
    origin      TEXT NOT NULL,               -- authenticated origin, so nobody can use up another's ids
    activity_id TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    type        TEXT NOT NULL,
    body        BLOB,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'applied', 'ignored', 'refused', 'parked')),
    outcome     TEXT,                        -- in words, for stewards
    attempts    INTEGER NOT NULL DEFAULT 0,
    not_before  INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    forwarded   INTEGER NOT NULL DEFAULT 0,  -- 1: passed on without a proof we could check; asked for at its origin
    UNIQUE (origin, activity_id)
) STRICT;
CREATE INDEX inbound_waiting ON inbound (not_before, seq) WHERE state = 'waiting';
CREATE INDEX inbound_by_age ON inbound (received_at);

-- Out, first step: what happened here that others must be told, committed together with it.
CREATE TABLE outbox_entry (
    seq        INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,                -- create_event, update_event, accept_follow … (node/domain/outbox.py)
    subject    TEXT NOT NULL,                -- a slug or an id
    detail     TEXT NOT NULL DEFAULT '{}',   -- JSON: what the kind needs besides
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,   -- how often making an activity of it failed
    not_before INTEGER NOT NULL DEFAULT 0,
    error      TEXT,                         -- what went wrong last
    parked     INTEGER NOT NULL DEFAULT 0    -- 1: given up, kept for stewards to see
) STRICT;

-- Out, second step: the activity as it was rendered once; its bytes never change.
CREATE TABLE activity (
    seq          INTEGER PRIMARY KEY,        -- order in the outbox collection
    id           TEXT NOT NULL UNIQUE,       -- its URL
    type         TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    body         BLOB,                       -- the JSON that is sent, at most 60 KiB; NULL once its object was deleted
    digest       TEXT NOT NULL,              -- SHA-256=…, worked out once
    signer       TEXT NOT NULL CHECK (signer IN ('group', 'instance')),
    key_name     TEXT,                       -- the replaced key that signs it; NULL: the one in use
    public       INTEGER NOT NULL,           -- 1: stands in the outbox collection
    published_at INTEGER NOT NULL
) STRICT;
CREATE INDEX activity_public ON activity (seq) WHERE public = 1;
CREATE INDEX activity_by_object ON activity (object_id, seq);
CREATE INDEX activity_passing ON activity (published_at) WHERE public = 0;

-- Our own clock: a machine without a battery for it wakes up in the past (federation/clock_watch.py).
CREATE TABLE clock_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at INTEGER,                         -- the latest moment it has shown while it was believed
    trouble TEXT                             -- why it is in doubt; NULL: it is believed
) STRICT;

-- Out, third step: one row per activity and inbox, until it is delivered or given up.
CREATE TABLE delivery (
    seq         INTEGER PRIMARY KEY,
    activity    INTEGER NOT NULL REFERENCES activity (seq),
    host        TEXT NOT NULL,               -- host of the inbox, with its port where that is not the default
    inbox       TEXT NOT NULL,
    order_key   TEXT NOT NULL,               -- per host, activities about one thing keep their order
    state       TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    not_before  INTEGER NOT NULL,
    lease       TEXT,                        -- id of the process that holds it
    last_status INTEGER,                     -- HTTP status of the last attempt
    last_error  TEXT,                        -- or what went wrong instead, with the start of the answer
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (activity, inbox)
) STRICT;
CREATE INDEX delivery_due ON delivery (not_before, seq, host) WHERE state = 'pending';
CREATE INDEX delivery_open ON delivery (host, order_key, activity) WHERE state IN ('pending', 'leased');
CREATE INDEX delivery_finished ON delivery (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX delivery_gone ON delivery (inbox, finished_at) WHERE last_status = 410;

-- What we know of other servers as addresses for delivery.
CREATE TABLE host_state (
    host         TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL DEFAULT 0, -- in a row: no answer, or a 5xx
    closed_until INTEGER NOT NULL DEFAULT 0, -- the breaker: no delivery before
    last_ok_at   INTEGER,
    last_error   TEXT,
    rfc9421_until INTEGER NOT NULL DEFAULT 0, -- until then it is written to with RFC 9421 signatures
    clock_ahead  INTEGER,                    -- seconds that our clock was ahead of its own, by the Date of an answer
    clock_at     INTEGER                     -- when that was
) STRICT;
CREATE INDEX host_state_failing ON host_state (closed_until, host) WHERE failures > 0;

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

-- Servers that hold a Note about a gathering in place of its Event, which they would have dropped.
CREATE TABLE companion_note (
    event_slug TEXT NOT NULL REFERENCES event (slug),
    host       TEXT NOT NULL,                -- of the inbox it went to
    PRIMARY KEY (event_slug, host)
) STRICT;

-- ---------------------------------------------------------------------------------- cached pages

-- Two counters that tell cached pages when they are stale. Triggers keep them, so nobody can forget.
CREATE TABLE page_version (
    section TEXT PRIMARY KEY CHECK (section IN ('local', 'neighbours')),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO page_version VALUES ('local', 1), ('neighbours', 1);

CREATE TRIGGER group_changed AFTER UPDATE ON group_profile BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER keypair_added AFTER INSERT ON keypair BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER event_added AFTER INSERT ON event BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER event_changed AFTER UPDATE ON event BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER event_dropped AFTER DELETE ON event BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER reflection_added AFTER INSERT ON reflection BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER reflection_changed AFTER UPDATE ON reflection BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER practice_added AFTER INSERT ON practice BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER practice_changed AFTER UPDATE ON practice BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER activity_added AFTER INSERT ON activity WHEN new.public = 1 BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER follower_added AFTER INSERT ON follower BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER follower_removed AFTER DELETE ON follower BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER following_added AFTER INSERT ON following BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER following_changed
AFTER UPDATE OF handle, state ON following BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER following_removed AFTER DELETE ON following BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER neighbour_post_added AFTER INSERT ON neighbour_post BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER neighbour_post_changed AFTER UPDATE ON neighbour_post BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER neighbour_post_removed AFTER DELETE ON neighbour_post BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'neighbours';
END;
CREATE TRIGGER reply_decided AFTER UPDATE OF state, content ON reply BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER reply_removed AFTER DELETE ON reply WHEN old.state = 'accepted' BEGIN
    UPDATE page_version SET version = version + 1 WHERE section = 'local';
END;
CREATE TRIGGER actor_renamed AFTER UPDATE OF name ON actor WHEN new.name IS NOT old.name BEGIN
    UPDATE page_version SET version = version + 1
    WHERE section = 'neighbours' AND EXISTS (SELECT 1 FROM following WHERE actor_id = new.id)
       OR section = 'local' AND EXISTS (SELECT 1 FROM reply WHERE actor_id = new.id AND state = 'accepted');
END;
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
