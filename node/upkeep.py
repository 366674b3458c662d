"""What a node does without being asked: it keeps series going, passes on places that nobody took up, forgets,
and after a long absence says that it is back.

Once an hour each series gets the sessions that have come near, and the next one is announced when the one
before is over (`node.services.series`).

Forgotten is a little every hour, so that the file stays small and people's answers go:

| what | after |
|---|---|
| who came to a gathering, with links and invitations | 30 days after its end |
| addresses for letters | 30 days after the gathering; that one was written to, 30 days after that |
| people's own web pages that answer a gathering | with the answer; where they answer nothing, 30 days after we looked |
| messages to one person | 30 days after they ran out: mostly after the gathering |
| which servers hold a Note in place of an event | 30 days after its end, or its removal |
| finished activities from elsewhere, kept against replays | 30 days |
| tombstones of other servers' posts | 180 days |
| actors and keys nobody needs | 30 days after they were fetched |
| key pairs of ours that were replaced | once everyone was told |
| groups known through neighbours | 90 days after their own document was last read |
| concerns | a year after they were closed |
| the log of decisions | two years |
| drafts | 90 days after they were saved last |
| what software a server runs | when nobody there follows or is followed any more |

Deliveries are swept by the delivery worker, sessions at each sign-in.

Once an hour it also looks whether other servers must hear that `featured` has changed, and takes what left
the index of the search out of its file, too.

Mastodon, Misskey and Pleroma send nothing more to a server that was away for a week, until it writes to
them again. So a node that heard of nobody for that long tells everyone of its group as it starts.
"""

from datetime import datetime, timedelta

from node.clock import Clock
from node.domain.outbox import OutboxKind
from node.services import boosts, direct_messages, drafts, series
from node.services.known_groups import REMEMBERED
from node.services.rsvps import pass_on
from node.store import (
    actors,
    audience,
    audit,
    clock_state,
    concerns,
    events,
    hosts,
    inbound,
    keypairs,
    known_groups,
    letters,
    outbox,
    rsvps,
    search,
    tombstones,
    webmentions,
)
from node.store.database import Database, Session

EVERY = timedelta(hours=1)
RSVPS = timedelta(days=30)
COMPANIONS = timedelta(days=30)
INBOUND = timedelta(days=30)
CONCERNS = timedelta(days=365)
DECISIONS = timedelta(days=730)
TOMBSTONES = timedelta(days=180)
ACTORS = timedelta(days=30)
AWAY = timedelta(days=6)  # a day before others give us up


class UpkeepWorker:
    """Says that we are back, if we were away; then, once an hour, does and forgets what is due."""

    name = "upkeep"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._next: datetime | None = None
        self._said_hello = False

    async def step(self) -> bool:
        """Keep series going, forget what is due; True while there may be more of it."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return False
        if not self._said_hello:
            await self._database.write(lambda session: say_hello(session, now))
            self._said_hello = True
        if await self._database.write(events.fill_facts):
            return True
        await self._database.write(lambda session: series.keep_all(session, now))
        await self._database.write(lambda session: pass_on(session, now))
        more = await self._database.write(lambda session: forget(session, now))
        if not more:
            await self._database.write(lambda session: look_ahead(session, now))
            await self._database.write(search.tidy)
            self._next = now + EVERY
        return more

    async def idle_seconds(self) -> float:
        """How long until the next round, in seconds."""
        return EVERY.total_seconds()


def say_hello(session: Session, now: datetime) -> bool:
    """Tell everyone who knows us of our group, if there was no contact for six days; whether that was so."""
    last = hosts.last_contact(session)
    away = last is not None and last < now - AWAY
    if away:
        outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    return away


def look_ahead(session: Session, now: datetime) -> None:
    """Have it told what came to the collection of featured things, and what left it by being over.

    What is passed on and gone is taken back, whatever made it go.
    """
    outbox.enqueue(session, OutboxKind.FEATURED, "", now)
    boosts.lapse(session, now)


def forget(session: Session, now: datetime) -> bool:
    """Delete what is too old, in bounded portions; True when there may be more. Nothing while our clock is in doubt."""
    if clock_state.trouble(session) is not None:
        return False
    rsvps.purge(session, now - RSVPS)
    letters.purge(session, now - RSVPS)
    webmentions.purge(session, now - RSVPS)
    audience.forget_companions(session, now - COMPANIONS)
    direct_messages.purge(session, now - RSVPS)
    tombstones.purge(session, now - TOMBSTONES)
    concerns.purge(session, now - CONCERNS)
    audit.purge(session, now - DECISIONS)
    drafts.purge(session, now)
    actors.prune(session, now - ACTORS)
    keypairs.forget_replaced(session)
    hosts.forget_strangers(session)
    known_groups.forget_unseen(session, now - REMEMBERED)
    return inbound.purge(session, now - INBOUND) > 0
