"""Reading what somebody sends, with patience and appetite bounded."""

import asyncio

from aiohttp import web

from node.errors import MalformedError, TooLargeError, TryLaterError

LARGEST = 1024 * 1024
_SECONDS = 10.0


async def read_body(request: web.Request) -> bytes:
    """The body as it was sent, at most 1 MiB, within ten seconds all in all.

    Most are all there when the handler starts. Raises TooLargeError, MalformedError where it is
    broken off or badly chunked, and TryLaterError where it does not arrive in time.
    """
    if (request.content_length or 0) > LARGEST:
        raise _too_large()
    content = request.content
    try:
        if content.is_eof():
            body = content.read_nowait()
        else:
            async with asyncio.timeout(_SECONDS):
                body = await _read_slowly(request)
    except TimeoutError:
        request.protocol.force_close()
        raise TryLaterError("The body did not arrive in time.") from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise MalformedError("The body did not arrive whole.") from error
    if len(body) > LARGEST:
        raise _too_large()
    return body


async def _read_slowly(request: web.Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            break
    return b"".join(parts)


def _too_large() -> TooLargeError:
    return TooLargeError("The body must not be larger than 1 MiB.")
