"""Static files at addresses that carry a hash of their content, so that they may be kept for ever."""

import hashlib
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from aiohttp import web

from node.errors import NotFoundError
from node.http import Prebuilt, respond

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=1)
def _files() -> MappingProxyType[str, tuple[str, Prebuilt]]:
    """Every static file by its plain name: its hashed name, and its bytes ready to send."""
    found: dict[str, tuple[str, Prebuilt]] = {}
    for entry in (resources.files("web") / "static").iterdir():
        stem, dot, ending = entry.name.rpartition(".")
        if dot + ending not in _TYPES:
            continue
        body = entry.read_bytes()
        hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}"
        page = Prebuilt(body, _TYPES[dot + ending], vary="", cache_control=_FOR_EVER, compress=True)
        found[entry.name] = hashed, page
    return MappingProxyType(found)


def asset(name: str) -> str:
    """The address of a static file such as `style.css`. Raises KeyError for one that is not there."""
    return f"/static/{_files()[name][0]}"


def file_bytes(name: str) -> bytes:
    """The bytes of a static file."""
    return _files()[name][1].body


async def static_file(request: web.Request) -> web.Response:
    """A static file by its hashed name. Raises NotFoundError."""
    wanted = request.match_info["name"]
    for hashed, page in _files().values():
        if hashed == wanted:
            return respond(request, page)
    raise NotFoundError("There is no such file.")
