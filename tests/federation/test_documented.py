"""FEDERATION.md says what is received, and nothing that is not."""

import re
from pathlib import Path

from federation.inbox.dispatch import HANDLERS

PAGE = (Path(__file__).parents[2] / "FEDERATION.md").read_text(encoding="utf-8")


def test_every_activity_type_that_is_received_is_told_and_no_other() -> None:
    _, _, received = PAGE.partition("| activity | effect |\n")
    rows = received.partition("\n\n")[0].splitlines()[1:]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert told == set(HANDLERS)
