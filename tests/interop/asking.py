"""Asking a running node over HTTP, as servers and browsers do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import aiohttp
from yarl import URL

AS2 = "application/activity+json"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
MASTODON = f"{AS2}, {LD}, text/html;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response with its body read."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Asker:
    """A client of one node; addresses may be paths."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self._session = session
        self._origin = origin

    async def __call__(
        self,
        address: str,
        accept: str | None = AS2,
        *,
        method: str = "GET",
        body: bytes | None = None,
        redirects: bool = False,
        **headers: str,
    ) -> Answer:
        """Ask for an address, sent exactly as it is given; headers as `If_None_Match="x"`."""
        url = self._origin + address if address.startswith("/") else address
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept is not None:
            named["Accept"] = accept
        async with self._session.request(
            method,
            URL(url, encoded=True),
            headers=named,
            data=body,
            allow_redirects=redirects,
            skip_auto_headers=() if accept is not None else ("Accept",),
        ) as response:
            return Answer(
                url=str(response.url),
                status=response.status,
                headers=response.headers.copy(),
                body=await response.read(),
            )

    async def document(self, address: str) -> Any:
        """An ActivityStreams document; asserts that it is there."""
        answer = await self(address)
        assert answer.status == 200, (address, answer.status, answer.text)
        return answer.json


class Page(HTMLParser):
    """What a page says in its head: `metas` by name or property, `links` with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            self.metas[name] = found.get("content", "")
        elif tag in ("link", "a"):
            self.links.append(found | {"tag": tag})

    def linked(self, rel: str, kind: str | None = None) -> list[str]:
        """The addresses of links of that relation and type."""
        return [
            link["href"]
            for link in self.links
            if rel in link.get("rel", "").split() and kind in (None, link.get("type"))
        ]
