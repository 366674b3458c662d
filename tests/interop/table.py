"""docs/interop-scenarios.md, made from scenarios.toml and the names of the tests.

`python -m tests.interop.table` writes the document.
"""

import tomllib
from pathlib import Path

from tests import numbered

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "interop-scenarios.md"
NUMBERS = tuple(f"S{number}" for number in range(1, 155))
_HEAD = """# Interoperability scenarios

What other servers do with a node, scenario by scenario, and the tests in `tests/interop/` that hold it. The tests
drive a running node over HTTP with signatures made by hand, by a peer in the shape of Mastodon, GoToSocial, Misskey,
Pleroma, Lemmy, Pixelfed, Mobilizon, gancio, Friendica, the WordPress plugin or Fedify.

Written by `python -m tests.interop.table`, never by hand.

| | scenario | | tests |
|---|---|---|---|
"""


def scenarios() -> list[numbered.Numbered]:
    """All of them, in order."""
    data = tomllib.loads((HERE / "scenarios.toml").read_text("utf-8"))
    tests = found()
    return [
        numbered.Numbered(
            number,
            data["says"][number],
            data["does_not_apply"].get(number),
            tuple(tests.get(number, ())),
        )
        for number in NUMBERS
    ]


def found() -> numbered.Tests:
    """The tests by the numbers in their names."""
    return numbered.found(HERE.glob("test_*.py"), "s")


def document() -> str:
    """The whole document."""
    return _HEAD + "".join(one.row("interop") for one in scenarios())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
