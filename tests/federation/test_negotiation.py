"""Which of the two faces of an address a reader gets, and answers that cost nothing the second time."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.http import PageCache, Prebuilt, Representation, negotiate

PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        "application/ld+json",
        PROFILE,
        f"application/activity+json,{PROFILE}",
        f"application/activity+json, {PROFILE}, text/html;q=0.1",
        "APPLICATION/ACTIVITY+JSON",
        "text/html;q=0.5, application/activity+json;q=0.9",
        "application/activity+json, */*;q=0.1",
        "application/activity+json, application/json; chartset=utf-8",
        "application/jrd+json, application/json",
        "text/html, application/activity+json",
    ],
)
def test_servers_get_activity_json(accept: str) -> None:
    assert negotiate(accept) is Representation.ACTIVITY


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/*",
        BROWSER,
        "application/activity+json;q=0, text/html",
        "application/activity+json;q=0.1, text/html",
        "application/activity+json;q=0.5, */*",
        'application/ld+json; profile="https://schema.org"',
        "application/activity+json;q=nan",
        "nonsense",
    ],
)
def test_everyone_else_gets_a_page(accept: str) -> None:
    assert negotiate(accept) is Representation.HTML


@given(st.text(max_size=6000))
def test_any_accept_is_answered(accept: str) -> None:
    assert negotiate(accept) in Representation


@given(
    st.lists(
        st.sampled_from(
            [",", ";", "=", "q", "0.5", '"', "*/*", "text/html", "application/activity+json"]
        )
    )
)
def test_any_mixture_is_answered(parts: list[str]) -> None:
    assert negotiate("".join(parts)) in Representation


def test_fresh_copy_gets_304_without_body() -> None:
    page = Prebuilt(b"hello", "text/plain", vary="Accept, Accept-Language")
    first = page.response(None, "")
    again = page.response(f'"other", {first.headers["ETag"]}', "")
    assert (again.status, again.body, again.headers["Vary"]) == (
        304,
        None,
        "Accept, Accept-Language",
    )
    assert page.response("*", "").status == 304
    assert page.response('"other"', "").status == 200


def test_gzip_is_made_once_and_only_for_those_who_take_it() -> None:
    page = Prebuilt(b"<p>hello</p>" * 500, "text/html; charset=utf-8", compress=True)
    packed, plain = page.response(None, "br, gzip"), page.response(None, "gzip;q=0, br")
    assert gzip.decompress(packed.body) == plain.body == page.body
    assert page.response(None, "gzip").body is packed.body
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Encoding" not in plain.headers


def test_gone_is_never_304() -> None:
    page = Prebuilt(b"{}", "application/json", status=410)
    assert page.response("*", "").status == 410


def test_answers_do_not_share_headers() -> None:
    page = Prebuilt(b"hello", "text/plain")
    page.response(None, "").headers["X-Mine"] = "1"
    assert "X-Mine" not in page.response(None, "").headers


def test_cache_forgets_old_versions_and_the_longest_unused() -> None:
    cache = PageCache(entries=2)
    one, two, three = (Prebuilt(name, "text/plain") for name in (b"1", b"2", b"3"))
    cache.put("a", 1, one)
    cache.put("b", 1, two)
    assert cache.get("a", 1) is one
    assert cache.get("a", 2) is None
    cache.put("c", 1, three)
    assert cache.get("b", 1) is None
    assert cache.get("a", 1) is one
    cache.put("a", 2, two)
    assert (cache.get("a", 2), cache.get("a", 1), len(cache)) == (two, None, 2)


def test_cache_is_bounded_in_bytes() -> None:
    cache = PageCache(size=10_000)
    for number in range(50):
        cache.put(number, 1, Prebuilt(b"x" * 1000, "text/plain"))
    assert len(cache) <= 8
    cache.put("large", 1, Prebuilt(b"x" * 50_000, "text/plain"))
    assert len(cache) == 1
