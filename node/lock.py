"""One process at a time: `DIR/lock`, held (flock) by the server for its life, by a command while it works.

A second process that writes the same SQLite file is what triggers its WAL-reset bug (fixed in 3.51.3),
and two delivery workers on one queue would send everything twice.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from node.errors import RefusedError

LOCK = "lock"
WAIT_SECONDS = 10.0
PAUSE_SECONDS = 0.05


@contextlib.contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the node in `data` for this process alone; raises RefusedError when another keeps it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (lock := try_hold(data)) is None:
        if time.monotonic() >= deadline:
            raise RefusedError(busy(data))
        time.sleep(PAUSE_SECONDS)  # between two tries: flock has no deadline of its own
    with lock:
        yield


def try_hold(data: Path) -> FileIO | None:
    """An open file that holds the lock until it is closed; None while another process has it.

    Raises RefusedError when the lock file cannot be opened.
    """
    try:
        lock = FileIO(data / LOCK, "ab", opener=_open_private)
    except OSError as error:
        raise RefusedError(f"{data / LOCK} cannot be opened: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def busy(data: Path) -> str:
    """The sentence for a node that another process holds."""
    return f"The node in {data} is in use by another process: stop it, or wait until it is done."


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
