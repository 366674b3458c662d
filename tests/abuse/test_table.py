"""The table in the docs is what the tests say, and it names no test that is not there."""

from collections import Counter

from tests.abuse import table


def test_the_table_is_up_to_date() -> None:
    written = table.DOCUMENT.read_text("utf-8")
    assert written == table.document(), "run python -m tests.abuse.table"


def test_every_case_has_a_test_or_a_reason() -> None:
    data = table.corpus()
    for one in table.cases():
        assert bool(one.tests) != bool(one.reason), one.number
    assert set(table.found()) | set(data["does_not_apply"]) <= set(data["says"])
    counted = Counter(number[0] for number in data["says"])
    assert dict(counted) == dict(
        zip("ABCDEFGHIJKLM", (18, 16, 29, 27, 10, 14, 19, 14, 8, 8, 11, 15, 8), strict=True)
    )


def test_what_is_held_elsewhere_is_there() -> None:
    for tests in table.corpus()["held_elsewhere"].values():
        for test in tests:
            file, _, name = test.partition("::")
            assert f"def {name}(" in (table.HERE.parent / file).read_text("utf-8"), test
