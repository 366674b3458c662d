"""Holding a gathering together: one group offers it, the other agrees, and both stand in `organizers`.

The gathering stays where it is, with its list of who comes; the other group shows it with its home, and passes it on
to its followers. Either can end it at any time.
"""

from datetime import datetime
from typing import Final

from node.domain.doors import targets
from node.domain.outbox import OutboxKind
from node.domain.sentence import Sentence
from node.errors import ConflictError, GoneError, NotFoundError, RefusedError
from node.ids import new_id
from node.ports import RemoteActor
from node.store import audit, boosts, cohosting, events, neighbours, outbox
from node.store.blocks import any_of
from node.store.cohosting import Cohosting, CohostState
from node.store.database import Session
from node.urls import Urls

MOST: Final = 10  # groups that hold one gathering, and offers of one group that wait

_NOT_PUBLIC: Final = Sentence("Only a public gathering can be held together with another group.")
_ALREADY: Final = Sentence("This group was asked already.")
_TOO_MANY: Final = Sentence("Ten groups were asked already.")
_NO_OFFER: Final = Sentence("There is no such offer.")


def offer(
    session: Session, slug: str, actor: RemoteActor, *, urls: Urls, now: datetime, who: str
) -> Cohosting:
    """Ask a group to hold a gathering of ours together with us.

    Raises NotFoundError, GoneError; RefusedError for our own group, a blocked one, a gathering that is not
    public, and beyond ten groups; ConflictError where it was asked and has not declined.
    """
    stored = events.get(session, slug)
    if not stored.event.listed or not stored.told_outside:
        raise RefusedError(_NOT_PUBLIC)
    if urls.is_ours(actor.id) or any_of(session, targets(actor.id)):
        raise RefusedError(Sentence("%(handle)s cannot be asked.", handle=actor.handle))
    before = cohosting.find(session, slug, actor.id)
    if before is not None and before.state is not CohostState.DECLINED:
        raise ConflictError(_ALREADY)
    if len([one for one in cohosting.every(session) if one.event == slug]) >= MOST:
        raise RefusedError(_TOO_MANY)
    made = Cohosting(
        event=slug,
        actor_id=actor.id,
        name=actor.name or actor.handle,
        offer_id=urls.activity(new_id(now)),
        inbox=actor.inbox,
        ours=True,
        state=CohostState.PENDING,
    )
    cohosting.put(session, made, now)
    _tell(session, OutboxKind.OFFER_EVENT, made, now)
    audit.note(session, who, "offer to co-host", f"{slug} {actor.id}", now)
    return made


def end(
    session: Session, event: str, actor_id: str | None, *, now: datetime, who: str
) -> Cohosting:
    """End it, or take an offer back, or decline one: from either side. Raises NotFoundError where there is none."""
    found = cohosting.find(session, event, actor_id)
    if found is None:
        raise NotFoundError(_NO_OFFER)
    if found.ours:
        cohosting.remove(session, found)
        _tell(session, OutboxKind.UNDO_OFFER, found, now)
        _organizers_changed(session, found, now)
    else:
        cohosting.set_state(session, found, CohostState.DECLINED)
        _answer(session, found, "Reject", now)
        if boosts.remove(session, event):
            outbox.enqueue(session, OutboxKind.BOOST, event, now)
    audit.note(session, who, "end co-hosting", f"{event} {found.actor_id}", now)
    return found


def agree(session: Session, event: str, *, now: datetime, who: str) -> Cohosting:
    """Agree to hold a neighbour's gathering together with it; our followers are told of it.

    Raises NotFoundError where nobody asked, or the gathering is gone.
    """
    found = cohosting.find(session, event)
    post = neighbours.by_address(session, event)
    if found is None or found.ours or post is None:
        raise NotFoundError(_NO_OFFER)
    if found.state is CohostState.ACCEPTED:
        raise ConflictError(Sentence("The group holds this gathering with them already."))
    cohosting.set_state(session, found, CohostState.ACCEPTED)
    _answer(session, found, "Accept", now)
    if boosts.put(session, event, post.author, now):
        outbox.enqueue(session, OutboxKind.BOOST, event, now)
    audit.note(session, who, "co-host", event, now)
    return found


def asked(session: Session, one: Cohosting, now: datetime) -> bool:
    """A neighbour offers its gathering; False where ten offers of it wait already."""
    if cohosting.count_waiting(session, one.actor_id) >= MOST:
        return False
    cohosting.put(session, one, now)
    return True


def answered(
    session: Session, offer_id: str, actor_id: str, *, agreed: bool, now: datetime
) -> bool:
    """A group answered our offer, or changed its mind; whether there was one."""
    found = cohosting.by_offer(session, offer_id, actor_id)
    if found is None or not found.ours:
        return False
    state = CohostState.ACCEPTED if agreed else CohostState.DECLINED
    if state is not found.state:
        cohosting.set_state(session, found, state)
        if CohostState.ACCEPTED in (state, found.state):
            _organizers_changed(session, found, now)
    return True


def taken_back(session: Session, offer_id: str, actor_id: str, now: datetime) -> bool:
    """A neighbour took its offer back, or ended it; whether there was one."""
    found = cohosting.by_offer(session, offer_id, actor_id)
    if found is None or found.ours:
        return False
    cohosting.remove(session, found)
    if found.state is CohostState.ACCEPTED and boosts.remove(session, found.event):
        outbox.enqueue(session, OutboxKind.BOOST, found.event, now)
    return True


def forget_actor(session: Session, actor_id: str, now: datetime) -> int:
    """A group was blocked or is gone: it holds nothing together with us any longer; how many offers went.

    Nothing is sent to it. Opening the door again brings nothing back: it has to be asked anew.
    """
    found = cohosting.of_actor(session, actor_id)
    for one in found:
        cohosting.remove(session, one)
        if one.ours and one.state is CohostState.ACCEPTED:
            _organizers_changed(session, one, now)
    return len(found)


def part(session: Session, actor_id: str, *, now: datetime, who: str) -> None:
    """We follow a group no longer: what it offered to us, or holds together with us, ends."""
    for one in cohosting.of_actor(session, actor_id):
        if not one.ours and one.state is not CohostState.DECLINED:
            end(session, one.event, actor_id, now=now, who=who)


def _organizers_changed(session: Session, one: Cohosting, now: datetime) -> None:
    """Everybody is told who holds it now; where the gathering is gone there is nothing to tell."""
    try:
        stored = events.get(session, one.event)
    except (NotFoundError, GoneError):
        return
    events.update(session, stored.event, events.get_document(session, one.event), now)
    outbox.enqueue(session, OutboxKind.UPDATE_EVENT, one.event, now)


def _tell(session: Session, kind: OutboxKind, one: Cohosting, now: datetime) -> None:
    detail = {"offer_id": one.offer_id, "inbox": one.inbox, "event": one.event}
    outbox.enqueue(session, kind, one.actor_id, now, detail)


def _answer(session: Session, one: Cohosting, answer: str, now: datetime) -> None:
    detail = {"offer_id": one.offer_id, "inbox": one.inbox, "answer": answer}
    outbox.enqueue(session, OutboxKind.ANSWER_OFFER, one.actor_id, now, detail)
