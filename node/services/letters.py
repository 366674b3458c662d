"""Letters to people who gave an e-mail address with their answer.

An address is taken from anybody's typing, so the first letter to it holds nothing that a stranger wrote,
says how to be left alone, and comes a few times a day at most. Words are kept without the private
link; `node.letters`, which sends them, puts it under them.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from node.domain.dates import short_when
from node.domain.event import Event
from node.domain.phrases import phrase
from node.domain.rsvp import RsvpState
from node.errors import RefusedError
from node.services import rsvp_links
from node.store import letters as store
from node.store.database import Session
from node.store.letters import Reader

# What strangers can make us write: to each address in a day, to all of them in an hour.
_MOST_TO_ONE: Final = 3
_MOST_TO_ALL: Final = 100
_FIRST_WORDS: Final = {
    RsvpState.CONFIRMED: "rsvp_placed",
    RsvpState.WAITING: "rsvp_waiting",
    RsvpState.PENDING: "rsvp_pending",
}
_LONGEST_ADDRESS: Final = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_LOCAL}@{_LABEL}(\.{_LABEL})+")


def read_address(text: str) -> str:
    """An e-mail address (RFC 5321 §4.1.2 without quoted names), or nothing. Raises RefusedError."""
    if text and (len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text)):
        raise RefusedError("This is no e-mail address. Look at it once more, or leave it empty.")
    return text


def welcome(
    session: Session, event: Event, reader: Reader, state: RsvpState, token: str, *, now: datetime
) -> bool:
    """Keep where somebody wants letters and write the first one; whether they get any.

    No letters go, and no address is kept, where it had enough of them today or wants none.
    """
    if store.unwanted(session, reader.address) or not _may_write(session, reader.address, now):
        return False
    store.put_reader(session, reader)
    _add(session, event, reader, [_said(event, reader, _FIRST_WORDS[state])], token=token, now=now)
    return True


def tell(
    session: Session, event: Event, who: str, key: str, *, now: datetime, **values: object
) -> None:
    """Write to somebody what became of their answer, if they want letters."""
    reader = store.reader(session, event.slug, who)
    if reader is not None:
        _write(session, event, reader, [_said(event, reader, key, **values)], now)


def changed(session: Session, event: Event, lines: Sequence[str], *, now: datetime) -> int:
    """Write to those who may come what is different now; how many letters."""
    readers = store.coming(session, event.slug)
    for reader in readers:
        told = [phrase("letter_changed", reader.language), "\n".join(lines)]
        _write(session, event, reader, told, now)
    return len(readers)


def refuse(session: Session, slug: str, who: str) -> None:
    """Whoever reads at the address of an answer never gave it: nothing more is sent there for a month."""
    reader = store.reader(session, slug, who)
    if reader is not None:
        store.refuse(session, reader.address)


def _write(
    session: Session, event: Event, reader: Reader, parts: Sequence[str], now: datetime
) -> None:
    if not store.unwanted(session, reader.address):
        token = rsvp_links.give(session, event.slug, reader.who, "web", now=now)
        _add(session, event, reader, parts, token=token, now=now)


def _add(
    session: Session,
    event: Event,
    reader: Reader,
    parts: Sequence[str],
    *,
    token: str,
    now: datetime,
) -> None:
    title = " ".join(event.title.best([reader.language])[1].split())
    store.add(session, reader, title, "\n\n".join(parts), token=token, now=now)


def _said(event: Event, reader: Reader, key: str, **values: object) -> str:
    language = reader.language
    title = event.title.best([language])[1]
    when = (
        short_when(event.start, event.end, language) if event.start else phrase("no_date", language)
    )
    return phrase(key, language, title=title, when=when, **values)


def _may_write(session: Session, address: str, now: datetime) -> bool:
    return (
        store.written_since(session, now - timedelta(days=1), address) < _MOST_TO_ONE
        and store.written_since(session, now - timedelta(hours=1)) < _MOST_TO_ALL
    )
