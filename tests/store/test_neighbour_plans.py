"""What the neighbours page reads is found by time, so that a long archive does not slow it down."""

import sqlite3

import pytest

from node.store import migrations, neighbours


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (neighbours._UPCOMING_EVENTS, "neighbour_post_by_end"),
        (neighbours._RECENT_NOTES, "neighbour_post_by_date"),
        (neighbours._UNDATED_EVENTS, "neighbour_post_undated"),
    ],
)
def test_posts_are_found_by_time(statement: str, index: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(migrations.schema_sql())
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN {statement}", {"now": 0, "since": 0, "limit": 1}
    ).fetchall()
    connection.close()
    assert index in plan[0][3]
