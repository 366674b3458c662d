"""Those who use a node while it is killed, each with a note of what it acknowledged to them.

They work side by side until they are cancelled, at the pace of busy people, and go on with the next
process where the last one left them.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from node.control import Outcome, ask
from node.errors import RefusedError
from tests.federation.peer import Peer, PeerActor
from tests.interop.desk import fields
from tests.running_node import RunningNode
from tests.web.served import PASSWORD, Browser

OPEN = "open-circle"
_WRITERS = 3
_PUBLISHERS = 2
_GONE = (aiohttp.ClientError, OSError, RefusedError)
_DIED_IN_THE_MIDDLE = 0.02  # seconds until they try again


@dataclass(slots=True)
class Ledger:
    """What was acknowledged, as far as it was: exit 0, 202 or 303."""

    published: set[str] = field(default_factory=set)
    versions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked_to_remove: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    replies: set[str] = field(default_factory=set)
    joins: dict[str, str] = field(default_factory=dict)  # activity id: slug
    guests: set[str] = field(default_factory=set)
    reflections: set[str] = field(default_factory=set)  # titles


class Load:
    """Everybody. `chance` makes their pace and choices repeatable."""

    def __init__(
        self, node: RunningNode, peer: Peer, chance: random.Random, desk: Browser, page: Browser
    ) -> None:
        self.ledger = Ledger()
        self._node, self._peer, self._chance = node, peer, chance
        self.desk, self.page = desk, page
        self._members = [peer.actor(f"member{number}") for number in range(_WRITERS)]
        self._numbers = count()
        self._joinable: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let them work."""
        work = [self._write(actor) for actor in self._members]
        work += [self._publish() for _ in range(_PUBLISHERS)]
        work += [self._come(), self._reflect()]
        self._tasks = [asyncio.create_task(one) for one in work]

    async def stop(self) -> None:
        """Have them go home; whatever they did not hear is not acknowledged."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in ended:
            if not isinstance(one, asyncio.CancelledError):
                raise AssertionError("somebody gave up") from one

    # ---------------------------------------------------------------------------- what they do

    async def _write(self, actor: PeerActor) -> None:
        """A member of another server: replies, and now and then wants to come."""
        while True:
            if self._joinable and self._chance.random() < 0.25:
                slug = self._joinable.pop()
                activity = actor.activity("Join", f"{self._node.url}/events/{slug}")
                if await self._post(actor, activity):
                    self.ledger.joins[activity["id"]] = slug
            else:
                activity = reply(actor, self._node)
                if await self._post(actor, activity):
                    self.ledger.replies.add(activity["id"])
            await self._breathe()

    async def _publish(self) -> None:
        """A steward at the command line, who changes their mind, and now and then takes it back."""
        while True:
            slug, ledger = f"circle-{next(self._numbers)}", self.ledger
            if not await self._event("add", _gathering(slug)):
                continue
            ledger.published.add(slug)
            self._joinable.append(slug)
            for version in range(1, self._chance.randrange(3)):
                await self._breathe()
                if not await self._event("edit", {"title": f"version {version}"}, slug=slug):
                    break
                ledger.versions[slug] = version
            if self._chance.random() < 0.2:
                ledger.asked_to_remove.add(slug)
                if await self._event("remove", slug=slug):
                    ledger.removed.add(slug)
            await self._breathe()

    async def _come(self) -> None:
        """Somebody without an account, on the page of a gathering."""
        while True:
            name = f"Guest {next(self._numbers)}"
            if await self._send(self.page, f"/events/{OPEN}/come", guest(name)):
                self.ledger.guests.add(name)
            await self._breathe()

    async def _reflect(self) -> None:
        """A steward at the desk."""
        form: dict[str, str] = {}
        while True:
            if not form:
                try:
                    form = await fields(self.desk, "/desk/new-reflection")
                except _GONE:
                    await asyncio.sleep(_DIED_IN_THE_MIDDLE)
                    continue
            title = f"Moss {next(self._numbers)}"
            given = form | {"title": title, "body": "It does not hurry."}
            given |= {f"consent_{to}": "on" for to in ("publish", "others", "federate")}
            if await self._send(self.desk, "/desk/new-reflection", given):
                self.ledger.reflections.add(title)
            await self._breathe()

    # ---------------------------------------------------------------------------- how

    async def _breathe(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.03))

    async def _event(self, action: str, document: Any = None, **options: Any) -> bool:
        body = b"" if document is None else json.dumps(document).encode()
        arguments = {"action": action, "json": False, "following": False, **options}
        outcome: Outcome | None = None
        with suppress(RefusedError):  # it died before it answered
            outcome = await asyncio.to_thread(ask, self._node.data, "event", arguments, body)
        if outcome is None:
            await asyncio.sleep(_DIED_IN_THE_MIDDLE)
            return False
        assert outcome.exit == 0, outcome
        return True

    async def _post(self, actor: PeerActor, activity: dict[str, Any]) -> bool:
        try:
            answer = await self._peer.post_signed(f"{self._node.url}/inbox", activity, actor=actor)
        except _GONE:
            await asyncio.sleep(_DIED_IN_THE_MIDDLE)
            return False
        assert answer.status == 202, answer
        return True

    async def _send(self, browser: Browser, path: str, given: dict[str, str]) -> bool:
        try:
            answer = await browser.post(path, given)
        except _GONE:
            await asyncio.sleep(_DIED_IN_THE_MIDDLE)
            return False
        if answer.status == 429:  # enough for this process
            await asyncio.sleep(1)
            return False
        assert answer.status == 303, answer
        return True


def reply(actor: PeerActor, node: RunningNode) -> dict[str, Any]:
    """The next thing that somebody says to the group."""
    number = actor.sent + 1
    note = {
        "id": f"{actor.id}/notes/{number}",
        "type": "Note",
        "attributedTo": actor.id,
        "content": f"<p>Thank you, {number}</p>",
        "to": [f"{node.url}/group"],
    }
    return actor.activity("Create", note, to=note["to"])


def guest(name: str) -> dict[str, str]:
    """The form of a gathering, filled in."""
    return {"name": name, "guests": "0", "reach": "", "email": "", "website": ""}


def _gathering(slug: str) -> dict[str, Any]:
    return {
        "id": slug,
        "title": "version 0",
        "start_local": "2031-04-17T10:00:00",
        "timezone": "America/Los_Angeles",
        "registration": {"mode": "open"},
    }


@asynccontextmanager
async def loading(node: RunningNode, peer: Peer, chance: random.Random) -> AsyncIterator[Load]:
    """Everybody, ready to start on a node that serves."""
    await node.command("event", "add", "-", stdin=_gathering(OPEN))
    link = (await node.json("steward", "add", "Ana", "--json"))["link"]
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as signed_in,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as stranger,
    ):
        desk = Browser(node.url, signed_in)
        fields = {"password": PASSWORD, "again": PASSWORD}
        answer = await desk.post(link.removeprefix(node.url), fields)
        assert answer.status == 303, answer.text
        await desk.refresh()
        load = Load(node, peer, chance, desk, Browser(node.url, stranger))
        yield load
