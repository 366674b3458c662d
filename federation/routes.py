"""Every address that only other servers use. Those shared with pages are mounted by `node.app`."""

from aiohttp import web

from federation import (
    endpoints,
    endpoints_collections,
    endpoints_conversation,
    endpoints_discovery,
    endpoints_messages,
    webmentions,
)
from federation.inbox import receive
from node.http import PAGE_CACHE, PageCache


def prepare(app: web.Application) -> None:
    """Give the application what the endpoints share: the cache of their answers."""
    app[PAGE_CACHE] = PageCache()
    webmentions.prepare(app)


def routes() -> list[web.RouteDef]:
    """The route table; GET routes answer HEAD too, inboxes take only POST.

    None redirects: a redirect loses signatures.
    """
    return [
        *_objects(),
        *endpoints_conversation.routes(),
        *_collections(),
        *_discovery(),
        *receive.routes(),
        web.post("/webmention", webmentions.receive),
    ]


def _objects() -> list[web.RouteDef]:
    return [
        web.get("/instance", endpoints.instance_actor),
        web.get("/activities/{id}", endpoints.activity),
        web.get("/events/{slug}/note", endpoints.event_note),
        web.get("/notices/{id}", endpoints.notice),
        web.get("/notices/{id}/note", endpoints.notice_note),
        web.get("/comments/{id}", endpoints.comment),
        web.get("/messages/{id}", endpoints_messages.message),
        web.get("/stamps/{id}", endpoints_conversation.stamp),
    ]


def _collections() -> list[web.RouteDef]:
    return [
        web.get("/group/outbox", endpoints_collections.outbox),
        web.get("/group/followers", endpoints_collections.follower_count),
        web.get("/group/following", endpoints_collections.following_count),
        web.get("/group/featured", endpoints_collections.featured),
        web.get("/group/upcoming", endpoints_collections.upcoming),
        web.get("/group/practices", endpoints_collections.practice_library),
        web.get("/group/stands-with", endpoints_collections.stands_with),
        web.get("/events/{slug}/attendees", endpoints_collections.attendees),
        web.get("/instance/outbox", endpoints_collections.instance_outbox),
    ]


def _discovery() -> list[web.RouteDef]:
    return [
        web.get("/.well-known/webfinger", endpoints_discovery.webfinger),
        web.get("/.well-known/host-meta", endpoints_discovery.host_meta),
        web.get("/.well-known/host-meta.json", endpoints_discovery.host_meta),
        web.get("/.well-known/nodeinfo", endpoints_discovery.nodeinfo_links),
        web.get("/nodeinfo/2.0", endpoints_discovery.nodeinfo_20),
        web.get("/nodeinfo/2.1", endpoints_discovery.nodeinfo_21),
        web.get("/api/v1/instance", endpoints_discovery.instance_summary),
    ]
