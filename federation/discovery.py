"""Documents by which others find us: WebFinger, host-meta, NodeInfo and the small instance document.

Pure: values in, dicts or text out. Sources: RFC 7033, RFC 6415, NodeInfo 2.0 and 2.1, FEP-d556 and
FEP-2677 (the node's own actor), and what Mastodon, GoToSocial and gancio ask for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import quoteattr

from federation.vocab import (
    ACTIVITY_JSON,
    REL_APPLICATION,
    REL_INTENT,
    REL_NODEINFO,
    REL_PROFILE,
    REL_SELF,
    REL_SERVICE,
    REL_SUBSCRIBE,
)
from node import __version__
from node.domain.group import Group
from node.errors import MalformedError, NotFoundError
from node.urls import Urls

Document = dict[str, Any]

SOFTWARE: Final = "roughweather"
_LONGEST_RESOURCE: Final = 512
_LONGEST_QUERY: Final = 2000
_MOST_PARAMETERS: Final = 20
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")  # RFC 3986 §3.1


@dataclass(frozen=True, slots=True)
class Query:
    """What a WebFinger request asks for: one resource, and which link relations (none: all)."""

    resource: str
    relations: tuple[str, ...] = ()


def read_query(query_string: str) -> Query:
    """The `resource` and `rel` of a raw query string, percent-encoded or not.

    Raises MalformedError without exactly one resource that is a URI with a scheme: `resource==x` and
    `resource=alice@host` are 400, not 404 (RFC 7033 §4.2). Any scheme will do (§4.5).
    """
    if len(query_string) > _LONGEST_QUERY:
        raise MalformedError("The query is too long.")
    try:
        values = parse_qs(
            query_string, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise MalformedError("The query cannot be read.") from error
    resources = values.get("resource", [])
    if len(resources) != 1:
        raise MalformedError("Ask for one resource: ?resource=acct:name@host")
    resource = resources[0].strip()
    if len(resource) > _LONGEST_RESOURCE:
        raise MalformedError("The resource is too long.")
    if not _scheme(resource):
        raise MalformedError("The resource must be a URI, such as acct:name@host")
    return Query(resource, tuple(values.get("rel", ())))


def webfinger(query: Query, urls: Urls, handle: str) -> Document:
    """The JRD of our group or of the node's own actor; raises NotFoundError for anyone else.

    Any case of name and host, the actor's id and its pages lead to the one canonical answer.
    """
    resource = query.resource
    if _scheme(resource) == "acct":
        name = _account(resource, urls)
        if name == handle.lower():
            return _for_relations(_group(urls, handle), query.relations)
        if name in (urls.host, _hostname(urls)):
            return _for_relations(_instance(urls), query.relations)
    elif resource.lower().rstrip("/") in (urls.origin, urls.instance):
        return _for_relations(_instance(urls), query.relations)
    elif resource.rstrip("/") == urls.group:
        return _for_relations(_group(urls, handle), query.relations)
    raise NotFoundError("Nobody here has that address.")


def _scheme(resource: str) -> str:
    """The scheme of a URI in lower case; empty where there is none or nothing follows it."""
    scheme, colon, rest = resource.partition(":")
    return scheme.lower() if colon and rest and _SCHEME.fullmatch(scheme) else ""


def _account(resource: str, urls: Urls) -> str | None:
    """The name in `acct:name@our-host` in lower case, with or without a leading @; None elsewhere."""
    name, at, host = resource.partition(":")[2].lower().lstrip("@").rpartition("@")
    return name if at and host in (urls.host, _hostname(urls)) else None


def _group(urls: Urls, handle: str) -> Document:
    return {
        "subject": f"acct:{handle}@{urls.host}",
        "aliases": [urls.group],
        "links": [
            {"rel": REL_SELF, "type": ACTIVITY_JSON, "href": urls.group},
            {"rel": REL_PROFILE, "type": "text/html", "href": urls.group},
            # A steward who meets another group elsewhere follows it from our desk.
            {"rel": REL_SUBSCRIBE, "template": f"{urls.origin}/desk/neighbours?target={{uri}}"},
            {
                "rel": REL_INTENT + "Follow",
                "template": f"{urls.origin}/desk/neighbours?target={{object}}",
            },
        ],
    }


def _instance(urls: Urls) -> Document:
    return {
        "subject": f"acct:{_hostname(urls)}@{urls.host}",
        "aliases": [urls.instance],
        "links": [
            {"rel": REL_SELF, "type": ACTIVITY_JSON, "href": urls.instance},
            {"rel": REL_SERVICE, "type": ACTIVITY_JSON, "href": urls.instance},
            {"rel": REL_PROFILE, "type": "text/html", "href": urls.origin + "/about"},
        ],
    }


def _for_relations(document: Document, relations: Sequence[str]) -> Document:
    """Only the links asked for (RFC 7033 §4.3)."""
    if not relations:
        return document
    return document | {"links": [link for link in document["links"] if link["rel"] in relations]}


def host_meta_xml(urls: Urls) -> str:
    """host-meta as XRD (RFC 6415): where WebFinger is, for those who ask here first."""
    template = quoteattr(_template(urls))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" type="application/jrd+json" template={template}/></XRD>\n'
    )


def host_meta_json(urls: Urls) -> Document:
    """host-meta as JRD."""
    link = {"rel": "lrdd", "type": "application/jrd+json", "template": _template(urls)}
    return {"links": [link]}


def _template(urls: Urls) -> str:
    return urls.origin + "/.well-known/webfinger?resource={uri}"


def nodeinfo_links(urls: Urls) -> Document:
    """Where the two NodeInfo documents are, and the node's own actor (FEP-2677)."""
    links = [
        {"rel": REL_NODEINFO + version, "href": f"{urls.origin}/nodeinfo/{version}"}
        for version in ("2.1", "2.0")
    ]
    return {"links": [*links, {"rel": REL_APPLICATION, "href": urls.instance}]}


def nodeinfo(version: str, group: Group, posts: int) -> Document:
    """NodeInfo `2.0` or `2.1`; `posts` is how many events and reflections everyone may see.

    One “user”: the group. People are not counted here.
    """
    software = {"name": SOFTWARE, "version": __version__}
    about = group.about.text if group.about else ""
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["atom1.0"]},
        "openRegistrations": False,
        "usage": {
            "users": {"total": 1, "activeMonth": 1, "activeHalfyear": 1},
            "localPosts": posts,
            "localComments": 0,
        },
        "metadata": {
            "nodeName": group.name.text,
            "nodeDescription": about,
            "languages": list(group.languages),
        },
    }


def nodeinfo_type(version: str) -> str:
    """The media type with its profile; GoToSocial takes that of 2.0 or none."""
    return f'application/json; profile="{REL_NODEINFO}{version}#"'


def instance_summary(urls: Urls, group: Group, posts: int) -> Document:
    """`/api/v1/instance` as far as GoToSocial, gancio and apps read it."""
    about = group.about.text if group.about else ""
    return {
        "uri": urls.host,
        "title": group.name.text,
        "short_description": about,
        "description": about,
        "email": "",
        "version": f"{__version__} ({SOFTWARE})",
        "urls": {},
        "stats": {"user_count": 1, "status_count": posts, "domain_count": 0},
        "thumbnail": None,
        "languages": list(group.languages),
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "contact_account": None,
        "rules": [],
    }


def _hostname(urls: Urls) -> str:
    return urlsplit(urls.origin).hostname or urls.host
