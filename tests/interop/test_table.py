"""The table in the docs is what the tests say, and no scenario is left out of it."""

from tests.interop import table


def test_the_table_is_up_to_date() -> None:
    written = table.DOCUMENT.read_text("utf-8")
    assert written == table.document(), "run python -m tests.interop.table"


def test_every_scenario_has_a_test_or_a_reason() -> None:
    for one in table.scenarios():
        assert bool(one.tests) != bool(one.reason), one.number
    assert set(table.found()) <= set(table.NUMBERS)
