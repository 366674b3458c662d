"""From an activity to its delivery rows, set-based: one statement however many followers there are."""

from datetime import datetime

from node.clock import to_ms
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
    SELECT delivery.inbox, delivery.host FROM delivery JOIN activity ON activity.seq = delivery.activity
    WHERE activity.object_id = :object AND activity.seq < :activity
    AND (delivery.attempts > 0 OR delivery.state IN ('delivered', 'leased'))
    UNION
    SELECT coalesce(nullif(shared_inbox, ''), inbox), '' FROM actor WHERE id IN
        (SELECT actor_id FROM witness WHERE object_id = :object
        UNION SELECT actor_id FROM reply WHERE in_reply_to = :object)
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = actor.id)
    UNION
    SELECT coalesce(nullif(actor.shared_inbox, ''), following.inbox), ''
    FROM following LEFT JOIN actor ON actor.id = following.actor_id
    WHERE :neighbours = 1 AND following.state <> 'rejected'
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.target = following.actor_id)
),
"""
_RELAYS_ADDRESSED = """
addressed (inbox, owner_host) AS (
    SELECT coalesce(nullif(follower.shared_inbox, ''), follower.inbox), lower(follower.host)
    FROM follower JOIN actor ON actor.id = follower.actor_id
    WHERE actor.type = 'Application' AND actor.handle LIKE 'relay@%'
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
)
SELECT :activity, target.host, target.inbox, :order_key, 'pending',
    max(:now, coalesce(host_state.closed_until, 0)), :now
FROM target LEFT JOIN host_state ON host_state.host = target.host
WHERE target.host <> '' AND (:even_blocked = 1
    OR (target.host NOT IN (SELECT host FROM blocked) AND target.owner_host NOT IN (SELECT host FROM blocked)))
GROUP BY target.host, target.inbox
ORDER BY row_number() OVER (PARTITION BY target.host ORDER BY target.inbox), target.host
ON CONFLICT (activity, inbox) DO NOTHING
"""
_INSERT = """
INSERT INTO delivery (activity, host, inbox, order_key, state, not_before, created_at)
WITH RECURSIVE
"""
_TO_FOLLOWERS = _INSERT + _ALL_ADDRESSED + _REST
_TO_RELAYS = _INSERT + _RELAYS_ADDRESSED + _REST
_TO_ONE = _INSERT + _ONE_ADDRESSED + _REST


def to_followers(
    session: Session,
    activity: int,
    order_key: str,
    now: datetime,
    *,
    also_holders_of: str | None = None,
    also_neighbours: bool = False,
) -> int:
    """Address an activity to every follower, one row per shared inbox (else inbox); how many rows.

    With `also_holders_of`, an object id, also to every inbox that was sent something of it before, and
    to whoever answered it, passed it on or liked it: their servers hold a copy. With `also_neighbours`,
    also to the servers of those we follow.
    Blocked hosts and actors get nothing.
    """
    count = session.run(
        _TO_FOLLOWERS,
        {
            "activity": activity,
            "order_key": order_key,
            "now": to_ms(now),
            "object": also_holders_of,
            "neighbours": int(also_neighbours),
            "even_blocked": 0,
        },
    )
    session.wake(WORKER)
    return count


def to_relays(
    session: Session, activity: int, order_key: str, now: datetime, *, followed: str
) -> int:
    """Address an activity to the relays that follow `followed`, one of our two actors; how many rows."""
    count = session.run(
        _TO_RELAYS,
        {
            "activity": activity,
            "order_key": order_key,
            "now": to_ms(now),
            "followed": followed,
            "even_blocked": 0,
        },
    )
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
    count = session.run(
        _TO_ONE,
        {
            "activity": activity,
            "order_key": order_key,
            "now": to_ms(now),
            "actor": actor,
            "inbox": inbox,
            "even_blocked": int(even_blocked),
        },
    )
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
