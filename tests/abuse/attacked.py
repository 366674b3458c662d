"""A running node under attack, and what holds after every attack: the oracle of the abuse corpus.

An attack is refused when the answer says so, no row of any table is another, nothing was asked of
anybody, and the log holds no trace of an unexpected failure.
"""

import asyncio
import base64
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from federation.signatures import SigningKey, http_date
from node.clock import SystemClock
from tests.federation.peer import Peer, PeerActor
from tests.running_node import RunningNode, eventually
from tests.signing import raw_signature

AS2 = "application/activity+json"
FORM = "application/x-www-form-urlencoded"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
PASSWORD = "river and fire and moss"
REQUIRED = "(request-target) host date digest"


# Counters of changes, and what an earlier request asked for and was told a little later. The index of the
# search (search_*) takes in a little later what was changed before.
_CACHES = ("page_version", "actor", "public_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back over a raw connection; `status` is 0 where nothing did."""

    status: int
    head: str
    body: bytes
    closed: bool

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


@dataclass(slots=True)
class Attacked:
    """A running node, a peer that attacks it, and one session without cookies."""

    node: RunningNode
    peer: Peer
    http: aiohttp.ClientSession
    steward: aiohttp.ClientSession
    csrf: str = ""
    made: int = 0
    _database: sqlite3.Connection | None = None

    # ------------------------------------------------------------------------------ what it holds

    @property
    def url(self) -> str:
        """The node's origin."""
        return self.node.url

    @property
    def host(self) -> str:
        """`127.0.0.1:12345`."""
        return self.url.partition("://")[2]

    @property
    def inbox(self) -> str:
        """The shared inbox."""
        return f"{self.url}/inbox"

    @property
    def group(self) -> str:
        """The id of the group's actor."""
        return f"{self.url}/group"

    @property
    def database(self) -> sqlite3.Connection:
        """The node's database, read beside the running node."""
        if self._database is None:
            path = f"file:{self.node.data / 'node.sqlite3'}?mode=ro"
            self._database = sqlite3.connect(path, uri=True, isolation_level=None)
        return self._database

    def close(self) -> None:
        """Close what was opened to look at the node."""
        if self._database is not None:
            self._database.close()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a statement finds in the node's database."""
        return self.database.execute(statement, values).fetchall()

    def tables(self, but: Collection[str] = ()) -> dict[str, str]:
        """A hash of the content of every table that is not in `but`, and is no cache."""
        names = [
            name
            for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in (*but, *_CACHES) and not name.startswith(("sqlite_", "search_"))
        ]
        return {
            name: hashlib.sha256(repr(self.rows(f"SELECT * FROM {name}")).encode()).hexdigest()
            for name in names
        }

    async def settled(self) -> None:
        """Wait until the node has worked off all that it took in, and sent all that it has to say."""
        waits = (
            "SELECT (SELECT count(*) FROM inbound WHERE state = 'waiting')"
            " + (SELECT count(*) FROM outbox_entry WHERE parked = 0)"
            " + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased'))"
            " + (SELECT count(*) FROM pending_change)"
        )

        async def nothing_waits() -> bool:
            return self.rows(waits) == [(0,)]

        await eventually(nothing_waits, seconds=10)

    @asynccontextmanager
    async def refused(self, *but: str, asks: int = 0) -> AsyncIterator[None]:
        """Inside, the node is attacked; afterwards all is as it was.

        `but` names tables that an acknowledged attack may fill; `asks` is how often the node may
        ask the peer for something meanwhile.
        """
        await self.settled()
        before, said, asked = self.tables(but), len(self.node.log()), len(self.peer.requests)
        yield
        await self.settled()
        after = self.tables(but)
        changed = [name for name in after if before.get(name) != after[name]]
        assert not changed, changed
        assert "Traceback" not in self.node.log()[said:], self.node.log()[said:]
        paths = [one.target for one in self.peer.requests[asked:]]
        assert len(paths) <= asks, paths

    async def healthy(self) -> None:
        """Assert that the node still answers, at once."""
        async with asyncio.timeout(2), self.http.get(f"{self.url}/healthz") as answer:
            assert answer.status == 200

    # --------------------------------------------------------------------------------- raw requests

    async def raw(self, *parts: bytes | str, seconds: float = 5.0) -> Reply:
        """Send bytes and read until the node closes or has answered once."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.host.split(":")[1]))
        found = b""
        closed = False
        try:
            async with asyncio.timeout(seconds):
                for part in parts:
                    writer.write(part.encode("latin-1") if isinstance(part, str) else part)
                    await writer.drain()
                while not _whole(found):
                    more = await reader.read(65536)
                    if not more:
                        closed = True
                        break
                    found += more
        except ConnectionError:
            closed = True
        except TimeoutError:
            pass
        finally:
            writer.close()
        head, _, body = found.partition(b"\r\n\r\n")
        words = head.split(b" ", 2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        return Reply(status=status, head=head.decode("latin-1"), body=body, closed=closed)

    def request(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> bytes:
        """A request as bytes; `headers` replace the usual ones, one of them empty takes it away."""
        sent = {"Host": self.host, "Connection": "close"}
        if body:
            sent["Content-Length"] = str(len(body))
        sent |= dict(headers or {})
        lines = [f"{name}: {value}" for name, value in sent.items() if value]
        return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        seconds: float = 5.0,
    ) -> Reply:
        """One request over a connection of its own, every byte as given."""
        return await self.raw(self.request(method, target, headers, body), seconds=seconds)

    # ------------------------------------------------------------------------------------- signed

    def sign(
        self,
        actor: PeerActor,
        body: bytes,
        *,
        target: str = "/inbox",
        names: str = REQUIRED,
        headers: Mapping[str, str] | None = None,
        signed: Mapping[str, str] | None = None,
        key: SigningKey | None = None,
        parameters: str = 'algorithm="rsa-sha256"',
        key_id: str | None = None,
    ) -> dict[str, str]:
        """Headers of a draft-cavage signature over whatever is asked; `signed` overrides a line."""
        digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        sent = {"Host": self.host, "Date": http_date(SystemClock().now()), "Digest": digest}
        sent |= {"Content-Type": AS2} | dict(headers or {})
        values = {name.lower(): value for name, value in sent.items()}
        values |= {"(request-target)": f"post {target}"} | dict(signed or {})
        text = "\n".join(f"{name}: {values.get(name, '')}" for name in names.split())
        made = raw_signature(key or actor.key, text)
        parts = [f'keyId="{key_id or actor.key_id}"', *([parameters] if parameters else [])]
        parts += [f'headers="{names}"', f'signature="{made}"']
        return sent | {"Signature": ",".join(parts)}

    async def post(
        self, actor: PeerActor, activity: Mapping[str, Any] | bytes, **how: Any
    ) -> Reply:
        """Post an activity, signed as `sign` is told."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        target = how.get("target", "/inbox")
        return await self.ask("POST", target, self.sign(actor, body, **how), body)

    def stranger(self, **more: Any) -> PeerActor:
        """An actor of the peer whom the node never met."""
        self.made += 1
        return self.peer.actor(f"stranger{self.made}", **more)

    async def known(self, **more: Any) -> PeerActor:
        """An actor of the peer whose key the node has."""
        actor = self.stranger(**more)
        like = actor.activity("Like", f"{self.url}/events/nothing")
        assert (await self.post(actor, like)).status == 202
        await self.settled()

        async def key_is_kept() -> bool:
            return bool(self.rows("SELECT 1 FROM public_key WHERE owner = ?", actor.id))

        await eventually(key_is_kept)
        return actor

    # -------------------------------------------------------------------------------------- the desk

    async def form(
        self, path: str, fields: Mapping[str, Any], *, csrf: bool = True, **headers: str
    ) -> tuple[int, str, Mapping[str, str]]:
        """A steward sends a form: status, text, headers."""
        given = ({"csrf": self.csrf} if csrf else {}) | dict(fields)
        sent = {"Sec-Fetch-Site": "same-origin", "Content-Type": FORM, "Accept": HTML}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.steward.post(
            self.url + path,
            data=urlencode(given, doseq=True, errors="surrogatepass"),
            headers=sent,
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.text(), answer.headers.copy()

    async def page(self, path: str, *, steward: bool = False, **headers: str) -> tuple[int, str]:
        """GET a page as a visitor or as a steward: status and text."""
        session = self.steward if steward else self.http
        sent = {"Accept": HTML} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.get(self.url + path, headers=sent, allow_redirects=False) as answer:
            return answer.status, (await answer.read()).decode("utf-8", "replace")


def _whole(answer: bytes) -> bool:
    """Whether a response with a length is there to its end."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False
