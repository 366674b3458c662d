"""A node with content, served on loopback inside the test's own event loop."""

import io
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from federation import keypairs
from node.app import Node, create_app, open_node
from node.config import check
from node.services import stewards
from node.services.events import add_event
from node.services.reflections import add_reflection
from node.store import groups, migrations, practices
from node.store.database import Database, Session
from tests.conftest import NOW, TurnableClock
from tests.web.content import EVENTS, GROUP, PRACTICES, REFLECTIONS

PASSWORD = "river and fire and moss"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
Keys = Mapping[Any, Any]


@dataclass(slots=True)
class Answer:
    """What came back: status, headers, text, and the bytes it was."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: bytes = b""


@dataclass(slots=True)
class Browser:
    """A client that behaves like a browser: keeps cookies, sends an origin, follows nothing by itself."""

    url: str
    http: aiohttp.ClientSession
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> Answer:
        """GET a page."""
        return await self._send("GET", path, None, headers)

    async def post(
        self, path: str, fields: Mapping[str, Any] | None = None, **headers: str
    ) -> Answer:
        """POST a form, with its token and from our own page unless told otherwise."""
        data: list[tuple[str, str]] = [("csrf", self.csrf)] if self.csrf else []
        for name, value in (fields or {}).items():
            data.extend((name, one) for one in ([value] if isinstance(value, str) else value))
        return await self._send("POST", path, data, {"Sec-Fetch-Site": "same-origin"} | headers)

    async def give(
        self,
        path: str,
        fields: Mapping[str, Any],
        picture: bytes | None = None,
        *,
        name: str = "IMG_0001.JPG",
        kind: str = "image/jpeg",
        **headers: str,
    ) -> Answer:
        """POST a form with a file, which comes last, as a browser does."""
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("csrf", self.csrf)
        for field, value in fields.items():
            for one in [value] if isinstance(value, str) else value:
                form.add_field(field, one)
        form.add_field("picture", io.BytesIO(picture or b""), filename=name, content_type=kind)
        return await self._send("POST", path, form, {"Sec-Fetch-Site": "same-origin"} | headers)

    async def sign_in(self, node: Node, name: str = "Ana") -> "Browser":
        """Become a steward by a one-time link."""
        token = await node.database.write(
            lambda session: stewards.invite(session, name, now=node.clock.now())
        )
        answer = await self.post(f"/sign-in/{token}", {"password": PASSWORD, "again": PASSWORD})
        assert answer.status == 303, answer.text
        await self.refresh()
        return self

    async def refresh(self) -> None:
        """Read the form token of the session."""
        page = await self.get("/desk")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        self.csrf = found[1]

    async def _send(self, method: str, path: str, data: Any, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept": HTML} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(
            method, self.url + path, data=data, headers=sent, allow_redirects=False
        ) as answer:
            body = await answer.read()
            return Answer(answer.status, answer.headers, body.decode("utf-8", "replace"), body)


@dataclass(slots=True)
class Served:
    """A running node and a way to ask it."""

    node: Node
    clock: TurnableClock
    browser: Browser

    @property
    def url(self) -> str:
        """Its origin on loopback."""
        return self.browser.url


@asynccontextmanager
async def serve(
    data: Path,
    keys: Keys,
    clock: TurnableClock,
    *,
    url: str = "",
    empty: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> AsyncIterator[Served]:
    """A node in `data`; `url` is its public origin where it is not the address it is served at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        given = {"url": url or address, "federation.allow_private_networks": True}
        config = check(data, given | dict(settings or {}))
        migrations.create(config.database_path)
        async with await Database.open(config.database_path) as database:
            await database.write(lambda session: _fill(session, keys, empty=empty))
        async with open_node(config, clock=clock) as node:
            runner = web.AppRunner(create_app(node))
            await runner.setup()
            await web.SockSite(runner, listener).start()
            jar = aiohttp.CookieJar(unsafe=True)
            try:
                async with aiohttp.ClientSession(cookie_jar=jar) as http:
                    yield Served(node, clock, Browser(address, http))
            finally:
                await runner.cleanup()


def _fill(session: Session, keys: Keys, *, empty: bool) -> None:
    groups.create(session, "rivercircle", GROUP, NOW)
    keypairs.keep(session, keys, now=NOW)
    if empty:
        return
    for event in EVENTS:
        add_event(session, event, now=NOW)
    for reflection in REFLECTIONS:
        add_reflection(session, reflection, now=NOW)
    for practice in PRACTICES:
        practices.put(session, practice["id"], practice, NOW)
