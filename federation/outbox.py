"""The outbox worker: what happened here becomes an activity and its delivery rows, in one transaction.

Rendered once, serialised once, digested once: from here on the bytes of an activity never change.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from federation.addressing import ToFollowers, ToListers, is_public
from federation.event_readers import LISTS_ANNOUNCED
from federation.keypairs import proof_key
from federation.outgoing import outgoing
from federation.proofs import add_proof
from federation.render.encode import Document, encode
from federation.signatures import legacy_digest
from federation.telling import Outgoing
from federation.vocab import LARGEST_BODY
from node.clock import Clock
from node.domain.outbox import OutboxKind
from node.errors import TooLargeError, TryLaterError
from node.store import activities, audience
from node.store import outbox as entries
from node.store.activities import NewActivity
from node.store.database import Database, Session
from node.urls import Urls

log = logging.getLogger(__name__)

# A bug or a broken row: some tries, in case it heals, then it is parked and the others go on.
_PAUSES: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
)

# Of these, several that wait about one subject are told in one activity.
_FOLDED: Final = frozenset(
    {
        OutboxKind.UPDATE_EVENT,
        OutboxKind.UPDATE_REFLECTION,
        OutboxKind.UPDATE_GROUP,
        OutboxKind.FEATURED,
    }
)


@dataclass(slots=True)
class _InHand:
    """Which entry a transaction was about, so that its failure can be noted afterwards."""

    seq: int | None = None


class OutboxWorker:
    """Turns outbox entries into activities, oldest first."""

    name = "outbox"

    def __init__(self, database: Database, clock: Clock, urls: Urls) -> None:
        self._database = database
        self._clock = clock
        self._urls = urls

    async def step(self) -> bool:
        """Tell of one entry; False when none is left. A broken entry is put off, and at last parked."""
        now = self._clock.now()
        in_hand = _InHand()
        work = partial(_tell_next, urls=self._urls, now=now, in_hand=in_hand)
        try:
            return await self._database.write(work)
        except TryLaterError:
            raise  # the disk's fault, not the entry's
        except Exception as error:
            if in_hand.seq is None:
                raise
            log.exception("outbox entry %d: no activity could be made of it", in_hand.seq)
            note = partial(_put_off, seq=in_hand.seq, error=repr(error)[:500], now=now)
            await self._database.write(note)
            return True

    async def idle_seconds(self) -> float:
        """Until an entry that was put off is to be tried again, in seconds."""
        now = self._clock.now()
        again = self._database.peek(partial(entries.next_try_at, now=now))
        return max(0.0, (again - now).total_seconds()) if again else 3600.0


def _tell_next(session: Session, urls: Urls, now: datetime, in_hand: _InHand) -> bool:
    """One transaction: the oldest entry, its activity, its delivery rows; whether there was one."""
    in_hand.seq = entries.next_seq(session, now)
    if in_hand.seq is None:
        return False
    entry = entries.get(session, in_hand.seq)
    for made in outgoing(session, entry, urls, now):
        _store(session, made, urls, now)
    if entry.kind in _FOLDED:
        entries.discard_alike(session, entry)
    else:
        entries.discard(session, entry.seq)
    return True


def _store(session: Session, made: Outgoing, urls: Urls, now: datetime) -> None:
    body = encode(_proved(session, made, urls, now))
    if len(body) > LARGEST_BODY:
        raise TooLargeError(f"An activity about {made.object_id} has {len(body)} bytes.")
    kind = made.document["type"]
    open_to_all = is_public(made.document)
    number = activities.add(
        session,
        NewActivity(
            id=made.document["id"],
            type=kind,
            object_id=made.object_id,
            body=body,
            digest=legacy_digest(body),
            signer=made.signer,
            key_name=made.key_name,
            public=_stands_in_outbox(made, urls) and open_to_all,
            published=now,
        ),
    )
    if number is None:
        return  # a Follow that went out before under this id
    _address(session, made, number, now)
    if kind == "Delete":
        audience.cancel(session, made.object_id, number)
        activities.withdraw(session, made.object_id, number)
    elif kind == "Update":
        audience.supersede(session, made.object_id, number)
        if not open_to_all:
            activities.narrow(session, made.object_id, number)
    elif kind == "Undo":
        activities.take_back(session, made.object_id, number)


def _stands_in_outbox(made: Outgoing, urls: Urls) -> bool:
    """What we publish, and what others wrote that we pass on (FEP-1b12)."""
    kind = made.document["type"]
    passed_on = kind == "Announce" and not urls.is_ours(made.object_id)
    return made.listed and (kind == "Create" or passed_on)


def _proved(session: Session, made: Outgoing, urls: Urls, now: datetime) -> Document:
    """The activity with a proof of who says it, so that others may pass it on (FEP-8b32).

    Only what is for everyone: a proof of something private could be shown around.
    """
    owner = urls.instance if made.signer == "instance" else urls.group
    pair = proof_key(session, made.signer, owner) if is_public(made.document) else None
    if pair is None:
        return made.document
    return add_proof(made.document, pair.key, pair.key_id, now)


def _address(session: Session, made: Outgoing, number: int, now: datetime) -> None:
    route = made.route
    if isinstance(route, ToFollowers):
        audience.to_followers(
            session,
            number,
            made.order_key,
            now,
            also_holders_of=route.and_holders_of,
            also_neighbours=route.and_neighbours,
            everyone=route.and_everyone_known,
            also_attendees_of=route.and_attendees_of,
            form=route.form,
            only_host=route.only_host,
            also_actor=route.and_actor,
            only=route.only,
            without=route.without,
        )
    elif isinstance(route, ToListers):
        audience.to_listers(
            session,
            number,
            made.order_key,
            now,
            followed=route.followed,
            listers=LISTS_ANNOUNCED,
            only_host=route.only_host,
        )
    else:
        audience.to_actor(
            session,
            number,
            made.order_key,
            now,
            actor=route.actor,
            inbox=route.inbox,
            even_blocked=route.even_blocked,
        )


def _put_off(session: Session, seq: int, error: str, now: datetime) -> None:
    tries = entries.attempts(session, seq)
    again = now + _PAUSES[tries] if tries < len(_PAUSES) else None
    entries.put_off(session, seq, error, again)
    if again is None:
        log.error("outbox entry %d is parked: nothing will be told of it", seq)
