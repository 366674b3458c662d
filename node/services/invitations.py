"""Inviting people of other servers to a gathering: an Invite to that person alone, and a question.

Most servers make nothing of an Invite, so whoever is invited is also asked in a message, unless their
server is known to show it. Whoever is invited has a place if there is room, whatever the mode of
registration; where it is `invite`, nobody else does.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from node.domain.event import Event
from node.domain.outbox import OutboxKind
from node.domain.rsvp import Answer, Refusal, decide
from node.domain.sentence import Sentence
from node.errors import ConflictError, NotFoundError, RefusedError
from node.ids import new_id
from node.ports import RemoteActor
from node.services import rsvp_questions
from node.services.moderation import is_blocked
from node.store import audit, events, hosts, invitations, outbox
from node.store.database import Session
from node.store.invitations import Invitation
from node.urls import Urls

# Software that shows an Invite to an Event and lets people answer it.
_SHOWS_INVITES: Final = frozenset({"hubzilla"})


class NotOpenError(RefusedError):
    """Nobody can come to this gathering (any more); `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"Nobody can be invited: {refusal}.")


def of_event(session: Session, slug: str) -> list[Invitation]:
    """Everyone invited to an event: for hosts only. Raises NotFoundError, GoneError."""
    events.get(session, slug)
    return invitations.of_event(session, slug)


def invite(
    session: Session, slug: str, actor: RemoteActor, *, urls: Urls, now: datetime, who: str
) -> Invitation:
    """Invite somebody. The log of decisions tells of it, and not whom.

    Raises NotFoundError, GoneError, ConflictError where they are invited already, and RefusedError
    where nobody can be.
    """
    event = events.get(session, slug).event
    _check(session, event, actor, urls, now)
    if invitations.find(session, slug, actor.id) is not None:
        raise ConflictError(Sentence("@%(handle)s is invited already.", handle=actor.handle))
    invitation = Invitation(
        event_slug=slug,
        actor_id=actor.id,
        invite_id=urls.activity(new_id(now)),
        inbox=actor.inbox,
    )
    invitations.add(session, invitation, now)
    outbox.enqueue(session, OutboxKind.INVITE, actor.id, now, _detail(invitation))
    host = urlsplit(actor.id).netloc
    if hosts.software(session, host) not in _SHOWS_INVITES:
        rsvp_questions.ask_invited(session, event, actor.id, now)
    audit.note(session, who, "invite", slug, now)
    return invitation


def withdraw(session: Session, slug: str, actor_id: str, *, now: datetime, who: str) -> None:
    """Take an invitation back; what they answered stays on the list until hosts take it off.

    Raises NotFoundError where they are not invited.
    """
    invitation = invitations.find(session, slug, actor_id)
    if invitation is None:
        raise NotFoundError("They are not invited.")
    invitations.remove(session, slug, actor_id)
    outbox.enqueue(session, OutboxKind.UNDO_INVITE, actor_id, now, _detail(invitation))
    audit.note(session, who, "withdraw invitation", slug, now)


def _check(session: Session, event: Event, actor: RemoteActor, urls: Urls, now: datetime) -> None:
    if urls.is_ours(actor.id):
        raise RefusedError("The group cannot invite itself.")
    if not event.federated:
        raise RefusedError("This gathering is not told to other servers, so nobody there can come.")
    if is_blocked(session, urlsplit(actor.id).netloc, actor.id):
        raise RefusedError(
            Sentence("@%(handle)s is blocked here: unblock them first.", handle=actor.handle)
        )
    answer = decide(event, Answer.MAYBE, seats=1, taken=0, wanted=True, now=now)
    if isinstance(answer, Refusal):
        raise NotOpenError(answer)


def _detail(invitation: Invitation) -> dict[str, str]:
    return {
        "invite_id": invitation.invite_id,
        "inbox": invitation.inbox,
        "event": invitation.event_slug,
    }
