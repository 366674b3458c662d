"""Access facts of a gathering, grouped; what hosts did not say is shown as not known, never as no."""

from dataclasses import dataclass

from node.domain.event import Event, EventFormat
from web.i18n import Catalogue
from web.labels import ACCESS_GROUPS, ACCESS_VALUES, ASKED_ALWAYS, ASKED_IN_PERSON, ASKED_ONLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFact:
    """One fact: `code` is a known value (`yes`, `unknown` …), or empty for the hosts' own words."""

    label: str
    value: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGroup:
    """Facts that belong together."""

    label: str
    facts: tuple[AccessFact, ...]


def access_groups(event: Event, words: Catalogue) -> list[AccessGroup]:
    """All facts of an event, in the order people meet them."""
    told = dict(event.access)
    asked = _asked(event)
    groups = []
    for group, labels in ACCESS_GROUPS.items():
        facts = tuple(
            _fact(words.gettext(label), told.pop(key, "unknown"), words)
            for key, label in labels.items()
            if key in told or key in asked
        )
        if facts:
            groups.append(AccessGroup(label=words.gettext(group), facts=facts))
    if told:
        rest = (
            _fact(key.replace("_", " ").capitalize(), value, words) for key, value in told.items()
        )
        groups.append(AccessGroup(label=words.gettext("More"), facts=tuple(rest)))
    return groups


def _asked(event: Event) -> set[str]:
    asked = set(ASKED_ALWAYS)
    if event.format is not EventFormat.ONLINE:
        asked.update(ASKED_IN_PERSON)
    if event.format is not EventFormat.IN_PERSON:
        asked.update(ASKED_ONLINE)
    return asked


def _fact(label: str, value: str, words: Catalogue) -> AccessFact:
    known = ACCESS_VALUES.get(value)
    return AccessFact(
        label=label,
        value=words.gettext(known) if known else value,
        code=value if known else "",
    )
