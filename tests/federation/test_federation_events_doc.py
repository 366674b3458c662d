"""docs/federation-events.md lists the 25 items of FEP-8a8e; each has a test of its number."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_item_is_told_and_tested() -> None:
    page = (ROOT / "docs" / "federation-events.md").read_text(encoding="utf-8")
    told = [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    assert told == list(range(1, 26))
    tests = (ROOT / "tests" / "interop" / "test_fep_8a8e.py").read_text(encoding="utf-8")
    tested = {int(number) for number in re.findall(r"def test_fep_8a8e_(\d\d)_", tests)}
    assert sorted(tested) == told
