"""`backup` and `restore`: nothing lost, nothing trusted that was not proved."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node import backup
from node.commands.new_node import building
from node.config import load
from node.errors import RefusedError
from node.store import migrations
from tests.cli.conftest import Command

NOW = datetime(2027, 3, 14, tzinfo=UTC)


@pytest.fixture
def made(data: Path, tmp_path: Path) -> Path:
    """A backup of a node that has a picture."""
    (data / "media" / "ab").mkdir()
    (data / "media" / "ab" / "river.jpg").write_bytes(b"\xff\xd8" + bytes(5000))
    file = tmp_path / "backup.zip"
    backup.make(load(data), file, now=NOW)
    return file


def rows(path: Path) -> list[str]:
    """Everything in a database; a copy lists its triggers after its tables, wherever they stood."""
    database = sqlite3.connect(path)
    try:
        return sorted(database.iterdump())
    finally:
        database.close()


def files(data: Path) -> dict[str, bytes]:
    return {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and path.name in ("node.toml", "river.jpg")
    }


def restore(file: Path, data: Path) -> None:
    with building(data) as workshop:
        backup.restore(file, workshop)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same zip after `change` of its members by name."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return changed


def manifest(change: Callable[[dict[str, object]], None]) -> Callable[[dict[str, bytes]], None]:
    def changed(members: dict[str, bytes]) -> None:
        document = json.loads(members["manifest.json"])
        change(document)
        members["manifest.json"] = json.dumps(document).encode()

    return changed


def test_what_was_backed_up_comes_back_equal_and_private(
    data: Path, made: Path, tmp_path: Path
) -> None:
    restore(made, tmp_path / "new")
    assert files(tmp_path / "new") == files(data)
    assert rows(tmp_path / "new" / "node.sqlite3") == rows(data / "node.sqlite3")
    for path in [made, *(tmp_path / "new").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_restored_database_writes_ahead_again(made: Path, tmp_path: Path) -> None:
    restore(made, tmp_path / "new")
    database = sqlite3.connect(tmp_path / "new" / "node.sqlite3")
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_the_manifest_tells_what_the_file_holds(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        told = json.loads(archive.read("manifest.json"))
    assert (told["schema"], told["created"]) == (migrations.SCHEMA_VERSION, "2027-03-14T00:00:00Z")
    assert sorted(told["files"]) == ["media/ab/river.jpg", "node.sqlite3", "node.toml"]


def test_a_link_in_media_does_not_carry_other_files_out(data: Path, tmp_path: Path) -> None:
    (data / "media" / "passwd").symlink_to("/etc/passwd")
    backup.make(load(data), tmp_path / "b.zip", now=NOW)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "media/passwd" not in archive.namelist()


def test_a_damaged_database_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    content = bytearray((data / "node.sqlite3").read_bytes())
    content[4096 * 3 : 4096 * 20] = bytes(4096 * 17)
    (data / "node.sqlite3").write_bytes(content)
    with pytest.raises(RefusedError):
        backup.make(load(data), tmp_path / "b.zip", now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["node"]


def test_a_backup_that_fails_leaves_the_last_one(data: Path, made: Path) -> None:
    before = made.read_bytes()
    (data / "node.toml").unlink()
    (data / "node.toml").mkdir()
    with pytest.raises(RefusedError):
        backup.make(load_anyway(data), made, now=NOW)
    assert made.read_bytes() == before
    assert sorted(path.name for path in made.parent.iterdir()) == ["backup.zip", "node"]


def load_anyway(data: Path) -> backup.Config:
    return backup.Config(data, {"url": "https://norcal.example"})


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_harms_nothing(
    made: Path, data: Path, place: float, bit: int
) -> None:
    content = bytearray(made.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    flipped, new = made.with_name("flipped.zip"), made.with_name("new")
    flipped.write_bytes(content)
    try:
        restore(flipped, new)
    except RefusedError:
        assert not new.exists()
        return
    assert files(new) == files(data)
    assert rows(new / "node.sqlite3") == rows(data / "node.sqlite3")
    for path in sorted(new.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    new.rmdir()


@pytest.mark.parametrize("part", [0, 0.001, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(made: Path, tmp_path: Path, part: float) -> None:
    content = made.read_bytes()
    made.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(RefusedError, match=r"is not a backup, or it is damaged"):
        restore(made, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/cron.d/evil", "media/../../evil", "media", "media/", "evil.txt", "media/..",
     "media\\..\\evil", "lock", "media//x", "./node.toml"],
)  # fmt: skip
def test_a_name_that_has_no_place_in_a_node_is_refused(
    made: Path, tmp_path: Path, name: str
) -> None:
    def add(members: dict[str, bytes]) -> None:
        members[name] = b"evil"
        document = json.loads(members["manifest.json"])
        document["files"][name] = {"size": 4, "sha256": "0" * 64}
        members["manifest.json"] = json.dumps(document).encode()

    with pytest.raises(RefusedError, match="is not a backup"):
        restore(rewritten(made, add), tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "changed.zip", "node"]


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.pop("manifest.json"),
        lambda members: members.pop("node.sqlite3"),
        lambda members: members.update({"media/more.jpg": b"not in the manifest"}),
        lambda members: members.update(
            {"node.toml": members["node.toml"].replace(b"8999", b"9000")}
        ),
        lambda members: members.update({"manifest.json": b"[1]"}),
        lambda members: members.update({"manifest.json": b"{"}),
        manifest(lambda told: told.update(files=3)),
        manifest(lambda told: told.update(created="yesterday")),
        manifest(lambda told: told["files"].update({"node.toml": {"size": "x"}})),
        manifest(lambda told: told["files"].update({"node.toml": None})),
        manifest(lambda told: told["files"]["node.toml"].update(sha256="0" * 64)),
        manifest(lambda told: told.update(format="other")),
    ],
)
def test_what_the_manifest_does_not_vouch_for_is_refused(
    made: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    with pytest.raises(RefusedError, match="is not a backup"):
        restore(rewritten(made, change), tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("opened", ["[", '{"files":'], ids=["lists", "objects"])
def test_a_manifest_nested_too_deeply_is_refused_in_one_sentence(
    made: Path, tmp_path: Path, opened: str
) -> None:
    deep = rewritten(
        made, lambda members: members.update({"manifest.json": (opened * 200_000).encode()})
    )
    with pytest.raises(RefusedError) as refused:
        restore(deep, tmp_path / "new")
    assert str(refused.value) == (
        f"{deep} is not a backup, or it is damaged: its manifest is nested too deeply."
    )
    assert not (tmp_path / "new").exists()


def test_a_newer_schema_is_refused_whatever_the_manifest_says(
    made: Path, data: Path, tmp_path: Path
) -> None:
    newer = manifest(lambda told: told.update(schema=migrations.SCHEMA_VERSION + 1))
    with pytest.raises(RefusedError, match="newer than this program's"):
        restore(rewritten(made, newer), tmp_path / "new")
    database = sqlite3.connect(data / "node.sqlite3")
    database.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    database.close()
    backup.make(load(data), made, now=NOW)
    lying = manifest(lambda told: told.update(schema=migrations.SCHEMA_VERSION))
    with pytest.raises(RefusedError, match="newer than this program's"):
        restore(rewritten(made, lying), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_more_than_the_disk_holds_is_refused_before_it_is_unpacked(
    made: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(made) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["manifest.json"])
    bomb = made.with_name("bomb.zip")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("node.toml", "node.sqlite3", "media/ab/river.jpg"):
            archive.writestr(name, members[name])
        told["files"]["media/bomb"] = {"size": 10, "sha256": "0" * 64}
        archive.writestr("media/bomb", bytes(50_000_000))
        archive.writestr("manifest.json", json.dumps(told))
    with pytest.raises(RefusedError, match="media/bomb has the wrong length"):
        restore(bomb, tmp_path / "new")


def test_a_directory_that_holds_a_node_is_refused(run: Command, made: Path) -> None:
    before = files(run.data)
    refused = run("restore", made)
    assert refused.exit == 1
    assert "There is already a node" in refused.stderr
    assert files(run.data) == before


def test_the_commands_say_what_they_did(run: Command, empty: Command, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "b.zip", umask=0)
    assert (done.exit, done.stderr) == (0, "")
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    restored = empty("restore", tmp_path / "b.zip")
    assert (restored.exit, restored.stderr) == (0, "")
    assert "http://127.0.0.1:8999" in restored.stdout


@pytest.mark.parametrize("file", ["", "no/such/directory/b.zip"])
def test_a_place_that_cannot_be_written_is_one_plain_sentence(
    run: Command, tmp_path: Path, file: str
) -> None:
    failed = run("backup", tmp_path / file)
    assert failed.exit == 1
    assert len(failed.stderr.splitlines()) == 1


def test_a_file_that_is_no_backup_is_one_plain_sentence(empty: Command, tmp_path: Path) -> None:
    for file in (tmp_path / "missing.zip", Path(__file__)):
        failed = empty("restore", file)
        assert failed.exit == 1
        assert len(failed.stderr.splitlines()) == 1
        assert not empty.data.exists()
