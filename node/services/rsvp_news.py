"""How people hear what became of their answer, each by the way they came.

Who sent a Join gets Accept, Reject or Ignore. Everybody else from another server gets a message of
their own, with a private link; so does whoever has a place where something is told to guests only. Who
answered on our page sees it there, and gets a letter where they gave an address (`letters`); whom the
hosts noted by hand they tell themselves.
"""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from node.domain.dates import short_when
from node.domain.event import Event
from node.domain.for_guests import ForGuests
from node.domain.outbox import OutboxKind
from node.domain.phrases import phrase
from node.domain.question import Option
from node.domain.rsvp import ACTIVITYPUB, Answer, Refusal, Rsvp, RsvpState
from node.domain.walltime import Moment
from node.services import direct_messages, letters, rsvp_links
from node.store import actors, events, outbox, rsvps
from node.store import direct_messages as message_store
from node.store import rsvp_links as link_store
from node.store.database import Session

KIND: Final = "rsvp"
ACCEPT: Final = "Accept"
REJECT: Final = "Reject"
IGNORE: Final = "Ignore"

# What strangers can make us write: to each of them in a day, to all of them in an hour.
_MOST_TO_ONE: Final = 10
_MOST_TO_ALL: Final = 300
_KEPT: Final = timedelta(days=30)
_STATE_WORDS: Final = {RsvpState.WAITING: "rsvp_waiting", RsvpState.PENDING: "rsvp_pending"}


def answer_join(
    session: Session,
    slug: str,
    join: Mapping[str, Any],
    said: str,
    *,
    actor: str,
    inbox: str,
    now: datetime,
) -> None:
    """Enqueue the answer to a Join: `said` is Accept, Reject or Ignore."""
    detail = {"join": join, "actor": actor, "inbox": inbox, "answer": said}
    outbox.enqueue(session, OutboxKind.ANSWER_JOIN, slug, now, detail)


def heard(
    session: Session,
    slug: str,
    who: str,
    before: Rsvp | None,
    result: RsvpState | Refusal,
    *,
    answered: bool,
    now: datetime,
) -> None:
    """Tell somebody of another server what their words led to, if it is news to them.

    `before` is what stood until then; `answered`: they get an Accept or a Reject anyway. Where one
    simply comes, or registers elsewhere, there is nothing to tell.
    """
    event = events.get(session, slug).event
    if isinstance(result, Refusal):
        if not answered and result is not Refusal.NO_REGISTRATION:
            key = "rsvp_full" if result is Refusal.FULL else "rsvp_closed"
            _write_if_few(session, event, who, key, now=now, page=False)
        return
    after = rsvps.find(session, slug, who)
    if after is None or (before and (before.answer, before.state) == (after.answer, after.state)):
        return
    if after.has_place:
        if _keeps_something(session, event) and not link_store.exists(session, slug, who):
            _write_if_few(session, event, who, "rsvp_placed", now=now)
    elif not answered and result in _STATE_WORDS and after.answer is not Answer.NOT_GOING:
        _write_if_few(session, event, who, _STATE_WORDS[result], now=now)


def placed(session: Session, event: Event, rsvp: Rsvp, *, now: datetime) -> None:
    """Somebody who waited, or whom the hosts let in, has a place."""
    letters.tell(session, event, rsvp.who, "rsvp_placed", now=now)
    if rsvp.via != ACTIVITYPUB:
        return
    joined = _answer_kept_waiting(session, rsvp, ACCEPT, now)
    if not joined or _keeps_something(session, event):
        write(session, event, rsvp.who, "rsvp_placed", now=now)


def declined(session: Session, event: Event, rsvp: Rsvp, *, now: datetime) -> None:
    """The hosts took somebody off the list; who had said that they cannot come knows it."""
    if rsvp.answer is Answer.NOT_GOING:
        return
    letters.tell(session, event, rsvp.who, "rsvp_declined", now=now)
    if rsvp.via != ACTIVITYPUB:
        return
    if not _answer_kept_waiting(session, rsvp, REJECT, now):
        write(session, event, rsvp.who, "rsvp_declined", now=now, page=False)


