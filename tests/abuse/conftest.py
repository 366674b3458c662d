"""One running node per module, full of things to steal, and a peer that means harm."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.abuse.attacked import PASSWORD, Attacked
from tests.abuse.loot import DOCUMENT
from tests.federation.peer import Peer
from tests.running_node import ENVIRONMENT, running_node


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """Variables of the node besides the usual ones; a module may have its own."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def attacked(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]
) -> AsyncIterator[Attacked]:
    """A node with the loot in it, and a signed-in steward."""
    directory: Path = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setitem(ENVIRONMENT, name, value)
        async with attack(directory) as found:
            yield found


@asynccontextmanager
async def attack(directory: Path) -> AsyncIterator[Attacked]:
    """A node in `directory` and all that is needed to attack it."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        running_node(directory, "alder") as node,
        Peer.start() as peer,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        aiohttp.ClientSession(cookie_jar=jar) as steward,
    ):
        await node.command("import", "-", stdin=DOCUMENT)
        found = Attacked(node, peer, http, steward)
        await sign_in(found)
        yield found
        found.close()


async def sign_in(attacked: Attacked, name: str = "Ana") -> None:
    """Let the steward's session in by a one-time link, and read the token of its forms."""
    made = await attacked.node.json("steward", "add", name, "--json")
    fields = {"password": PASSWORD, "again": PASSWORD}
    path = made["link"].removeprefix(attacked.url)
    status, text, _ = await attacked.form(path, fields, csrf=False)
    assert status == 303, text
    status, text = await attacked.page("/desk", steward=True)
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert status == 200, text
    assert found, text
    attacked.csrf = found[1]
