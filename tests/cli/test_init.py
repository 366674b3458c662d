"""`init`: a new node, private from its first moment, whole or not at all."""

import re
import sqlite3
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import INIT, Command


def modes(data: Path) -> dict[str, str]:
    return {path.name: f"{path.stat().st_mode & 0o777:o}" for path in [data, *data.iterdir()]}


def test_it_makes_a_directory_that_only_its_owner_can_read(empty: Command) -> None:
    made = empty(*INIT, umask=0)
    assert made.exit == 0, made.stderr
    assert modes(empty.data) == {
        "new": "700", "media": "700", "node.toml": "600", "node.sqlite3": "600", "lock": "600",
    }  # fmt: skip


def test_its_last_line_is_the_link_of_the_first_steward(empty: Command) -> None:
    made = empty(*INIT, "--steward", "Ana")
    link = made.stdout.splitlines()[-1]
    assert re.fullmatch(r"http://127\.0\.0\.1:8999/sign-in/[\w-]{43}", link)
    assert "“Ana”" in made.stdout


def test_the_settings_hold_only_what_was_given(data: Path) -> None:
    settings = tomllib.loads((data / "node.toml").read_text())
    assert settings == {
        "url": "http://127.0.0.1:8999",
        "federation": {"allow_private_networks": True},
    }


def test_the_group_says_what_it_was_given(empty: Command) -> None:
    empty(*INIT, "--language", "es", "--language", "en")
    database = sqlite3.connect(empty.data / "node.sqlite3")
    handle, languages, name = database.execute(
        "SELECT handle, document ->> '$.languages', document ->> '$.name' FROM group_profile"
    ).fetchone()
    database.close()
    assert (handle, languages, name) == ("norcal", '["es","en"]', '{"es":"North Coast Circle"}')


def test_a_directory_that_holds_a_node_is_refused(run: Command) -> None:
    before = {path: path.read_bytes() for path in run.data.iterdir() if path.is_file()}
    again = run(*INIT)
    assert (again.exit, again.stdout) == (1, "")
    assert again.stderr == f"There is already a node in {run.data}; choose another --data.\n"
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_left_of_a_node_is_not_built_upon(run: Command) -> None:
    (run.data / "node.toml").unlink()
    assert "holds parts of a node (node.sqlite3)" in run(*INIT).stderr


def test_an_empty_directory_is_taken_and_made_private(empty: Command) -> None:
    empty.data.mkdir(mode=0o755)
    assert empty(*INIT).exit == 0
    assert modes(empty.data)["new"] == "700"


def test_every_argument_that_cannot_be_used_is_named(empty: Command) -> None:
    made = empty(
        "init", "--url", "http://example.org/a", "--handle", "Nor-cal", "--name", " ",
        "--language", "english!", "--timezone", "../etc/passwd",
    )  # fmt: skip
    assert made.exit == 1
    named = [line.partition(":")[0] for line in made.stderr.splitlines()]
    assert named == ["--handle", "--name", "--language", "--timezone", "url"]
    assert not empty.data.exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://norcal.example"])
def test_plain_http_needs_the_setting_that_goes_with_it(empty: Command, url: str) -> None:
    words = ["init", "--url", url, "--handle", "a", "--name", "A"]
    refused = empty(*words)
    assert refused.exit == 1
    assert refused.stderr.startswith("url: must start with https://")
    empty.variables["ROUGHWEATHER_FEDERATION__ALLOW_PRIVATE_NETWORKS"] = "true"
    assert empty(*words).exit == 0


def test_a_failure_half_way_leaves_nothing_behind(empty: Command) -> None:
    made = empty(*INIT, "--steward", "\x1b[31m")
    assert made.exit == 1
    assert "visible characters" in made.stderr
    assert not empty.data.exists()


def test_a_failure_half_way_leaves_what_was_there(empty: Command) -> None:
    empty.data.mkdir()
    (empty.data / "mine.txt").write_text("keep")
    assert empty(*INIT, "--steward", "").exit == 1
    assert [path.name for path in empty.data.iterdir() if path.name != "lock"] == ["mine.txt"]


def test_missing_arguments_are_wrong_usage(empty: Command) -> None:
    made = empty("init", "--url", "https://a.example")
    assert made.exit == 2
    assert "--handle" in made.stderr
