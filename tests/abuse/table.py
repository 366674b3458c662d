"""docs/abuse-corpus.md, made from corpus.toml and the names of the tests.

`python -m tests.abuse.table` writes the document.
"""

import tomllib
from pathlib import Path
from typing import Any

from tests import numbered

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "abuse-corpus.md"
_HEAD = """# The abuse corpus

What has been done to servers of this kind, case by case, and the tests that hold it here. Those in `tests/abuse/`
attack a running node from outside. A refused attack has changed no row of any table, asked nobody for more than the
one fetch it takes to know a key, and left no trace of an unexpected failure.

Written by `python -m tests.abuse.table`, never by hand.

| | attack | | tests |
|---|---|---|---|
"""


def corpus() -> dict[str, Any]:
    """The data file: `says`, `does_not_apply` and `held_elsewhere`, each by number."""
    return tomllib.loads((HERE / "corpus.toml").read_text("utf-8"))


def cases() -> list[numbered.Numbered]:
    """All of them, in the order of the data file."""
    data, tests = corpus(), found()
    return [
        numbered.Numbered(
            number,
            says,
            data["does_not_apply"].get(number),
            (*tests.get(number, ()), *map(_elsewhere, data["held_elsewhere"].get(number, ()))),
        )
        for number, says in data["says"].items()
    ]


def found() -> numbered.Tests:
    """The tests here by the numbers in their names."""
    return numbered.found(HERE.glob("test_*.py"), "abcdefghijklm")


def document() -> str:
    """The whole document."""
    return _HEAD + "".join(one.row("abuse") for one in cases())


def _elsewhere(test: str) -> tuple[str, str]:
    """`unit/test_x.py::test_that_it_holds`, seen from this directory."""
    file, _, name = test.partition("::")
    return f"../{file}", name.removeprefix("test_")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
