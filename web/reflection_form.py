"""The form for a reflection: its words, and the consent they were given under."""

from datetime import date
from typing import Any

from node.domain.group import Group
from web.form_problems import FormProblems, by_prefix
from web.labels import N_
from web.picture_form import to_image
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

_CONSENT_NEEDED = N_("Nothing is published without the consent of whoever wrote it.")
_OTHERS_NEEDED = N_("Other people appear in it, or nobody does: please say that you looked.")
_NAME_NEEDED = N_("How shall the author be called?")
_SAME_LANGUAGE = N_("Both languages are the same: choose another one for the translation.")


def blank(group: Group) -> Values:
    """A new form. No box of consent is ticked."""
    second = group.languages[1] if len(group.languages) > 1 else ""
    return Values.of(
        {
            "kind": "testimony",
            "language": group.language,
            "language_2": second,
            "attribution": "anonymous",
            "visibility": "public",
            "picture_focus": "cc",
        }
    )


def to_document(values: Values, problems: FormProblems, today: date) -> dict[str, Any]:
    """The reflection that the fields describe, published or waiting for review.

    An anonymous author's name is not kept, even where one was typed.
    """
    if not values.has("consent_publish"):
        problems.add("consent_publish", _CONSENT_NEEDED)
    if not values.has("consent_others"):
        problems.add("consent_others", _OTHERS_NEEDED)
    mode = values["attribution"] or "anonymous"
    if mode not in ("anonymous", "group") and not values["author"]:
        problems.add("author", _NAME_NEEDED)
    federate = values.has("consent_federate")
    return {
        "kind": values["kind"] or "testimony",
        "spiral_stage": values["spiral_stage"] or None,
        "language": values["language"],
        "title": values["title"] or None,
        "body": values["body"],
        "translations": _translations(values, problems),
        "attribution": {
            "mode": mode,
            "display": values["author"] or None if mode != "anonymous" else None,
        },
        "consent": {
            "publish": values.has("consent_publish"),
            "federate": federate,
            "reuse": values.has("consent_reuse"),
            "third_parties_checked": values.has("consent_others"),
            "by": "group" if mode == "group" else "author",
            "on": today.isoformat(),
        },
        "federate": federate,
        "status": "pending_review" if values.has("review") else "published",
        "visibility": values["visibility"] or "public",
        "content_notes": [
            note for part in values["content_notes"].split(",") if (note := part.strip())
        ],
        "media": [{"type": "image", **image}] if (image := to_image(values, None)) else None,
        "event": values["event"] or None,
        "license": values["license"] or None,
        "witness_count_public": {"yes": True, "no": False}.get(values["numbers"]),
    }


def _translations(values: Values, problems: FormProblems) -> dict[str, Any] | None:
    if not values["body_2"]:
        return None
    if values["language_2"] == values["language"]:
        problems.add("language_2", _SAME_LANGUAGE)
    texts = {"title": values["title_2"] or None, "body": values["body_2"]}
    return {values["language_2"]: {name: text for name, text in texts.items() if text}}
