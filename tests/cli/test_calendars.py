"""Taking in a calendar file by the command, run as a process: what it says, and what it refuses."""

from pathlib import Path

from tests.calendars.shapes import calendar, entry
from tests.cli.conftest import Command


def test_a_file_is_taken_and_what_is_none_refused_in_one_sentence(
    run: Command, tmp_path: Path
) -> None:
    file = tmp_path / "circle.ics"
    circle, old = entry("a", "20990401T190000", "Circle"), entry("b", "20100401T190000", "Old")
    file.write_bytes(calendar(circle, old))
    taken = run("import-ics", file, "--json")
    assert taken.exit == 0, taken.stderr
    assert [(one["title"], one["became"], one["why"]) for one in taken.json()["entries"]] == [
        ("Circle", "made", ""),
        ("Old", "left_out", "It is over."),
    ]
    refused = run("import-ics", "-", stdin=b"\x89PNG")
    assert (refused.exit, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "no calendar file" in refused.stderr
