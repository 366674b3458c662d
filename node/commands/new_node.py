"""Putting a node's directory together so that it is there whole or not at all (`init`, `restore`)."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from node.config import FILE_NAME
from node.errors import RefusedError
from node.lock import LOCK, hold

_PARTS = (FILE_NAME, "node.sqlite3", "media")


@contextlib.contextmanager
def building(data: Path) -> Iterator[Path]:
    """An empty directory (0700); what is in it at the end becomes the node in `data`, or goes.

    `node.toml` is moved last: with it the node exists. Inside `data`, so that `data` may be a mount
    point. Raises RefusedError where `data` holds a node, or parts of one.
    """
    made = _claim(data)
    workshop: Path | None = None
    try:
        with hold(data):
            _refuse_occupied(data)
            for abandoned in data.glob(".new-*"):  # whoever was killed at it; we hold the lock
                shutil.rmtree(abandoned)
            workshop = Path(tempfile.mkdtemp(prefix=".new-", dir=data))
            yield workshop
            _move_in(workshop, data)
    except BaseException:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)
        if made:
            (data / LOCK).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                data.rmdir()
        raise


def _claim(data: Path) -> bool:
    """Make sure `data` is a private directory without a node; whether it had to be made."""
    if data.exists() and not data.is_dir():
        raise RefusedError(f"{data} is not a directory.")
    _refuse_occupied(data)
    made = not data.exists()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # a mount point may belong to somebody else
        data.chmod(0o700)
    return made


def _refuse_occupied(data: Path) -> None:
    if (data / FILE_NAME).exists():
        raise RefusedError(f"There is already a node in {data}; choose another --data.")
    for part in _PARTS:
        if (data / part).exists():
            raise RefusedError(f"{data} holds parts of a node ({part}); choose another --data.")


def _move_in(workshop: Path, data: Path) -> None:
    moved: list[Path] = []
    try:
        parts = sorted(workshop.iterdir(), key=lambda part: part.name == FILE_NAME)
        moved.extend(part.rename(data / part.name) for part in parts)
    except BaseException:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    workshop.rmdir()
