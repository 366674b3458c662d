"""WebFinger answers for our two actors under every honest spelling, and says 400 or 404 rightly."""

import xml.etree.ElementTree as ElementTree
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.discovery import host_meta_xml, nodeinfo, nodeinfo_links, read_query, webfinger
from node.errors import MalformedError, NotFoundError
from node.urls import Urls
from tests.federation.samples import HANDLE, URLS, a_group


def find(query_string: str, urls: Urls = URLS) -> dict[str, object]:
    return webfinger(read_query(query_string), urls, HANDLE)


def self_link(document: dict[str, object]) -> str:
    links = document["links"]
    assert isinstance(links, list)
    return next(link["href"] for link in links if link["rel"] == "self")


@pytest.mark.parametrize(
    "resource",
    [
        "acct:hills@hills.example",
        "acct%3Ahills%40hills.example",
        "ACCT:Hills@HILLS.example",
        "acct:@hills@hills.example",
        "https://hills.example/group",
        "https%3A%2F%2Fhills.example%2Fgroup",
    ],
)
def test_group_is_found(resource: str) -> None:
    document = find(f"resource={resource}")
    assert document["subject"] == "acct:hills@hills.example"
    assert self_link(document) == URLS.group


@pytest.mark.parametrize(
    "resource",
    [
        "https://hills.example/",
        "https://hills.example",
        "https://hills.example/instance",
        "acct:hills.example@hills.example",
    ],
)
def test_node_itself_is_found(resource: str) -> None:
    assert self_link(find(f"resource={resource}")) == URLS.instance


@pytest.mark.parametrize(
    "query",
    [
        "",
        "resource=",
        "resource==acct:hills@hills.example",
        "resource=hills@hills.example",
        "resource=hills",
        "resource=acct:",
        "resource=hills@hills.example:8443",
        "resource=acct:hills@hills.example&resource=acct:hills@hills.example",
        "resource=acct:" + "a" * 600,
        "resource=%ff%fe",
    ],
)
def test_what_is_no_address_is_400(query: str) -> None:
    with pytest.raises(MalformedError):
        find(query)


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@hills.example",
        "acct:hills@elsewhere.example",
        "acct:hills",
        "mailto:hills@hills.example",
        "foo://hills.example",
        "https://elsewhere.example/group",
        "https://hills.example/events/spring-day",
    ],
)
def test_whoever_is_not_here_is_404(resource: str) -> None:
    with pytest.raises(NotFoundError):
        find(f"resource={resource}")


def test_relations_choose_links() -> None:
    document = find("resource=acct:hills@hills.example&rel=http://webfinger.net/rel/profile-page")
    assert document["links"] == [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": URLS.group}
    ]


def test_port_of_a_node_on_loopback_is_part_of_its_host() -> None:
    urls = Urls("http://127.0.0.1:8080")
    document = find("resource=acct:hills@127.0.0.1:8080", urls)
    assert document["subject"] == "acct:hills@127.0.0.1:8080"
    assert self_link(find("resource=http://127.0.0.1:8080/", urls)) == urls.instance


def test_host_meta_is_xml_with_a_template() -> None:
    link = ElementTree.fromstring(host_meta_xml(URLS))[0]
    assert link.get("template") == "https://hills.example/.well-known/webfinger?resource={uri}"


def test_nodeinfo_links_both_versions_and_the_application() -> None:
    rels = [link["rel"] for link in nodeinfo_links(URLS)["links"]]
    assert [rel.rpartition("/")[2] for rel in rels[:2]] == ["2.1", "2.0"]
    assert rels[2] == "https://www.w3.org/ns/activitystreams#Application"
    document = nodeinfo("2.1", a_group(), 3)
    assert document["protocols"] == ["activitypub"]
    assert document["usage"]["localPosts"] == 3


@given(st.text(max_size=300))
def test_any_query_is_answered_or_refused(query: str) -> None:
    with suppress(MalformedError, NotFoundError):
        find(query)
