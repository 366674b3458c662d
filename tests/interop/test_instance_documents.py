"""What a server says of itself: NodeInfo, the instance document, previews, feeds, HEAD."""

from urllib.parse import urlsplit
from xml.etree import ElementTree

import icalendar
import jsonschema
import pytest

from tests.interop.asking import AS2, BROWSER, Answer, Asker, Page
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The required part of the published schemas of NodeInfo 2.0 and 2.1.
NODEINFO = {
    "type": "object",
    "required": [
        *("version", "software", "protocols", "services", "openRegistrations", "usage", "metadata")
    ],
    "additionalProperties": False,
    "properties": {
        "version": {"enum": ["2.0", "2.1"]},
        "software": {
            "type": "object",
            "required": ["name", "version"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "version": {"type": "string"},
                "repository": {"type": "string"},
                "homepage": {"type": "string"},
            },
        },
        "protocols": {"type": "array", "minItems": 1, "items": {"enum": ["activitypub"]}},
        "services": {
            "type": "object",
            "required": ["inbound", "outbound"],
            "properties": {
                "inbound": {"type": "array", "items": {"enum": ["atom1.0", "rss2.0"]}},
                "outbound": {"type": "array", "items": {"enum": ["atom1.0", "rss2.0"]}},
            },
        },
        "openRegistrations": {"type": "boolean"},
        "usage": {
            "type": "object",
            "required": ["users"],
            "additionalProperties": False,
            "properties": {
                "users": {
                    "type": "object",
                    "required": ["total", "activeMonth", "activeHalfyear"],
                    "additionalProperties": {"type": "integer", "minimum": 0},
                },
                "localPosts": {"type": "integer", "minimum": 0},
                "localComments": {"type": "integer", "minimum": 0},
            },
        },
        "metadata": {"type": "object", "required": ["nodeName", "nodeDescription"]},
    },
}
ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = (
    *("/", "/group", "/events", "/events/listening-circle", "/reflections", "/reflections/moss"),
    *("/practices", "/neighbours", "/about"),
)
DOCUMENTS = (
    *("/group", "/instance", "/events/listening-circle", "/reflections/moss", "/group/outbox"),
    *("/group/outbox?page=true", "/group/followers", "/group/following", "/group/featured"),
    *("/group/upcoming", "/instance/outbox"),
    *(
        f"{path}/{name}"
        for path in ("/events/listening-circle", "/reflections/moss")
        for name in ("replies", "likes", "shares", "context")
    ),
)
PLAIN = (
    *("/.well-known/host-meta", "/.well-known/nodeinfo", "/nodeinfo/2.0", "/nodeinfo/2.1"),
    *("/api/v1/instance", "/robots.txt", "/calendar.ics", "/events/listening-circle.ics"),
    *("/feed.atom", "/feed.json", "/favicon.svg", "/.well-known/security.txt"),
)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_s104_nodeinfo_is_valid(alder: RunningNode, ask: Asker, version: str) -> None:
    links = (await ask("/.well-known/nodeinfo", "application/json")).json["links"]
    [href] = [one["href"] for one in links if one["rel"].endswith(f"/ns/schema/{version}")]
    assert href == f"{alder.url}/nodeinfo/{version}"
    answer = await ask(href, "application/json")

    profile = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    assert answer.headers["Content-Type"] == f'application/json; profile="{profile}"'
    jsonschema.validate(answer.json, NODEINFO)
    assert answer.json["version"] == version
    assert answer.json["protocols"] == ["activitypub"]
    assert answer.json["usage"]["localPosts"] == 2
    assert answer.json["metadata"]["nodeName"] == "Circle alder"


async def test_s104_gotosocial_asks_for_the_instance_first(alder: RunningNode, ask: Asker) -> None:
    answer = await ask("/api/v1/instance", "application/json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["uri"] == urlsplit(alder.url).netloc
    assert answer.json["title"] == "Circle alder"
    assert isinstance(answer.json["version"], str)


@pytest.mark.parametrize(
    ("path", "title", "described"),
    [
        ("/events/listening-circle", "Listening circle", "15:00–17:00"),
        ("/reflections/moss", "Moss", "It does not hurry."),
    ],
)
async def test_s105_a_link_makes_a_card(
    alder: RunningNode, ask: Asker, path: str, title: str, described: str
) -> None:
    """What Mastodon's link cards read; with an oEmbed link it would read nothing else."""
    page = Page((await ask(path, BROWSER)).text)

    assert page.metas["og:title"] == title
    assert described in page.metas["og:description"]
    assert page.metas["og:type"] == "article"
    assert page.metas["og:site_name"] == "Circle alder"
    assert page.metas["article:published_time"][:2] == "20"
    assert page.metas["og:url"] == alder.url + path
    assert page.linked("canonical") == [alder.url + path]
    assert not page.linked("alternate", "application/json+oembed")
    assert not page.linked("alternate", "text/xml+oembed")


async def test_s106_the_group_is_named_as_the_author(alder: RunningNode, ask: Asker) -> None:
    group = await ask.document("/group")
    assert group["attributionDomains"] == [urlsplit(alder.url).hostname]
    for path in ("/", "/events/listening-circle", "/reflections/moss"):
        metas = Page((await ask(path, BROWSER)).text).metas
        assert metas["fediverse:creator"] == alder.address


async def test_s107_feed_and_calendar_can_be_found_and_read(ask: Asker) -> None:
    page = Page((await ask("/", BROWSER)).text)
    [atom] = page.linked("alternate", "application/atom+xml")
    [feed] = page.linked("alternate", "application/feed+json")
    [calendar] = page.linked("alternate", "text/calendar")

    root = ElementTree.fromstring((await ask(atom, "*/*")).body)
    titles = [one.text for one in root.iter(f"{ATOM}title")]
    assert {"Circle alder", "Listening circle", "Moss"} <= set(titles)
    [itself] = root.findall(f"{ATOM}link[@rel='self']")
    assert itself.get("href", "").endswith(atom)
    for entry in (root, *root.iter(f"{ATOM}entry")):  # RFC 4287 §4.1: what each must have
        for name in ("id", "title", "updated"):
            [found] = entry.findall(f"{ATOM}{name}")
            assert found.text
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    answer = await ask(calendar, "*/*")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    [event] = icalendar.Calendar.from_ical(answer.body).walk("VEVENT")
    assert event["SUMMARY"] == "Listening circle"
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND"):  # RFC 5545 §3.6.1
        assert event[name]
    for name in ("PRODID", "VERSION"):
        assert icalendar.Calendar.from_ical(answer.body)[name]
    assert (await ask(feed, "*/*")).json["items"]


def told(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        *((path, BROWSER) for path in PAGES),
        *((path, AS2) for path in DOCUMENTS),
        *((path, "*/*") for path in PLAIN),
    ],
)
async def test_s108_head_is_get_without_the_body(ask: Asker, path: str, accept: str) -> None:
    got = await ask(path, accept)
    head = await ask(path, accept, method="HEAD")
    assert (got.status, head.status) == (200, 200)
    assert head.body == b""
    assert told(head) == told(got)


@pytest.mark.parametrize("path", [*DOCUMENTS, "/.well-known/nodeinfo", "/nodeinfo/2.1"])
async def test_s109_nothing_keeps_servers_from_reading(ask: Asker, path: str) -> None:
    assert "X-Robots-Tag" not in (await ask(path)).headers
