"""What a reverse proxy does for a node: TLS outside, plain bytes inside."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.certificates import Certificates


@asynccontextmanager
async def terminator(
    certificates: Certificates, port: int, *, host: str = "localhost", at: int = 0
) -> AsyncIterator[str]:
    """Serve TLS for `host` on port `at` (0: a free one) and pass everything on to `port`; the origin."""
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

    address = "127.0.0.1" if host == "localhost" else host
    server = await asyncio.start_server(connected, address, at, ssl=context)
    async with server:
        yield (
            f"https://{host}"
            if at == 443
            else f"https://{host}:{server.sockets[0].getsockname()[1]}"
        )


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, until either ends."""
    with suppress(OSError):
        while part := await reader.read(64 * 1024):
            writer.write(part)
            await writer.drain()
    writer.close()
