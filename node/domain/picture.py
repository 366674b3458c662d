"""A picture of ours by its name, which says all there is to know of it: `2x7q….-1600x1067.jpg`.

The first 26 characters are random and made by us, the numbers are its width and height in pixels. Each
picture is kept in two sizes; the smaller one has the same id and its own numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.domain.text import clean

LARGEST = 1600  # of the longer side, in pixels
SMALLEST = 400
MEDIA_TYPE = "image/jpeg"

ID = re.compile(r"[a-z2-7]{26}")
_FILE = re.compile(rf"({ID.pattern})-([1-9][0-9]{{0,3}})x([1-9][0-9]{{0,3}})\.jpg")


@dataclass(frozen=True, slots=True)
class Picture:
    """A cleaned picture: always a JPEG, its longer side at most `LARGEST`."""

    id: str
    width: int
    height: int

    @property
    def file(self) -> str:
        """Its name in the folder of pictures and in documents."""
        return f"{self.id}-{self.width}x{self.height}.jpg"

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/media/{self.file}"

    @property
    def small(self) -> "Picture":
        """The same, with its longer side at most `SMALLEST`; itself where it is that small."""
        return Picture(self.id, *fitted(self.width, self.height, SMALLEST))

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all its files."""
        return tuple(dict.fromkeys((self.file, self.small.file)))


def named(file: object) -> Picture | None:
    """The picture that a file name speaks of; None for every other name."""
    found = _FILE.fullmatch(file) if isinstance(file, str) else None
    if found is None:
        return None
    width, height = int(found[2]), int(found[3])
    return Picture(found[1], width, height) if max(width, height) <= LARGEST else None


def anywhere_in(text: str) -> list[Picture]:
    """Every picture that a text, such as a document as JSON, names; each once."""
    names = dict.fromkeys(found[0] for found in _FILE.finditer(text))
    return [picture for name in names if (picture := named(name))]


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height made smaller, never larger, so that the longer side is at most `longest`."""
    longer = max(width, height)
    if longer <= longest:
        return width, height
    return max(1, round(width * longest / longer)), max(1, round(height * longest / longer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture with the words that say what it shows.

    `own` is set where its files are ours; `url` is then a path under our origin. `focal_point` is what
    must stay in sight when it is cut: from -1 (left, bottom) to 1 (right, top).
    """

    url: str
    alt: str
    media_type: str
    width: int | None = None
    height: int | None = None
    focal_point: tuple[float, float] = (0.0, 0.0)
    own: Picture | None = None


def read_image(raw: Mapping[str, Any] | None) -> Image | None:
    """An `image` of a checked document; None without a file or an address."""
    if not raw:
        return None
    own = named(raw.get("file"))
    url = own.path if own else raw.get("url")
    if not url:
        return None
    focus = raw.get("focal_point") or (0, 0)
    return Image(
        url=url,
        alt=clean(raw.get("alt") or ""),
        media_type=MEDIA_TYPE if own else raw.get("media_type") or MEDIA_TYPE,
        width=own.width if own else raw.get("width"),
        height=own.height if own else raw.get("height"),
        focal_point=(float(focus[0]), float(focus[1])),
        own=own,
    )
