"""Groups as our pages list them: chosen by language and distance, with how far each is from us."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain.group import Group
from node.domain.known_group import KnownGroup, Spot
from web.labels import N_
from web.posting import Values
from web.site import Asked
from web.words import words_of

DISTANCES = (50, 200, 1000, 5000)  # kilometres
FIELDS = ("language", "km")


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group, and how far it is from ours in kilometres; None where one of the two does not say."""

    group: KnownGroup
    km: int | None

    @property
    def about_km(self) -> int:
        """The distance as one says it: 49, 120, 9100."""
        return round(self.km or 0, 2 - len(str(self.km or 0)))


def shown(found: Iterable[KnownGroup], group: Group) -> list[ShownGroup]:
    """Each with its distance."""
    here = Spot.of(group.latitude, group.longitude)
    return [ShownGroup(one, _km(here, one.profile.spot)) for one in found]


def chosen(found: Sequence[ShownGroup], values: Values) -> list[ShownGroup]:
    """Those that speak the language and are near enough; what cannot be read chooses everything.

    With a distance the nearest come first, and those that do not say where they are are left out.
    """
    language = values["language"].lower().partition("-")[0]
    spoken = [one for one in found if not language or language in _languages(one)]
    if values["km"] not in map(str, DISTANCES):
        return spoken
    most = int(values["km"])
    near = [(one.km, one) for one in spoken if one.km is not None and one.km <= most]
    return [one for _, one in sorted(near, key=lambda pair: pair[0])]


def choice(found: Sequence[ShownGroup], values: Values, asked: Asked) -> dict[str, Any]:
    """What the form of choices needs: the languages that occur, and distances where we say where we are."""
    words = words_of(asked.reader.locale)
    tags = sorted({tag for one in found for tag in _languages(one)})
    far = [(str(km), words.say(N_("%(km)s km at most")) % {"km": km}) for km in DISTANCES]
    return {
        "values": values,
        "languages": [("", words.say(N_("Every language"))), *words.language_options(tags)],
        "distances": [("", words.say(N_("Any distance"))), *far]
        if any(one.km is not None for one in found)
        else [],
        "narrowed": any(values[name] for name in FIELDS),
    }


def _languages(one: ShownGroup) -> set[str]:
    return {tag.lower().partition("-")[0] for tag in one.group.profile.languages}


def _km(here: Spot | None, there: Spot | None) -> int | None:
    return here.km(there) if here is not None and there is not None else None
