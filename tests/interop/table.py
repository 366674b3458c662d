"""docs/interop-scenarios.md, made from scenarios.toml and the names of the tests.

A test says in its name which scenarios it holds: `test_s21_s22_an_undo_ends_it`, and for a run of them
`test_s125_to_s133_…`. `python -m tests.interop.table` writes the document.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "interop-scenarios.md"
LAST = 154
_NUMBERS = re.compile(r"test_(s\d+(?:_(?:to_)?s\d+)*)_(\w+)")
_HEAD = """# Interoperability scenarios

What other servers do with a node, scenario by scenario, and the tests in `tests/interop/` that hold it. The tests
drive a running node over HTTP with signatures made by hand, by a peer in the shape of Mastodon, GoToSocial, Misskey,
Pleroma, Lemmy, Pixelfed, Mobilizon, gancio, Friendica, the WordPress plugin or Fedify.

Written by `python -m tests.interop.table`, never by hand.

| | scenario | | tests |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A row: what it says, why it does not apply if so, the tests (file, what the name says)."""

    number: int
    says: str
    reason: str | None
    tests: tuple[tuple[str, str], ...]

    @property
    def row(self) -> str:
        """The row in Markdown."""
        state = "does not apply" if self.reason else "holds"
        by_file: dict[str, list[str]] = defaultdict(list)
        for file, name in self.tests:
            by_file[file].append(name.replace("_", " "))
        shown = [
            f"[{file}](../tests/interop/{file}): {'; '.join(by_file[file])}" for file in by_file
        ]
        return f"| S{self.number} | {self.says} | {state} | {self.reason or '<br>'.join(shown)} |"


def scenarios() -> list[Scenario]:
    """All of them, in order."""
    data = tomllib.loads((HERE / "scenarios.toml").read_text("utf-8"))
    tests = found()
    return [
        Scenario(
            number,
            data["says"][f"S{number}"],
            data["does_not_apply"].get(f"S{number}"),
            tuple(tests.get(number, ())),
        )
        for number in range(1, LAST + 1)
    ]


def found() -> dict[int, list[tuple[str, str]]]:
    """The tests by the numbers in their names: file and the rest of the name."""
    tests: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named = _NUMBERS.fullmatch(node.name)
                for number in _listed(named[1]) if named else ():
                    tests[number].append((path.name, named[2] if named else ""))
    return tests


def _listed(text: str) -> Iterator[int]:
    """The numbers of `s21_s22` or `s125_to_s133`."""
    for part in re.findall(r"s\d+(?:_to_s\d+)?", text):
        first, *last = (int(one) for one in re.findall(r"\d+", part))
        yield from range(first, (last[0] if last else first) + 1)


def document() -> str:
    """The whole document."""
    return _HEAD + "".join(f"{one.row}\n" for one in scenarios())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
