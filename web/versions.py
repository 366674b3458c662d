"""A text in several languages within one form: the main one, and up to three more beside it.

Each language has its slot: `title` and `language`, `title_2` and `language_2` … What a document says in
more languages than that, or the form never showed, stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values

OTHERS = ("_2", "_3", "_4")
SLOTS = ("", *OTHERS)
# The languages that the form showed, so that one which was exchanged for another goes.
SHOWN = "shown"

_TWICE = N_("Both languages are the same: choose another one for the second text.")
_WHICH = N_("In which language is this? Choose one.")


def look(values: Values, names: Sequence[str], problems: FormProblems) -> None:
    """Add what is wrong: texts without a language, two texts in the same one."""
    seen = {values["language"]}
    for slot in OTHERS:
        tag = values[f"language{slot}"]
        if not any(values[name + slot] for name in names):
            continue
        if not tag:
            problems.add(f"language{slot}", _WHICH)
        elif tag in seen:
            problems.add(f"language{slot}", _TWICE)
        seen.add(tag)


def text_map(values: Values, name: str, old: Any) -> dict[str, str] | None:
    """The texts of one field by language, the main one first; None where there is none at all.

    A browser sends a language even where nobody wrote in it, and it may be the main one once more.
    """
    said: dict[str, str] = {}
    for slot in SLOTS:
        tag = values[f"language{slot}"]
        if tag and not said.get(tag):
            said[tag] = values[name + slot]
    gone = {*said, *values.every(SHOWN)}
    kept = {tag: text for tag, text in old.items() if tag not in gone} if _is_map(old) else {}
    return {tag: text for tag, text in said.items() if text} | kept or None


def slots(tags: Iterable[str], spare: Sequence[str]) -> dict[str, str | list[str]]:
    """The fields that say which languages stand where: those there are, then those a group also has."""
    shown = list(dict.fromkeys(tags))[: len(SLOTS)]
    offered = [*shown, *(tag for tag in spare if tag not in shown)]
    named: dict[str, str | list[str]] = {
        f"language{slot}": tag for slot, tag in zip(SLOTS, offered, strict=False)
    }
    return named | {SHOWN: shown}


def text_fields(text: Any, name: str, languages: Mapping[str, Any]) -> dict[str, str]:
    """The fields of one text; one that names no language is in the main one."""
    if not _is_map(text):
        return {name: str(text or "")}
    return {name + slot: str(text.get(languages.get(f"language{slot}")) or "") for slot in SLOTS}


def _is_map(text: Any) -> bool:
    return isinstance(text, Mapping)
