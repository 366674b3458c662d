"""Wall times, zones and series: what can be meant is accepted, what cannot is named."""

import pytest

from node.exchange.check import check_event
from tests.exchange.documents import an_event

NEW_YORK, SYDNEY, KOLKATA = "America/New_York", "Australia/Sydney", "Asia/Kolkata"


def said(**changes):
    return [str(problem) for problem in check_event(an_event(end_local=None) | changes, ("en",))]


def test_an_impossible_time_is_refused_with_the_reason():
    assert said(start_local="2027-03-14T02:30:00", timezone=NEW_YORK) == [
        "start_local: 02:30 does not exist in America/New_York on 2027-03-14:"
        " the clocks go forward over it"
    ]


def test_a_time_that_comes_twice_needs_the_utc_one():
    assert said(start_local="2027-04-04T02:30:00", timezone=SYDNEY) == [
        "start_local: 02:30 comes twice in Australia/Sydney on 2027-04-04: the clocks go back;"
        " say which with the UTC time, 15:30Z or 16:30Z"
    ]


@pytest.mark.parametrize("utc", ["2027-04-03T15:30:00Z", "2027-04-04T02:30:00+10:00"])
def test_either_of_two_passes_can_be_meant(utc):
    assert said(start_local="2027-04-04T02:30:00", timezone=SYDNEY, start_utc=utc) == []


def test_utc_must_agree_with_the_wall():
    assert said(
        start_local="2027-03-06T09:30:00", timezone=KOLKATA, start_utc="2027-03-06T04:30:00Z"
    ) == [
        "start_utc: does not agree with start_local:"
        " 2027-03-06T09:30:00 in Asia/Kolkata is 2027-03-06T04:00:00Z"
    ]
    assert (
        said(start_local="2027-03-06T09:30:00", timezone=KOLKATA, start_utc="2027-03-06T04:00:00Z")
        == []
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2027-04-17T10:00:00Z", "start_local: must be a wall time without offset"),
        ("2027-04-17 10:00", "start_local: must be a wall time without offset"),
        ("2027-04-17", "start_local: must be a wall time without offset"),
        ("1492-04-17T10:00:00", "start_local: must be a wall time without offset"),
        ("٢٠٢٧-04-17T10:00:00", "start_local: must be a wall time without offset"),
        ("2027-04-17T10:00:00\n", "start_local: must be a wall time without offset"),
        ("2027-02-29T10:00:00", "start_local: is not a day and time that exists"),
        ("2027-02-28T25:00", "start_local: is not a day and time that exists"),
    ],
)
def test_a_wall_time_is_written_in_one_way(text, sentence):
    [found] = said(start_local=text)
    assert sentence in found


def test_seconds_may_be_left_out():
    assert said(start_local="2027-04-17T10:00") == []


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "x" * 99, "a\0b"])
def test_an_unknown_zone_is_refused(zone):
    [found] = said(timezone=zone)
    assert "is not a known time zone" in found


def test_a_missing_zone_is_named():
    assert said(timezone=None) == ["timezone: is missing"]


def test_an_event_ends_after_it_starts():
    assert said(end_local="2027-04-17T10:00:00") == ["end_local: must be after the start"]


def test_only_a_postponed_event_has_no_start():
    assert said(start_local=None) == ["start_local: is missing"]
    assert said(start_local=None, status="cancelled") == ["start_local: is missing"]
    assert said(start_local=None, status="postponed", previous_start_local="2027-02-20T09:00") == []
    assert said(start_local=None, status="postponed", end_local="2027-02-20T09:00:00") == [
        "end_local: has no start before it"
    ]


def test_deadline_and_previous_start_are_checked_too():
    registration = {"deadline_local": "2027-03-14T02:30:00"}
    assert said(
        timezone=NEW_YORK, registration=registration, previous_start_local="2027-02-30T09:00:00"
    ) == [
        "previous_start_local: is not a day and time that exists",
        "registration.deadline_local: 02:30 does not exist in America/New_York on 2027-03-14:"
        " the clocks go forward over it",
    ]


def a_series(**changes):
    base = {"start_local": "2027-03-10T19:00:00", "timezone": "Europe/Berlin"}
    return said(**base, series=changes)


def test_a_weekly_series_across_a_clock_change_is_accepted():
    assert (
        a_series(
            rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=6",
            excluded_local=["2027-03-24T19:00:00"],
            added_local=["2027-04-21T19:00:00"],
        )
        == []
    )


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("every Wednesday", "“every Wednesday” is no part of a rule"),
        ("RRULE:FREQ=WEEKLY", "“RRULE:FREQ” is no part of a rule; did you mean “FREQ”?"),
        ("FREQ=SECONDLY", "FREQ cannot be “SECONDLY”"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL cannot be “0”"),
        ("FREQ=WEEKLY;COUNT=2;COUNT=3", "COUNT stands in it twice"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20280101", "has COUNT and UNTIL"),
        ("FREQ=WEEKLY;UNTIL=20270101", "ends before the start"),
        ("FREQ=WEEKLY;UNTIL=20270231", "UNTIL is not a day that exists"),
        ("FREQ=WEEKLY;BYDAY=,", "BYDAY cannot be “,”"),
        ("FREQ=WEEKLY;BYDAY=2WE", "only together with FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=10", "does not go together with FREQ=WEEKLY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS needs"),
        ("BYDAY=WE", "needs FREQ"),
        ("FREQ=WEEKLY;BYDAY=TH", "begins on 2027-03-11, but the start is on 2027-03-10"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "gives no date at all"),
    ],
)
def test_a_rule_is_refused_with_the_reason(rule, sentence):
    [found] = a_series(rrule=rule)
    assert found.startswith("series.rrule: ")
    assert sentence in found


@pytest.mark.parametrize(
    "rule",
    ["FREQ=MONTHLY;BYDAY=2WE", "FREQ=WEEKLY;UNTIL=20270501T170000Z", "FREQ=YEARLY", "FREQ=DAILY"],
)
def test_open_ended_and_monthly_rules_are_accepted(rule):
    assert a_series(rrule=rule) == []


def test_sessions_beside_the_rule_must_be_possible():
    [impossible, unclear] = a_series(added_local=["2027-03-28T02:30:00", "2027-10-31T02:30:00"])
    assert impossible.startswith("series.added_local[0]: 02:30 does not exist")
    assert unclear.startswith("series.added_local[1]: 02:30 comes twice")
    assert a_series(excluded_local=["2027-03-28T02:30:00"]) == []
