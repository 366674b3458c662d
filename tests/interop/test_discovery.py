"""How others find the group: WebFinger, host-meta, pasted pages, content negotiation, the node's actor."""

import re
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.interop.asking import AS2, BROWSER, LD, MASTODON, Asker, Page
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMS = (
    AS2,
    "application/ld+json",
    LD,
    f"{AS2}, application/ld+json",
    f"{AS2};q=0.9, {LD};q=0.8, text/html;q=0.1",
    "Application/Activity+JSON",
)
OBJECTS = ("/group", "/events/listening-circle", "/reflections/moss")


def webfinger(resource: str, *, encode: bool = False) -> str:
    return "/.well-known/webfinger?resource=" + (quote(resource, safe="") if encode else resource)


def actor_in(jrd: dict[str, object]) -> str:
    """As Mastodon reads a JRD: the first link of `rel=self` and an ActivityPub type."""
    links = jrd["links"]
    assert isinstance(links, list)
    found: str = next(
        link["href"] for link in links if link["rel"] == "self" and link["type"] in (AS2, LD)
    )
    return found


async def test_s1_webfinger_leads_to_the_group(alder: RunningNode, ask: Asker) -> None:
    answer = await ask(webfinger("acct:" + alder.address[1:]), "application/jrd+json")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/jrd+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json["subject"] == "acct:" + alder.address[1:]
    assert actor_in(answer.json) == f"{alder.url}/group"


async def test_s2_percent_encoded_as_gotosocial_asks(alder: RunningNode, ask: Asker) -> None:
    raw = await ask(webfinger("acct:" + alder.address[1:]))
    encoded = await ask(webfinger("acct:" + alder.address[1:], encode=True))

    assert encoded.status == 200
    assert encoded.body == raw.body


async def test_s3_any_case_has_one_canonical_answer(alder: RunningNode, ask: Asker) -> None:
    for resource in ("acct:" + alder.address[1:].upper(), "ACCT:" + alder.address[1:]):
        answer = await ask(webfinger(resource))
        assert answer.status == 200
        assert answer.json["subject"] == "acct:" + alder.address[1:]


async def test_s4_the_id_and_the_profile_page_lead_to_the_group(
    alder: RunningNode, ask: Asker
) -> None:
    group = await ask.document("/group")
    for resource in (group["id"], group["url"]):
        assert actor_in((await ask(webfinger(resource, encode=True))).json) == group["id"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?resource=acct:nobody@{host}", 404),
        ("?resource=acct:alder@elsewhere.example", 404),
        ("?resource=https://elsewhere.example/group", 404),
        ("", 400),
        ("?resource=", 400),
        ("?resource=alder", 400),
    ],
)
async def test_s5_nobody_else_is_here(
    alder: RunningNode, ask: Asker, query: str, status: int
) -> None:
    answer = await ask("/.well-known/webfinger" + query.format(host=alder.address[7:]))
    assert answer.status == status
    assert answer.json["error"]


async def test_s6_the_round_trip_of_mastodon_ends_where_it_began(
    alder: RunningNode, ask: Asker
) -> None:
    for path in ("/group", "/instance"):
        actor = await ask.document(path)
        host = alder.url.partition("//")[2]
        jrd = (await ask(webfinger(f"acct:{actor['preferredUsername']}@{host}"))).json
        assert actor_in(jrd) == actor["id"]
        assert actor["webfinger"] == jrd["subject"].removeprefix("acct:")


async def test_s7_host_meta_tells_where_webfinger_is(alder: RunningNode, ask: Asker) -> None:
    answer = await ask("/.well-known/host-meta", "application/xrd+xml, application/xml, text/xml")

    assert answer.headers["Content-Type"].partition(";")[0] == "application/xrd+xml"
    [link] = ElementTree.fromstring(answer.text)
    assert link.get("rel") == "lrdd"
    template = link.get("template") or ""
    assert "{uri}" in template
    assert (await ask(template.replace("{uri}", "acct:" + alder.address[1:]))).status == 200


@pytest.mark.parametrize("path", ["/", *OBJECTS])
async def test_s8_a_pasted_page_leads_to_its_document(
    alder: RunningNode, ask: Asker, path: str
) -> None:
    """GoToSocial and Pleroma read no HTML, so the front page leads on by a redirect."""
    wanted = alder.url + ("/group" if path == "/" else path)
    for accept in (MASTODON, LD):
        answer = await ask(path, accept, redirects=True)
        assert answer.headers["Content-Type"] == AS2
        assert answer.json["id"] == answer.url == wanted


@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize("path", OBJECTS)
async def test_s9_every_way_of_asking_for_json(ask: Asker, path: str, accept: str) -> None:
    answer = await ask(path, accept)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == AS2
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", [BROWSER, "*/*", None])
@pytest.mark.parametrize("path", ["/", *OBJECTS])
async def test_s10_browsers_get_a_page_that_names_its_document(
    alder: RunningNode, ask: Asker, path: str, accept: str | None
) -> None:
    answer = await ask(path, accept)

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Accept" in answer.headers["Vary"]
    [document] = Page(answer.text).linked("alternate", AS2)
    assert document == alder.url + ("/group" if path == "/" else path)
    link = f'<{document}>; rel="alternate"; type="{AS2}"'
    assert answer.headers["Link"].partition(", ")[0] == link
    assert (await ask(document)).json["id"] == document

    again = await ask(path, accept, If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


async def test_s10_a_document_is_not_sent_twice(ask: Asker) -> None:
    etag = (await ask("/group")).headers["ETag"]
    assert (await ask("/group", If_None_Match=etag)).status == 304
    assert (await ask("/group", BROWSER, If_None_Match=etag)).status == 200


@pytest.mark.parametrize(
    "resource", ["{url}/", "{url}", "{url}/instance", "acct:127.0.0.1@{host}", "acct:{host}@{host}"]
)
async def test_s11_the_node_itself_is_found(alder: RunningNode, ask: Asker, resource: str) -> None:
    named = resource.format(url=alder.url, host=alder.url.partition("//")[2])
    jrd = (await ask(webfinger(named, encode=True))).json

    service = [link["href"] for link in jrd["links"] if link["rel"].endswith("#Service")]
    assert service == [actor_in(jrd)]
    actor = await ask.document(service[0])
    assert actor["type"] == "Application"
    assert actor["publicKey"]["owner"] == actor["id"]
    assert actor["inbox"].startswith(alder.url)


async def test_s11_nodeinfo_names_the_node_itself(alder: RunningNode, ask: Asker) -> None:
    links = (await ask("/.well-known/nodeinfo", "application/json")).json["links"]
    [application] = [link["href"] for link in links if link["rel"].endswith("#Application")]
    assert (await ask.document(application))["type"] == "Application"


async def test_a7_the_handle_can_be_mentioned_everywhere(ask: Asker) -> None:
    assert re.fullmatch("[a-z0-9_]{1,30}", (await ask.document("/group"))["preferredUsername"])


async def test_a10_robots_do_not_keep_servers_out(ask: Asker) -> None:
    rules = (await ask("/robots.txt", "*/*")).text
    for path in ("/nodeinfo", "/.well-known", "/group", "/api"):
        assert f"Disallow: {path}" not in rules
