"""The archive by year and month; and three taps from the front page to any gathering that everyone may see."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from node.services.events import add_event
from node.services.reflections import add_reflection, withdraw_reflection
from node.store.database import Session
from tests.conftest import NOW
from tests.web.content import REFLECTIONS, SPRING
from tests.web.served import Served
from tests.web.test_neighbours import POST, follow

OPEN = {"visibility": "public"}


def fill(session: Session) -> None:
    """Three years of gatherings, one of them very full, and more to come than one page holds."""
    for year, number in ((2019, 3), (2025, 12), (2026, 70)):
        for at in range(number):
            day = f"{year}-{at % 12 + 1:02d}-{at % 28 + 1:02d}"
            times = {"start_local": f"{day}T19:00:00", "end_local": f"{day}T21:00:00"}
            add_event(session, SPRING | {"id": f"g{year}-{at}"} | times, now=NOW)
    for at in range(60):
        add_event(session, SPRING | {"id": f"ahead-{at}"}, now=NOW)
    late = {"start_local": "2024-12-31T23:30:00", "end_local": "2025-01-01T00:30:00"}
    add_event(session, SPRING | {"id": "new-years-eve"} | late, now=NOW)


async def links(served: Served, path: str) -> set[str]:
    """Where a page leads, within our site."""
    answer = await served.browser.get(path)
    if answer.status != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return set()
    found = BeautifulSoup(answer.text, "html.parser").find_all("a", href=True)
    to = {str(link["href"]).partition("#")[0] for link in found}
    base = path.partition("?")[0]
    return {base + one if one.startswith("?") else one for one in to if one.startswith(("/", "?"))}


async def test_any_gathering_is_three_taps_from_home(served: Served) -> None:
    await served.node.database.write(fill)
    within = {"/"}
    ahead = {"/"}
    for _ in range(2):  # two taps to a page that leads to it, the third opens it
        lists = {one for one in ahead if one.startswith(("/events?", "/archive")) or one in ROOTS}
        ahead = {link for path in sorted(lists) for link in await links(served, path)} - within
        within |= ahead
    lists = {one for one in ahead if one.startswith(("/events?", "/archive"))}
    within |= {link for path in sorted(lists) for link in await links(served, path)}
    wanted = {f"/events/ahead-{at}" for at in range(60)} | {"/events/new-years-eve"}
    wanted |= {f"/events/g{year}-{at}" for year, n in YEARS for at in range(n)}
    assert wanted <= within
    assert not {"/events/by-link", "/events/for-followers", "/events/only-here"} & within


ROOTS = ("/", "/events")
YEARS = ((2019, 3), (2025, 12), (2026, 70))


async def test_years_and_months_that_had_something(served: Served) -> None:
    await served.node.database.write(fill)
    page = BeautifulSoup((await served.browser.get("/archive")).text, "html.parser")
    years = [one.get_text() for one in page.select("h2 a")]
    assert years == ["2027", "2026", "2025", "2024", "2019"]
    of_2019 = page.find(id="y2019").find_parent("section")  # type: ignore[union-attr]
    assert [one.get_text() for one in of_2019.select("li")] == ["January", "February", "March"]  # type: ignore[union-attr]
    eve = (await served.browser.get("/archive/2024")).text
    assert "/events/new-years-eve" in eve  # by the clocks of the group
    assert 'rel="prev">2019<' in eve
    assert 'rel="next">2025<' in eve
    full = (await served.browser.get("/archive/2026")).text
    assert "choose a month" in full
    assert "/events/g2026-0" not in full
    assert "/events/g2026-0" in (await served.browser.get("/archive/2026-01")).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(
            (f"/archive/{one}", 404)
            for one in ("2028", "1969", "0", "9999", "2026-13", "2026-1", "x")
        ),
        *((f"/archive/{one}", 404) for one in ("2026-05", "20260", "%D9%A2%D9%A0%D9%A2%D9%A6")),
        ("/archive/1999", 200),
    ],
)
async def test_times_that_are_none(served: Served, path: str, status: int) -> None:
    answer = await served.browser.get(path)
    assert answer.status == status
    if status == 200:
        assert "Nothing of this year is kept here" in answer.text


async def test_nothing_that_was_taken_back_or_is_unlisted(served: Served) -> None:
    def old(session: Session) -> None:
        for slug, who in (("stays", "public"), ("goes", "public"), ("secret", "link_only")):
            given = REFLECTIONS[0] | {"id": slug, "visibility": who, "title": slug}
            add_reflection(session, given | {"published": "2025-05-05T10:00:00Z"}, now=NOW)
        times = {"start_local": "2025-05-06T19:00:00", "end_local": "2025-05-06T21:00:00"}
        add_event(session, SPRING | {"id": "hushed", "visibility": "link_only"} | times, now=NOW)

    await served.node.database.write(old)
    before = (await served.browser.get("/archive/2025")).text
    assert "/reflections/goes" in before
    await served.node.database.write(lambda s: withdraw_reflection(s, "goes", now=NOW))
    for path in ("/archive/2025", "/archive/2025-05"):
        text = (await served.browser.get(path)).text
        assert "/reflections/stays" in text
        assert not [one for one in ("goes", "secret", "hushed") if f"/{one}" in text]


async def test_neighbours_have_their_own_archive(served: Served) -> None:
    past = replace(
        POST,
        start=datetime(2026, 4, 2, 16, tzinfo=UTC),
        end=datetime(2026, 4, 2, 18, tzinfo=UTC),
    )
    await follow(served, past)
    page = BeautifulSoup((await served.browser.get("/archive/2026")).text, "html.parser")
    link = page.find("a", string="What our neighbours did in that time")
    assert link is not None
    assert POST.url in (await served.browser.get(str(link["href"]))).text  # type: ignore[index]
    assert (
        "What our neighbours did in that time"
        not in (await served.browser.get("/archive/1999")).text
    )


async def test_an_empty_archive_teaches(empty: Served) -> None:
    page = (await empty.browser.get("/archive")).text
    assert "Nothing is over yet" in page
    assert 'href="/events"' in page
