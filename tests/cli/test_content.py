"""Events, reflections and whole documents: the same with a server that runs and without one."""

import json
from pathlib import Path
from typing import Any

import pytest

from node import sample
from tests.cli.conftest import EVENT, Command

REFLECTION = {
    "id": "after-the-rain",
    "title": "After the rain",
    "body": "We listened to the river for an hour.",
    "consent": {"publish": True, "federate": True, "given_by": "the author"},
}
ADDRESS = "/events/river-day"


def part(document: dict[str, Any], slug: str) -> dict[str, Any]:
    """What one group has in a document of several."""
    return {
        section: [one for one in document[section] if slug in (one.get("group"), one.get("slug"))]
        for section in ("groups", "events", "reflections", "practices")
    }


def test_an_event_is_added_changed_called_off_and_removed(anyhow: Command) -> None:
    added = anyhow("event", "add", "-", stdin=EVENT)
    assert added.exit == 0, added.stderr
    url = anyhow("config", "--json").json()["url"] + ADDRESS
    assert added.json() == {"slug": "river-day", "id": url, "url": url}

    edited = anyhow(
        "event", "edit", "river-day", "-", stdin={"title": "Two days", "price": {"model": "free"}}
    )
    assert edited.json()["slug"] == "river-day"
    assert anyhow("event", "show", "river-day", "--json").json() == EVENT | {
        "title": "Two days", "price": {"model": "free"},
    }  # fmt: skip

    assert anyhow("event", "cancel", "river-day", "--reason", "High water").exit == 0
    shown = anyhow("event", "show", "river-day", "--json").json()
    assert (shown["status"], shown["reason"]) == ("cancelled", "High water")
    [listed] = anyhow("event", "list", "--json").json()
    assert (listed["slug"], listed["status"], listed["id"]) == ("river-day", "cancelled", url)

    assert anyhow("event", "remove", "river-day").exit == 0
    assert anyhow("event", "list", "--json").json() == []
    assert anyhow("event", "show", "river-day").stderr == "This event was removed.\n"


def test_a_reflection_is_added_and_taken_back(anyhow: Command) -> None:
    added = anyhow("reflection", "add", "-", stdin=REFLECTION)
    assert added.exit == 0, added.stderr
    assert added.json()["url"].endswith("/reflections/after-the-rain")
    [listed] = anyhow("reflection", "list", "--json").json()
    assert (listed["slug"], listed["status"]) == ("after-the-rain", "published")
    assert anyhow("reflection", "withdraw", "after-the-rain").exit == 0
    assert anyhow("reflection", "list", "--json").json() == []
    assert anyhow("reflection", "withdraw", "after-the-rain").exit == 1


def test_what_was_imported_is_exported_equal(anyhow: Command, tmp_path: Path) -> None:
    document = sample.load()
    (tmp_path / "in.json").write_text(json.dumps(document))
    imported = anyhow("import", tmp_path / "in.json", "--group", "norcal")
    assert imported.exit == 0, imported.stderr
    assert anyhow("export", tmp_path / "out.json").exit == 0
    exported = json.loads((tmp_path / "out.json").read_text())
    assert part(exported, "norcal") == part(document, "norcal")
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o600
    again = anyhow("import", tmp_path / "out.json", "--json").json()
    assert {again[section]["changed"] for section in ("events", "reflections", "practices")} == {0}


def test_an_export_for_everyone_holds_no_hidden_place(run: Command) -> None:
    hidden = {"location": {"visibility": "on_registration", "public_area": "The hills", "private": {
        "name": "Ana's house", "address": "7 Hidden Lane"}}}  # fmt: skip
    assert run("event", "add", "-", stdin=EVENT | hidden).exit == 0
    whole = run("export", "-")
    assert "7 Hidden Lane" in whole.stdout
    assert whole.stderr == "It holds what is not public; --public-only leaves that out.\n"
    public = run("export", "-", "--public-only")
    assert "Hidden Lane" not in public.stdout
    assert public.json()["events"][0]["location"]["public_area"] == "The hills"
    assert public.stderr == ""


def test_every_refused_value_is_named_on_a_line_of_its_own(shared: Command) -> None:
    refused = shared("event", "add", "-", stdin=EVENT | {"timezone": "Mars/X", "status": "maybe"})
    assert (refused.exit, refused.stdout) == (1, "")
    assert [line.partition(":")[0] for line in sorted(refused.stderr.splitlines())] == [
        "status",
        "timezone",
    ]
    assert shared("event", "list", "--json").json() == []


def test_an_import_names_the_path_of_what_it_refuses_and_changes_nothing(anyhow: Command) -> None:
    document = {
        "groups": [{"slug": "norcal", "name": "N", "languages": ["en"], "timezone": "UTC"}],
        "events": [EVENT, EVENT | {"id": "b", "start_local": "tomorrow"}],
    }
    refused = anyhow("import", "-", stdin=document)
    assert (refused.exit, refused.stdout) == (1, "")
    assert refused.stderr.startswith("events[1].start_local: ")
    assert anyhow("event", "list", "--json").json() == []


@pytest.mark.parametrize(
    "stdin",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"[1]",
        b'["ab"]',
        b'"x"',
        b"null",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"title": 3}',
    ],
)
@pytest.mark.parametrize("words", [["event", "add"], ["reflection", "add"], ["import"]])
def test_hostile_files_are_refused_in_words(
    shared: Command, words: list[str], stdin: bytes
) -> None:
    refused = shared(*words, "-", stdin=stdin)
    assert (refused.exit, refused.stdout) == (1, "")
    assert refused.stderr.strip()
    assert "Traceback" not in refused.stderr
    assert "inside the node" not in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["event", "edit", "nothing", "-"], ["event", "cancel", "nothing"], ["event", "show", "nothing"],
        ["event", "remove", "nothing"], ["reflection", "withdraw", "nothing"], ["rsvps", "nothing"],
        ["unfollow", "https://nobody.example/group"], ["unblock", "nobody.example"],
        ["steward", "reset", "nobody"], ["event", "add", "/no/such/file"], ["event", "add", "/"],
        ["import", "-", "--group", "nothing"], ["event", "show", "../../etc/passwd"],
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_plain_sentence(shared: Command, words: list[str]) -> None:
    refused = shared(*words, stdin={"groups": [{"slug": "a", "name": "A", "languages": ["en"]}]})
    assert (refused.exit, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1
    assert "inside the node" not in refused.stderr


def test_what_is_shown_cannot_steer_a_terminal(run: Command) -> None:
    title = "Red \x1b[31m \u202eleft\u202c \x9b31m"
    run("event", "add", "-", stdin=EVENT | {"title": title})
    for words in (
        ["event", "list"],
        ["event", "show", "river-day"],
        ["event", "show", "river-day", "--json"],
    ):
        shown = run(*words).stdout
        assert not set(shown) & set("\x1b\x9b\u202e\u202c"), words


def test_output_is_utf_8_whatever_the_locale(run: Command) -> None:
    run.variables |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    run("event", "add", "-", stdin=EVENT | {"title": "Círculo 関西"})
    assert "Círculo 関西" in run("event", "list").stdout
    assert run("event", "list", "--json").json()[0]["title"] == "Círculo 関西"
