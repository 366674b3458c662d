"""A disk that is full, broken, read-only, unreadable, slow or without power beneath a running node.

Nothing is acknowledged that is not on it, pages can be read, and when it is well again so is the node,
by itself.
"""

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.crash.disk import BROKEN, FULL, NOTHING, READ_ONLY, Disk, failing_disk, needs_a_compiler
from tests.crash.load import OPEN, guest, loading, reply
from tests.crash.process import WarmNode, warm_node
from tests.federation.peer import Peer, PeerActor
from tests.running_node import eventually, page
from tests.web.served import Browser

pytestmark = [needs_a_compiler, pytest.mark.asyncio(loop_scope="module")]
PAGES = ("/", "/events", f"/events/{OPEN}", "/calendar.ics", "/feed.atom", "/healthz")
EVENT = {"title": "Circle", "start_local": "2031-04-17T10:00:00", "timezone": "UTC"}


@dataclass(slots=True, kw_only=True)
class Standing:
    """A node that serves, on a disk that does as it is told, and those who use it."""

    disk: Disk
    node: WarmNode
    peer: Peer
    member: PeerActor
    desk: Browser
    page: Browser

    async def post(self) -> int:
        """A reply from another server; the status."""
        answer = await self.peer.post_signed(
            f"{self.node.url}/inbox", reply(self.member, self.node), actor=self.member
        )
        return answer.status

    async def is_well(self) -> bool:
        return await self.post() == 202


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Standing]:
    directory = tmp_path_factory.mktemp("disk")
    async with Peer.start() as peer, failing_disk(directory) as (disk, node):
        await node.start()
        async with loading(node, peer, random.Random(1)) as load:
            member = peer.actor("ann", shared_inbox=False)
            made = Standing(
                disk=disk, node=node, peer=peer, member=member, desk=load.desk, page=load.page
            )
            await made.post()
            yield made


@pytest.mark.parametrize(
    ("error", "status"),
    [(FULL, 507), (BROKEN, 503), (READ_ONLY, 503)],
    ids=["full", "broken", "read-only"],
)
async def test_a_disk_that_takes_nothing(standing: Standing, error: int, status: int) -> None:
    one, node = standing, standing.node
    one.disk.fails(error)
    try:
        answer = await one.peer.post_signed(
            f"{node.url}/inbox", reply(one.member, node), actor=one.member
        )
        assert (answer.status, answer.headers["Retry-After"]) == (status, "60")
        come = await one.page.post(f"/events/{OPEN}/come", guest("Nobody"))
        assert (come.status, come.headers["Retry-After"]) == (status, "60")
        link = await one.desk.post("/desk/new-reflection", {"title": "Lost", "body": "words"})
        assert link.status not in (303, 500)
        refused = await node.command("event", "add", "-", stdin=EVENT | {"id": "lost"}, code=1)
        assert refused == ""
        for path in PAGES:
            assert (await one.page.get(path)).status == 200, path
        desk = await one.desk.get("/desk")
        assert desk.status == 200
        assert "Until that ends nothing new can be kept" in desk.text
        assert one.disk.failed
    finally:
        one.disk.fails(NOTHING)
    await eventually(one.is_well, seconds=60)
    assert "Until that ends" not in (await one.desk.get("/desk")).text
    assert node.rows("SELECT count(*) FROM event WHERE slug = 'lost'") == [(0,)]
    assert node.rows("SELECT count(*) FROM rsvp WHERE who = 'Nobody'") == [(0,)]


async def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A little memory as its disk, filled by somebody else's file and then by the node itself."""
    small = tmp_path / "alder"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "small", small], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk; the disks above fail for everyone")
    try:
        async with Peer.start() as peer, warm_node(tmp_path, "alder") as node:
            await node.start()
            ann = peer.actor("ann", shared_inbox=False)

            async def post(size: int = 1) -> int:
                said = reply(ann, node)
                said["object"]["content"] = "moss " * size
                answer = await peer.post_signed(f"{node.url}/inbox", said, actor=ann)
                return answer.status

            assert await post() == 202
            with suppress(OSError), (small / "film").open("wb", buffering=0) as film:
                while film.write(bytes(4096)):
                    pass
            taken = 1
            while (status := await post(4000)) == 202:
                taken += 1
            assert status == 507
            assert await page(f"{node.url}/")
            (small / "film").unlink()

            async def is_well() -> bool:
                return await post() == 202

            await eventually(is_well, seconds=60)
            await node.settled()
            [(kept,)] = node.rows("SELECT count(*) FROM inbound WHERE state = 'applied'")
            assert kept >= taken + 1
    finally:
        subprocess.run(["umount", small], check=True)


async def test_what_the_doctor_says_of_it(standing: Standing) -> None:
    standing.disk.fails(FULL)
    try:
        await standing.node.run("doctor", code=1)
    finally:
        standing.disk.fails(NOTHING)
    assert "it cannot be written: No space left on device" in standing.node.log()
    await eventually(standing.is_well, seconds=60)


async def test_a_disk_that_cannot_be_read(standing: Standing) -> None:
    """What is in memory can be had; the rest is 503, and nothing breaks."""
    standing.disk.is_unreadable(BROKEN)
    try:
        statuses = {(await standing.page.get(path)).status for path in PAGES}
        statuses |= {(await standing.page.get(f"/search?q={word}")).status for word in "abc"}
        statuses.add(await standing.post())
    finally:
        standing.disk.is_unreadable(NOTHING)
    assert statuses <= {200, 202, 503}
    await eventually(standing.is_well, seconds=60)


async def test_a_slow_disk_holds_up_answers_that_need_it_and_no_pages(standing: Standing) -> None:
    """No answer comes before the flush; forty that wait share few of them."""
    standing.disk.is_slow(400)
    try:
        posts = [asyncio.create_task(standing.post()) for _ in range(40)]
        for path in PAGES:
            assert (await standing.page.get(path)).status == 200
        waiting = sum(not one.done() for one in posts)
        assert waiting, "the pages waited for the disk"
        assert set(await asyncio.gather(*posts)) == {202}
    finally:
        standing.disk.is_slow(0)
