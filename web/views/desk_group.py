"""What the group says of itself, changed at the desk."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.domain.group import Group
from node.domain.outbox import OutboxKind
from node.domain.sentence import Sentence
from node.errors import InvalidDocumentError, Problem
from node.exchange.check import check_group
from node.keys import CLOCK, DATABASE
from node.store import audit, groups, outbox
from node.store.database import Session
from node.store.sessions import StewardSession
from web import picture_form
from web.accent import SWATCHES
from web.desk import desk_page, go
from web.form_problems import FormProblems, by_prefix, place
from web.labels import N_
from web.posting import Values
from web.site import Asked
from web.zones import COMMON_ZONES

_IN_TWO_LANGUAGES = ("name", "practice_name", "region", "bioregion", "about", "agreements")
_DEGREES = ("lat", "lon")
_PLAIN = ("timezone", "country", "contact")
_YES_OR_NO = ("approves_followers", "witness_count_public")
_ANYBODY = "everyone"  # may quote the group: what it is where nothing is said
field_of = by_prefix(
    {name: name for name in (*_IN_TWO_LANGUAGES, *_PLAIN, "languages", "quotes")}
    | {"accent": "accent_own", "stands_publicly": "standing"}
    | {"lat": "lat", "lon": "lon", "image.alt": "picture_alt", "image": "picture"}
)
_STANDING = {
    "no": N_("Nobody is told"),
    "yes": N_("Everyone may know, people and other groups"),
}
_ORDER = (*_IN_TWO_LANGUAGES, *_PLAIN, *picture_form.ORDER)
_OWN = "own"  # a colour that is none of those on offer


async def group_form(request: web.Request, held: StewardSession) -> web.Response:
    """The form with what the group says now."""
    document = await request.app[DATABASE].read(groups.get_document)
    return await _form(request, held, _from_document(document), FormProblems())


async def save_group(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Change the profile; other servers are told."""
    now, problems = request.app[CLOCK].now(), FormProblems(_ORDER)
    values, status = await picture_form.take(request, values, problems, "group", "")

    def work(session: Session) -> bool:
        before = groups.get_document(session)
        after = _to_document(values, before)
        if after == before:
            return False
        found = list(check_group(after))
        if not values["name"] and "name" not in {one.path for one in found}:
            # Another language's may be there still; the first is what everybody falls back on.
            found.append(Problem("name", Sentence("is missing")))
        if found:
            raise InvalidDocumentError(found)
        groups.update(session, after, now)
        outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
        audit.note(session, held.steward_name, "change group", "group", now)
        return True

    changed = False
    if not problems:
        try:
            changed = await request.app[DATABASE].write(work)
        except InvalidDocumentError as error:
            place(error.problems, problems, field_of)
    if problems:
        return await _form(request, held, values, problems, status=status)
    return go("/desk/group", "group" if changed else "same")


async def _form(
    request: web.Request,
    held: StewardSession,
    values: Values,
    problems: FormProblems,
    *,
    status: int = 422,
) -> web.Response:
    def context(_: Session, asked: Asked) -> dict[str, Any]:
        return {
            "tab": "group",
            "values": values,
            "problems": problems,
            "zones": COMMON_ZONES,
            "second": _second(asked.group),
            "standing": _STANDING,
            "colours": {**SWATCHES, _OWN: N_("Another colour, below")},
            **picture_form.context(values),
        }

    shown = status if problems else 200
    return await desk_page(request, held, "group_form.html", N_("The group"), context, status=shown)


def _second(group: Group) -> str:
    return group.languages[1] if len(group.languages) > 1 else ""


def _languages(document: Mapping[str, Any]) -> tuple[str, str]:
    found = [*(document.get("languages") or ["en"]), ""]
    return found[0], found[1]


def _from_document(document: Mapping[str, Any]) -> Values:
    first, second = _languages(document)
    fields: dict[str, str] = {name: str(document.get(name) or "") for name in _PLAIN}
    colour = str(document.get("accent") or "").lower()
    fields["accent"] = colour if colour in SWATCHES else _OWN
    fields["accent_own"] = "" if colour in SWATCHES else colour
    fields["quotes"] = str(document.get("quotes") or _ANYBODY)
    fields |= {name: "on" for name in _YES_OR_NO if document.get(name)}
    fields["standing"] = "yes" if document.get("stands_publicly") else "no"
    fields |= {"hard_to_find": "on"} if document.get("discoverable") is False else {}
    fields |= {name: str(document[name]) for name in _DEGREES if document.get(name) is not None}
    fields |= {"ask_nobody": "on"} if document.get("ask_by_message") is False else {}
    fields |= picture_form.to_fields(document.get("image"))
    fields["languages"] = ", ".join(document.get("languages") or ["en"])
    for name in _IN_TWO_LANGUAGES:
        text = document.get(name)
        versions = text if isinstance(text, dict) else {first: text or ""}
        fields[name] = str(versions.get(first) or "")
        fields[f"{name}_2"] = str(versions.get(second) or "") if second else ""
    return Values.of(fields)


def _to_document(values: Values, before: Mapping[str, Any]) -> dict[str, Any]:
    """The profile the fields describe, over the one before; other languages stay as they were."""
    first, second = _languages(before)
    after = dict(before)
    for name in _PLAIN:
        _set(after, name, values[name].upper() if name == "country" else values[name])
    _set(
        after,
        "languages",
        [tag for part in values["languages"].split(",") if (tag := part.strip())],
    )
    _set(after, "accent", values["accent_own"] if values["accent"] == _OWN else values["accent"])
    _set(after, "quotes", values["quotes"] if values["quotes"] != _ANYBODY else None)
    for name in _YES_OR_NO:
        _set(after, name, values.has(name))
    _set_findable(after, values)
    _set(after, "image", picture_form.to_image(values, before.get("image")))
    after.pop("ask_by_message", None)
    after |= {"ask_by_message": False} if values.has("ask_nobody") else {}
    for name in _IN_TWO_LANGUAGES:
        old = before.get(name)
        versions = dict(old) if isinstance(old, dict) else {}
        for tag, text in ((first, values[name]), (second, values[f"{name}_2"])):
            if text:
                versions[tag] = text
            else:
                versions.pop(tag, None)
        plain = isinstance(old, str) and set(versions) == {first}
        _set(after, name, versions[first] if plain else versions)
    return after


def _set_findable(document: dict[str, Any], values: Values) -> None:
    """Where the group roughly is, whether it may be found, and whether it tells whom it stands with."""
    for name in _DEGREES:
        number = _number(values[name])
        document.pop(name, None)
        document |= {name: number} if number is not None else {}
    document.pop("discoverable", None)
    document |= {"discoverable": False} if values.has("hard_to_find") else {}
    if values["standing"] == "yes" or document.get("stands_publicly") is not None:
        document["stands_publicly"] = values["standing"] == "yes"


def _number(text: str) -> float | str | None:
    """A decimal number, with a point or a comma; the text itself where it is none, to be refused as it stands."""
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return text


def _set(document: dict[str, Any], name: str, value: Any) -> None:
    if value:
        document[name] = value
    else:
        document.pop(name, None)
