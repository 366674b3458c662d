"""The backups a node makes of itself: when they are due, how long they are kept, what they are worth."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node import backup
from node.backup_worker import BackupWorker, folder_of, keep_one
from node.commands.new_node import building
from node.config import check, load
from node.errors import InvalidDocumentError
from node.upkeep import RSVPS
from tests.conftest import TurnableClock

NOW = datetime(2027, 3, 14, 12, tzinfo=UTC)


def names(data: Path) -> list[str]:
    return sorted(path.name for path in folder_of(load(data)).glob("*.zip"))


async def test_a_day_after_the_last_one_the_next_is_made(data: Path) -> None:
    clock = TurnableClock(NOW)
    worker = BackupWorker(load(data), clock)
    await worker.step()
    assert names(data) == []  # a node that was just made has time
    clock.advance(hours=1)
    await worker.step()
    assert names(data) == ["roughweather-20270314-1300.zip"]
    clock.advance(hours=23)
    await worker.step()
    assert len(names(data)) == 1
    again = BackupWorker(load(data), clock)  # a restart begins nothing anew
    clock.advance(hours=1)
    await again.step()
    assert names(data) == ["roughweather-20270314-1300.zip", "roughweather-20270315-1300.zip"]
    assert backup.last_made(load(data)) == clock.now()


async def test_what_is_older_than_a_week_goes_but_never_the_last_one(data: Path) -> None:
    clock = TurnableClock(NOW)
    worker = BackupWorker(load(data), clock)
    clock.advance(hours=1)
    for _ in range(12):
        await worker.step()
        clock.advance(days=1)
    assert len(names(data)) == 8  # of the last seven days, and the one just made
    clock.advance(days=200)
    stopped = BackupWorker(load(data), clock)
    await stopped.step()
    assert names(data)[-1] == f"roughweather-{clock.now():%Y%m%d-%H%M}.zip"
    assert len(names(data)) == 1


async def test_copies_from_before_a_new_schema_go_with_peoples_answers(data: Path) -> None:
    clock, folder = TurnableClock(NOW), data / "backups"
    folder.mkdir(mode=0o700)
    for number, days in enumerate((29, 31)):
        made = (NOW - timedelta(days=days)).timestamp()
        (folder / f"before-{number}-x.sqlite3").touch()
        os.utime(folder / f"before-{number}-x.sqlite3", (made, made))
    assert keep_one(load(data), clock.now())
    assert [path.name for path in folder.glob("before-*")] == ["before-0-x.sqlite3"]


async def test_a_backup_of_the_node_can_be_restored_and_only_its_owner_reads_it(
    data: Path, tmp_path: Path
) -> None:
    clock = TurnableClock(NOW)
    worker = BackupWorker(load(data), clock)
    await worker.step()
    clock.advance(hours=2)
    await worker.step()
    folder = folder_of(load(data))
    assert folder.stat().st_mode & 0o777 == 0o700
    [made] = folder.glob("*.zip")
    assert made.stat().st_mode & 0o777 == 0o600
    with building(tmp_path / "new") as workshop:
        backup.restore(made, workshop)
    database = sqlite3.connect(tmp_path / "new" / "node.sqlite3")
    [(keys,)] = database.execute("SELECT count(*) FROM keypair").fetchall()
    database.close()
    assert keys >= 2


async def test_a_folder_that_cannot_be_written_stops_nothing_and_is_tried_again(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    config = check(data, {"url": "https://a.example", "backup.folder": str(tmp_path / "taken")})
    clock = TurnableClock(NOW)
    worker = BackupWorker(config, clock)
    await worker.step()
    clock.advance(hours=1)
    await worker.step()
    assert "No backup was made" in caplog.text
    (tmp_path / "taken").unlink()
    clock.advance(hours=1)
    await worker.step()
    assert len(list((tmp_path / "taken").glob("*.zip"))) == 1


async def test_never_is_never(data: Path) -> None:
    config = check(data, {"url": "https://a.example", "backup.every_hours": 0})
    clock = TurnableClock(NOW)
    worker = BackupWorker(config, clock)
    for _ in range(3):
        clock.advance(days=9)
        await worker.step()
    assert not (data / "backups").exists()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("backup.keep_days", 31), ("backup.keep_days", 0), ("backup.every_hours", 0.5)],
)
def test_no_backup_is_kept_longer_than_peoples_answers(
    data: Path, setting: str, value: float
) -> None:
    with pytest.raises(InvalidDocumentError, match=setting):
        check(data, {"url": "https://a.example", setting: value})


def test_the_limit_is_the_age_at_which_answers_go(data: Path) -> None:
    longest = check(data, {"url": "https://a.example", "backup.keep_days": 30})
    assert timedelta(days=longest["backup.keep_days"]) == RSVPS
