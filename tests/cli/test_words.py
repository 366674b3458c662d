"""The words of the command line: light to start, strict in use, all of them documented."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from node import cli
from node.commands import arguments
from node.config import SETTINGS
from tests.cli.conftest import ROOT, Command

COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
HOSTING = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
HEAVY = {
    "aiohttp",
    "aiosqlite",
    "cryptography",
    "icalendar",
    "jinja2",
    "jsonschema",
    "nh3",
    "sqlite3",
}


def parsers(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every subcommand by its full name: `event add`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, child in action.choices.items():
                yield f"{name} {word}".strip(), child
                yield from parsers(child, f"{name} {word}".strip())


ALL = dict(parsers(arguments.build()))


def section(name: str) -> str:
    """What commands.md says below the heading of a command."""
    _, _, rest = COMMANDS.partition(f"### `{name}`\n")
    return rest.partition("\n### ")[0].partition("\n## ")[0]


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = section(name.split(maxsplit=1)[0])
    assert text, f"no heading for {name}"
    if " " in name:
        assert f"`{name}" in text
    for action in ALL[name]._actions:
        for option in action.option_strings:
            if option.startswith("--") and option not in ("--help", "--data"):
                assert option in text, f"{name} {option}"


def test_nothing_is_documented_that_is_not_there() -> None:
    headings = [line[5:-1] for line in COMMANDS.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(name for name in ALL if " " not in name)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = [line.split("|")[1:4] for line in HOSTING.splitlines() if line.startswith("| `")]
    table = {key.strip(" `"): default.strip(" `") for key, default, _ in rows}
    for setting in SETTINGS:
        shown = (
            str(setting.default).lower()
            if isinstance(setting.default, bool)
            else str(setting.default)
        )
        assert table.get(setting.key) == (shown or "–"), setting.key


def test_every_code_of_doctor_and_check_is_explained() -> None:
    used = set()
    for name in ("check.py", "doctor.py", "outside.py"):
        words = (ROOT / "node" / "commands" / name).read_text(encoding="utf-8").split('"')
        used |= {
            word for word in words[1::2] if word.isupper() and len(word) > 2 and word.isalpha()
        }
    for code in used - {"GET", "POST"}:
        assert f"`{code}`" in HOSTING, code


def test_a_command_for_a_running_server_starts_light() -> None:
    code = f"import node.cli, sys; print(*({HEAVY} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert ran.stdout.strip() == b""


@pytest.mark.parametrize("words", [["--data", "D", "event", "list"], ["event", "--data", "D", "list"],
                                   ["event", "list", "--data", "D"]])  # fmt: skip
def test_the_directory_may_be_named_anywhere(words: list[str]) -> None:
    assert arguments.build().parse_args(words).data == "D"


def test_the_directory_is_that_of_the_variable_then_data(tmp_path: Path) -> None:
    named = Command(tmp_path / "named")("config")
    assert str(tmp_path / "named") in named.stderr
    unnamed = Command(Path())
    unnamed.variables["ROUGHWEATHER_DATA"] = ""
    assert f"{tmp_path}/data" in unnamed("config", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    "words",
    [[], ["event"], ["fly"], ["event", "add"], ["event", "list", "--fly"], ["serve", "--port", "x"],
     ["serve", "--port", "70000"], ["demo", "--nodes", "0"], ["steward", "add"], ["queue", "extra"]],
)  # fmt: skip
def test_wrong_usage_exits_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "usage: roughweather" in said.err


def test_help_and_version_exit_with_nought(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert cli.main(["event", "--help"]) == 0
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.endswith("roughweather 0.1.0\n")
