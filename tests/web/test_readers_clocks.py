"""The reader's own clocks beside the hosts': where they are chosen, what they say, how far the choice goes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from node.domain.walltime import Moment, moment, zone
from tests.web.served import Served
from tests.web.test_neighbours import POST, follow
from web.choices import chosen, led_on, taken_along
from web.i18n import Reader, catalogue
from web.when import beside
from web.zones import COMMON_ZONES, find_zone

LONDON, NEW_YORK = "Europe/London", "America/New_York"


def said(start: str, where: str, theirs: str, end: str = "") -> tuple[str, str, str] | None:
    """What stands beside a time: date, times and note."""
    found = beside(
        moment(start, where), moment(end, where) if end else None, theirs, catalogue("en")
    )
    return (found.date, found.times, found.note) if found else None


@pytest.mark.parametrize(
    ("start", "where", "theirs", "end", "expected"),
    [
        # The same day; and the same clocks, by whatever name.
        ("2027-07-01T19:00", "Europe/Berlin", LONDON, "2027-07-01T21:00", ("", "18:00–20:00", "")),
        ("2027-07-01T19:00", "Europe/Berlin", "Europe/Vienna", "", None),
        # The next day, and the day before.
        (
            *("2027-04-17T18:00", "America/Los_Angeles", "Asia/Tokyo", "2027-04-17T20:00"),
            ("Sunday 18 April 2027", "10:00–12:00", "the next day"),
        ),
        (
            *("2027-04-17T06:00", "Pacific/Auckland", "Pacific/Honolulu", ""),
            ("Friday 16 April 2027", "08:00", "the day before"),
        ),
        # It begins on the same day and ends on another.
        (
            *("2027-07-01T20:00", LONDON, "Europe/Athens", "2027-07-01T23:00"),
            ("Thursday 1 July 2027, 22:00 to Friday 2 July 2027, 01:00", "", ""),
        ),
        # New York goes forward on 14 March 2027, London on 28 March: four hours in between, not five.
        ("2027-03-10T19:00", LONDON, NEW_YORK, "", ("", "14:00", "")),
        ("2027-03-17T19:00", LONDON, NEW_YORK, "", ("", "15:00", "")),
        ("2027-03-31T19:00", LONDON, NEW_YORK, "", ("", "14:00", "")),
        # Half hours, and where clocks do not change.
        ("2027-03-29T10:00", LONDON, "Asia/Kolkata", "", ("", "14:30", "")),
    ],
)
def test_what_stands_beside_a_time(
    start: str, where: str, theirs: str, end: str, expected: tuple[str, str, str] | None
) -> None:
    assert said(start, where, theirs, end) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *((name, name) for name in COMMON_ZONES),
        ("berlin", "Europe/Berlin"),
        (" SÃO   PAULO ", "America/Sao_Paulo"),
        ("new york", "America/New_York"),
        ("asia/kolkata", "Asia/Kolkata"),
        ("los_angeles", "America/Los_Angeles"),
        ("Buenos Aires", "America/Buenos_Aires"),
        *((text, "") for text in ("", "Atlantis", "../etc/passwd", "localtime", "x" * 500, "\x00")),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(typed: str, meant: str) -> None:
    assert find_zone(typed) == meant
    if meant:
        zone(meant)


async def test_the_hosts_clocks_come_first_and_the_readers_beside(served: Served) -> None:
    page = (await served.browser.get("/events/spring-day?zone=tokyo")).text
    facts = " ".join(BeautifulSoup(page, "html.parser").select_one(".facts").get_text().split())  # type: ignore[union-attr]
    there = "For you: Sunday 18 April 2027 (the next day), 02:00–08:30 Tokyo time (JST, UTC+09:00)"
    assert there in facts
    assert facts.index("Los Angeles time (PDT, UTC-07:00)") < facts.index(there)
    assert "For you:" not in (await served.browser.get("/events/spring-day")).text
    arabic = await served.browser.get("/events/spring-day?zone=tokyo", Accept_Language="ar")
    assert "في اليوم التالي" in arabic.text


@pytest.mark.parametrize(
    "path", ["/", "/events", "/calendar", "/search?q=spring", "/events/wednesdays", "/neighbours"]
)
async def test_every_page_with_times_has_the_choice_and_holds_it(served: Served, path: str) -> None:
    await follow(served, POST, replace(POST, id=POST.id + "/2", timezone=None, utc_offset=0))
    assert 'name="zone"' in (await served.browser.get(path)).text
    page = (await served.browser.get(f"{path}{'&' if '?' in path else '?'}zone=Asia/Tokyo")).text
    assert "Tokyo time (JST, UTC+09:00)" in BeautifulSoup(page, "html.parser").get_text()
    assert 'href="/reflections?zone=Asia%2FTokyo"' in page
    assert "/events.ics" not in page
    soup = BeautifulSoup(page, "html.parser")
    form = soup.select_one("details.zones form")
    assert form is not None
    sent = {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}
    assert sent == ({"q": "spring"} if "q=" in path else {})
    back = soup.find("a", string="Only the clocks there")
    assert back is not None
    assert "zone" not in str(back["href"])  # type: ignore[index]


async def test_a_zone_that_is_none_gets_a_sentence_and_the_page_all_the_same(
    served: Served,
) -> None:
    answer = await served.browser.get("/events/spring-day?zone=Middle-earth/Shire")
    assert answer.status == 200
    assert "We know no time zone of that name" in answer.text
    assert "Shire" not in answer.text
    assert "Spring Spiral" in answer.text
    assert "zone=" not in answer.text


async def test_nothing_is_set_and_the_caches_know_what_differs(served: Served) -> None:
    one = await served.browser.get("/events/spring-day?zone=Asia/Tokyo")
    other = await served.browser.get("/events/spring-day?zone=Europe/Berlin")
    assert "Set-Cookie" not in one.headers
    assert one.headers["ETag"] != other.headers["ETag"]
    assert one.headers["Cache-Control"] == "public, no-cache"  # the address says all that differs
    assert "Cookie" not in one.headers["Vary"]
    again = await served.browser.get(
        "/events/spring-day?zone=Asia/Tokyo", If_None_Match=one.headers["ETag"]
    )
    assert again.status == 304


def test_choices_go_along_with_pages_of_ours_only() -> None:
    reader = chosen(Reader("en"), {"view": "text", "zone": "Berlin"})
    ours = "https://a.example"
    same = (
        '<a href="https://b.example/x">',
        '<a href="/calendar.ics">',
        '<a href="#main">',
        '<a href="?page=2">',
        '<a href="//b.example/">',
        '<a href="mailto:a@b.example">',
        '<link href="/events">',
        '<a href="https://a.example.b.example/x">',
    )
    for tag in same:
        assert taken_along(tag, reader, ours) == tag
    along = "view=text&amp;zone=Europe%2FBerlin"
    assert taken_along('<a href="/x?a=1#b">', reader, ours) == f'<a href="/x?a=1&amp;{along}#b">'
    assert taken_along(f'<a href="{ours}/x">', reader, ours) == f'<a href="{ours}/x?{along}">'
    hidden = '<input type="hidden" name="view" value="text">'
    assert taken_along('<form action="/x">', reader, ours).startswith(f'<form action="/x">{hidden}')


def test_where_a_form_leads_on() -> None:
    query = {"view": "text", "zone": "Nowhere"}
    assert led_on("/x?done=1#a", query) == "/x?done=1&view=text#a"
    assert led_on("https://b.example/x", query) == "https://b.example/x"
    assert led_on("//b.example/x", query) == "//b.example/x"
    assert led_on("/x", {}) == "/x"


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    start = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    there = beside(Moment.at(start, LONDON), None, NEW_YORK, catalogue("en"))
    assert there is not None
    assert datetime.fromisoformat(there.start_iso) == start
