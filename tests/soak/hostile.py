"""Neighbours who wish a node ill: sockets that never finish, forged floods, huge bodies, servers that lie.

Each of them works from an address of its own on loopback until it is cancelled, and counts what the node
answered to it.
"""

import asyncio
import io
import json
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.federation.peer import ACTIVITY_JSON, AS2, Peer, PeerActor

_FROM = ("127.0.0.66", 0)
_HALF_A_REQUEST = (
    b"POST /inbox HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/activity+json\r\n"
)
_OPENED_AT_ONCE = 64
_LYING_PATHS = ("redirects", "oversized", "never-ending", "somebody-else", "no-json", "silence")


@dataclass(slots=True, kw_only=True)
class Hostile:
    """All of them together, against the node at `url`."""

    url: str
    peer: Peer
    sockets: int
    forged_per_second: float
    chance: random.Random
    answers: Counter[int] = field(default_factory=Counter)
    opened: int = 0

    async def work(self) -> None:
        """Until cancelled."""
        lie(self.peer)
        connector = aiohttp.TCPConnector(limit=64, local_addr=_FROM)
        timeout = aiohttp.ClientTimeout(total=20)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(_OPENED_AT_ONCE):
                group.create_task(self._hold_open(self.sockets // _OPENED_AT_ONCE))
            group.create_task(self._forge(session, group))
            group.create_task(self._send_too_much(session))
            group.create_task(self._flood(self.peer.actor("flood")))

    async def _hold_open(self, count: int) -> None:
        """Half a request on each of some connections, and a byte now and then; again when cut off."""
        held: list[asyncio.StreamWriter] = []
        try:
            while True:
                held = [one for one in held if not one.is_closing()]
                while len(held) < count:
                    with suppress(OSError):
                        _, writer = await asyncio.open_connection(
                            *_where(self.url), local_addr=_FROM
                        )
                        writer.write(_HALF_A_REQUEST)
                        held.append(writer)
                        self.opened += 1
                    await asyncio.sleep(0.005)
                for writer in held:
                    with suppress(OSError):
                        writer.write(b"X")
                await asyncio.sleep(self.chance.uniform(0.5, 1.5))
        finally:
            for writer in held:
                writer.transport.abort()

    async def _forge(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> None:
        """Signatures that are none: with a key we know, and with keys of servers that lie."""
        known = self.peer.actor("forged")
        while True:
            owner = (
                known.id
                if self.chance.random() < 0.9
                else self.peer.url(f"/{self.chance.choice(_LYING_PATHS)}/{self.opened}")
            )
            activity = {
                "@context": AS2,
                "id": f"{owner}/{self.chance.random()}",
                "type": "Create",
                "actor": owner,
                "object": {"type": "Note", "id": f"{owner}/n", "content": "x"},
            }
            signature = (
                f'keyId="{owner}#main-key",algorithm="rsa-sha256",'
                'headers="(request-target) host date digest",signature="bm9uc2Vuc2U="'
            )
            body = json.dumps(activity).encode()
            group.create_task(self._post(session, body, Signature=signature))
            await asyncio.sleep(1 / self.forged_per_second)

    async def _send_too_much(self, session: aiohttp.ClientSession) -> None:
        """Megabytes, whole and in pieces."""

        async def pieces() -> Any:
            for _ in range(64):
                yield bytes(65_536)

        while True:
            await self._post(session, io.BytesIO(bytes(4_000_000)))
            await self._post(session, pieces())
            await asyncio.sleep(0.2)

    async def _flood(self, actor: PeerActor) -> None:
        """Well signed, and far too many."""
        while True:
            note = {"type": "Note", "id": f"{actor.id}/{actor.sent}", "content": "<b>" * 50}
            activity = actor.activity("Create", note, to=[f"{self.url}/group"])
            with suppress(aiohttp.ClientError, OSError):
                answer = await self.peer.post_signed(f"{self.url}/inbox", activity, actor=actor)
                self.answers[answer.status] += 1
            await asyncio.sleep(0.02)

    async def _post(self, session: aiohttp.ClientSession, body: Any, **headers: str) -> None:
        sent = {"Content-Type": ACTIVITY_JSON} | headers
        with suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
            async with session.post(f"{self.url}/inbox", data=body, headers=sent) as answer:
                self.answers[answer.status] += 1


def lie(peer: Peer) -> None:
    """Have a server answer to whoever asks for a key in every way but the right one."""

    async def liar(request: web.BaseRequest) -> web.StreamResponse:
        kind = request.path.split("/")[1]
        if kind == "redirects":
            return web.Response(status=302, headers={"Location": f"{request.path}x"})
        if kind == "oversized":
            return web.Response(body=b"[" * 3_000_000, content_type=ACTIVITY_JSON)
        if kind == "no-json":
            return web.Response(text="<html>", content_type="text/html")
        if kind == "somebody-else":
            other = {"id": "https://good.example/group", "type": "Group", "publicKey": {}}
            return web.Response(text=json.dumps(other), content_type=ACTIVITY_JSON)
        response = web.StreamResponse(headers={"Content-Type": ACTIVITY_JSON})
        await response.prepare(request)
        with suppress(OSError):
            while True:
                await response.write(b" " if kind == "never-ending" else b"")
                await asyncio.sleep(0.5)
        return response

    peer.otherwise = liar


def _where(url: str) -> tuple[str, int]:
    host, _, port = url.partition("://")[2].partition(":")
    return host, int(port)
