"""What a search found, in the reader's words, ready to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.domain.event import Event
from node.domain.neighbour import NeighbourPost, PostKind
from node.domain.practice import Practice
from node.domain.reflection import Reflection
from node.domain.search import Excerpt, Findable, Term, excerpt, marked
from node.services.search import Found
from node.store.events import StoredEvent
from web.i18n import Reader
from web.labels import EVENT_KINDS, N_
from web.when import When
from web.words import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that was found. `elsewhere` is the neighbour who published it; empty: it is ours.

    Of what has content notes there is no excerpt; `day` is when something to read was published.
    `beside` is when it takes place on the clocks of the reader.
    """

    url: str
    kind: str
    title: Excerpt
    excerpt: Excerpt | None
    notes: tuple[str, ...]
    elsewhere: str = ""
    status: str = "scheduled"
    when: When | None = None
    beside: When | None = None
    day: str = ""
    place: str = ""


_KINDS = {
    PostKind.EVENT: EVENT_KINDS["other"],
    PostKind.NOTE: N_("Note"),
    PostKind.PRACTICE: N_("Practice"),
}


class Hits:
    """Makes hits of what was found by `terms`, for one reader; `names` are those of neighbours by id."""

    def __init__(self, terms: Sequence[Term], reader: Reader, names: Mapping[str, str]) -> None:
        self._terms = terms
        self._reader = reader
        self._names = names
        self._words = words_of(reader.locale)

    def of(self, found: Found) -> Hit:
        """One thing."""
        match found.thing:
            case StoredEvent(event=event):
                return self._event(event, found.findable)
            case Reflection() as reflection:
                return self._reflection(reflection, found.findable)
            case Practice() as practice:
                return self._hit(
                    found.findable,
                    url=f"/practices/{practice.slug}",
                    kind=self._words.say(N_("Practice")),
                )
            case NeighbourPost() as post:
                return self._post(post, found.findable)

    def _event(self, event: Event, findable: Findable) -> Hit:
        zone = self._reader.zone
        return self._hit(
            findable,
            url=f"/events/{event.slug}",
            kind=self._words.kind(event.kind),
            status=event.status,
            when=self._words.when(event),
            beside=self._words.beside(event, zone) if zone else None,
            place=self._words.place_line(event, self._reader.wanted),
        )

    def _reflection(self, reflection: Reflection, findable: Findable) -> Hit:
        return self._hit(
            findable,
            url=f"/reflections/{reflection.slug}",
            kind=self._words.reflection_kind(reflection.kind),
            day=self._words.date(reflection.published) if reflection.published else "",
        )

    def _post(self, post: NeighbourPost, findable: Findable) -> Hit:
        zone = self._reader.zone
        return self._hit(
            findable,
            url=post.url,
            kind=self._words.say(_KINDS[post.kind]),
            elsewhere=self._names.get(post.actor_id, ""),
            status=post.status,
            when=self._words.neighbour_when(post),
            beside=self._words.neighbour_beside(post, zone) if zone else None,
            day="" if post.kind is not PostKind.NOTE else self._words.date(post.published),
            place=post.place,
        )

    def _hit(self, findable: Findable, *, url: str, kind: str, **more: object) -> Hit:
        """With the words that were asked for marked; what has no title goes by its kind."""
        title = findable.title
        language, text = title.best(self._reader.wanted) if title else (self._reader.locale, kind)
        shown = None if findable.notes else excerpt(findable, self._terms, self._reader.wanted)
        return Hit(
            url=url,
            kind=kind,
            title=Excerpt(language, tuple(marked(text, self._terms if title else ()))),
            excerpt=shown,
            notes=findable.notes,
            **more,  # type: ignore[arg-type]
        )
