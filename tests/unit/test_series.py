"""A series kept once: which sessions follow from it, on which clocks, whatever differs on single dates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.series import COMING, PAST, expand, moved, recurrences, sitting, split
from node.exchange.check import check_event

SPRING = datetime(2027, 3, 1, 12, tzinfo=UTC)
MITTWOCHSKREIS: dict[str, Any] = {
    "id": "mittwochskreis",
    "title": {"de": "Mittwochskreis"},
    "start_local": "2027-03-10T19:00:00",
    "end_local": "2027-03-10T21:00:00",
    "timezone": "Europe/Berlin",
    "series": {
        "rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=6",
        "excluded_local": ["2027-03-24T19:00:00"],
        "added_local": ["2027-04-21T19:00:00"],
    },
}


def a_series(**changes: Any) -> dict[str, Any]:
    """The Wednesday circle; keys of `series` may be given alone."""
    inner = ("rrule", "excluded_local", "added_local", "sessions", "closed_after_first")
    series = {name: changes.pop(name) for name in inner if name in changes}
    return {**MITTWOCHSKREIS, "series": MITTWOCHSKREIS["series"] | series, **changes}


def starts(document: dict[str, Any], now: datetime = SPRING) -> list[str]:
    return [one.document["start_utc"] for one in expand(document, now)]


def test_the_wall_time_holds_across_the_change_of_clocks() -> None:
    assert starts(MITTWOCHSKREIS) == [
        "2027-03-10T18:00:00Z",
        "2027-03-17T18:00:00Z",
        "2027-03-31T17:00:00Z",
        "2027-04-07T17:00:00Z",
        "2027-04-14T17:00:00Z",
        "2027-04-21T17:00:00Z",
    ]
    sessions = expand(MITTWOCHSKREIS, SPRING)
    assert {one.document["start_local"][11:] for one in sessions} == {"19:00:00"}
    assert {one.document["end_local"][11:] for one in sessions} == {"21:00:00"}


def test_an_endless_series_stands_ready_as_far_as_can_be_seen() -> None:
    endless = a_series(rrule="FREQ=WEEKLY;BYDAY=WE", excluded_local=[], added_local=[])
    assert len(expand(endless, SPRING)) == COMING
    years_later = expand(endless, SPRING + timedelta(days=3650))
    assert len(years_later) == COMING + PAST
    assert [one.recurrence for one in years_later] == sorted(one.recurrence for one in years_later)


def test_a_series_that_begins_years_from_now_has_its_sessions_ready() -> None:
    far = a_series(
        start_local="2031-03-12T19:00:00", end_local=None, series={"rrule": "FREQ=WEEKLY"}
    )
    assert [day[:10] for day in starts(far)][:2] == ["2031-03-12", "2031-03-19"]
    assert len(starts(far)) == COMING
    yearly = far | {"series": {"rrule": "FREQ=YEARLY"}}
    assert [day[:4] for day in starts(yearly)] == ["2031", "2032"]


def test_what_is_special_stands_ready_however_far_away() -> None:
    far = "2028-11-29T19:00:00"
    endless = a_series(
        rrule="FREQ=WEEKLY;BYDAY=WE", sessions={far: {"title": {"de": "Das Jahresfest"}}}
    )
    assert check_event(endless, ("de",)) == []
    last = expand(endless, SPRING)[-1]
    assert last.document["start_local"] == far
    assert last.document["title"] == {"de": "Das Jahresfest"}


def test_a_moved_session_says_when_it_was_to_be_and_keeps_its_length() -> None:
    document = a_series(sessions={"2027-03-17T19:00": {"start_local": "2027-03-18T18:30"}})
    assert check_event(document, ("de",)) == []
    [one] = [one for one in expand(document, SPRING) if one.recurrence.day == 17]
    assert one.document["end_local"] == "2027-03-18T20:30:00"
    assert one.document["previous_start_local"] == "2027-03-17T19:00:00"
    assert one.document["status"] == "rescheduled"


def test_a_cancelled_series_cancels_what_was_said_of_single_dates_too() -> None:
    changed = {"2027-03-17T19:00:00": {"start_local": "2027-03-18T19:00:00"}}
    document = a_series(status="cancelled", reason="Wir sind müde", sessions=changed)
    assert {
        (one.document["status"], one.document["reason"]) for one in expand(document, SPRING)
    } == {("cancelled", "Wir sind müde")}


def test_one_registers_with_the_first_session_of_a_circle_that_closes() -> None:
    mode = {"mode": "open", "deadline_local": "2027-03-08T20:00:00"}
    first, *later = expand(a_series(registration=mode, closed_after_first=True), SPRING)
    assert first.document["registration"] == mode | {"deadline_utc": "2027-03-08T19:00:00Z"}
    assert {str(one.document["registration"]) for one in later} == {
        str({"mode": "open", "with_first_session": True})
    }


def test_the_hosts_say_which_pass_of_an_hour_they_mean_for_the_first() -> None:
    twice = a_series(
        start_local="2027-10-31T02:30:00",
        start_utc="2027-10-31T01:30:00Z",
        end_local="2027-10-31T04:00:00",
        series={"rrule": "FREQ=DAILY;COUNT=2"},
    )
    assert check_event(twice, ("de",)) == []
    assert starts(twice) == ["2027-10-31T01:30:00Z", "2027-11-01T01:30:00Z"]


def test_a_deadline_is_as_far_from_each_session_as_from_the_first() -> None:
    mode = {"mode": "open", "deadline_local": "2027-03-08T20:00:00"}
    deadlines = [
        one.document["registration"]["deadline_utc"]
        for one in expand(a_series(registration=mode), SPRING)
    ]
    assert deadlines[:3] == ["2027-03-08T19:00:00Z", "2027-03-15T19:00:00Z", "2027-03-29T18:00:00Z"]


@pytest.mark.parametrize(
    ("sessions", "sentence"),
    [
        ({"2027-03-18T19:00:00": {}}, "series.sessions.2027-03-18T19:00:00: is no session of this series"),
        ({"2027-03-24T19:00:00": {}}, "series.sessions.2027-03-24T19:00:00: is no session of this series"),
        (
            {"2027-03-17T19:00:00": {"visibility": "link_only"}},
            "series.sessions.2027-03-17T19:00:00.visibility: belongs to the whole series: change it there",
        ),
        (
            {"2027-03-17T19:00:00": {"end_local": "2027-03-17T18:00:00"}},
            "series.sessions.2027-03-17T19:00:00.end_local: must be after the start",
        ),
        (
            {"2027-03-17T19:00:00": {"start_local": 5}},
            "series.sessions.2027-03-17T19:00:00.start_local: must be text",
        ),
        ({"17 March": {}}, "series.sessions.17 March: must be a wall time without offset, such as 2027-04-17T10:00:00"),
        ({"2027-02-30T19:00:00": {}}, "series.sessions.2027-02-30T19:00:00: is not a day and time that exists"),
    ],
)  # fmt: skip
def test_what_cannot_differ_on_a_date_is_named(sessions: dict[str, Any], sentence: str) -> None:
    assert [str(one) for one in check_event(a_series(sessions=sessions), ("de",))] == [sentence]


def test_an_id_leaves_room_for_those_of_its_sessions() -> None:
    [problem] = check_event(a_series(id="x" * 65), ("de",))
    assert str(problem) == "id: is too long for a series: at most 64 characters"


def test_a_series_in_two_has_the_same_sessions() -> None:
    endless = a_series(
        sessions={"2027-03-17T19:00:00": {"title": "A"}, "2027-04-14T19:00:00": {"title": "B"}}
    )
    for recurrence in list(recurrences(endless))[1:]:
        earlier, later = split(endless, recurrence)
        later["id"] = "mittwochskreis-from"
        assert check_event(earlier, ("de",)) == []
        assert check_event(later, ("de",)) == []
        both = [*recurrences(earlier), *recurrences(later)]
        assert both == list(recurrences(endless))
        told = [len(one["series"].get("sessions") or {}) for one in (earlier, later)]
        assert sum(told) == 2


@pytest.mark.parametrize(
    ("rule", "start", "to", "becomes"),
    [
        ("FREQ=WEEKLY;BYDAY=WE", "2027-03-10", "2027-03-11", "FREQ=WEEKLY;BYDAY=TH"),
        ("FREQ=MONTHLY;BYDAY=2WE", "2027-03-10", "2027-03-18", "FREQ=MONTHLY;BYDAY=3TH"),
        ("FREQ=MONTHLY;BYDAY=-1WE", "2027-03-31", "2027-03-30", "FREQ=MONTHLY;BYDAY=-1TU"),
        ("FREQ=MONTHLY;BYMONTHDAY=10", "2027-03-10", "2027-03-12", "FREQ=MONTHLY;BYMONTHDAY=12"),
        ("FREQ=MONTHLY;BYDAY=5WE", "2027-03-31", "2027-03-29", "FREQ=MONTHLY;BYDAY=5MO"),
    ],
)
def test_a_rule_goes_along_with_its_start(rule: str, start: str, to: str, becomes: str) -> None:
    document = a_series(
        start_local=f"{start}T19:00:00",
        end_local=f"{start}T21:00:00",
        series={"rrule": rule, "sessions": {f"{start}T19:00:00": {"title": "A"}}},
    )
    assert check_event(document, ("de",)) == []
    after = moved(document, datetime.fromisoformat(f"{to}T18:30:00"))
    assert after["series"] == {"rrule": becomes, "sessions": {f"{to}T18:30:00": {"title": "A"}}}
    assert after["end_local"] == f"{to}T20:30:00"
    assert check_event(after, ("de",)) == []


ZONES = (
    "Europe/Berlin",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Cairo",
)
RULES = (
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=40", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20281231",
    "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=WEEKLY;UNTIL=20280101T000000Z",
)  # fmt: skip


@st.composite
def series(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.datetimes(datetime(2026, 1, 1), datetime(2027, 11, 28))).replace(
        second=0, microsecond=0, day=draw(st.integers(1, 28))
    )
    document = a_series(
        start_local=start.isoformat(),
        end_local=(start + timedelta(minutes=draw(st.integers(15, 1500)))).isoformat(),
        timezone=draw(st.sampled_from(ZONES)),
        series={"rrule": draw(st.sampled_from(RULES))},
    )
    dates = [next_wall for next_wall, _ in zip(recurrences(document), range(20), strict=False)]
    chosen = draw(st.lists(st.sampled_from(dates), unique=True, max_size=5))
    document["series"] |= {"excluded_local": [one.isoformat() for one in chosen[:2]]}
    document["series"] |= {"sessions": {one.isoformat(): {"title": "!"} for one in chosen[2:]}}
    return document


@settings(max_examples=150)
@given(series(), st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_sessions_follow_from_the_series_alone(document: dict[str, Any], now: datetime) -> None:
    if check_event(document, ("de",)):
        return  # a start in the skipped hour, or one that comes twice
    found = expand(document, now.replace(tzinfo=UTC))
    assert found == expand(document, now.replace(tzinfo=UTC))
    walls = [one.recurrence for one in found]
    assert walls == sorted(set(walls))
    assert not {one.isoformat() for one in walls} & set(document["series"]["excluded_local"])
    for one in found:
        assert check_event({"id": "x", **one.document}, ("de",)) == []
        assert one == sitting(document, one.recurrence)
        shown = datetime.fromisoformat(one.document["start_local"])
        assert abs(shown - one.recurrence) <= timedelta(hours=1)  # in a skipped hour, else equal
    coming = [
        one
        for one in found
        if datetime.fromisoformat(one.document["end_utc"]) > now.replace(tzinfo=UTC)
    ]
    assert len(coming) <= COMING + len(document["series"]["sessions"])
