"""Backups that the node makes of itself: every day, kept for a week, in a folder of their own.

They save a node from its own database. Against the loss of the disk, the folder must be copied to another
machine, or lie on another disk (`backup.folder`). None is kept longer than people's answers are
(`node.upkeep`): what was to be forgotten is not kept in a backup either.
"""

import asyncio
import logging
import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from node import backup
from node.clock import Clock
from node.config import Config
from node.errors import RefusedError
from node.upkeep import RSVPS

_logger = logging.getLogger(__name__)

_FIRST = timedelta(hours=1)  # after the start of a node that was never backed up
_AGAIN = timedelta(hours=1)  # after one that failed
_PREFIX, _ENDING = "roughweather-", ".zip"
_NAME = f"{_PREFIX}%Y%m%d-%H%M{_ENDING}"
_ROOM = 3  # times the size of the database: its copy, the packed copy, and some


class BackupWorker:
    """Makes a backup when one is due, and removes those that are too old."""

    name = "backup"

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._every = timedelta(hours=config["backup.every_hours"])
        self._next: datetime | None = None

    async def step(self) -> bool:
        """Make a backup if one is due; always False."""
        now = self._clock.now()
        if not self._every:
            return False
        if self._next is None:
            last = backup.last_made(self._config)
            self._next = min(last, now) + self._every if last else now + _FIRST
        if now >= self._next:
            made = await asyncio.to_thread(keep_one, self._config, now)
            self._next = now + (self._every if made else _AGAIN)
        return False

    async def idle_seconds(self) -> float:
        """Until the next one is due, in seconds; looked at once an hour all the same."""
        if self._next is None:
            return 3600.0
        return min(3600.0, max(1.0, (self._next - self._clock.now()).total_seconds()))


def keep_one(config: Config, now: datetime) -> bool:
    """Make one backup and remove those that are too old; whether it was made. For a thread."""
    folder = folder_of(config)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = config.database_path.stat().st_size
        _forget(config, now)
        if shutil.disk_usage(folder).free < _ROOM * size:
            _logger.warning("No backup was made: there is no room for one in %s", folder)
            return False
        made = backup.make(config, folder / now.strftime(_NAME), now=now)
        _forget(config, now)
    except (RefusedError, OSError, sqlite3.Error) as error:
        _logger.warning("No backup was made: %s", error)
        return False
    _logger.info("Backed up %d files (%.1f MB) to %s", made.files, made.size / 1e6, folder)
    return True


def folder_of(config: Config) -> Path:
    """Where the node keeps the backups that it makes by itself."""
    return Path(config["backup.folder"]) if config["backup.folder"] else config.data / "backups"


def _forget(config: Config, now: datetime) -> None:
    """Remove backups that are too old, by their names; never the latest of them.

    Copies made before the schema was changed go, too, once they are as old as people's answers get.
    """
    oldest = (now - timedelta(days=config["backup.keep_days"])).strftime(_NAME)
    kept = sorted(folder_of(config).glob(f"{_PREFIX}*{_ENDING}"))
    gone = [path for path in kept[:-1] if path.name < oldest]
    copies = (config.data / "backups").glob("before-*.sqlite3")
    gone += [copy for copy in copies if copy.stat().st_mtime < (now - RSVPS).timestamp()]
    for path in gone:
        path.unlink(missing_ok=True)
