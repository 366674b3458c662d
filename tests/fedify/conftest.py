"""One node and one living peer for the tests of a module, over TLS with an authority of their own."""

import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.certificates import Certificates
from tests.fedify.living import Living, install, living
from tests.running_node import ENVIRONMENT, RunningNode, free_port, running_node
from tests.terminator import terminator


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that only the two servers of these tests trust."""
    return Certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alder(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> AsyncIterator[RunningNode]:
    """The node of the group `alder`, reached by https; its log stays clean."""
    port = free_port()
    async with (
        terminator(certificates, port) as url,
        running_node(
            tmp_path_factory.mktemp("fedify"),
            "alder",
            url=url,
            port=port,
            environment=ENVIRONMENT | {"SSL_CERT_FILE": str(certificates.authority)},
        ) as node,
    ):
        yield node


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(certificates: Certificates) -> AsyncIterator[Living]:
    """The Fedify application."""
    install()
    async with living(certificates) as peer:
        yield peer


@pytest_asyncio.fixture(loop_scope="module")
async def fedify(alder: RunningNode, application: Living) -> AsyncIterator[Living]:
    """The Fedify application and alder, who know nothing of each other yet."""
    yield application
    await alder.command("block", application.host)
    await alder.command("unblock", application.host)
    await application.order("forget")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(certificates: Certificates) -> AsyncIterator[aiohttp.ClientSession]:
    """Asks either server by https, trusting the authority."""
    context = ssl.create_default_context(cafile=certificates.authority)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield session
