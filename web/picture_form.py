"""The part of a form that is about a picture: given, described, turned towards what matters, taken away.

A picture is cleaned and kept as soon as it arrives, also where something else in the form is wrong: the form
then comes back with it, and names it by a hidden field.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.domain.picture import Picture, named
from node.errors import RoughweatherError, TooLargeError
from node.keys import DATABASE, PICTURES
from node.pictures import TOO_LARGE
from node.services import pictures
from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values

ORDER = ("picture_alt", "picture")
# The nine parts of a picture by what the form calls them, with the focal point in the middle of each.
FOCUS: dict[str, tuple[str, tuple[float, float]]] = {
    "tl": (N_("Top left"), (-0.66, 0.66)),
    "tc": (N_("Top"), (0, 0.66)),
    "tr": (N_("Top right"), (0.66, 0.66)),
    "cl": (N_("Left"), (-0.66, 0)),
    "cc": (N_("The middle"), (0, 0)),
    "cr": (N_("Right"), (0.66, 0)),
    "bl": (N_("Bottom left"), (-0.66, -0.66)),
    "bc": (N_("Bottom"), (0, -0.66)),
    "br": (N_("Bottom right"), (0.66, -0.66)),
}
_NEEDS_WORDS = N_("Say in words what the picture shows, for those who cannot see it.")
_GONE = N_("The picture that was here is gone: please choose it again.")


async def take(
    request: web.Request, values: Values, problems: FormProblems, source: str, name: str
) -> tuple[Values, int]:
    """The fields with the picture that came along kept, and the status that a page of problems should have.

    `source` and `name` say what the form is about: `event` and its slug, empty for a new one. A picture
    named by the form must be its own, or one that nothing shows yet.
    """
    status = 422
    given = values["picture_file"]
    if values.upload is not None:
        values, status = await _received(request, values, problems)
    elif given and not await request.app[DATABASE].read(
        lambda session: pictures.free_for(session, given, source, name)
    ):
        problems.add("picture", _GONE)
        values, status = values.also({"picture_file": ""}), 404
    if values["picture_file"] and not values["picture_alt"] and not values.has("picture_remove"):
        problems.add("picture_alt", _NEEDS_WORDS)
    return values, status


async def _received(
    request: web.Request, values: Values, problems: FormProblems
) -> tuple[Values, int]:
    """The form with the new picture's name, or with the old one's and why the new one was not taken."""
    assert values.upload is not None
    try:
        if values.upload.data is None:
            raise TooLargeError(TOO_LARGE)
        picture = await request.app[PICTURES].take(values.upload.data)
    except RoughweatherError as error:
        problems.add("picture", error.sentence)
        return values.also({}), error.status
    return values.also({"picture_file": picture.file}), 422


def to_image(values: Values, old: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The `image` that the fields describe, over the one before; None without a picture.

    One that lies elsewhere (`url`) stays until another is given or it is taken away. A focal point stays
    as exact as it was while the same part is chosen.
    """
    if values.has("picture_remove"):
        return None
    before = dict(old or {})
    if not values["picture_file"]:
        return before if before.get("url") and not before.get("file") else None
    kept = before if before.get("file") == values["picture_file"] else {}
    made = {name: part for name, part in kept.items() if name not in ("alt", "focal_point")}
    made |= {"file": values["picture_file"], "alt": values["picture_alt"]}
    chosen = values["picture_focus"]
    point = kept.get("focal_point")
    if part_of(point) != chosen:
        point = list(FOCUS[chosen][1]) if chosen in FOCUS and chosen != "cc" else None
    return made | ({"focal_point": point} if point else {})


def to_fields(image: Mapping[str, Any] | None) -> dict[str, str]:
    """The fields of an `image`."""
    one = image or {}
    return {
        "picture_file": str(one.get("file") or ""),
        "picture_alt": str(one.get("alt") or "") if one.get("file") else "",
        "picture_focus": part_of(one.get("focal_point")),
    }


def part_of(point: Any) -> str:
    """The part of the picture in which a focal point lies: `tl` is top left."""
    x, y = point or (0, 0)
    row = "t" if y > 1 / 3 else "b" if y < -1 / 3 else "c"
    return row + ("r" if x > 1 / 3 else "l" if x < -1 / 3 else "c")


def context(values: Values) -> dict[str, Any]:
    """What the template of the part needs."""
    picture: Picture | None = named(values["picture_file"])
    return {
        "picture": picture,
        "parts": [(code, words) for code, (words, _) in FOCUS.items()],
    }


def apart_from_picture(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the names of its pictures: a second tap on the button brings the same one again."""
    plain = {key: value for key, value in document.items() if key not in ("image", "media")}
    image = document.get("image") or {}
    return plain | ({"image.alt": image["alt"]} if image.get("alt") else {})
