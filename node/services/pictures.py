"""Which pictures a document may show, and who may see a picture."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

from node.domain.event import Visibility
from node.domain.picture import Picture, named
from node.domain.sentence import Sentence
from node.errors import GoneError, NotFoundError, Problem
from node.store import pictures, published
from node.store.database import Session

_ABSENT = Sentence("is no picture of this node")


class Reach(IntEnum):
    """Who may see a picture: as many as may see the most open thing that shows it."""

    STEWARDS = 0
    LINK = 1
    EVERYONE = 2


def absent(session: Session, document: Any, path: str = "") -> list[Problem]:
    """Each picture that a document speaks of and that is not here."""
    return list(_absent(session, document, path))


def free_for(session: Session, file: str, source: str, name: str) -> Picture | None:
    """The picture of that name, if a form about one thing may name it: nothing else shows or showed it."""
    picture = named(file)
    if picture is None or pictures.get(session, picture.id) != picture:
        return None
    shown_by = pictures.uses(session, picture.id)
    if (source, name) in shown_by or not pictures.was_shown(session, picture.id):
        return picture
    return None


def seen(session: Session, file: str) -> tuple[Picture, Reach] | None:
    """The picture one of whose files is called so, and who may see it; None where there is none any more."""
    asked = named(file)
    picture = pictures.get(session, asked.id) if asked else None
    if picture is None or file not in picture.files:
        return None
    shown_by = pictures.uses(session, picture.id)
    if not shown_by and pictures.was_shown(session, picture.id):
        return None
    reach = Reach.STEWARDS
    for source, name in shown_by:
        reach = max(reach, _reach(session, source, name))
        if reach is Reach.EVERYONE:
            break
    return picture, reach


def _reach(session: Session, source: str, name: str) -> Reach:
    if source == "group":
        return Reach.EVERYONE
    try:
        visibility = (
            published.event(session, name).event.visibility
            if source == "event"
            else published.reflection(session, name).reflection.visibility
        )
    except (NotFoundError, GoneError):
        return Reach.STEWARDS
    return Reach.EVERYONE if visibility is Visibility.PUBLIC else Reach.LINK


def _absent(session: Session, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, list):
        for i, part in enumerate(value):
            yield from _absent(session, part, f"{path}[{i}]")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            below = f"{path}.{key}" if path else str(key)
            picture = named(part) if key == "file" else None
            if picture is not None and pictures.get(session, picture.id) != picture:
                yield Problem(below, _ABSENT)
            yield from _absent(session, part, below)
