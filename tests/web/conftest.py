"""Fixtures of the pages' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import async_playwright

from federation import keypairs
from tests.conftest import TurnableClock
from tests.web.served import Browser, Keys, Served, serve

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def node_keys() -> Keys:
    """Key pairs of a node, made once."""
    return keypairs.generate()


@pytest.fixture
async def served(tmp_path: Path, node_keys: Keys, clock: TurnableClock) -> AsyncIterator[Served]:
    """A node full of content, on plain http at loopback."""
    async with serve(tmp_path, node_keys, clock) as running:
        yield running


@pytest.fixture
async def empty(tmp_path: Path, node_keys: Keys, clock: TurnableClock) -> AsyncIterator[Served]:
    """A node whose group has nothing yet."""
    async with serve(tmp_path, node_keys, clock, empty=True) as running:
        yield running


@pytest.fixture
async def secure(tmp_path: Path, node_keys: Keys, clock: TurnableClock) -> AsyncIterator[Served]:
    """A node whose public origin is https, reached through a proxy as it were."""
    async with serve(tmp_path, node_keys, clock, url="https://rivercircle.example") as running:
        yield running


@pytest.fixture
async def steward(served: Served) -> Browser:
    """A signed-in steward of `served`."""
    return await served.browser.sign_in(served.node)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """Debian's Chromium; one for the tests of a module, which run in one loop."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGUMENTS
        )
        yield browser
        await browser.close()
