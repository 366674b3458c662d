"""Kill -9 at every kind of moment of what is rarely done: start, migrate, back up, restore, replace keys.

The moments are changes to the disk, counted: the first, the last, and some between. Then the node must
go on as if it had not been tried, or as if it had been done.
"""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from federation.signatures import load_public_pem, read_signature, verify
from node.control import ask
from node.errors import RefusedError, RoughweatherError
from node.store import migrations
from tests.crash.disk import Disk, died_at, failing_disk, needs_a_compiler
from tests.crash.process import WarmNode
from tests.federation.peer import Peer, Recorded
from tests.running_node import eventually

pytestmark = needs_a_compiler
SCHEMAS = Path(__file__).parents[1] / "store" / "schemas"
EVENT = {"title": "Circle", "start_local": "2031-04-17T10:00:00", "timezone": "UTC"}


def moments(changes: int, most: int) -> Iterator[int]:
    """Numbers of changes, from the first to the last, evenly between."""
    yield from sorted({1 + (changes - 1) * at // (most - 1) for at in range(most)})


def left_over(directory: Path) -> list[str]:
    """What no part of a node is called."""
    parts = ("node.toml", "node.sqlite3", "media", "lock", "control.sock", "backups", "last-backup")
    return [one.name for one in directory.iterdir() if not one.name.startswith(parts)]


async def test_killed_while_it_starts(tmp_path: Path) -> None:
    async with failing_disk(tmp_path) as (disk, node):
        await node.start()
        await node.command("event", "add", "-", stdin=EVENT | {"id": "kept"})
        await node.kill()
        disk.kills_at(0)
        await node.start()
        changes = disk.changes
        for number in moments(changes, 8):
            await node.kill()
            disk.kills_at(number)
            await node.launch()
            ended = asyncio.create_task(node.process.wait())
            well = asyncio.create_task(node.well())
            await asyncio.wait({ended, well}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            await asyncio.gather(ended, well, return_exceptions=True)
            disk.kills_at(0)
            if node.process.returncode is not None:
                await node.start()
            assert [one["slug"] for one in await node.json("event", "list", "--json")] == ["kept"]
        assert await node.stop() == 0
        assert node.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("version", range(1, migrations.SCHEMA_VERSION))
async def test_killed_while_it_migrates(tmp_path: Path, version: int) -> None:
    """A database of a former release, with its data, is at the old version or at the new one."""
    async with failing_disk(tmp_path) as (disk, node):
        former = tmp_path / "former.sqlite3"
        for number in range(20):
            await node.run("event", "add", _file(tmp_path, f"circle-{number}"))
        expected = _former(former, node, version)
        _put(former, node)
        disk.kills_at(0)
        await node.run("migrate")
        for number in moments(disk.changes, 7):
            _put(former, node)
            await died_at(disk, node, number, "migrate")
            [(found,)] = node.rows("PRAGMA user_version")
            assert found in range(version, migrations.SCHEMA_VERSION + 1)
            for copy in (node.data / "backups").glob("*.sqlite3"):
                assert _is_whole(copy, version), number
            await node.run("migrate")
            assert not list((node.data / "backups").glob(".*"))
            assert node.rows("PRAGMA user_version") == [(migrations.SCHEMA_VERSION,)]
            assert node.rows("PRAGMA integrity_check") == [("ok",)]
            migrations.check_layout(node.data / "node.sqlite3")
            assert node.rows("SELECT slug, document FROM event ORDER BY slug") == expected


async def test_killed_while_it_is_backed_up(tmp_path: Path) -> None:
    """The last backup stays whole until the next one is; nothing of an attempt stays for ever."""
    target, elsewhere = tmp_path / "alder" / "backups" / "node.zip", tmp_path / "restored"
    async with failing_disk(tmp_path) as (disk, node):
        target.parent.mkdir(mode=0o700)
        await node.start()
        await node.command("event", "add", "-", stdin=EVENT | {"id": "kept"})
        disk.kills_at(0)
        await node.run("backup", str(target))
        changes = disk.changes
        for number in moments(changes, 6):
            await died_at(disk, node, number, "backup", str(target))
            copy = WarmNode(elsewhere, "", "", 0, node.environment, warm=node.warm)
            await copy.run("restore", str(target))
            assert copy.rows("SELECT slug FROM event") == [("kept",)]
            shutil.rmtree(elsewhere)
        two_days_ago = time.time() - 2 * 24 * 60 * 60
        for abandoned in (*node.data.iterdir(), *target.parent.iterdir()):
            os.utime(abandoned, (two_days_ago, two_days_ago))
        await node.run("backup", str(target))
        assert left_over(node.data) == []
        assert [one.name for one in target.parent.iterdir()] == ["node.zip"]


async def test_killed_while_it_is_restored(tmp_path: Path) -> None:
    """There is no node, or all of it; what half there is serves nobody."""
    backup, there = tmp_path / "node.zip", tmp_path / "restored"
    async with failing_disk(tmp_path) as (disk, node):
        await node.run("event", "add", _file(tmp_path))
        await node.run("backup", str(backup))
        copy = WarmNode(there, "", "restored", 0, node.environment, warm=node.warm)
        copy.log_file.touch()
        disk.keeps(there)
        disk.kills_at(0)
        await copy.run("restore", str(backup))
        for number in moments(disk.changes, 9):
            shutil.rmtree(there)
            await died_at(disk, copy, number, "restore", str(backup))
            if (there / "node.toml").exists():
                assert copy.rows("SELECT slug FROM event") == [("kept",)]
                assert (there / "media").is_dir()
                continue
            await copy.run("serve", "--port", "1", code=1)
            if not any((there / part).exists() for part in ("node.sqlite3", "media")):
                await copy.run("restore", str(backup))
                assert left_over(there) == []
            else:  # in the middle of three renames: it says so, and takes another directory
                await copy.run("restore", str(backup), code=1)
                assert "parts of a node" in copy.log()


async def test_killed_while_its_keys_are_replaced(tmp_path: Path) -> None:
    """Whatever was told is signed by a key that is in the document of the group, then or after."""
    async with Peer.start() as peer, failing_disk(tmp_path) as (disk, node):
        await node.start()
        reader = peer.actor("reader", shared_inbox=False)
        follow = reader.activity("Follow", f"{node.url}/group")
        await peer.post_signed(f"{node.url}/inbox", follow, actor=reader)
        await peer.delivery("Accept", path="/users/reader/inbox")
        keys = {await _key(peer, node)}
        for number in (1, 2, 3, 4, 6, 9):
            await _rotated_until(disk, node, number)
            keys.add(await _key(peer, node))
            slug = f"after-{number}"
            await node.command("event", "add", "-", stdin=EVENT | {"id": slug})
            await _told(peer, f"{node.url}/events/{slug}")
            last = peer.asked("/users/reader/inbox", "POST")[-1]
            _verify(last, keys, peer)
        await node.settled()
        for request in peer.asked("/users/reader/inbox", "POST"):
            _verify(request, keys, peer)


# ------------------------------------------------------------------------------------- how


def _former(path: Path, node: WarmNode, version: int) -> list[tuple[str, str]]:
    """A database of that version with all that this node's has in common with it; its events."""
    former = (SCHEMAS / f"{version}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"{former}; PRAGMA user_version = {version};")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("ATTACH :now AS now", {"now": str(node.data / "node.sqlite3")})
        for table in _names(connection, "SELECT name FROM main.sqlite_master WHERE type = 'table'"):
            had = _names(connection, f"SELECT name FROM pragma_table_info('{table}', 'main')")
            has = _names(connection, f"SELECT name FROM pragma_table_info('{table}', 'now')")
            both = ", ".join(name for name in had if name in has)
            connection.execute(
                f"INSERT OR REPLACE INTO {table} ({both}) SELECT {both} FROM now.{table}"
            )
        connection.commit()
        return connection.execute("SELECT slug, document FROM main.event ORDER BY slug").fetchall()


def _names(connection: sqlite3.Connection, sql: str) -> list[str]:
    return [row[0] for row in connection.execute(sql)]


def _put(former: Path, node: WarmNode) -> None:
    """The old database in place of the new one, as if nothing had been tried."""
    for name in ("node.sqlite3-wal", "node.sqlite3-shm"):
        (node.data / name).unlink(missing_ok=True)
    shutil.rmtree(node.data / "backups", ignore_errors=True)
    shutil.copyfile(former, node.data / "node.sqlite3")


def _is_whole(path: Path, version: int) -> bool:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return sound and connection.execute("PRAGMA user_version").fetchone() == (version,)


def _file(directory: Path, slug: str = "kept") -> str:
    file = directory / "event.json"
    file.write_text(json.dumps(EVENT | {"id": slug}))
    return str(file)


async def _rotated_until(disk: Disk, node: WarmNode, number: int) -> None:
    """Replace the keys; the server dies at the n-th change, and the next one starts."""
    disk.kills_at(number)
    arguments = {"action": "rotate", "actor": "group"}
    try:
        await asyncio.to_thread(ask, node.data, "keys", arguments, b"")
    except RefusedError:
        assert await node.process.wait() == -signal.SIGKILL
    disk.kills_at(0)
    await node.kill()
    await node.start()


async def _key(peer: Peer, node: WarmNode) -> str:
    """The key in the document of the group, as PEM."""
    actor = peer.actors["reader"]
    answer = await peer.get_signed(f"{node.url}/group", actor=actor)
    return str(answer.json["publicKey"]["publicKeyPem"])


async def _told(peer: Peer, event: str) -> None:
    async def came() -> bool:
        return any(
            one["type"] == "Create" and one["object"]["id"] == event
            for one in peer.deliveries("/users/reader/inbox")
        )

    await eventually(came, seconds=10)


def _verify(request: Recorded, keys: set[str], peer: Peer) -> None:
    """One of these keys made the signature."""
    signed = request.signed()
    for pem in keys:
        with suppress(RoughweatherError):
            claim, now = read_signature(signed), datetime.now(UTC)
            verify(
                signed,
                claim,
                load_public_pem(pem),
                now=now,
                hosts=frozenset({peer.host}),
                scheme="http",
            )
            return
    raise AssertionError("it is signed by a key that the group never had")
