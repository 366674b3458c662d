"""A database is only taken for ours if nothing of it is missing and nothing in it acts by itself."""

import sqlite3
from pathlib import Path

import pytest

from node.errors import RefusedError
from node.store import migrations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new file."""
    made = tmp_path / "node.sqlite3"
    migrations.create(made)
    return made


def run(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def test_a_new_file_is_sound(path: Path) -> None:
    migrations.check_layout(path)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DROP TABLE inbound", "the table inbound is missing"),
        ("ALTER TABLE block DROP COLUMN reason", "the column block.reason is missing"),
        ("DROP INDEX rsvp_by_person", "the index rsvp_by_person is missing"),
        ("DROP TABLE block; CREATE VIEW block AS SELECT 1 AS target", "the table block is missing"),
        ("CREATE VIEW spy AS SELECT private_pem FROM keypair", "'spy' is not ours"),
        (
            'CREATE TRIGGER "x\x1b[2J" AFTER INSERT ON inbound BEGIN DELETE FROM block; END',
            r"'x\\x1b\[2J' is not ours",
        ),
    ],
)
def test_what_is_missing_or_acts_by_itself_is_refused(path: Path, sql: str, words: str) -> None:
    run(path, sql)
    with pytest.raises(RefusedError, match=words):
        migrations.pending(path)


def test_more_tables_and_indexes_do_no_harm(path: Path) -> None:
    run(path, "CREATE TABLE more (x INTEGER); CREATE INDEX of_more ON more (x); ANALYZE")
    assert migrations.pending(path) == []
