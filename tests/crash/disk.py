"""A disk that fails on request, beneath a whole node: see `disk.c`, which a C compiler makes here.

async with failing_disk(tmp_path) as (disk, node):
    disk.fails(errno.ENOSPC)
"""

import errno
import mmap
import os
import shutil
import signal
import struct
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.crash.process import WarmNode, warm_node

SOURCE = Path(__file__).parent / "disk.c"
COMPILER = shutil.which("cc")
needs_a_compiler = pytest.mark.skipif(
    COMPILER is None, reason="the failing disk is written in C, and there is no compiler (cc)"
)
NOTHING = 0
FULL, BROKEN, READ_ONLY = errno.ENOSPC, errno.EIO, errno.EROFS
_NUMBERS = struct.Struct("=6q")
_SIZE = _NUMBERS.size + 2 * 512


class Disk:
    """What one directory's files do. Counts changes; a change is a write, a flush, a new name."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory

    def fails(self, error: int) -> None:
        """From now on every change fails with this errno; NOTHING ends it."""
        self._set(0, error)

    def is_unreadable(self, error: int) -> None:
        """From now on every read of a database fails with this errno; NOTHING ends it."""
        self._set(5, error)

    def is_slow(self, milliseconds: int) -> None:
        """From now on every flush takes so long."""
        self._set(1, milliseconds)

    def kills_at(self, change: int) -> None:
        """Kill whoever makes the change with this number, counted from now on."""
        self._set(3, 0)
        self._set(2, change)

    @property
    def changes(self) -> int:
        """How many there were since `kills_at`."""
        return self._get(3)

    @property
    def failed(self) -> int:
        """How many failed so far."""
        return self._get(4)

    def keeps(self, below: Path, durable: Path | None = None) -> None:
        """Rule the files below one directory; keep in the other what a power cut would leave of them."""
        for at, path in enumerate((below, durable)):
            text = os.fsencode(path) if path else b""
            start = _NUMBERS.size + 512 * at
            self._memory[start : start + 512] = text.ljust(512, b"\0")

    def _get(self, at: int) -> int:
        return int(_NUMBERS.unpack_from(self._memory)[at])

    def _set(self, at: int, number: int) -> None:
        struct.pack_into("=q", self._memory, 8 * at, number)


@contextmanager
def ruled_disk(directory: Path) -> Iterator[tuple[Disk, dict[str, str]]]:
    """A disk, and the variables with which a process gets it."""
    control, library = directory / "disk.control", directory / "disk.so"
    control.write_bytes(bytes(_SIZE))
    assert COMPILER is not None
    make = [COMPILER, "-shared", "-fPIC", "-O1", "-o", os.fspath(library), os.fspath(SOURCE)]
    subprocess.run([*make, "-ldl"], check=True, timeout=60)
    with control.open("r+b") as file, mmap.mmap(file.fileno(), _SIZE) as memory:
        variables = {"LD_PRELOAD": os.fspath(library), "DISK_CONTROL": os.fspath(control)}
        yield Disk(memory), variables


@asynccontextmanager
async def failing_disk(directory: Path, **settings: str) -> AsyncIterator[tuple[Disk, WarmNode]]:
    """A node, not yet serving, and the disk it stands on."""
    with ruled_disk(directory) as (disk, variables):
        async with warm_node(directory, "alder", **variables, **settings) as node:
            disk.keeps(node.data)
            try:
                yield disk, node
            finally:
                disk.fails(NOTHING)
                disk.is_unreadable(NOTHING)
                disk.kills_at(0)


async def died_at(disk: Disk, node: WarmNode, change: int, *arguments: str) -> int:
    """Carry out a command that is killed at its n-th change to the disk; its exit code."""
    disk.kills_at(change)
    process = await node.fork(*arguments)
    code = await process.wait()
    disk.kills_at(0)
    assert code in (0, -signal.SIGKILL), (arguments, node.log())
    return code
