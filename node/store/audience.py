"""From an activity to its delivery rows, set-based: one statement however many followers there are."""

import json
from collections.abc import Collection
from datetime import datetime

from node.clock import to_ms
from node.domain.outbox import Form
from node.store.database import Session

WORKER = "delivery"

# The host of an inbox: what stands between `//` and the next `/`.
# A block of a host covers its subdomains and its ports: `suffix` takes a host apart, so that every
# part is looked up by key, however long the list of blocks is.
# Rows are made host by host in turn, so that a few of them keep many hosts busy at once.
_ALL_ADDRESSED = """
addressed (inbox, owner_host) AS (
    SELECT coalesce(nullif(shared_inbox, ''), inbox), lower(host) FROM follower
    WHERE NOT EXISTS (SELECT 1 FROM block WHERE block.target = follower.actor_id)
    UNION
    SELECT inbox, host FROM holder
    UNION
    SELECT coalesce(nullif(shared_inbox, ''), inbox), '' FROM actor WHERE id IN
        (SELECT actor_id FROM witness WHERE object_id = :object
        UNION SELECT actor_id FROM reply WHERE in_reply_to = :object)
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = actor.id)
    UNION
    SELECT coalesce(nullif(actor.shared_inbox, ''), actor.inbox), ''
    FROM rsvp JOIN actor ON actor.id = rsvp.who
    WHERE rsvp.event_slug = :attendees AND rsvp.via = 'activitypub' AND rsvp.answer <> 'not_going'
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = actor.id)
    UNION
    SELECT coalesce(nullif(shared_inbox, ''), inbox), '' FROM actor WHERE id = :also_actor
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = :also_actor)
    UNION
    SELECT coalesce(nullif(actor.shared_inbox, ''), following.inbox), ''
    FROM following LEFT JOIN actor ON actor.id = following.actor_id
    WHERE :neighbours = 1 AND following.state <> 'rejected'
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = following.actor_id)
    UNION
    SELECT coalesce(nullif(shared_inbox, ''), inbox), '' FROM actor WHERE :everyone = 1
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = actor.id)
),
"""
_LISTERS_ADDRESSED = """
addressed (inbox, owner_host) AS (
    SELECT coalesce(nullif(follower.shared_inbox, ''), follower.inbox), lower(follower.host)
    FROM follower LEFT JOIN actor ON actor.id = follower.actor_id
    LEFT JOIN host_software ON host_software.host = lower(follower.host)
    WHERE (actor.type = 'Application' AND actor.handle LIKE 'relay@%'
        OR host_software.software IN (SELECT value FROM json_each(:listers)))
    AND follower.follow ->> '$.object' = :followed
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = follower.actor_id)
),
"""
_ONE_ADDRESSED = """
addressed (inbox, owner_host) AS (
    SELECT :inbox, '' WHERE :even_blocked = 1
    OR NOT EXISTS (SELECT 1 FROM block WHERE block.target = :actor)
),
"""
_REST = """
tail (inbox, owner_host, rest) AS (
    SELECT inbox, owner_host, substr(inbox, instr(inbox, '://') + 3) FROM addressed
),
target (inbox, owner_host, host) AS (
    SELECT inbox, owner_host,
        lower(CASE WHEN instr(rest, '/') > 0 THEN substr(rest, 1, instr(rest, '/') - 1) ELSE rest END)
    FROM tail
),
suffix (host, part) AS (
    SELECT host, host FROM target
    UNION
    SELECT owner_host, owner_host FROM target
    UNION
    SELECT host, CASE WHEN part LIKE '%:%' AND part NOT LIKE '[%' THEN substr(part, 1, instr(part, ':') - 1)
        ELSE substr(part, instr(part, '.') + 1) END
    FROM suffix WHERE part LIKE '%.%' OR (part LIKE '%:%' AND part NOT LIKE '[%')
),
blocked (host) AS (
    SELECT DISTINCT suffix.host FROM suffix JOIN block ON block.target = suffix.part AND block.kind = 'host'
),
note_reader (host) AS (
    SELECT host FROM host_software WHERE software IN (SELECT value FROM json_each(:dropping))
    UNION
    SELECT host FROM companion_note WHERE event_slug = :event
),
noted (inbox) AS (
    SELECT inbox FROM target WHERE host IN (SELECT host FROM note_reader)
    OR owner_host IN (SELECT host FROM note_reader)
),
named (host) AS (
    SELECT host FROM host_software WHERE software IN (SELECT value FROM json_each(:software))
),
running (inbox) AS (
    SELECT inbox FROM target WHERE host IN (SELECT host FROM named)
    OR owner_host IN (SELECT host FROM named)
)
SELECT :activity, target.host, target.inbox, :order_key, 'pending',
    max(:now, coalesce(host_state.closed_until, 0)), :now
FROM target LEFT JOIN host_state ON host_state.host = target.host
WHERE target.host <> '' AND (:even_blocked = 1
    OR (target.host NOT IN (SELECT host FROM blocked) AND target.owner_host NOT IN (SELECT host FROM blocked)))
AND (:event IS NULL OR (target.inbox IN (SELECT inbox FROM noted)) = :as_note
    OR target.inbox IN (SELECT inbox FROM holder))
AND (:running IS NULL OR (target.inbox IN (SELECT inbox FROM running)) = :running)
AND (:only_host IS NULL OR :only_host IN (target.host, target.owner_host))
GROUP BY target.host, target.inbox
ORDER BY row_number() OVER (PARTITION BY target.host ORDER BY target.inbox), target.host
ON CONFLICT (activity, inbox) DO NOTHING
"""
_INSERT = """
INSERT INTO delivery (activity, host, inbox, order_key, state, not_before, created_at)
WITH RECURSIVE
holder (inbox, host) AS (
    SELECT delivery.inbox, delivery.host FROM delivery JOIN activity ON activity.seq = delivery.activity
    WHERE activity.object_id = :object AND activity.seq < :activity
    AND (delivery.attempts > 0 OR delivery.state IN ('delivered', 'leased'))
),
"""
_TO_FOLLOWERS = _INSERT + _ALL_ADDRESSED + _REST
_TO_LISTERS = _INSERT + _LISTERS_ADDRESSED + _REST
_TO_ONE = _INSERT + _ONE_ADDRESSED + _REST
# What most activities leave open, by its name in the statements above.
_OPEN = {
    "object": None,
    "neighbours": 0,
    "everyone": 0,
    "attendees": None,
    "even_blocked": 0,
    "event": None,
    "as_note": 0,
    "dropping": "[]",
    "only_host": None,
    "also_actor": None,
    "running": None,
    "software": "[]",
}