def offered(session: Session, event: Event, rsvp: Rsvp, until: datetime, *, now: datetime) -> None:
    """A place is kept for somebody who waited, until then."""
    until_words = short_when(Moment.at(until, event.timezone), None, event.language)
    letters.tell(session, event, rsvp.who, "letter_offered", now=now, until=until_words)
    if rsvp.via != ACTIVITYPUB:
        return
    write(
        session,
        event,
        rsvp.who,
        "rsvp_offered",
        now=now,
        answers=(Answer.GOING, Answer.NOT_GOING),
        expires=until,
        until=until_words,
    )


def waits_for_a_word(session: Session, rsvp: Rsvp) -> bool:
    """Whether somebody can be asked if they still want a place, before it is given.

    Whoever sent a Join or an Accept has asked for it in so many words, and their servers know no
    second question; whom the hosts noted by hand they call.
    """
    return rsvp.activity_id is None and link_store.exists(session, rsvp.event_slug, rsvp.who)


def write(
    session: Session,
    event: Event,
    who: str,
    key: str,
    *,
    now: datetime,
    answers: Sequence[Answer] = (),
    page: bool = True,
    expires: datetime | None = None,
    in_reply_to: str | None = None,
    **values: object,
) -> bool:
    """Write to somebody of another server in the event's language; whether we know how.

    With `answers` they can be voted for; with `page` it holds a link to their private page.
    """
    known = actors.find(session, who)
    if known is None:
        return False
    language = event.language
    when = (
        short_when(event.start, event.end, language) if event.start else phrase("no_date", language)
    )
    lines = [phrase(key, language, title=event.title.text, when=when, **values)]
    if page:
        lines.append(phrase("rsvp_page", language))
    direct_messages.ask(
        session,
        KIND,
        event.slug,
        known.actor,
        content="".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines),
        language=language,
        options=[Option(one, phrase(f"rsvp_{one}", language)) for one in answers],
        token=rsvp_links.give(session, event.slug, who, ACTIVITYPUB, now=now) if page else None,
        in_reply_to=in_reply_to,
        expires=expires or (event.ends.utc if event.ends else now + _KEPT),
        now=now,
    )
    return True


def changed(session: Session, event: Event, words: str, *, now: datetime) -> int:
    """Tell those who come and do not follow what is different now; how many people.

    `words` is HTML made by us. Most servers drop a public note that speaks to nobody there.
    """
    told = 0
    for who in rsvps.coming_unfollowing(session, event.slug):
        known = actors.find(session, who)
        if known is None:
            continue
        page = html.escape(phrase("rsvp_page", event.language), quote=False)
        direct_messages.ask(
            session,
            KIND,
            event.slug,
            known.actor,
            content=f"{words}<p>{page}</p>",
            language=event.language,
            token=rsvp_links.give(session, event.slug, who, ACTIVITYPUB, now=now),
            expires=event.ends.utc if event.ends else now + _KEPT,
            now=now,
        )
        told += 1
    return told


def may_write(session: Session, who: str, now: datetime) -> bool:
    """Whether a stranger's doing may make us write once more, to them and at all."""
    return (
        message_store.written_since(session, now - timedelta(days=1), who) < _MOST_TO_ONE
        and message_store.written_since(session, now - timedelta(hours=1)) < _MOST_TO_ALL
    )


def _write_if_few(
    session: Session, event: Event, who: str, key: str, *, now: datetime, page: bool = True
) -> None:
    if may_write(session, who, now):
        write(session, event, who, key, now=now, page=page)


def _answer_kept_waiting(session: Session, rsvp: Rsvp, said: str, now: datetime) -> bool:
    """Answer a Join that was kept waiting; whether it was a Join. Only its id was kept."""
    inbox = rsvps.asking_inbox(session, rsvp)
    if inbox is None:
        return False
    join = {"id": rsvp.activity_id, "type": "Join", "actor": rsvp.who}
    answer_join(session, rsvp.event_slug, join, said, actor=rsvp.who, inbox=inbox, now=now)
    return True


def _keeps_something(session: Session, event: Event) -> bool:
    return bool(ForGuests.from_document(events.get_document(session, event.slug), event.language))
