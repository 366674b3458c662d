"""What an Event says in words: the one-line summary, and the content in full.

Mastodon shows name, summary and link of an Event and drops its content; GoToSocial and Misskey show
the summary as a content warning before the content. So the summary is one short line with date,
time, zone, place, format and price, and the content says it all again first.
"""

from typing import Final

from federation.render.text import (
    best,
    clip,
    inline,
    joined,
    languages,
    link,
    one_line,
    paragraph,
    paragraphs,
)
from node.domain.dates import short_when
from node.domain.event import Event, EventFormat, EventStatus
from node.domain.phrases import (
    format_words,
    held,
    phrase,
    place_line,
    price_words,
    registration_words,
    status_words,
)

LONGEST_SUMMARY: Final = 400
_LONGEST_PLACE: Final = 120
_LONGEST_LINE: Final = 400


def text_languages(event: Event) -> tuple[str, ...]:
    """The languages the event is told in, the main one first."""
    return languages(event.title, event.summary, event.description)


def summary_line(event: Event, language: str) -> str:
    """`Sat 17 Apr 2027, 10:00–16:30 PDT · Hall, Freiburg · in person · free`: plain, one line."""
    place = place_line(event, language)
    parts = (
        status_words(event.status, language),
        *when_parts(event, language),
        one_line(place, _LONGEST_PLACE) if place else None,
        format_words(held(event), language),
        price_words(event.price, language),
    )
    return one_line(joined(parts), LONGEST_SUMMARY)


def when_parts(event: Event, language: str) -> tuple[str, ...]:
    """When it is and, if it was moved, when it was."""
    parts = []
    if event.start is not None:
        parts.append(short_when(event.start, event.end, language))
    else:
        parts.append(phrase("no_date", language))
    if event.previous_start is not None:
        parts.append(phrase("was", language, when=short_when(event.previous_start, None, language)))
    return tuple(parts)


def content(event: Event, language: str, page: str, longest: int) -> str:
    """The whole text as HTML; title, when and where first. The description is cut to `longest`."""
    status = status_words(event.status, language)
    return "".join(
        (
            paragraph(
                f"<strong>{inline(one_line(best(event.title, language), _LONGEST_LINE))}</strong>",
                f"<strong>{inline(status)}</strong>" if status else "",
                *(inline(part) for part in when_parts(event, language)),
                inline(one_line(_where(event, language), _LONGEST_LINE)),
                inline(
                    joined(
                        (format_words(held(event), language), price_words(event.price, language))
                    )
                ),
            ),
            _reason(event, language, longest),
            paragraphs(clip(best(event.summary, language), longest)),
            paragraphs(clip(best(event.description, language), longest)),
            _for_whom(event, language, longest),
            _practical(event, language, longest),
            paragraph(f"{inline(phrase('read_more', language))}: {link(page)}"),
        )
    )


def _where(event: Event, language: str) -> str:
    place = place_line(event, language)
    exact = event.place.address if place and event.place is not None else None
    address = exact if exact and exact not in (place or "") else None
    return joined((place, address, _room(event, language)))


def _room(event: Event, language: str) -> str | None:
    """The public address of the call, or when it is told; None where people only meet in person."""
    if event.online is not None and event.online.url:
        return event.online.url
    if held(event) is EventFormat.IN_PERSON:
        return None
    return phrase("link_later", language)


def _reason(event: Event, language: str, longest: int) -> str:
    if event.status is EventStatus.SCHEDULED:
        return ""
    return paragraphs(clip(best(event.status_reason, language), longest))


def _for_whom(event: Event, language: str, longest: int) -> str:
    """Whom the hosts invite, in their own words."""
    statement = event.audience.statement if event.audience is not None else None
    return paragraphs(clip(best(statement, language), longest))


def _practical(event: Event, language: str, longest: int) -> str:
    """Directions, money, registration, content notes and access, as far as the hosts say."""
    in_place = event.place is not None and held(event) is not EventFormat.ONLINE
    directions = best(event.place.directions, language) if event.place and in_place else ""
    return "".join(
        paragraphs(clip(text, longest))
        for text in (
            directions,
            _money(event, language),
            _registration(event, language),
            _noted("content_notes", ", ".join(event.content_notes), language),
            _noted("access", _access(event, language), language),
        )
        if text
    )


def _money(event: Event, language: str) -> str:
    if event.price is None:
        return ""
    generous = phrase("no_one_turned_away", language) if event.price.no_one_turned_away else None
    return joined((best(event.price.note, language), generous))


def _access(event: Event, language: str) -> str:
    return joined((best(event.access_notes, language), event.access_contact))


def _registration(event: Event, language: str) -> str:
    registration = event.registration
    words = registration_words(registration.mode, language)
    if words is None:
        return ""
    deadline = registration.deadline
    until = short_when(deadline, None, language) if deadline else None
    parts = joined(
        (
            words,
            phrase("until", language, when=until) if until else None,
            phrase("places", language, number=registration.capacity)
            if registration.capacity
            else None,
        )
    )
    return _noted("register", parts, language)


def _noted(key: str, text: str, language: str) -> str:
    return f"{phrase(key, language)}: {text}" if text else ""