def to_followers(
    session: Session,
    activity: int,
    order_key: str,
    now: datetime,
    *,
    also_holders_of: str | None = None,
    also_neighbours: bool = False,
    everyone: bool = False,
    also_attendees_of: str | None = None,
    form: Form | None = None,
    only_host: str | None = None,
    also_actor: str | None = None,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
) -> int:
    """Address an activity to every follower, one row per shared inbox (else inbox); how many rows.

    With `also_holders_of`, an object id, also to every inbox that was sent something of it before, and
    to whoever answered it, passed it on or liked it: their servers hold a copy. With `also_neighbours`,
    also to the servers of those we follow; with `everyone`, to every server that we know anybody of;
    with `also_attendees_of`, a slug, to those of people who
    answered there that they come, or may. With a `form`, of the followers' servers only to those that
    take the event so; that one holds its companion Note is remembered. With `only_host`, to no other.
    With `also_actor`, also to somebody who may not follow. `only` to servers whose software is one of
    these, or to all `without` those that run one of these. Blocked hosts and actors get nothing.
    """
    values = {
        "activity": activity,
        "order_key": order_key,
        "now": to_ms(now),
        "object": also_holders_of,
        "neighbours": int(also_neighbours),
        "everyone": int(everyone),
        "attendees": also_attendees_of,
        "only_host": only_host,
        "also_actor": also_actor,
        "running": 1 if only is not None else 0 if without else None,
        "software": json.dumps(sorted(without if only is None else only)),
    }
    count = session.run(_TO_FOLLOWERS, _OPEN | values | _form(form))
    if form is not None and form.as_note:
        session.run(
            "INSERT INTO companion_note (event_slug, host) SELECT :event, host FROM delivery"
            " WHERE activity = :activity GROUP BY host ON CONFLICT DO NOTHING",
            {"event": form.slug, "activity": activity},
        )
    session.wake(WORKER)
    return count


