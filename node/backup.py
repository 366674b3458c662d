"""Backup files: one zip with the settings, a copy of the database, the media and a manifest.

    node.toml · node.sqlite3 · media/… · manifest.json

The manifest, written last, names every file with its size and SHA-256, the schema and the moment. A
backup holds the private keys, so it is 0600 like the node itself. A file that is to be restored is
hostile until proved sound: nothing is unpacked that the manifest does not vouch for.
"""

import hashlib
import json
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Any

from node import __version__
from node.clock import rfc3339
from node.config import FILE_NAME, Config
from node.errors import RefusedError
from node.store import migrations
from node.store.snapshot import damage, make_current, snapshot, sync

DATABASE = "node.sqlite3"
LAST_BACKUP = "last-backup"  # in the directory of the node: when the last one was made
MANIFEST = "manifest.json"
MEDIA = "media"

_FORMAT = "roughweather-backup"
_VERSION = 1
_CHUNK = 1024 * 1024
_LARGEST_MANIFEST = 64 * 1024 * 1024
_MOST_FILES = 1_000_000
_ABANDONED_SECONDS = 24 * 60 * 60.0
_ALWAYS = (FILE_NAME, DATABASE)
# What zipfile and json raise for bytes that are no backup, or no longer one.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError)
_UNSUPPORTED = (RuntimeError, NotImplementedError)  # an encrypted file, an unknown compression


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a backup holds: `size` of the file in bytes, `created` in UTC."""

    created: datetime
    url: str
    schema: int
    files: int
    size: int


def make(config: Config, target: Path, *, now: datetime) -> Summary:
    """Back a node up into the file `target`, whole or not at all; the node may be running.

    Raises RefusedError where the copy of the database is damaged or a file cannot be read or written.
    """
    if target.is_dir():
        raise RefusedError(f"{target} is a directory; name a file.")
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    _clear_away(config.data.glob(".backup-*"), target.parent.glob(f".{target.name}.*"), now=now)
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=config.data) as folder:
            copy = Path(folder) / DATABASE
            snapshot(config.database_path, copy)
            with _new_private(temporary) as file:
                files = _pack(file, config, copy, now)
                file.flush()
                os.fsync(file.fileno())
            schema = migrations.version(copy)
        temporary.replace(target)
        sync(target.parent)
    except OSError as error:
        raise RefusedError(f"The backup cannot be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)
    (config.data / LAST_BACKUP).write_text(rfc3339(now) + "\n", encoding="utf-8")
    return Summary(
        created=now, url=config.urls.origin, schema=schema, files=files, size=target.stat().st_size
    )


def restore(source: Path, workshop: Path) -> Summary:
    """Unpack a backup into the empty directory `workshop`, checked in every respect.

    Raises RefusedError for what is no backup, is damaged, or has a newer schema; what was unpacked by
    then is the caller's to remove.
    """
    try:
        with source.open("rb") as file, zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            files = _vouched_for(archive, manifest)
            _refuse_too_large(files, workshop)
            _refuse_newer(manifest["schema"])
            (workshop / MEDIA).mkdir(mode=0o700)
            for name, entry in files.items():
                _unpack(archive, name, entry, workshop)
    except OSError as error:
        raise RefusedError(f"{source} cannot be restored: {error.strerror or error}.") from error
    except (*_DAMAGED, *_UNSUPPORTED) as error:
        raise RefusedError(f"{source} is not a backup, or it is damaged: {error}.") from error
    _prove_database(workshop / DATABASE)
    return Summary(
        created=_created(manifest),
        url=str(manifest.get("url")),
        schema=manifest["schema"],
        files=len(files),
        size=source.stat().st_size,
    )


def _clear_away(*attempts: Iterable[Path], now: datetime) -> None:
    """Remove what a backup that was killed left behind: it holds the keys, and would stay for ever."""
    for path in chain(*attempts):
        with suppress(OSError):  # somebody else was first
            if now.timestamp() - path.stat().st_mtime < _ABANDONED_SECONDS:
                continue  # another one may be at work
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def last_made(config: Config) -> datetime | None:
    """When the node was last backed up from here; None where it never was, or nobody knows."""
    try:
        text = (config.data / LAST_BACKUP).read_text(encoding="utf-8").strip()
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OSError, ValueError):
        return None


def _pack(file: IO[bytes], config: Config, copy: Path, now: datetime) -> int:
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in _contents(config, copy):
            files[name] = _add(archive, name, path)
        manifest = {
            "format": _FORMAT,
            "version": _VERSION,
            "created": rfc3339(now),
            "software": __version__,
            "schema": migrations.version(copy),
            "url": config.urls.origin,
            "files": files,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return len(files)


def _contents(config: Config, copy: Path) -> Iterator[tuple[str, Path]]:
    yield FILE_NAME, config.data / FILE_NAME
    yield DATABASE, copy
    for path in sorted(config.media.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{MEDIA}/{path.relative_to(config.media).as_posix()}", path


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    """Copy one file in; its entry of the manifest, true of the bytes that were copied."""
    entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    # Pictures and recordings are compressed already.
    entry.compress_type = zipfile.ZIP_STORED if name.startswith(MEDIA) else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(entry, "w") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise ValueError("its manifest is too long")
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except RecursionError as error:  # the parser goes down into nesting, however deep
        raise ValueError("its manifest is nested too deeply") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise ValueError("it has no manifest of ours")
    if manifest.get("version") != _VERSION:
        raise RefusedError(
            "The backup was made by a newer version of this program: install that one."
        )
    if not isinstance(manifest.get("schema"), int) or not isinstance(manifest.get("files"), dict):
        raise ValueError("its manifest is incomplete")
    for entry in manifest["files"].values():
        if not isinstance(entry, dict) or not isinstance(entry.get("size"), int):
            raise ValueError("its manifest is incomplete")
    _created(manifest)
    if not str(manifest.get("url")).isprintable():
        raise ValueError("its manifest is incomplete")
    return manifest


def _created(manifest: dict[str, Any]) -> datetime:
    """When it was made; raises ValueError."""
    try:
        return datetime.fromisoformat(str(manifest.get("created"))).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("its date is none") from error


def _vouched_for(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The manifest's files, exactly those that the archive holds, each under a name that is ours."""
    files: dict[str, dict[str, Any]] = manifest["files"]
    names = archive.namelist()
    if len(names) > _MOST_FILES or sorted(names) != sorted([*files, MANIFEST]):
        raise ValueError("its files are not those of its manifest")
    for name in files:
        if name not in _ALWAYS and not _is_media(name):
            raise ValueError(f"{name!r} has no place in a node")
        if archive.getinfo(name).file_size != files[name]["size"]:
            raise ValueError(f"{name} has the wrong length")
    for name in _ALWAYS:
        if name not in files:
            raise ValueError(f"{name} is missing")
    return files


