"""Golden files: what we send, as it was last looked at and found right."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"

Golden = Callable[[str, Mapping[str, Any] | str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        default=False,
        help="write tests/golden anew from what is rendered now (then read the diff)",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare with `tests/golden/<name>`: a document by its JSON, text as it is."""
    update = bool(request.config.getoption("--update-golden", default=False))
    if update and os.environ.get("CI"):
        pytest.exit("--update-golden is for people, not for CI", returncode=1)

    def compare(name: str, rendered: Mapping[str, Any] | str) -> None:
        path = GOLDEN / name
        text = rendered if isinstance(rendered, str) else _pretty(rendered)
        if update:
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is new: look at it with --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare


def _pretty(document: Mapping[str, Any]) -> str:
    """In the order of the keys as sent: the first language of a map is what Mastodon takes."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
