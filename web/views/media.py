"""Pictures: to whoever may see what shows them, and to nobody once it is gone."""

from aiohttp import hdrs, web

from node.domain.picture import MEDIA_TYPE
from node.keys import DATABASE, PICTURES
from node.services import pictures
from node.services.pictures import Reach
from web.sessions import signed_in
from web.site import UNINDEXED, missing

_HEADERS: dict[str, str] = {
    hdrs.CONTENT_TYPE: MEDIA_TYPE,
    # Whatever a browser may one day find in these bytes: it gets no script, no form, no origin.
    hdrs.CONTENT_SECURITY_POLICY: "sandbox; default-src 'none'",
    hdrs.CONTENT_DISPOSITION: "inline",
}
# The bytes under a name never change. A day and no more: what is taken back must not live on in copies.
_CACHED = {
    Reach.EVERYONE: "public, max-age=86400, immutable",
    Reach.LINK: "private, max-age=86400, immutable",
    Reach.STEWARDS: "no-store",
}


async def picture(request: web.Request) -> web.StreamResponse:
    """One file, whole or a range of it. Raises NotFoundError for what this reader may not see, too."""
    name = request.match_info["name"]
    found = request.app[DATABASE].peek(lambda session: pictures.seen(session, name))
    if found is None or (found[1] is Reach.STEWARDS and signed_in(request) is None):
        raise missing("picture")
    headers: dict[str, str] = {**_HEADERS, hdrs.CACHE_CONTROL: _CACHED[found[1]]}
    if found[1] is not Reach.EVERYONE:
        headers |= UNINDEXED
    return web.FileResponse(request.app[PICTURES].folder / name, headers=headers)
