"""Following the groups of a list in one step: reading it from anywhere, and asking each of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.clock import Clock
from node.domain import starter_list
from node.domain.doors import targets
from node.domain.sentence import Sentence
from node.domain.starter_list import Entry, StarterList
from node.errors import MalformedError, RoughweatherError, TooLargeError
from node.exchange.reading import read_json
from node.ports import ActorFinder, ListFetcher
from node.services import follows
from node.store import following
from node.store.blocks import any_of
from node.store.database import Database, Session
from node.urls import Urls

MOST_AT_ONCE = 50  # asked in one step
_TOGETHER = 8
_SECONDS = 40.0


class Standing(StrEnum):
    """How a group of a list stands to us."""

    NEW = "new"
    FOLLOWED = "followed"
    OURS = "ours"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Asked:
    """A group that was asked whether we may follow; `problem` says in a sentence why it was not."""

    entry: Entry
    handle: str = ""
    problem: str = ""


async def read(fetcher: ListFetcher, given: bytes) -> StarterList:
    """The list that somebody gives: its address, the list itself, or addresses of groups on lines.

    Raises MalformedError for what is none of them, TooLargeError, and what the fetcher raises.
    """
    if len(given) > starter_list.LARGEST:
        raise TooLargeError(Sentence("That is too long for a list of groups."))
    try:
        text = given.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise MalformedError(Sentence("This is no list of groups.")) from error
    if text.startswith(("https://", "http://")) and len(text.split()) == 1:
        return starter_list.read(read_json(await fetcher.fetch(text)))
    if text.startswith(("{", "[")):
        return starter_list.read(read_json(text.encode()))
    return starter_list.read_lines(text)


def standings(session: Session, entries: Sequence[Entry], urls: Urls) -> list[Standing]:
    """How each stands to us, as far as its address tells."""
    known = following.every(session)
    followed = {one.actor_id for one in known} | {one.handle.lower() for one in known}
    return [_standing(session, one.address, followed, urls) for one in entries]


async def follow_all(
    finder: ActorFinder,
    database: Database,
    entries: Sequence[Entry],
    *,
    clock: Clock,
    urls: Urls,
    who: str,
) -> list[Asked]:
    """Ask the first fifty whether we may follow them, a few at a time; what became of each.

    Whoever does not answer within the time for all of them is told as a problem, and can be asked again.
    """
    turns, done = asyncio.Semaphore(_TOGETHER), {}

    async def one(entry: Entry) -> None:
        async with turns:
            done[entry] = await _follow(finder, database, entry, clock=clock, urls=urls, who=who)

    chosen = entries[:MOST_AT_ONCE]
    try:
        async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as group:
            for entry in chosen:
                group.create_task(one(entry))
    except TimeoutError:
        pass
    late = Sentence("The other server does not answer at the moment.")
    return [done.get(entry) or Asked(entry, problem=late) for entry in chosen]


async def _follow(
    finder: ActorFinder, database: Database, entry: Entry, *, clock: Clock, urls: Urls, who: str
) -> Asked:
    try:
        actor = await finder.find(entry.address)
        await database.write(
            lambda session: follows.request(session, actor, urls=urls, now=clock.now(), who=who)
        )
    except RoughweatherError as error:
        return Asked(entry, problem=error.sentence)
    return Asked(entry, handle=actor.handle)


def _standing(session: Session, address: str, followed: set[str], urls: Urls) -> Standing:
    name, _, host = address.removeprefix("@").lower().rpartition("@")
    is_address = address.startswith(("https://", "http://"))
    if urls.is_ours(address) or (not is_address and host == urls.host):
        return Standing.OURS
    if any_of(session, targets(address if is_address else f"https://{host}/")):
        return Standing.BLOCKED
    return Standing.FOLLOWED if {address, f"{name}@{host}"} & followed else Standing.NEW
