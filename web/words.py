"""Everything templates need to say things in one language: labels, dates, prices, access."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace

from node.domain.event import Event, Facilitator, Place
from node.domain.neighbour import NeighbourPost
from node.domain.sentence import Sentence
from node.domain.walltime import Moment
from web import access, decisions, giving, labels
from web import when as times
from web.i18n import Catalogue, catalogue
from web.repeats import repeats

_NOT_TRIED = labels.N_("It was not tried yet.")
_NOBODY_ANSWERED = labels.N_("Their server does not answer.")
_IN_TROUBLE = labels.N_("Their server is in trouble.")
_REFUSED = labels.N_("They refused it.")
_SIGNED = labels.N_("sign language (%(code)s)")


class Words:
    """The words of one language. Templates see it as `w`."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.catalogue: Catalogue = catalogue(locale)
        self.comma = self.catalogue.gettext(labels.COMMA)
        self.tables = SimpleNamespace(
            paper_sizes=labels.PAPER_SIZES,
            paper_colours=labels.PAPER_COLOURS,
            yes_no=labels.YES_NO,
            kinds=labels.EVENT_KINDS,
            statuses=labels.STATUSES,
            formats=labels.FORMATS,
            visibilities=labels.VISIBILITIES,
            place_visibilities=labels.PLACE_VISIBILITIES,
            registration_modes=labels.REGISTRATION_MODES,
            price_models=labels.PRICE_MODELS,
            stages=labels.STAGES,
            dimensions=labels.DIMENSIONS,
            reflection_kinds=labels.REFLECTION_KINDS,
            attributions=labels.ATTRIBUTIONS,
            recordings=labels.RECORDINGS,
            roles=labels.ROLES,
            desk_roles=labels.DESK_ROLES,
            decisions=decisions.DECISIONS,
            scopes=labels.SCOPES,
            quotes=labels.QUOTES,
            access_values=labels.ACCESS_VALUES,
            access_groups=labels.ACCESS_GROUPS,
        )

    def say(self, message: str) -> str:
        """A message that was marked elsewhere; one that was made with values, with them."""
        if isinstance(message, Sentence):
            template = self.catalogue.gettext(message.template)
            return template % message.values if message.values else template
        return self.catalogue.gettext(message) if message else ""

    def wrong(self, message: str) -> str:
        """What is wrong with a field, as a whole sentence: `Must not be empty.`"""
        said = self.say(message)
        said = said[:1].upper() + said[1:]
        return said if said.endswith((".", "?", "!", "؟")) else f"{said}."

    def label(self, table: Mapping[str, str], code: str) -> str:
        """What a code is called; the code itself where there is no word for it."""
        return self.say(table[code]) if code in table else code.replace("_", " ")

    def decider(self, who: str) -> str:
        """Who decided: a steward's name, or `the node itself`."""
        return self.say(decisions.DECIDERS[who]) if who in decisions.DECIDERS else who

    def kind(self, code: str) -> str:
        """`Workshop`."""
        return self.label(labels.EVENT_KINDS, code)

    def status(self, code: str) -> str:
        """`Cancelled`."""
        return self.label(labels.STATUSES, code)

    def category(self, code: str) -> str:
        """`Climate and environment`: how other servers file a gathering."""
        return self.label(labels.CATEGORIES, code)

    def format(self, code: str) -> str:
        """`In person and online`."""
        return self.label(labels.FORMATS, code)

    def stage(self, code: str) -> str:
        """`Coming from Gratitude`."""
        return self.label(labels.STAGES, code)

    def stage_note(self, code: str) -> str:
        """One sentence on a stage of the Spiral."""
        return self.label(labels.STAGE_NOTES, code)

    def dimension(self, code: str) -> str:
        """`Holding actions`."""
        return self.label(labels.DIMENSIONS, code)

    def reflection_kind(self, code: str) -> str:
        """`Poem`."""
        return self.label(labels.REFLECTION_KINDS, code)

    def recording(self, code: str) -> str:
        """`Nothing is recorded.`"""
        return self.label(labels.RECORDINGS, code)

    def facilitator(self, one: Facilitator) -> str:
        """`co-facilitator`."""
        return self.label(labels.ROLES, one.role)

    def answer(self, code: str) -> str:
        """`is coming`."""
        return self.label(labels.ANSWERS, code)

    def answer_state(self, code: str) -> str:
        """`on the waiting list`."""
        return self.label(labels.ANSWER_STATES, code)

    def answer_way(self, code: str) -> str:
        """`by telephone`."""
        return self.label(labels.ANSWER_WAYS, code)

    def follow_state(self, code: str) -> str:
        """`asked, no answer yet`."""
        return self.label(labels.FOLLOW_STATES, code)

    def delivery_state(self, state: str) -> str:
        """`waits for another try`."""
        return self.label(labels.DELIVERY_STATES, state)

    def delivery_answer(self, status: int | None, attempts: int) -> str:
        """What the last answer of a server means: `Their server is in trouble.`"""
        if status is None:
            return self.say(_NOBODY_ANSWERED if attempts else _NOT_TRIED)
        if status >= 500:
            return self.say(_IN_TROUBLE)
        return self.say(labels.DELIVERY_ANSWERS.get(status, _REFUSED))

    def options(
        self, table: Mapping[str, str], without: tuple[str, ...] = ()
    ) -> list[tuple[str, str]]:
        """The codes of a table with their words, for a field that offers them."""
        return [(code, self.say(words)) for code, words in table.items() if code not in without]

    def language_options(self, tags: list[str]) -> list[tuple[str, str]]:
        """Languages by their own names, for a field that offers them."""
        return [(tag, self.language(tag)) for tag in tags]

    def access_options(self, chosen: str) -> list[tuple[str, str]]:
        """What can be said of one access fact; the hosts' own word stays on offer."""
        codes = ("", "yes", "partial", "on_request", "no", "unknown")
        found = [(code, self.label(labels.ACCESS_VALUES, code) if code else "–") for code in codes]
        return (
            found
            if chosen in codes
            else [*found, (chosen, self.label(labels.ACCESS_VALUES, chosen))]
        )

    def event_options(self, found: list[Event], wanted: tuple[str, ...]) -> list[tuple[str, str]]:
        """Gatherings by name and day, for a field that offers them."""

        def name(one: Event) -> str:
            title = one.title.best(wanted)[1]
            return f"{title} · {self.date(one.start.local)}" if one.start else title

        return [(one.slug, name(one)) for one in found]

    def language(self, tag: str) -> str:
        """A language by its own name."""
        return labels.language_name(tag)

    def interpreted(self, word: str) -> str:
        """`es` as `Español`, `sign:ase on request` as `sign language (ase) on request`."""
        if word.startswith("sign:"):
            code, _, rest = word.removeprefix("sign:").partition(" ")
            return f"{self.say(_SIGNED) % {'code': code}} {rest}".strip()
        return labels.language_name(word)

    def repeats(self, event: Event) -> str:
        """`Every week: Wednesday · 6 sessions in all`, for a series."""
        return repeats(event, self.catalogue)

    def city_time(self, event: Event) -> str:
        """`Berlin time`, for a series."""
        return times.city_time(event.timezone, self.catalogue)

    def when(self, event: Event) -> times.When | None:
        """When an event is; None while it has no date."""
        return times.when(event, self.catalogue)

    def beside(self, event: Event, zone_name: str) -> times.When | None:
        """When an event is on the reader's clocks; None where they show the same, or it has no date."""
        if event.start is None:
            return None
        return times.beside(event.start, event.end, zone_name, self.catalogue)

    def neighbour_beside(self, post: NeighbourPost, zone_name: str) -> times.When | None:
        """When a neighbour's gathering is on the reader's clocks; None where that says nothing new."""
        return times.neighbour_beside(post, zone_name, self.catalogue)

    def tile(self, event: Event) -> times.DateTile | None:
        """The date tile of an event."""
        if event.start is None:
            return None
        end = event.end.local if event.end else None
        return times.tile(event.start.local, end, self.catalogue)

    def names(self, some: Sequence[str]) -> str:
        """`Berlin and Bogotá`."""
        return self.catalogue.listed(some)

    def moment(self, moment: Moment) -> str:
        """`Saturday 17 April 2027, 10:00`."""
        return times.moment_words(moment, self.catalogue)

    def date(self, moment: datetime) -> str:
        """`17 April 2027`."""
        return times.short_date(moment, self.catalogue)

    def price(self, event: Event) -> str:
        """The price in one line; empty where nothing is said of it."""
        return giving.price_headline(event.price, self.catalogue) if event.price else ""

    def price_facts(self, event: Event) -> list[str]:
        """What else there is to say about giving."""
        return giving.price_facts(event.price, self.catalogue) if event.price else []

    def money(self, amount: float, currency: str | None) -> str:
        """`45 USD`."""
        return giving.money(amount, currency)

    def registration(self, event: Event) -> list[str]:
        """How to register, a sentence each."""
        return giving.registration_facts(event, self.catalogue)

    def access(self, event: Event) -> list[access.AccessGroup]:
        """Access facts in groups."""
        return access.access_groups(event, self.catalogue)

    def place_line(self, event: Event, wanted: tuple[str, ...] = ()) -> str:
        """Where, in one line of plain text; as much as everyone may know."""
        if event.place is None:
            return self.say(labels.FORMATS["online"]) if event.online else ""
        return place_line(event.place, wanted, self.catalogue)

    def neighbour_when(self, post: NeighbourPost) -> times.When | None:
        """When a neighbour's gathering is, on the clocks there; None without a date."""
        return times.neighbour_when(post, self.catalogue)

    def neighbour_previous(self, post: NeighbourPost) -> str:
        """The day a neighbour's gathering was to be before it was moved; empty where that is not told."""
        if post.previous_start in (None, post.start):
            return ""
        return times.full_date(post.local(post.previous_start), self.catalogue)

    def neighbour_tile(self, post: NeighbourPost) -> times.DateTile | None:
        """The date tile of a neighbour's gathering."""
        if post.start is None:
            return None
        end = post.local(post.end) if post.end else None
        return times.tile(post.local(post.start), end, self.catalogue)


@lru_cache(maxsize=32)
def words_of(locale: str) -> Words:
    """The words of one of the interface's languages."""
    return Words(locale)


def place_line(place: Place, wanted: tuple[str, ...], words: Catalogue) -> str:
    """`Community hall, Point Reyes Station`, or the area and that the place is told later."""
    if place.hidden:
        area = place.area.best(wanted)[1] if place.area else ""
        later = words.gettext("the exact place is told after registration")
        return f"{area} ({later})" if area else words.gettext("Told after registration")
    parts = [place.name, place.locality, place.region]
    line: list[str] = []
    for part in parts:
        if part and not any(part.casefold() in known.casefold() for known in line):
            line.append(part)
    return ", ".join(line) or place.address or ""
