"""Three pictures for the sample network, drawn here: an estuary at low tide, a night among pines, a spiral.

Needs Pillow, as taking pictures does; whoever calls asks first whether it is there.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
_WIDTH, _HEIGHT = 1200, 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture of one thing of the sample: `section` and id (a group's slug), and what it shows."""

    section: str
    name: str
    alt: str
    draw: Callable[[], Image.Image]

    def png(self) -> bytes:
        """The picture as a file."""
        file = io.BytesIO()
        self.draw().save(file, "PNG")
        return file.getvalue()


def put(document: dict[str, Any], drawing: Drawing, file: str) -> None:
    """Have the document show a drawing, kept as `file` by the node that will take the document in."""
    for one in document[drawing.section]:
        if drawing.name in (one.get("id"), one.get("slug")):
            one["image"] = {"file": file, "alt": drawing.alt}


def of_group(document: dict[str, Any], slug: str) -> list[Drawing]:
    """The drawings of one group and its events."""
    things = {one["id"] for one in document["events"] if one.get("group") == slug} | {slug}
    return [one for one in _DRAWINGS if one.name in things]


def _estuary() -> Image.Image:
    image, pen = _sky((250, 214, 165), (244, 240, 225))
    pen.ellipse((820, 210, 960, 350), fill=(255, 247, 220))
    for base, colour in ((430, (120, 140, 130)), (480, (84, 110, 100)), (540, (52, 82, 74))):
        pen.polygon(_hills(base, 46), fill=colour)
    pen.rectangle((0, 590, _WIDTH, _HEIGHT), fill=(168, 178, 165))
    for i in range(7):
        middle, y = 560 + 90 * math.sin(i * 1.3), 600 + i * 30
        pen.ellipse((middle - 300 - 30 * i, y, middle + 300 + 30 * i, y + 16), fill=(226, 222, 200))
    ink = (40, 48, 46)
    pen.line((360, 720, 360, 590), fill=ink, width=6)
    pen.line((380, 720, 374, 640), fill=ink, width=6)
    pen.ellipse((330, 540, 450, 610), fill=(88, 104, 110))
    pen.line((345, 560, 320, 490, 340, 440), fill=(88, 104, 110), width=14, joint="curve")
    pen.polygon(((336, 428), (336, 448), (270, 452)), fill=(196, 130, 60))
    return image


def _pines() -> Image.Image:
    image, pen = _sky((18, 30, 52), (58, 76, 88))
    for i in range(70):
        left, high = (i * i * 37 + i * 391) % _WIDTH, (i * i * 53 + i * 17) % 420
        pen.ellipse((left, high, left + 3, high + 3), fill=(235, 232, 210))
    pen.ellipse((170, 110, 250, 190), fill=(242, 236, 208))
    pen.rectangle((0, 640, _WIDTH, _HEIGHT), fill=(16, 26, 24))
    for i in range(15):
        x, top = 20 + i * 84, 240 + (i * 137) % 170
        for step in range(4):
            y = top + step * 95
            half = 30 + step * 22
            pen.polygon(
                ((x, y), (x - half, y + 130), (x + half, y + 130)), fill=(20, 40 + step * 3, 36)
            )
    pen.polygon(((560, 730), (600, 610), (640, 730)), fill=(240, 150, 60))
    pen.polygon(((578, 730), (602, 660), (624, 730)), fill=(255, 220, 130))
    for i in range(9):
        angle = math.pi * (i / 8)
        across, down = 600 + 190 * math.cos(angle), 700 + 60 * math.sin(angle)
        pen.ellipse((across - 16, down - 44, across + 16, down - 12), fill=(64, 50, 46))
        pen.ellipse((across - 26, down - 16, across + 26, down + 40), fill=(64, 50, 46))
    return image


def _spiral() -> Image.Image:
    image = Image.new("RGB", (800, 800), (246, 238, 220))
    pen = ImageDraw.Draw(image)
    points = [
        (400 + r * math.cos(angle), 400 + r * math.sin(angle))
        for angle in (i / 30 for i in range(620))
        for r in (14 * angle,)
    ]
    for x, y in points:
        pen.ellipse((x - 17, y - 17, x + 17, y + 17), fill=(42, 92, 74))
    return image


def _sky(above: Colour, below: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (_WIDTH, _HEIGHT))
    pen = ImageDraw.Draw(image)
    for y in range(_HEIGHT):
        part = y / _HEIGHT
        mixed = [round(a + (b - a) * part) for a, b in zip(above, below, strict=True)]
        pen.line((0, y, _WIDTH, y), fill=(mixed[0], mixed[1], mixed[2]))
    return image, pen


def _hills(base: int, height: int) -> Sequence[tuple[float, float]]:
    line = [
        (x, base - height * math.sin(x / 170 + base) - height / 2 * math.sin(x / 61 + base))
        for x in range(0, _WIDTH + 20, 20)
    ]
    return [(0, _HEIGHT), *line, (_WIDTH, _HEIGHT)]


_DRAWINGS = (
    Drawing(section="groups", name="norcal", alt="A green spiral on cream paper", draw=_spiral),
    Drawing(
        section="events",
        name="low-tide-day",
        alt="Drawing: a heron stands in shallow water at low tide, hills and a pale sun behind it.",
        draw=_estuary,
    ),
    Drawing(
        section="events",
        name="nacht-im-kiefernwald",
        alt="Zeichnung: Menschen sitzen nachts im Halbkreis um ein Feuer, um sie Kiefern, darüber Sterne und Mond.",
        draw=_pines,
    ),
)
