"""The shared calendar: each gathering once, with its home; every filter; list, month, file, feeds, embedding."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from node.domain.event import EventStatus
from node.domain.facts import Facts, Point
from node.services.follows import stop
from node.store import following, neighbours
from node.store.following import FollowState
from tests.conftest import NOW
from tests.web.content import SECRETS, UNLISTED
from tests.web.served import Browser, Served
from tests.web.test_neighbours import BERLIN, NOTE, POST, follow

FREIBURG = Point(latitude=47.99, longitude=7.84)
WALK = replace(
    POST,
    id="https://berlin.example/events/walk",
    url="https://berlin.example/events/walk",
    title="Waldgang",
    place="Freiburg im Breisgau",
    start=datetime(2027, 4, 20, 16, tzinfo=UTC),
    end=datetime(2027, 4, 20, 18, tzinfo=UTC),
    facts=Facts(
        kind="walk_outdoors",
        languages=("de", "en"),
        free=True,
        access=("step_free_entrance", "sign_language"),
        point=FREIBURG,
    ),
)
CALL = replace(
    POST,
    id="https://berlin.example/events/call",
    url="https://berlin.example/events/call",
    title="Online sitzen",
    place="",
    online_url="https://meet.example/x",
    start=datetime(2027, 5, 3, 16, tzinfo=UTC),
    end=None,
    facts=Facts(languages=("de",), online=True, free=False),
)


async def titles(served: Served, query: str) -> list[str]:
    answer = await served.browser.get(f"/calendar?{query}")
    assert answer.status == 200, answer.text
    page = BeautifulSoup(answer.text, "html.parser")
    return [link.get_text(strip=True) for link in page.select("article.gathering h3 a")]


async def test_what_was_asked_is_said_above_what_was_found(served: Served) -> None:
    await follow(served, WALK)
    query = (
        "/calendar?language=de&near=Freiburg&km=30&free=yes&access=sign_language&kind=walk_outdoors"
    )
    page = BeautifulSoup((await served.browser.get(query)).text, "html.parser")
    said = [one.get_text() for one in page.select("main > div > p .chip")]
    assert said == [
        "Deutsch",
        "Freiburg",
        "30 km",
        "Free, or offered as a gift",
        "Sign language",
        "Walk outdoors",
    ]
    assert not page.select_one("form details[open]")  # what was found is in sight
    nothing = await served.browser.get("/calendar?language=de&near=Nowhere")
    assert BeautifulSoup(nothing.text, "html.parser").select_one("form details[open]")


async def theirs(served: Served, query: str) -> set[str]:
    return {POST.title, WALK.title, CALL.title} & set(await titles(served, query))


async def test_ours_and_theirs_stand_in_one_list_by_time_with_their_home(served: Served) -> None:
    await follow(served, POST, WALK, CALL, NOTE)
    page = BeautifulSoup((await served.browser.get("/calendar")).text, "html.parser")
    cards = page.select("article.gathering")
    starts = [str(time["datetime"]) for one in cards if (time := one.select_one("time[datetime]"))]
    begins = [datetime.fromisoformat(one) for one in starts]
    assert begins == sorted(begins)
    kickers = [one.select_one(".kicker").get_text() for one in cards]  # type: ignore[union-attr]
    assert any("kreis@berlin.example" in one for one in kickers)
    assert sum("River Circle" in one for one in kickers) + 3 == len(kickers)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=de", {POST.title, WALK.title, CALL.title}),
        ("language=de-AT", {POST.title, WALK.title, CALL.title}),
        ("language=en", {WALK.title}),
        ("near=freiburg", {WALK.title}),
        ("near=FREIBURG+im+Breisgau", {WALK.title}),
        ("near=48.0,7.85&km=5", {WALK.title}),
        ("near=48.85,2.35&km=100", set[str]()),
        ("near=48.85,2.35&km=450", {WALK.title}),
        ("online=yes", {CALL.title}),
        ("free=yes", {WALK.title}),
        ("access=step_free_entrance", {WALK.title}),
        ("access=step_free_entrance&access=sign_language", {WALK.title}),
        ("access=step_free_entrance&access=dial_in", set[str]()),
        ("kind=walk_outdoors", {WALK.title}),
        ("from=2027-04-21", {CALL.title}),
        ("until=2027-04-20", {POST.title, WALK.title}),
        ("from=2027-04-20&until=2027-04-20", {WALK.title}),
        ("group=kreis@berlin.example", {POST.title, WALK.title, CALL.title}),
        ("group=ours", set[str]()),
        ("language=de&free=yes&near=Freiburg&from=2027-04-01", {WALK.title}),
    ],
)
async def test_what_a_filter_finds(served: Served, query: str, found: set[str]) -> None:
    german = replace(POST, facts=Facts(languages=("de",)))
    await follow(served, german, WALK, CALL)
    assert await theirs(served, query) == found


async def test_our_own_are_filtered_by_the_same_facts(served: Served) -> None:
    everything = await titles(served, "group=ours")
    online = await titles(served, "group=ours&online=yes")
    assert 0 < len(online) < len(everything)
    arabic = await titles(served, "language=ar")
    assert arabic
    assert set(arabic) < set(everything)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("language=%3Cb%3E", "language"),
        ("near=%21%21", "near"),
        ("near=95,10", "near"),
        ("near=999,999", "near"),
        ("near=NaN,NaN", "near"),
        ("near=inf,-Infinity", "near"),
        ("near=1e300,1", "near"),
        ("near=1,2,3", "near"),
        ("near=Freiburg&km=far", "km"),
        ("km=0", "km"),
        ("kind=party", "kind"),
        ("from=tomorrow", "from"),
        ("from=2027-05-01&until=2027-04-01", "until"),
        ("group=nobody@nowhere.example", "group"),
        ("access=wings", "access"),
        ("online=perhaps", "online"),
        ("month=2027-13", "month"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field_and_the_rest_is_kept(
    served: Served, query: str, field: str
) -> None:
    await follow(served, WALK)
    typed = "" if field == "near" else "&near=Somewhere+else"
    answer = await served.browser.get(f"/calendar?{query}{typed}")
    assert answer.status == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("[role=alert] li") is not None
    assert field in ("month", "access") or page.select_one(f"#wrong-{field}") is not None
    if typed:
        kept = page.select_one("#near")
        assert kept is not None
        assert kept["value"] in ("Somewhere else", "Freiburg")
    assert not page.select("article.gathering")
    for path in ("/calendar.ics", "/calendar.atom", "/calendar.json", "/calendar/embed"):
        assert (await served.browser.get(f"{path}?{query}")).status == 400, path


async def test_nothing_found_leads_to_what_is_nearest(served: Served) -> None:
    await follow(served, WALK)
    answer = await served.browser.get("/calendar?near=freiburg&language=ja&free=yes")
    page = BeautifulSoup(answer.text, "html.parser")
    links = {link.get_text(): str(link["href"]) for link in page.select(".empty a")}
    assert list(links) == ["In any language"]
    assert links["In any language"] == "/calendar?near=freiburg&free=yes"
    assert await titles(served, "near=freiburg&free=yes") == ["Waldgang"]


async def test_one_gathering_is_there_once_whatever_way_it_came(served: Served) -> None:
    other = "https://aarhus.example/group"
    copy = replace(WALK, id="https://aarhus.example/events/1", actor_id=other, author=other)
    mirror = replace(WALK, id="https://aarhus.example/a/2", actor_id=other, author=other)
    of_ours = replace(
        WALK, id="https://berlin.example/events/copy", url=f"{served.url}/events/spring-day"
    )
    another_day = replace(
        copy,
        id="https://aarhus.example/events/3",
        start=WALK.start + timedelta(days=1),  # type: ignore[operator]
    )
    await follow(served, WALK, of_ours)
    await follow_also(served, other, "aarhus@aarhus.example")
    for post in (copy, mirror, another_day):
        await served.node.database.write(lambda session, post=post: neighbours.put(session, post))
    page = BeautifulSoup((await served.browser.get("/calendar?near=freiburg")).text, "html.parser")
    cards = [one.get_text(" ", strip=True) for one in page.select("article.gathering")]
    assert len(cards) == 2
    assert "kreis@berlin.example" in cards[0]
    assert "aarhus" in cards[1]


async def follow_also(served: Served, actor_id: str, handle: str) -> None:
    def work(session: object) -> None:
        following.put(
            session,  # type: ignore[arg-type]
            actor_id=actor_id,
            handle=handle,
            inbox=actor_id + "/inbox",
            follow_id=served.url + "/activities/2",
            now=NOW,
        )
        following.set_state(session, actor_id, FollowState.ACCEPTED, NOW)  # type: ignore[arg-type]

    await served.node.database.write(work)


async def test_what_was_passed_on_names_its_home_and_who_passed_it_on(served: Served) -> None:
    passed_on = replace(
        WALK,
        id="https://far.example/events/9",
        url="https://far.example/events/9",
        author="https://far.example/group",
    )
    await follow(served, passed_on)
    page = BeautifulSoup((await served.browser.get("/calendar?near=freiburg")).text, "html.parser")
    kicker = page.select_one("article.gathering .kicker")
    assert kicker is not None
    assert "From far.example" in kicker.get_text()
    assert "passed on by kreis@berlin.example" in kicker.get_text()


FORMS = ("/calendar", "/calendar.ics", "/calendar.atom", "/calendar.json", "/calendar/embed")


@pytest.mark.parametrize("path", FORMS)
async def test_every_form_holds_the_filter_and_nothing_hidden(served: Served, path: str) -> None:
    quiet = replace(WALK, id=WALK.id + "-quiet", title="Leise", listed=False)
    await follow(served, WALK, CALL, quiet)
    answer = await served.browser.get(f"{path}?near=freiburg")
    assert answer.status == 200
    assert "Waldgang" in answer.text
    assert "Online sitzen" not in answer.text
    everything = (await served.browser.get(f"{path}?group=all")).text
    assert "Online sitzen" in everything
    for text in (*SECRETS, *UNLISTED, "Leise"):
        assert text not in everything, text
    assert "Set-Cookie" not in answer.headers
    await served.node.database.write(lambda session: stop(session, BERLIN, now=NOW))
    assert "Waldgang" not in (await served.browser.get(f"{path}?group=all")).text


async def test_what_is_known_of_a_neighbours_gathering_stands_on_its_card(served: Served) -> None:
    await follow(served, WALK, CALL)
    page = BeautifulSoup((await served.browser.get("/calendar")).text, "html.parser")
    chips = {
        title.get_text(): [one.get_text() for one in card.select(".chip")]
        for card in page.select("article.gathering")
        if (title := card.select_one("h3 a"))
    }
    assert chips[WALK.title] == ["Free, or offered as a gift", "Deutsch", "English"]
    assert chips[CALL.title] == ["Deutsch"]


async def test_without_a_filter_the_calendar_file_is_ours_alone(served: Served) -> None:
    await follow(served, WALK)
    for path in ("/calendar.ics", "/calendar.ics?from-somebody=x"):
        assert "Waldgang" not in (await served.browser.get(path)).text
    filtered = await served.browser.get("/calendar.ics?group=all")
    assert "UID:https://berlin.example/events/walk" in filtered.text.replace("\r\n ", "")
    again = await served.browser.get(
        "/calendar.ics?group=all", If_None_Match=filtered.headers["ETag"]
    )
    assert again.status == 304


async def test_only_what_is_embedded_may_stand_in_other_sites(served: Served) -> None:
    await follow(served, WALK)
    inside = await served.browser.get("/calendar/embed?near=freiburg")
    assert "frame-ancestors *" in inside.headers["Content-Security-Policy"]
    assert "script" not in inside.headers["Content-Security-Policy"]
    assert "<script" not in inside.text
    assert inside.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert inside.headers["X-Content-Type-Options"] == "nosniff"
    page = await served.browser.get("/calendar?near=freiburg")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


async def test_a_month_has_every_day_and_its_neighbours(served: Served) -> None:
    await follow(served, WALK, CALL, POST)
    answer = await served.browser.get("/calendar?month=2027-04&group=kreis@berlin.example")
    page = BeautifulSoup(answer.text, "html.parser")
    days = page.select("table.month time")
    assert [str(day["datetime"])[-2:] for day in days] == [f"{day:02}" for day in range(1, 31)]
    linked = {link.get_text(): link.find_parent("td") for link in page.select("table.month li a")}
    assert set(linked) == {POST.title, WALK.title}
    day = linked["Waldgang"].find("time")  # type: ignore[union-attr]
    assert day["datetime"] == "2027-04-20"  # type: ignore[index]
    after = page.select_one("a[rel=next]")
    assert after is not None
    assert (
        str(after["href"])
        == f"/calendar?group={quote('kreis@berlin.example', safe='')}&month=2027-05"
    )


async def test_what_is_over_is_kept_and_found(served: Served) -> None:
    over = replace(
        WALK, title="Gewesen", start=NOW - timedelta(days=40), end=NOW - timedelta(days=39)
    )
    off = replace(CALL, title="Abgesagt", status=EventStatus.CANCELLED)
    await follow(served, over, off)
    assert "Gewesen" not in await titles(served, "group=all")
    assert "Abgesagt" in await titles(served, "group=all")
    assert "Gewesen" in await titles(served, "past=yes")
    assert "Abgesagt" not in await titles(served, "past=yes")
    since = (NOW - timedelta(days=60)).date()
    assert "Gewesen" in await titles(served, f"from={since}")


async def test_long_lists_have_pages(served: Served) -> None:
    many = [
        replace(
            CALL,
            id=f"https://berlin.example/events/n{number}",
            url=f"https://berlin.example/events/n{number}",
            title=f"Nr {number}",
            start=NOW + timedelta(days=number + 1),
        )
        for number in range(35)
    ]
    await follow(served, *many)
    first = await titles(served, "group=kreis@berlin.example")
    second = await titles(served, "group=kreis@berlin.example&page=2")
    assert (len(first), len(second)) == (30, 5)
    assert not set(first) & set(second)


async def test_a_steward_and_a_stranger_see_the_same(served: Served, steward: Browser) -> None:
    await follow(served, WALK)
    assert (await steward.get("/calendar?group=all")).status == 200


def test_facts_survive_being_kept() -> None:
    kept: Mapping[str, object] = WALK.facts.document(WALK.place)
    assert Facts.from_document(kept) == WALK.facts
    assert Facts.from_document({}) == Facts()


async def test_sessions_of_a_series_stand_in_one_place_and_each_can_be_reached(
    served: Served,
) -> None:
    series = "https://berlin.example/events/wednesdays"
    sessions = [
        replace(
            POST,
            id=f"{series}-{number}",
            url=f"{series}-{number}",
            title="Wednesdays",
            series=series,
            start=datetime(2027, 5, 5, 16, tzinfo=UTC) + timedelta(weeks=number),
            end=None,
        )
        for number in range(40)
    ]
    await follow(served, WALK, *sessions)
    seen = await titles(served, "group=kreis@berlin.example")
    assert seen == [WALK.title, "Wednesdays"]
    page = BeautifulSoup(
        (await served.browser.get("/calendar?group=kreis@berlin.example")).text, "html.parser"
    )
    [more] = page.select("details.later")
    assert "and 39 more sessions" in more.get_text()
    assert [link["href"] for link in more.select("a")] == [one.url for one in sessions[1:25]]
    assert page.select_one(f'a[href="{series}"]') is not None
    month = (await served.browser.get("/calendar?group=all&month=2027-06")).text
    file = (await served.browser.get("/calendar.ics?group=kreis@berlin.example")).text
    assert month.count(">Wednesdays</a>") == sum(
        one.start is not None and one.start.month == 6 and one.start.year == 2027
        for one in sessions
    )
    assert file.count("SUMMARY:Wednesdays") == 40


async def test_a_postponed_gathering_shows_each_of_its_days_once(served: Served) -> None:
    off = replace(WALK, status=EventStatus.POSTPONED, previous_start=WALK.start)
    moved = replace(
        CALL,
        status=EventStatus.POSTPONED,
        previous_start=datetime(2027, 4, 29, 16, tzinfo=UTC),
    )
    await follow(served, off, moved)
    page = BeautifulSoup((await served.browser.get("/calendar")).text, "html.parser")
    cards = {str(one.h3.get_text()): one for one in page.select("article.gathering") if one.h3}
    fell_out, new = cards[WALK.title], cards[CALL.title]
    assert fell_out.get_text().count("It was:") == 1
    [struck] = fell_out.select("s")
    assert "20 April" in struck.get_text()
    assert fell_out.get_text().count("20 April") == 1
    assert "3 May" in new.get_text()
    assert ["29 April" in one.get_text() for one in new.select("s")] == [True]
