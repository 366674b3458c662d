"""A printed page as PDF: made by WeasyPrint (the extra `pdf`) in a process of its own, within bounds.

The process gets one HTML document with its style inside and may fetch nothing: `python -m web.pdf` reads
HTML on standard input and writes PDF to standard output.
"""

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import resource
import sys
from collections import OrderedDict

from aiohttp import web

from node.errors import NotFoundError, TryLaterError

_SECONDS = 60.0  # a Raspberry Pi 3 needs twenty for a poster
_MEMORY = 700 * 1024 * 1024  # address space; what is used stays below 120 MB
_LARGEST = 20 * 1024 * 1024
_KEPT = 8
_NICE = 10  # anybody may ask for a sheet: whoever reads a page, and the post, go first
_MOST_WAITING = 4


def can_make_pdf() -> bool:
    """Whether the extra is installed. The library itself is imported only in the other process."""
    return importlib.util.find_spec("weasyprint") is not None


class PdfMaker:
    """Makes one PDF at a time and keeps the last few; kept in the application under `PDF`."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._waiting = 0
        self._made: OrderedDict[bytes, bytes] = OrderedDict()

    async def make(self, html: str) -> bytes:
        """The PDF of a document that needs nothing else.

        Raises NotFoundError where the extra is not installed, and TryLaterError where too many wait, or it
        took too long.
        """
        if not can_make_pdf():
            raise NotFoundError("This node makes no PDF: print the page instead.")
        key = hashlib.sha256(html.encode()).digest()
        if key in self._made:
            return self._made[key]
        if self._waiting >= _MOST_WAITING:
            raise TryLaterError("Other sheets are being made: try again.", retry_after=30)
        self._waiting += 1
        try:
            async with self._one:
                if key not in self._made:
                    self._made[key] = await _in_a_process(html.encode())
        finally:
            self._waiting -= 1
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return self._made[key]


async def _in_a_process(html: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.pdf"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            made, _ = await process.communicate(html)
    except TimeoutError:
        raise TryLaterError("The sheet could not be made in time.", retry_after=600) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0 or not made.startswith(b"%PDF") or len(made) > _LARGEST:
        raise TryLaterError("The sheet could not be made.", retry_after=600)
    return made


def main() -> None:
    """Standard input to standard output; nothing is fetched, and memory has an end."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import weasyprint  # noqa: PLC0415 - heavy, and only here
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    html = sys.stdin.buffer.read().decode()
    nothing = URLFetcher(allowed_protocols=())
    sys.stdout.buffer.write(weasyprint.HTML(string=html, url_fetcher=nothing).write_pdf())


PDF = web.AppKey("PDF", PdfMaker)


if __name__ == "__main__":
    main()
