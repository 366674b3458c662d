"""Pictures that travel beside a document: read and written by the command, cleaned and kept by the node."""

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from node.config import load
from node.control import Outcome
from node.domain.picture import Picture, anywhere_in
from node.errors import RefusedError

# Carries out a command on the node: its name, its arguments, its standard input.
Perform = Callable[[str, dict[str, str], bytes], Outcome]
_MOST_READ = 20_000_000


def send(options: argparse.Namespace, document: bytes, perform: Perform) -> str | None:
    """Give the node the pictures that belong to a document before the document itself comes.

    The name of the one given with `--image`, if any. Raises RefusedError.
    """
    if getattr(options, "image", None):
        return str(json.loads(_given(perform, Path(options.image), ""))["file"])
    folder = getattr(options, "pictures", None)
    if folder and options.command == "import":
        for picture in _named_in(document):
            path = Path(folder) / picture.file
            if path.is_file() and not path.is_symlink():
                _given(perform, path, picture.id)
    return None


def collect(options: argparse.Namespace, data: Path, document: str) -> None:
    """Copy the pictures that an exported document names into the folder of `--pictures`."""
    if options.command != "export" or not options.pictures:
        return
    folder, media = Path(options.pictures), load(data).media
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for picture in _named_in(document.encode()):
        if (media / picture.file).is_file():
            shutil.copyfile(media / picture.file, folder / picture.file)


def _given(perform: Perform, path: Path, picture_id: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_READ)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
    outcome = perform("picture", {"action": "add", "id": picture_id}, data)
    if outcome.exit != 0:
        raise RefusedError(f"{path.name}: {outcome.stderr.strip()}")
    return outcome.stdout


def _named_in(document: bytes) -> Iterator[Picture]:
    yield from anywhere_in(document.decode("utf-8", "replace"))
