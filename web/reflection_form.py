"""The form for a reflection: its words, and the consent they were given under."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from node.domain.group import Group
from web import versions
from web.form_problems import FormProblems, by_prefix
from web.labels import N_
from web.picture_form import to_fields, to_image
from web.posting import Values

_FIELDS = {
    "kind": "kind",
    "spiral_stage": "spiral_stage",
    "language": "language",
    "title": "title",
    "body": "body",
    "translations": "body_2",
    "attribution": "attribution",
    "attribution.display": "author",
    "consent": "consent_publish",
    "visibility": "visibility",
    "content_notes": "content_notes",
    "event": "event",
    "license": "license",
    "media[0].alt": "picture_alt",
    "media": "picture",
}
field_of = by_prefix(_FIELDS)
ORDER = tuple(dict.fromkeys(_FIELDS.values()))
_CONSENT = {
    "consent_publish": "publish",
    "consent_federate": "federate",
    "consent_reuse": "reuse",
    "consent_others": "third_parties_checked",
}
# What a document means where it does not say.
_AGREED = ("publish", "federate")

_CONSENT_NEEDED = N_("Nothing is published without the consent of whoever wrote it.")
_OTHERS_NEEDED = N_("Other people appear in it, or nobody does: please say that you looked.")
_NAME_NEEDED = N_("How shall the author be called?")


def blank(group: Group) -> Values:
    """A new form. No box of consent is ticked."""
    return Values.of(
        versions.slots([group.language], group.languages)
        | {
            "kind": "testimony",
            "attribution": "anonymous",
            "visibility": "public",
            "picture_focus": "cc",
        }
    )


def from_document(document: Mapping[str, Any], group: Group) -> Values:
    """The fields of a reflection there is: for stewards only."""
    main = document.get("language") or group.language
    translations = document.get("translations") or {}
    fields = versions.slots([main, *translations], group.languages)
    for name in ("title", "body"):
        texts = {tag: told.get(name) for tag, told in translations.items()}
        fields |= versions.text_fields(texts | {main: _own(document.get(name), main)}, name, fields)
    attribution, consent = document.get("attribution") or {}, document.get("consent") or {}
    picture = next(iter(_pictures(document)), None)
    fields |= {
        "kind": str(document.get("kind") or "testimony"),
        "spiral_stage": str(document.get("spiral_stage") or ""),
        "attribution": str(attribution.get("mode") or "anonymous"),
        "author": str(attribution.get("display") or ""),
        "visibility": str(document.get("visibility") or "public"),
        "content_notes": ", ".join(document.get("content_notes") or ()),
        "event": str(document.get("event") or ""),
        "license": str(document.get("license") or ""),
        "search_engines": {True: "yes", False: "no"}.get(document.get("search_engines"), ""),  # type: ignore[arg-type]
        "numbers": {True: "yes", False: "no"}.get(document.get("witness_count_public"), ""),  # type: ignore[arg-type]
    }
    fields |= {name: "on" for name, key in _CONSENT.items() if consent.get(key, key in _AGREED)}
    fields |= to_fields(picture)
    return Values.of(fields)


def to_document(
    values: Values,
    problems: FormProblems,
    today: date,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The reflection that the fields describe, over the document `before` the change.

    A new one is published, or waits for review; one that is there stays what it was. An anonymous
    author's name is not kept, even where one was typed.
    """
    old = dict(before or {})
    mode = values["attribution"] or "anonymous"
    _look(values, mode, problems)
    consent = _consent(values, mode, today, old.get("consent"))
    return old | {
        "kind": values["kind"] or "testimony",
        "spiral_stage": values["spiral_stage"] or None,
        "language": values["language"],
        "title": values["title"] or None,
        "body": values["body"],
        "translations": _translations(values, old.get("translations")),
        "attribution": {
            "mode": mode,
            "display": values["author"] or None if mode != "anonymous" else None,
        },
        "consent": consent,
        "federate": consent["federate"],
        "status": old.get("status") or ("pending_review" if values.has("review") else "published"),
        "visibility": values["visibility"] or "public",
        "content_notes": [
            note for part in values["content_notes"].split(",") if (note := part.strip())
        ],
        "media": _media(values, old),
        "event": values["event"] or None,
        "license": values["license"] or None,
        "search_engines": {"yes": True, "no": False}.get(values["search_engines"]),
        "witness_count_public": {"yes": True, "no": False}.get(values["numbers"]),
    }


def _look(values: Values, mode: str, problems: FormProblems) -> None:
    versions.look(values, ("title", "body"), problems)
    if not values.has("consent_publish"):
        problems.add("consent_publish", _CONSENT_NEEDED)
    if not values.has("consent_others"):
        problems.add("consent_others", _OTHERS_NEEDED)
    if mode not in ("anonymous", "group") and not values["author"]:
        problems.add("author", _NAME_NEEDED)


def _consent(values: Values, mode: str, today: date, old: Any) -> dict[str, Any]:
    """What was agreed to; the day is that of the last time anything about it was different."""
    before = dict(old or {})
    given: dict[str, Any] = {key: values.has(name) for name, key in _CONSENT.items()}
    given["by"] = "group" if mode == "group" else "author"
    same = all(before.get(key, key in _AGREED) == told for key, told in given.items())
    return before | given | {"on": before.get("on") if same and old else today.isoformat()}


def _translations(values: Values, old: Any) -> dict[str, Any] | None:
    """The other languages: those of the form, and those that it had no room for."""
    before = dict(old or {})
    titles, bodies = (
        versions.text_map(values, name, {tag: told.get(name) for tag, told in before.items()}) or {}
        for name in ("title", "body")
    )
    made = {
        tag: {"title": titles.get(tag), "body": body}
        for tag, body in bodies.items()
        if tag != values["language"] and body
    }
    return {
        tag: {name: text for name, text in told.items() if text} for tag, told in made.items()
    } or None


def _media(values: Values, old: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The picture of the form in the place of the first one, and whatever else is there."""
    pictures = _pictures(old)
    first = pictures[0] if pictures else None
    image = to_image(values, first)
    others = [one for one in old.get("media") or () if one is not first]
    return [*([{"type": "image", **image}] if image else []), *others] or None


def _pictures(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in document.get("media") or () if one.get("type", "image") == "image"]


def _own(text: Any, language: str) -> Any:
    """A text in the language it was written in."""
    return (
        text.get(language) or next(iter(text.values()), "") if isinstance(text, Mapping) else text
    )
