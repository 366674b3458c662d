"""Letters by e-mail: who wants them, what waits to be sent, and how often an address was written to."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.ids import new_id
from node.store.database import Row, Session

WORKER = "letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who wants letters about an event, and in which language."""

    event_slug: str
    who: str
    address: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be sent: `words` is plain text, `token` that of the private page it leads to."""

    id: str
    recipient: str
    language: str
    subject: str
    words: str
    token: str
    attempts: int
    created: datetime


def put_reader(session: Session, reader: Reader) -> None:
    """Keep where somebody wants letters, instead of what was kept before."""
    session.run(
        "INSERT INTO rsvp_email (event_slug, who, address, language)"
        " VALUES (:slug, :who, :address, :language) ON CONFLICT (event_slug, who)"
        " DO UPDATE SET address = :address, language = :language",
        {
            "slug": reader.event_slug,
            "who": reader.who,
            "address": reader.address,
            "language": reader.language,
        },
    )


def reader(session: Session, slug: str, who: str) -> Reader | None:
    """Where somebody wants letters about an event; None where they want none."""
    row = session.row(
        "SELECT * FROM rsvp_email WHERE event_slug = :slug AND who = :who",
        {"slug": slug, "who": who},
    )
    return _reader(row) if row is not None else None


def coming(session: Session, slug: str) -> list[Reader]:
    """Everybody who wants letters about an event and has not said no to it."""
    rows = session.rows(
        "SELECT rsvp_email.* FROM rsvp_email JOIN rsvp USING (event_slug, who)"
        " WHERE event_slug = :slug AND answer <> 'not_going' ORDER BY created_at, rsvp.rowid",
        {"slug": slug},
    )
    return [_reader(row) for row in rows]


def add(
    session: Session, reader: Reader, subject: str, words: str, *, token: str, now: datetime
) -> None:
    """Keep a letter to be sent at once."""
    session.run(
        "INSERT INTO letter (id, event_slug, who, recipient, address_hash, language, subject, words,"
        " token, state, not_before, created_at) VALUES (:id, :slug, :who, :address, :hash, :language,"
        " :subject, :words, :token, 'pending', :now, :now)",
        {
            "id": new_id(now),
            "slug": reader.event_slug,
            "who": reader.who,
            "address": reader.address,
            "hash": _hash(reader.address),
            "language": reader.language,
            "subject": subject,
            "words": words,
            "token": token,
            "now": to_ms(now),
        },
    )
    session.wake(WORKER)


def next_due(session: Session, now: datetime) -> Letter | None:
    """The letter whose turn came first, or None."""
    row = session.row(
        "SELECT * FROM letter WHERE state = 'pending' AND not_before <= :now"
        " ORDER BY not_before, rowid LIMIT 1",
        {"now": to_ms(now)},
    )
    return _letter(row) if row is not None else None


def waiting(session: Session, slug: str, who: str) -> list[Letter]:
    """What was written to somebody about an event and is not sent yet, in the order it was written."""
    rows = session.rows(
        "SELECT * FROM letter WHERE event_slug = :slug AND who = :who AND state = 'pending'"
        " ORDER BY rowid",
        {"slug": slug, "who": who},
    )
    return [_letter(row) for row in rows]


def next_at(session: Session) -> datetime | None:
    """When the next letter is due; None where none waits."""
    moment = session.value("SELECT min(not_before) FROM letter WHERE state = 'pending'")
    return from_ms(moment) if moment is not None else None


def finish(session: Session, letter_id: str, *, sent: bool) -> None:
    """A letter is sent, or given up: its words and its address go."""
    session.run(
        "UPDATE letter SET state = :state, recipient = '', subject = '', words = '', token = ''"
        " WHERE id = :id AND state = 'pending'",
        {"id": letter_id, "state": "sent" if sent else "parked"},
    )


def put_off(session: Session, letter_id: str, until: datetime) -> None:
    """Try a letter again `until` then."""
    session.run(
        "UPDATE letter SET attempts = attempts + 1, not_before = :until"
        " WHERE id = :id AND state = 'pending'",
        {"id": letter_id, "until": to_ms(until)},
    )


def written_since(session: Session, since: datetime, address: str | None = None) -> int:
    """How many letters were written since then: to an address, or to all."""
    number: int = session.value(
        "SELECT count(*) FROM letter WHERE created_at > :since"
        " AND (:hash IS NULL OR address_hash = :hash)",
        {"since": to_ms(since), "hash": _hash(address) if address is not None else None},
    )
    return number


def unwanted(session: Session, address: str) -> bool:
    """Whether somebody who reads at this address said that we shall not write."""
    found = session.value(
        "SELECT 1 FROM letter WHERE address_hash = :hash AND state = 'unwanted' LIMIT 1",
        {"hash": _hash(address)},
    )
    return found is not None


def refuse(session: Session, address: str) -> None:
    """Note that this address wants no letters: for as long as we remember that we wrote to it."""
    session.run(
        "UPDATE letter SET state = 'unwanted', who = '', recipient = '', subject = '', words = '',"
        " token = '' WHERE address_hash = :hash",
        {"hash": _hash(address)},
    )


def undelivered(session: Session, slug: str) -> set[str]:
    """Whose letters about an event could not be delivered: the hosts tell them otherwise."""
    rows = session.rows(
        "SELECT DISTINCT who FROM letter WHERE event_slug = :slug AND state = 'parked'",
        {"slug": slug},
    )
    return {row["who"] for row in rows}


def forget(session: Session, slug: str, who: str) -> None:
    """Erase where somebody wants letters about an event, and what was written to them."""
    values = {"slug": slug, "who": who}
    session.run("DELETE FROM rsvp_email WHERE event_slug = :slug AND who = :who", values)
    session.run(
        "UPDATE letter SET who = '', recipient = '', subject = '', words = '', token = '',"
        " state = CASE state WHEN 'pending' THEN 'erased' ELSE state END"
        " WHERE event_slug = :slug AND who = :who",
        values,
    )


def purge(session: Session, before: datetime) -> None:
    """Delete the addresses of events that were over or removed before then, and letters older than that."""
    values = {"before": to_ms(before)}
    session.run(
        "DELETE FROM rsvp_email WHERE event_slug IN"
        " (SELECT slug FROM event WHERE end_at < :before OR removed_at < :before)",
        values,
    )
    session.run("DELETE FROM letter WHERE created_at < :before", values)


def _reader(row: Row) -> Reader:
    return Reader(
        event_slug=row["event_slug"],
        who=row["who"],
        address=row["address"],
        language=row["language"],
    )


def _hash(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()


def _letter(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        recipient=row["recipient"],
        language=row["language"],
        subject=row["subject"],
        words=row["words"],
        token=row["token"],
        attempts=row["attempts"],
        created=from_ms(row["created_at"]),
    )
