"""One running node for all tests of a module, and a peer for each of them."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.federation.peer import Peer
from tests.interop.asking import Asker
from tests.running_node import RunningNode, running_node
from tests.web.served import PASSWORD, Browser

# With these, one event in two languages, and one poem; tests that change anything make their own.
EVENT = {
    "id": "listening-circle",
    "title": {"en": "Listening circle", "de": "Kreis des Zuhörens"},
    "summary": {"en": "We sit together and listen.", "de": "Wir sitzen und hören zu."},
    "start_local": "2031-06-14T15:00:00",
    "end_local": "2031-06-14T17:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Teahouse", "locality": "Berlin"},
    "price": {"model": "gift"},
    "tags": ["deep ecology"],
}
REFLECTION = {
    "id": "moss",
    "language": "en",
    "title": "Moss",
    "body": "It does not hurry.\nIt reads the stone.",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """The node of the group `alder`, with an event and a reflection; its log stays clean."""
    async with running_node(tmp_path_factory.mktemp("interop"), "alder") as node:
        await node.command("event", "add", "-", stdin=EVENT)
        await node.command("reflection", "add", "-", stdin=REFLECTION)
        yield node


@pytest_asyncio.fixture(loop_scope="module")
async def peer(alder: RunningNode) -> AsyncIterator[Peer]:
    """Somebody else's server, new for each test; forgotten by alder at its end."""
    async with Peer.start() as one:
        yield one
        await alder.command("block", one.host)
        await alder.command("unblock", one.host)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ask(alder: RunningNode) -> AsyncIterator[Asker]:
    """Asks the node over HTTP: `await ask("/group")`."""
    async with aiohttp.ClientSession() as session:
        yield Asker(session, alder.url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def steward(alder: RunningNode) -> AsyncIterator[Browser]:
    """A steward of alder, signed in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        browser = Browser(alder.url, session)
        link = (await alder.json("steward", "add", "Ana", "--json"))["link"]
        fields = {"password": PASSWORD, "again": PASSWORD}
        answer = await browser.post(link.removeprefix(alder.url), fields)
        assert answer.status == 303, answer.text
        await browser.refresh()
        yield browser
