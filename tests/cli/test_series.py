"""A series from the command line: told once, changed by date, the same with a running server and without."""

from tests.cli.conftest import Command
from tests.unit.test_series import MITTWOCHSKREIS

SLUG = "mittwochskreis"
DAYS = ["2027-03-10", "2027-03-17", "2027-03-31", "2027-04-07", "2027-04-14", "2027-04-21"]


def test_a_series_is_added_skipped_moved_and_goes_on(anyhow: Command) -> None:
    document = MITTWOCHSKREIS | {"registration": {"mode": "open", "capacity": 8}}
    assert anyhow("event", "add", "-", stdin=document).json()["slug"] == SLUG
    assert anyhow("event", "show", SLUG, "--json").json() == document

    [listed] = anyhow("event", "list", "--json").json()
    assert [one["slug"] for one in listed["sessions"]] == [f"{SLUG}-{day}" for day in DAYS]
    first = listed["sessions"][0]
    assert first["start_local"] == "2027-03-10T19:00:00+01:00"
    assert (first["session_of"], first["recurrence_local"]) == (SLUG, "2027-03-10T19:00:00")
    assert [one["announced"] for one in listed["sessions"]] == [True] + [False] * 5
    assert f"· {SLUG}-2027-03-31" in anyhow("event", "list").stdout

    assert anyhow("event", "skip", f"{SLUG}-2027-03-31").exit == 0
    moved = {"start_local": "2027-03-18T19:00:00", "title": {"de": "Im Garten"}}
    assert anyhow("event", "edit", f"{SLUG}-2027-03-17", "-", stdin=moved).exit == 0
    shown = anyhow("event", "show", f"{SLUG}-2027-03-17", "--json").json()
    assert (shown["title"], shown["session_of"]) == ({"de": "Im Garten"}, SLUG)
    assert "2027-03-18 19:00" in anyhow("event", "show", f"{SLUG}-2027-03-17").stdout

    later = anyhow(
        "event", "edit", f"{SLUG}-2027-04-07", "-", "--following", stdin={"title": "Zwei"}
    )
    assert later.json()["slug"] == f"{SLUG}-from-2027-04-07"
    found = anyhow("event", "list", "--json").json()
    assert [[one["slug"][-10:] for one in series["sessions"]] for series in found] == [
        ["2027-03-10", "2027-03-17"],
        ["2027-04-07", "2027-04-14", "2027-04-21"],
    ]

    assert anyhow("event", "cancel", f"{SLUG}-2027-04-14", "--reason", "Streik").exit == 0
    assert (
        anyhow("event", "skip", f"{SLUG}-2027-03-10").exit == 0
    )  # was announced: it stays, cancelled
    checks = anyhow("check", "--json").json()["checks"]
    [documents] = [one for one in checks if one["code"] == "DOCUMENTS"]
    assert documents["verdict"] == "OK", documents
    assert anyhow("event", "remove", SLUG).exit == 0
    [rest] = anyhow("event", "list", "--json").json()
    assert [one["status"] for one in rest["sessions"]] == ["scheduled", "cancelled", "scheduled"]


def test_what_cannot_be_done_to_a_session_is_said_in_one_sentence(anyhow: Command) -> None:
    anyhow("event", "add", "-", stdin=MITTWOCHSKREIS)
    slug = f"{SLUG}-2027-03-17"
    for arguments, stdin, sentence in (
        (("edit", slug, "-"), {"timezone": "UTC"}, "timezone: belongs to the whole series: change it there\n"),
        (("edit", SLUG, "-", "--following"), {}, "Only a session of a series has others that follow it.\n"),
        (("skip", SLUG), None, "Only a session of a series can be left out: cancel this event instead.\n"),
        (
            ("edit", SLUG, "-"),
            {"series": None},
            f"“{SLUG}” is a series, and cannot become a single gathering again:"
            " cancel it, or leave out its dates.\n",
        ),
    ):  # fmt: skip
        refused = anyhow("event", *arguments, stdin=stdin)
        assert (refused.exit, refused.stdout, refused.stderr) == (1, "", sentence)
