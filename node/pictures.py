"""Pictures on their way in and out of the folder `media`: cleaned, kept on the disk, swept away.

A picture is taken in three steps that each survive a crash: its files are written and flushed, its row is
committed, and the document that shows it comes after. Taken away is in the opposite order: the document, the
row, the files. So a row always has its files, and files without a row are nobody's: the worker sweeps them.
"""

import asyncio
import base64
import errno
import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from node.clock import Clock
from node.domain.picture import ID, Picture, named
from node.domain.sentence import Sentence
from node.errors import (
    DiskFullError,
    RefusedError,
    TooLargeError,
    TryLaterError,
    UnsupportedMediaError,
)
from node.store import pictures
from node.store.database import Database

LARGEST_UPLOAD: Final = 12 * 1024 * 1024
STAGED: Final = timedelta(days=1)  # a picture whose form was never finished
_SECONDS: Final = 30.0
_MOST_WAITING: Final = 4
_MEGABYTE: Final = 1_000_000
_CHILD: Final = (sys.executable, "-m", "node.picture_cleaner")

TOO_LARGE: Final = Sentence("A picture can have up to %(most)s MB.", most=LARGEST_UPLOAD >> 20)
_REFUSED: Final[Mapping[str, str]] = {
    "unknown": Sentence("This is no picture that we can read: JPEG, PNG, WebP and GIF are."),
    "pixels": Sentence("The picture has too many points: up to 33 million are taken."),
    "broken": Sentence("The picture is damaged or cut off, and could not be read to its end."),
}
_NO_LIBRARY: Final = Sentence(
    "This node cannot take pictures yet: whoever looks after it has to install the part “media”."
)
_FULL: Final = Sentence("The room that this node has for pictures is used up.")
_DISK: Final = Sentence(
    "The disk is nearly full, so no picture is taken at the moment. Everything else still works."
)
_BUSY: Final = Sentence("Many pictures are being read at once; try again in a minute.")
_NOT_KEPT: Final = Sentence("The picture cannot be kept on the disk at the moment.")


class Pictures:
    """The folder of pictures of an open node. One picture is cleaned at a time: a small machine has little memory."""

    def __init__(
        self, database: Database, clock: Clock, folder: Path, *, room_mb: float, keep_free_mb: float
    ) -> None:
        self.folder = folder
        self._database = database
        self._clock = clock
        self._room = int(room_mb * _MEGABYTE)
        self._keep_free = int(keep_free_mb * _MEGABYTE)
        self._one_at_a_time = asyncio.Semaphore(1)
        self._waiting = 0
        self._writing: set[str] = set()

    async def take(self, data: bytes, *, picture_id: str = "") -> Picture:
        """Clean a picture and keep it; nothing shows it yet.

        `picture_id` is one that it had elsewhere; one that is here already stays as it is. Raises
        TooLargeError, UnsupportedMediaError, RefusedError, DiskFullError and TryLaterError, each with
        a sentence for whoever gave it.
        """
        if len(data) > LARGEST_UPLOAD:
            raise TooLargeError(TOO_LARGE)
        if find_spec("PIL") is None:
            raise RefusedError(_NO_LIBRARY)
        if picture_id and not ID.fullmatch(picture_id):
            raise RefusedError("A picture's id is 26 small letters and digits from 2 to 7.")
        kept = await self._database.read(lambda session: pictures.get(session, picture_id))
        if kept is not None:
            return kept
        await self._refuse_without_room()
        if self._waiting >= _MOST_WAITING:
            raise TryLaterError(_BUSY)
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                sizes, bodies = await _cleaned(data)
        finally:
            self._waiting -= 1
        picture = Picture(picture_id or _new_id(), *sizes[0])
        await self._keep(picture, dict(zip(picture.files, bodies, strict=True)))
        return picture

    async def sweep(self) -> int:
        """Take away what nothing shows any more, and files that nobody knows; how many pictures went."""
        before = self._clock.now() - STAGED
        if await self._database.read(lambda session: pictures.has_unused(session, before)):
            gone = await self._database.write(lambda session: pictures.drop_unused(session, before))
            await asyncio.to_thread(self._remove, [file for one in gone for file in one.files])
            return len(gone)
        return 0

    async def sweep_strays(self) -> None:
        """Take away files with names of ours that no row speaks of: left by a crash."""
        there = await asyncio.to_thread(lambda: [path.name for path in self.folder.glob("*")])
        known = await self._database.read(lambda session: set(pictures.files(session)))
        strays = [
            name
            for name in there
            if name not in known
            and name not in self._writing
            and (named(name) or named(name.removeprefix(".").removesuffix(".new")))
        ]
        await asyncio.to_thread(self._remove, strays)

    async def _refuse_without_room(self) -> None:
        used = await self._database.read(pictures.bytes_used)
        if used >= self._room:
            raise DiskFullError(_FULL)
        if await asyncio.to_thread(self._free) < self._keep_free:
            raise DiskFullError(_DISK)

    async def _keep(self, picture: Picture, files: Mapping[str, bytes]) -> None:
        names = {name for file in files for name in (file, _temporary(file))}
        self._writing |= names
        weights, now = [len(body) for body in files.values()], self._clock.now()
        try:
            await asyncio.to_thread(self._write, files)
            await self._database.write(lambda session: pictures.add(session, picture, weights, now))
        except OSError as error:
            await asyncio.to_thread(self._remove, list(names))
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(_DISK) from error
            raise TryLaterError(_NOT_KEPT) from error
        finally:
            self._writing -= names

    def _free(self) -> int:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Each file whole or not at all, and on the disk before this returns."""
        for name, body in files.items():
            temporary = self.folder / _temporary(name)
            with os.fdopen(
                os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


class PictureWorker:
    """Sweeps the folder: strays once as it starts, and every few seconds what is shown no longer."""

    name = "pictures"

    def __init__(self, kept: Pictures) -> None:
        self._kept = kept
        self._looked = False

    async def step(self) -> bool:
        """One round; False when nothing is left."""
        if not self._looked:
            await self._kept.sweep_strays()
            self._looked = True
        return await self._kept.sweep() > 0


async def _cleaned(data: bytes) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Sizes and bytes of the large and the small file, made by a process that may die of it."""
    child = await asyncio.create_subprocess_exec(
        *_CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await child.communicate(data)
    except TimeoutError:
        raise RefusedError(_REFUSED["broken"]) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    head, _, bodies = said.partition(b"\n")
    if child.returncode != 0 or not head:
        raise RefusedError(_REFUSED["broken"])
    answer: dict[str, Any] = json.loads(head)
    if "files" not in answer:
        raise UnsupportedMediaError(_REFUSED[answer["refused"]])
    sizes, parts = [], []
    for width, height, length in answer["files"]:
        sizes.append((width, height))
        parts.append(bodies[:length])
        bodies = bodies[length:]
    return sizes, parts


def _temporary(name: str) -> str:
    return f".{name}.new"


def _new_id() -> str:
    """128 random bits that nobody can guess, as 26 characters that every file system takes."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
