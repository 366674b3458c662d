"""What a reverse proxy does for a node: TLS outside, plain bytes inside."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.fedify.certificates import Certificates


@asynccontextmanager
async def terminator(certificates: Certificates, port: int) -> AsyncIterator[str]:
    """Serve TLS on a free port of `localhost` and pass everything on to `port`; the origin."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass(reader, inner_writer))
            both.create_task(_pass(inner_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, until either ends."""
    with suppress(OSError):
        while part := await reader.read(64 * 1024):
            writer.write(part)
            await writer.drain()
    writer.close()
