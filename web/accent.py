"""The one colour a group chooses, kept legible on our paper by day and by night.

The colour takes the place of `--forest` in `style.css`: links, buttons, date tiles. Its hue is the group's;
its lightness moves only as far as WCAG 2.2 asks (SC 1.4.3: 4.5 to 1; 7 to 1 where the reader wants more
contrast). The stylesheet follows from the colour alone, so that its address is the colour.
"""

import colorsys
import re
from functools import lru_cache

from aiohttp import web

from node.errors import NotFoundError
from node.http import Prebuilt, respond
from web.labels import N_

# Backgrounds that links stand on, and the ink of a button's label, as in style.css.
_DAY = (("#fbf7ee", "#ffffff", "#f1e9d8"), "#fbf7ee")
_NIGHT = (("#16201a", "#1f2b23", "#2a382e"), "#16201a")
_ENOUGH, _MORE = 4.5, 7.0
_FOR_EVER = "public, max-age=31536000, immutable"
_HEX = re.compile(r"[0-9a-f]{6}")

# Colours to choose from, by the name a group reads; "" is the green of style.css.
SWATCHES: dict[str, str] = {
    "": N_("Forest, as it comes"),
    "#9a3f1d": N_("Clay"),
    "#24586b": N_("Deep water"),
    "#6b3f72": N_("Heather"),
    "#7a5a12": N_("Ochre"),
    "#8c2f45": N_("Rose hip"),
}


def stylesheet(colour: str | None) -> str | None:
    """The address of the stylesheet of a group's colour `#RRGGBB`; None where it has none."""
    return f"/static/accent/{colour[1:].lower()}.css" if colour else None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def legible(colour: str, *, night: bool, least: float = _ENOUGH) -> str:
    """`colour`, darker by day or lighter by night until it has the contrast everywhere it is used."""
    backgrounds, label = _NIGHT if night else _DAY
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    for step in range(101):
        moved = lightness + (step if night else -step) / 100
        shade = _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, moved)), saturation))
        if all(contrast(shade, under) >= least for under in (*backgrounds, label)):
            return shade
    return "#ffffff" if night else "#000000"


@lru_cache(maxsize=8)
def _css(colour: str) -> Prebuilt:
    def rule(least: float) -> str:
        day = f":root{{--forest:{legible(colour, night=False, least=least)}}}"
        night = legible(colour, night=True, least=least)
        return f"{day}@media (prefers-color-scheme:dark){{:root{{--forest:{night}}}}}"

    text = f"{rule(_ENOUGH)}@media (prefers-contrast:more){{{rule(_MORE)}}}\n"
    return Prebuilt(
        text.encode(), "text/css; charset=utf-8", vary="", cache_control=_FOR_EVER, compress=False
    )


async def accent_stylesheet(request: web.Request) -> web.Response:
    """The few rules that put one colour in place of the green. Raises NotFoundError for what is no colour."""
    wanted = request.match_info["colour"]
    if not _HEX.fullmatch(wanted):
        raise NotFoundError("There is no such colour.")
    return respond(request, _css(f"#{wanted}"))


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