def _is_media(name: str) -> bool:
    """Whether this is a plain path below `media/`: nothing that could climb out of it."""
    path = PurePosixPath(name)
    return (
        len(path.parts) > 1
        and path.parts[0] == MEDIA
        and ".." not in path.parts
        and str(path) == name
        and not any(sign in name for sign in "\\:\0")
    )


def _refuse_too_large(files: dict[str, dict[str, Any]], workshop: Path) -> None:
    needed = sum(entry["size"] for entry in files.values())
    if needed > shutil.disk_usage(workshop).free:
        raise RefusedError(
            f"The backup needs {needed // 1_000_000 + 1} MB, more than the disk has free."
        )


def _refuse_newer(schema: int) -> None:
    if schema > migrations.SCHEMA_VERSION:
        raise RefusedError(
            f"The backup has schema {schema}, newer than this program's {migrations.SCHEMA_VERSION}:"
            " install the newer version that wrote it."
        )


def _unpack(archive: zipfile.ZipFile, name: str, entry: dict[str, Any], workshop: Path) -> None:
    """One file, stopped at the first byte beyond its length; raises ValueError where it differs."""
    target = workshop / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as source, _new_private(target) as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > entry["size"]:
                break
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size != entry["size"] or digest.hexdigest() != entry.get("sha256"):
        raise ValueError(f"{name} was changed or cut off")


def _prove_database(path: Path) -> None:
    found = damage(path)
    if found:
        raise RefusedError(f"The database in the backup is damaged: {found[0]}.")
    _refuse_newer(migrations.version(path))
    try:
        migrations.pending(path)
    except RefusedError as error:
        words = str(error).replace(str(path), "The database in the backup")
        raise RefusedError(words) from error
    make_current(path)


def _new_private(path: Path) -> IO[bytes]:
    """A new file that only its owner can read, open for writing; FileExistsError if it is there."""
    path.touch(mode=0o600, exist_ok=False)
    return path.open("r+b")
