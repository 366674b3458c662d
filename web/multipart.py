"""Forms with a file: read as they arrive, and no further than they may go.

Our forms have their file last, so when it is too large everything else is known by then, and the page can
come again with all that was typed.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from node.body import LARGEST as LARGEST_TEXT
from node.errors import MalformedError, TooLargeError, TryLaterError
from node.pictures import LARGEST_UPLOAD

MULTIPART: Final = "multipart/form-data"
_MOST_FIELDS: Final = 400
_SECONDS: Final = 120.0  # ten megabytes from a telephone in the hills
_UNREADABLE: Final = "The form could not be read."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, under a name nobody looks at; `data` is None where it was not kept."""

    data: bytes | None


async def read_multipart(
    request: web.Request, *, keep_file: bool
) -> tuple[list[tuple[str, str]], Upload | None]:
    """The fields and the one file of a form (RFC 7578); an empty file field is none.

    Without `keep_file` the file is read past, as from somebody whose session ran out; that there was one is
    told by an upload without data.

    Raises MalformedError, TooLargeError for more text than a form may have, TryLaterError where it
    does not arrive in time.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            return await _read(request, keep_file=keep_file)
    except TimeoutError:
        request.protocol.force_close()
        raise TryLaterError("The body did not arrive in time.") from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise MalformedError("The body did not arrive whole.") from error
    except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError) as error:
        raise MalformedError(_UNREADABLE) from error


async def _read(
    request: web.Request, *, keep_file: bool
) -> tuple[list[tuple[str, str]], Upload | None]:
    fields: list[tuple[str, str]] = []
    upload: Upload | None = None
    left = LARGEST_TEXT
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or not part.name or _is_encoded(part):
            raise MalformedError(_UNREADABLE)
        if part.filename is not None:
            data = await _bytes(part, LARGEST_UPLOAD, keep=keep_file)
            if data is None:
                return fields, Upload(None)
            if data:
                upload = Upload(data if keep_file else None)
            continue
        text = await _bytes(part, left)
        if text is None:
            raise TooLargeError("The body must not be larger than 1 MiB.")
        left -= len(text)
        fields.append((part.name, text.decode("utf-8").replace("\r\n", "\n")))
        if len(fields) > _MOST_FIELDS:
            raise MalformedError(_UNREADABLE)
    return fields, upload


async def _bytes(part: BodyPartReader, most: int, *, keep: bool = True) -> bytes | None:
    """The part as it was sent; None where it is longer than `most`, read no further.

    Without `keep` the rest of it is read past, and what is left only tells whether there was anything.
    """
    found, length = bytearray(), 0
    while chunk := await part.read_chunk():
        length += len(chunk)
        if length > most:
            return None
        if keep or not found:
            found += chunk
    return bytes(found)


def _is_encoded(part: BodyPartReader) -> bool:
    """Whether it is wrapped once more, which no browser does (RFC 7578 §4.7)."""
    return hdrs.CONTENT_ENCODING in part.headers or hdrs.CONTENT_TRANSFER_ENCODING in part.headers
