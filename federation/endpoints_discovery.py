"""GET of the documents by which others find us."""

from typing import Final

from aiohttp import hdrs, web

from federation import discovery
from federation.serving import OPEN, Moment, plain_json, serve_open
from federation.vocab import JRD_JSON, JSON, XRD_XML
from node.errors import GoneError
from node.http import Prebuilt
from node.store import groups, published

_HOUR: Final = 3600
_HALF_AN_HOUR: Final = 1800


async def webfinger(request: web.Request) -> web.Response:
    """RFC 7033: 400 for what is no address, 404 for anyone who is not here, 410 for who left."""
    asked = request.rel_url.raw_query_string

    def build(moment: Moment) -> Prebuilt:
        query = discovery.read_query(asked)
        document = discovery.webfinger(query, moment.urls, groups.get(moment.session).handle)
        gone = groups.whereabouts(moment.session).retired is not None
        if gone and moment.urls.group in document["aliases"]:
            raise GoneError("The group has left the fediverse.")
        return plain_json(document, JRD_JSON, max_age=_HOUR)

    return await serve_open(request, ("webfinger", asked), build)


async def host_meta(request: web.Request) -> web.Response:
    """RFC 6415, as XRD or, where the reader asks for JSON, as JRD."""
    as_json = request.path.endswith(".json") or "json" in request.headers.get(hdrs.ACCEPT, "")

    def build(moment: Moment) -> Prebuilt:
        if as_json:
            return plain_json(discovery.host_meta_json(moment.urls), JRD_JSON, max_age=_HOUR)
        return Prebuilt(
            discovery.host_meta_xml(moment.urls).encode(),
            XRD_XML,
            headers=OPEN,
            cache_control=f"public, max-age={_HOUR}",
        )

    return await serve_open(request, ("host-meta", as_json), build)


async def nodeinfo_links(request: web.Request) -> web.Response:
    """Where NodeInfo is."""
    return await serve_open(
        request,
        "nodeinfo",
        lambda moment: plain_json(discovery.nodeinfo_links(moment.urls), JSON, max_age=_HOUR),
    )


async def nodeinfo_20(request: web.Request) -> web.Response:
    """NodeInfo 2.0, which Elk and GoToSocial ask for."""
    return await serve_open(request, "nodeinfo 2.0", lambda moment: _nodeinfo(moment, "2.0"))


async def nodeinfo_21(request: web.Request) -> web.Response:
    """NodeInfo 2.1, which Misskey prefers."""
    return await serve_open(request, "nodeinfo 2.1", lambda moment: _nodeinfo(moment, "2.1"))


async def instance_summary(request: web.Request) -> web.Response:
    """`/api/v1/instance`: GoToSocial asks here first."""
    return await serve_open(request, "api/v1/instance", _instance_summary)


def _nodeinfo(moment: Moment, version: str) -> Prebuilt:
    group, posts = groups.get(moment.session), published.count(moment.session)
    document = discovery.nodeinfo(version, group, posts)
    return plain_json(document, discovery.nodeinfo_type(version), max_age=_HALF_AN_HOUR)


def _instance_summary(moment: Moment) -> Prebuilt:
    group, posts = groups.get(moment.session), published.count(moment.session)
    document = discovery.instance_summary(moment.urls, group, posts)
    return plain_json(document, JSON, max_age=_HALF_AN_HOUR)
