"""Bringing a database file to the current schema, and refusing what cannot be brought there."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.clock import to_ms
from node.errors import RefusedError
from node.services import series
from node.store import events, migrations
from node.store.database import Database
from tests.conftest import GROUP
from tests.unit.test_series import MITTWOCHSKREIS


def made(path: Path, version: int) -> Path:
    """A current file that says it has another version."""
    migrations.create(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A folder with one step to version 2 that works, and one to version 3 that fails halfway."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0002_add_a_table.sql").write_text("CREATE TABLE two (x INTEGER) STRICT;")
    (folder / "0003_fail.sql").write_text("CREATE TABLE three (x INTEGER) STRICT; SELECT nothing;")
    return folder


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return {name for (name,) in rows}


def test_a_new_file_is_current_and_only_ours_to_read(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite3"
    migrations.create(path)
    assert migrations.pending(path) == []
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_from_the_future_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "node.sqlite3", migrations.SCHEMA_VERSION + 1)
    with pytest.raises(RefusedError, match="newer"):
        migrations.pending(path)


def test_a_file_that_is_no_node_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "node.sqlite3", 0)
    with pytest.raises(RefusedError, match="not a node"):
        migrations.pending(path)


def test_a_step_is_taken_once_after_a_copy(tmp_path: Path, steps: Path) -> None:
    path, copies = made(tmp_path / "node.sqlite3", 1), list[Path]()
    taken = migrations.migrate(path, copies.append, steps=steps, to=2)
    assert (taken, copies, migrations.version(path)) == ([2], [path], 2)
    assert "two" in tables(path)
    assert migrations.migrate(path, copies.append, steps=steps, to=2) == []
    assert copies == [path]


def test_a_failing_step_leaves_the_file_at_the_step_before(tmp_path: Path, steps: Path) -> None:
    path = made(tmp_path / "node.sqlite3", 1)
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(path, lambda _: None, steps=steps, to=3)
    assert migrations.version(path) == 2
    assert "three" not in tables(path)


@pytest.mark.parametrize("version", range(1, migrations.SCHEMA_VERSION))
def test_every_former_schema_is_brought_to_the_one_in_schema_sql(
    tmp_path: Path, version: int
) -> None:
    former = (Path(__file__).parent / "schemas" / f"{version}.sql").read_text(encoding="utf-8")
    path = tmp_path / "node.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"{former}; PRAGMA user_version = {version};")
    connection.close()
    assert migrations.migrate(path, lambda _: None)
    migrations.check_layout(path)
    assert catalog(path) == catalog(_fresh(tmp_path / "fresh.sqlite3"))


def catalog(path: Path) -> dict[str, object]:
    """Tables with their columns (in any order), and the text of indexes and triggers."""
    connection = sqlite3.connect(path)
    found: dict[str, object] = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind == "table":
            columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            found[name] = (sorted(column[1:6] for column in columns), sorted(keys))
        else:
            found[name] = " ".join(sql.split()) if sql else None
    connection.close()
    return found


def _fresh(path: Path) -> Path:
    migrations.create(path)
    return path


def test_the_servers_of_those_known_before_version_2_are_to_be_asked_what_they_run(
    tmp_path: Path,
) -> None:
    former = (Path(__file__).parent / "schemas" / "1.sql").read_text(encoding="utf-8")
    path = tmp_path / "node.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"{former}; PRAGMA user_version = 1;")
    for number, actor in enumerate(("https://A.example/u/1", "https://a.example/u/2")):
        connection.execute(
            "INSERT INTO follower VALUES (?, '', NULL, 'a.example', ?, '{}', 0)", (actor, number)
        )
    connection.execute(
        "INSERT INTO following VALUES ('http://b.example:8080', '', '', '', 'accepted', 0, 0)"
    )
    connection.commit()
    connection.close()
    migrations.migrate(path, lambda _: None)
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT host, origin FROM host_software ORDER BY host").fetchall()
    connection.close()
    assert rows == [("a.example", "https://a.example"), ("b.example:8080", "http://b.example:8080")]


async def test_an_event_that_recurred_in_version_1_becomes_a_series(tmp_path: Path) -> None:
    former = (Path(__file__).parent / "schemas" / "1.sql").read_text(encoding="utf-8")
    path = tmp_path / "node.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"{former}; PRAGMA user_version = 1;")
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    values = {"group": json.dumps(GROUP), "document": json.dumps(MITTWOCHSKREIS), "now": to_ms(now)}
    connection.execute("INSERT INTO group_profile VALUES (1, 'norcal', :group, :now, :now)", values)
    connection.execute(
        "INSERT INTO event (slug, document, visibility, federated, start_at, end_at, created_at, updated_at)"
        " VALUES ('mittwochskreis', :document, 'public', 1, :now, :now, :now, :now)",
        values,
    )
    connection.execute(
        "INSERT INTO rsvp (event_slug, who, via, answer, state, created_at, updated_at)"
        " VALUES ('mittwochskreis', 'Mo', 'web', 'going', 'confirmed', :now, :now)",
        values,
    )
    connection.commit()
    connection.close()
    migrations.migrate(path, lambda _: None)
    async with await Database.open(path) as database:
        await database.write(lambda session: series.keep_all(session, now))
        session = "mittwochskreis-2027-03-10"
        found = database.peek(
            lambda one: (
                [row["slug"] for row in one.rows("SELECT slug FROM event ORDER BY slug")],
                [row["event_slug"] for row in one.rows("SELECT event_slug FROM rsvp")],
                [
                    tuple(row)
                    for row in one.rows("SELECT kind, subject FROM outbox_entry ORDER BY seq")
                ],
            )
        )
    slugs, coming, told = found
    assert slugs[:2] == ["mittwochskreis", session]
    assert len(slugs) == 7
    assert coming == [session]
    assert told == [("delete_event", "mittwochskreis"), ("create_event", session)]


async def test_events_from_before_version_3_are_found_by_place_and_access(tmp_path: Path) -> None:
    former = (Path(__file__).parent / "schemas" / "1.sql").read_text(encoding="utf-8")
    path = tmp_path / "node.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"{former}; PRAGMA user_version = 1;")
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    walk = {
        "id": "walk",
        "title": "Walk",
        "start_local": "2027-04-01T10:00:00",
        "timezone": "Europe/Berlin",
        "location": {"name": "Boathouse", "visibility": "public", "lat": 52.4, "lon": 13.1},
        "access": {"step_free_entrance": "yes"},
    }
    values = {"group": json.dumps(GROUP), "document": json.dumps(walk), "now": to_ms(now)}
    connection.execute("INSERT INTO group_profile VALUES (1, 'norcal', :group, :now, :now)", values)
    connection.execute(
        "INSERT INTO event (slug, document, visibility, federated, start_at, end_at, created_at, updated_at)"
        " VALUES ('walk', :document, 'public', 1, :now, :now, :now, :now)",
        values,
    )
    connection.commit()
    connection.close()
    migrations.migrate(path, lambda _: None)
    async with await Database.open(path) as database:
        assert await database.write(events.fill_facts) == 1
        assert await database.write(events.fill_facts) == 0
        text = database.peek(lambda one: one.value("SELECT facts FROM event"))
    facts = json.loads(text)
    assert facts["place"] == " boathouse "
    assert facts["access"] == ["step_free_entrance"]
    assert facts["latitude"] == 52.4