def _form(form: Form | None) -> dict[str, object]:
    if form is None:
        return {}
    dropping = json.dumps(sorted(form.dropping))
    return {"event": form.slug, "as_note": int(form.as_note), "dropping": dropping}


def reads_notes(session: Session, form: Form) -> bool:
    """Whether any follower's server takes an event as a Note, or holds one of this event."""
    found = session.value(
        "SELECT 1 FROM follower JOIN host_software ON host_software.host = lower(follower.host)"
        " WHERE software IN (SELECT value FROM json_each(:dropping))"
        " UNION ALL SELECT 1 FROM companion_note WHERE event_slug = :event LIMIT 1",
        _form(form),
    )
    return found is not None


def has_servers(session: Session, running: Collection[str]) -> bool:
    """Whether any follower's server runs one of these."""
    found = session.value(
        "SELECT 1 FROM follower JOIN host_software ON host_software.host = lower(follower.host)"
        " WHERE software IN (SELECT value FROM json_each(:running)) LIMIT 1",
        {"running": json.dumps(sorted(running))},
    )
    return found is not None


def forget_companions(session: Session, before: datetime) -> int:
    """Forget who holds a Note about an event that was over or removed by then; how many."""
    return session.run(
        "DELETE FROM companion_note WHERE event_slug IN"
        " (SELECT slug FROM event WHERE end_at < :before OR removed_at < :before)",
        {"before": to_ms(before)},
    )


def to_listers(
    session: Session,
    activity: int,
    order_key: str,
    now: datetime,
    *,
    followed: str,
    listers: Collection[str],
    only_host: str | None = None,
) -> int:
    """Address an activity to servers that list what `followed`, one of our two actors, announces.

    Those are relays, and servers whose software is in `listers`, as far as they follow it; with
    `only_host`, no other. How many rows.
    """
    values = {
        "activity": activity,
        "order_key": order_key,
        "now": to_ms(now),
        "followed": followed,
        "listers": json.dumps(sorted(listers)),
        "only_host": only_host,
    }
    count = session.run(_TO_LISTERS, _OPEN | values)
    session.wake(WORKER)
    return count


def to_actor(
    session: Session,
    activity: int,
    order_key: str,
    now: datetime,
    *,
    actor: str,
    inbox: str,
    even_blocked: bool = False,
) -> int:
    """Address an activity to one actor's own inbox; 1, or 0 where a block forbids it.

    `even_blocked` is for what ends a relation: a Reject, an Undo.
    """
    values = {
        "activity": activity,
        "order_key": order_key,
        "now": to_ms(now),
        "actor": actor,
        "inbox": inbox,
        "even_blocked": int(even_blocked),
    }
    count = session.run(_TO_ONE, _OPEN | values)
    session.wake(WORKER)
    return count


def cancel(session: Session, object_id: str, before: int) -> int:
    """Take back what waits to tell of an object in activities older than number `before`; how many rows.

    For a Delete: nobody needs to hear first of what is gone. What is on its way at this moment ends
    with its attempt (`delivery_queue.record`).
    """
    return session.run(
        "DELETE FROM delivery WHERE state = 'pending' AND activity IN"
        " (SELECT seq FROM activity WHERE object_id = :object AND seq < :before AND type <> 'Delete')",
        {"object": object_id, "before": before},
    )


def supersede(session: Session, object_id: str, by: int) -> int:
    """Take back older Updates of an object that wait for an inbox which now gets number `by`; how many.

    An Update carries the whole object, so a server that was away needs only the last.
    """
    return session.run(
        "DELETE FROM delivery WHERE state = 'pending' AND activity IN"
        " (SELECT seq FROM activity WHERE object_id = :object AND seq < :by AND type = 'Update')"
        " AND inbox IN (SELECT inbox FROM delivery AS later WHERE later.activity = :by)",
        {"object": object_id, "by": by},
    )
