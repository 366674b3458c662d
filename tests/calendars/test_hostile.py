"""Files that were made to do harm, or are none: one clear sentence or a bounded reading, and soon."""

from datetime import date
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.calendars.gathering import Manner
from node.calendars.reading import Reading, read_calendar
from node.errors import MalformedError, RoughweatherError, TooLargeError
from node.exchange.check import check_event
from tests.calendars import shapes
from tests.calendars.shapes import calendar, entry, file

MANNER = Manner(open_places=True, timezone="Europe/Berlin")
SINCE = date(2027, 3, 14)


def read(data: bytes) -> Reading:
    return read_calendar(data, MANNER, lambda _: SINCE)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", MalformedError, "no calendar file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), MalformedError, "no calendar file"),
        (b"<!doctype html><title>Sign in</title>", MalformedError, "no calendar file"),
        (bytes(10 * 1024 * 1024), TooLargeError, "larger than 1 MiB"),
        (b"BEGIN:VCALENDAR\n" + b"\n" * 70_000, TooLargeError, "too many lines"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 6000, TooLargeError, "too many entries"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 1000, MalformedError, "nested too deeply"),
        (
            calendar(*(entry(f"a{n}", "20270401T190000") for n in range(501))),
            TooLargeError,
            "more than 500",
        ),
    ],
    ids=["nothing", "picture", "page", "huge", "lines", "entries", "nesting", "many"],
)  # fmt: skip
def test_what_is_no_calendar_or_too_much_is_refused(
    data: bytes, error: type[RoughweatherError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read(data)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=99",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ",
        ";;;",
        "FREQ=DAILY;UNTIL=99999999T999999Z",
    ],
)
def test_rules_that_would_never_end_leave_their_entry_out(rule: str) -> None:
    began = monotonic()
    found = read(calendar(entry("a", "20270401T190000", "x", f"RRULE:{rule}")))
    assert not found.gatherings
    assert len(found.left_out) == 1
    assert monotonic() - began < 5


def test_a_series_of_a_long_life_is_quick() -> None:
    text = entry("a", "19700101T190000", "x", "RRULE:FREQ=DAILY")
    began = monotonic()
    found = read(calendar(text))
    assert len(found.gatherings) + len(found.left_out) == 1
    assert monotonic() - began < 3


def test_a_zone_of_endless_rules_is_never_worked_out() -> None:
    zone = "\n".join(
        [
            *("BEGIN:VTIMEZONE", "TZID:Bomb", "BEGIN:STANDARD", "DTSTART:16010101T000000"),
            *("TZOFFSETTO:+0100", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE"),
        ]
    )
    text = entry("a", "x").replace("DTSTART:x", "DTSTART;TZID=Bomb:20270401T190000")
    assert len(read(calendar(zone, text)).gatherings) <= 1


def test_many_exceptions_and_long_lines_are_bounded() -> None:
    dates = ",".join(f"2027{n % 12 + 1:02}{n % 28 + 1:02}T190000" for n in range(20_000))
    text = entry("a", "20270401T190000", "x" * 50_000, "RRULE:FREQ=DAILY", f"EXDATE:{dates}")
    [found] = read(calendar(text)).gatherings
    assert found.document is not None
    assert len(found.document["title"]) <= 300
    assert len(found.document["series"]["excluded_local"]) <= 500


def test_quotes_and_folds_that_never_close_are_read_in_linear_time() -> None:
    began = monotonic()
    read(b"BEGIN:VCALENDAR\n" + b'X;A="' * 50_000 + b":\nEND:VCALENDAR\n")
    read(b"BEGIN:VCALENDAR\nX:" + b"\n " * 50_000 + b"\nEND:VCALENDAR\n")
    assert monotonic() - began < 3


def test_markup_and_tricks_in_texts_do_not_survive() -> None:
    text = entry(
        "a", "20270401T190000", "Up\u202eside", "DESCRIPTION:<script>alert(1)</script><p>Hello</p>",
        "URL:javascript:alert(1)", "GEO:999;NaN",
    )  # fmt: skip
    [found] = read(calendar(text)).gatherings
    assert found.document is not None
    assert found.document["title"] == "Upside"
    assert found.document["description"] == "Hello"
    assert "location" not in found.document


def test_a_file_of_another_encoding_is_read() -> None:
    text = calendar(entry("a", "20270401T190000", "Kreis für alle")).decode().encode("cp1252")
    assert read(text).gatherings[0].title == "Kreis für alle"


def bent(text: str) -> st.SearchStrategy[bytes]:
    """A file with a piece cut out and something else in its place."""
    whole = file(text)
    return st.builds(
        lambda at, length, piece: whole[:at] + piece + whole[at + length :],
        st.integers(0, len(whole)),
        st.integers(0, 60),
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(
                [b"\r\n", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b";VALUE=DATE", b"99999999", b"-"]
            ),
        ),
    )


@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda data: b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data),
        bent(shapes.GOOGLE),
        bent(shapes.OUTLOOK),
        bent(shapes.NEXTCLOUD),
    )
)
def test_any_bytes_are_refused_in_a_sentence_or_make_documents_in_order(data: bytes) -> None:
    try:
        found = read(data)
    except RoughweatherError as error:
        said = str(error)
    else:
        said = "It was read."
        _look_through(found)
    assert said.endswith(".")


def _look_through(found: Reading) -> None:
    for one in found.gatherings:
        if one.document is not None:
            assert check_event({"id": "x", **one.document}, ["en"]) == []
    assert all(left.why for left in found.left_out)
