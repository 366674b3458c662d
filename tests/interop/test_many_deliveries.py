"""Many inboxes at once, and a node that is killed in the middle of serving them."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.federation.peer import Peer
from tests.interop.asking import BROWSER, Asker
from tests.interop.reader import WALK, Reader
from tests.interop.shapes import SERVERS
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


def creates(peer: Peer, about: str, path: str | None = None) -> list[Any]:
    """The Creates of an event, or of the Note that stands for it where events are not read."""
    return [
        request.json
        for request in peer.asked(path, "POST")
        if request.json["type"] == "Create" and about.encode() in request.body
    ]


class Busy:
    """Inboxes of one server that take their time, and how many of them are served at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)  # a server at work, not a test that waits
        self.now -= 1
        return web.Response(status=202)


async def test_s47_many_followers_of_many_servers(alder: RunningNode, ask: Asker) -> None:
    """Eleven servers, five followers each, every one with an inbox of their own."""
    async with AsyncExitStack() as stack:
        peers, busy = [], []
        for number, software in enumerate(SERVERS):
            peer = await stack.enter_async_context(Peer.start(host=f"127.0.0.{number + 2}"))
            peers.append(peer)
            busy.append(Busy())
            for name in ("robin", "wren", "finch", "tit", "lark"):
                member = software.member(peer, name, endpoints=None, sharedInbox=None)
                follow = member.follow(f"{alder.url}/group")
                assert (await member.post(f"{alder.url}/inbox", follow)).status == 202
                await peer.delivery("Accept", path=member.inbox)
                peer.script(member.inbox, busy[-1])
        made = await alder.json("event", "add", "-", stdin=WALK | {"id": "many"})
        assert (await ask("/events", BROWSER)).status == 200

        async def all_there() -> bool:
            return all(len(creates(peer, made["id"])) == 5 for peer in peers)

        await eventually(all_there, seconds=15)
        assert max(one.most for one in busy) <= 4
        for peer in peers:
            await alder.command("block", peer.host)
            await alder.command("unblock", peer.host)


async def test_s49_killed_in_the_middle_nothing_is_lost_or_renamed(tmp_path: Path) -> None:
    async with Peer.start() as peer, running_node(tmp_path, "birch") as birch:
        reader = Reader(birch, peer)
        names = [f"bird{number}" for number in range(8)]
        for name in names:
            await reader.follower(name, shared_inbox=False)
        heard = asyncio.Event()

        async def stuck(_: web.BaseRequest) -> web.StreamResponse:
            heard.set()
            await asyncio.Event().wait()
            return web.Response(status=202)

        for name in names[4:]:
            peer.script(f"/users/{name}/inbox", stuck)
        about = await reader.publish("event", WALK)
        await asyncio.wait_for(heard.wait(), 10)
        await birch.stop(signal.SIGKILL)
        for name in names[4:]:
            peer.accept(f"/users/{name}/inbox")
        await birch.start()

        async def all_there() -> bool:
            queue = await birch.json("queue", "--json")
            return bool(queue["pending"] == queue["retrying"] == 0)

        await eventually(all_there, seconds=15)
        for name in names:
            assert creates(peer, about, f"/users/{name}/inbox"), name
        assert len({one["id"] for one in creates(peer, about)}) == 1
        bodies = [one.body for one in peer.asked(method="POST") if one.json["type"] == "Create"]
        assert len(set(bodies)) == 1
