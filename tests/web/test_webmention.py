"""Answers from people's own websites: a page with `p-rsvp` and a webmention of it."""

from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.read_h_entry import entries
from federation.webmentions import WebmentionWorker
from node.services import rsvps as service
from node.store import rsvps
from tests.federation.peer import Peer
from tests.web.served import Served

PAGE = "/going.html"


def page(target: str, said: str = "yes", author: str = "/ana", inner: str = "") -> str:
    return (
        f'<!doctype html><title>x</title><div class="h-entry">{inner}<a class="p-author h-card" href="{author}">'
        f'Ana</a> <span class="p-rsvp">{said}</span> <a class="u-in-reply-to" href="{target}">there</a></div>'
    )


async def mention(served: Served, peer: Peer, slug: str = "spring-day", path: str = PAGE) -> int:
    answer = await served.browser.post(
        "/webmention", {"source": peer.origin + path, "target": f"{served.url}/events/{slug}"}
    )
    return answer.status


async def look(served: Served) -> None:
    worker = WebmentionWorker(
        served.node.database, served.node.client, served.clock, served.node.urls
    )
    while await worker.step():
        pass


async def listed(served: Served, slug: str = "spring-day") -> list[tuple[str, str, str]]:
    found = await served.node.database.read(lambda session: service.of_event(session, slug))
    return [(one.who, one.via, one.answer) for one in found]


def show(peer: Peer, text: str, status: int = 200, path: str = PAGE) -> None:
    peer.serve(path, text, status=status, content_type="text/html; charset=utf-8")


def looks(peer: Peer) -> int:
    return sum(one.target == PAGE for one in peer.requests)


async def test_an_answer_comes_changes_and_goes_with_the_page(served: Served) -> None:
    target = f"{served.url}/events/spring-day"
    shown = await served.browser.get("/events/spring-day")
    assert f'<{served.url}/webmention>; rel="webmention"' in shown.headers["Link"]
    assert f'<link rel="webmention" href="{served.url}/webmention">' in shown.text
    async with Peer.start() as peer:
        for text, status, kept in (
            (page(target), 200, "going"),
            (page(target, "interested"), 200, "maybe"),
            (page(target, "perhaps"), 200, None),
            (page(target, " No "), 200, "not_going"),
            ("gone", 410, None),
            (page(target), 200, "going"),
            ("missing", 404, None),
        ):
            show(peer, text, status)
            assert await mention(served, peer) == 202
            await look(served)
            expected = [(f"{peer.origin}/ana", "indieweb", kept)] if kept else []
            assert await listed(served) == expected, (text, status)
            served.clock.advance(minutes=6)
    assert f"{peer.origin}/ana" not in (await served.browser.get("/events/spring-day")).text


async def test_what_is_no_answer_has_no_effect(served: Served) -> None:
    target = f"{served.url}/events/spring-day"
    async with Peer.start() as peer:
        for text in (
            f'<div class="h-entry"><a class="u-in-reply-to" href="{target}">nice</a></div>',
            page(f"{served.url}/events/another"),
            page(target).replace("h-entry", "entry"),
            f"<!-- {page(target)} -->",
            f"<script>{page(target)}</script>",
            '<div class="h-entry"><div class="h-entry">' + page(target)[30:],
            "",
        ):
            show(peer, text)
            assert await mention(served, peer) == 202
            await look(served)
            assert await listed(served) == [], text
            served.clock.advance(minutes=6)


async def test_a_page_is_looked_at_once_in_five_minutes(served: Served) -> None:
    async with Peer.start() as peer:
        show(peer, page(f"{served.url}/events/spring-day"))
        for _ in range(4):
            assert await mention(served, peer) == 202
            await look(served)
        assert looks(peer) == 1
        served.clock.advance(minutes=6)
        await look(served)
        assert looks(peer) == 2


async def test_nobody_is_made_to_fetch_at_will(served: Served) -> None:
    async with Peer.start() as peer:
        statuses = [await mention(served, peer, path=f"/{number}") for number in range(12)]
    assert statuses[:10] == [202] * 10
    assert statuses[10:] == [429] * 2


async def test_a_page_cannot_speak_for_somebody_else(served: Served) -> None:
    target = f"{served.url}/events/spring-day"
    async with Peer.start() as peer:
        show(peer, page(target))
        await mention(served, peer)
        await look(served)
        show(peer, page(target, "no"), path="/mallory.html")
        await mention(served, peer, path="/mallory.html")
        show(peer, page(target, author="https://elsewhere.example/bo"), path="/third.html")
        await mention(served, peer, path="/third.html")
        await look(served)
        assert await listed(served) == [
            (f"{peer.origin}/ana", "indieweb", "going"),
            (f"{peer.origin}/", "indieweb", "going"),
        ]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"source": "https://a.example/"},
        {"source": "javascript:alert(1)", "target": "{url}/events/spring-day"},
        {"source": "{url}/events", "target": "{url}/events/spring-day"},
        {"source": "https://a.example/", "target": "{url}/events/not-there"},
        {"source": "https://a.example/", "target": "https://b.example/events/spring-day"},
        {"source": "https://a.example/" + "x" * 3000, "target": "{url}/events/spring-day"},
    ],
)
async def test_what_cannot_be_is_refused_in_words(served: Served, fields: dict[str, str]) -> None:
    sent: dict[str, Any] = {name: text.format(url=served.url) for name, text in fields.items()}
    answer = await served.browser.post("/webmention", sent)
    assert answer.status == 400
    assert '"error"' in answer.text


async def test_who_is_erased_is_not_kept_as_a_page_either(served: Served) -> None:
    async with Peer.start() as peer:
        show(peer, page(f"{served.url}/events/spring-day"))
        await mention(served, peer)
        await look(served)
        who = f"{peer.origin}/ana"
        await served.node.database.write(
            lambda session: service.erase(session, "spring-day", who, now=served.clock.now())
        )
        left = await served.node.database.read(
            lambda session: (
                session.value("SELECT count(*) FROM webmention"),
                rsvps.find(session, "spring-day", who),
            )
        )
    assert left == (0, None)


@given(st.text(alphabet="<>\"'/ =-!aclsh-entryp-rsvp", max_size=400))
def test_no_page_is_too_odd_to_read(text: str) -> None:
    assert isinstance(entries(text.encode(), "https://a.example/"), list)


@pytest.mark.parametrize(
    "piece", ["<a '", '<a "', "<!--", "<", "<div class=h-entry>", "<title>", "<a b='"]
)
def test_hostile_pages_are_read_in_a_moment(piece: str) -> None:
    begun = perf_counter()
    entries((piece * 300_000)[:300_000].encode(), "https://a.example/")
    assert perf_counter() - begun < 5
