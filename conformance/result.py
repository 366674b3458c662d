"""What a suite says of one of its tests, and what we say to that."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RECORD = Path(__file__).parent.parent / "docs" / "conformance.md"
_ROW = re.compile(r"^\| ([^|]+) \| `([^`|]+)` \| ([^|]+) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Result:
    """One test: its suite, its name, whether it passed, failed or was skipped, and why."""

    suite: str
    test: str
    outcome: str
    words: str = ""


def explanations() -> dict[tuple[str, str], str]:
    """Suite and test → why it is right that the test fails: the rows of the table in docs/conformance.md."""
    rows = _ROW.findall(RECORD.read_text(encoding="utf-8"))
    return {(suite, test): why for suite, test, why in rows}


def summary(results: Iterable[Result]) -> list[str]:
    """One line for each suite, in the order they ran."""
    counts: dict[str, Counter[str]] = {}
    for result in results:
        counts.setdefault(result.suite, Counter())[result.outcome] += 1
    return [
        f"{suite}: {count[PASSED]} passed, {count[FAILED]} failed, {count[SKIPPED]} skipped"
        for suite, count in counts.items()
    ]


def surprises(results: Iterable[Result]) -> list[str]:
    """A sentence for each failure that nothing explains, and for each explanation of what passes."""
    known = explanations()
    found = []
    for result in results:
        explained = (result.suite, result.test) in known
        if result.outcome == FAILED and not explained:
            found.append(f"{result.suite}: {result.test} fails: {result.words}")
        if result.outcome == PASSED and explained:
            found.append(
                f"{result.suite}: {result.test} passes now; docs/conformance.md says that it fails."
            )
    return found
