"""Groups around us: taking in who stands with whom, within bounds, and what is shown of it.

| bound | |
|---|---|
| groups read from the list of a neighbour | 50 |
| from the list of a group that a neighbour names | 20 |
| groups that may come through one neighbour, at both steps | 150 |
| groups known in all | 500 |
| shown without having been read anew | 90 days |

So a neighbour that claims thousands takes up its own share and nobody else's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from node.domain.doors import targets
from node.domain.known_group import KnownGroup
from node.domain.outbox import OutboxKind
from node.errors import NotFoundError
from node.store import audit, groups, known_groups, outbox
from node.store.blocks import any_of
from node.store.database import Session
from node.urls import Urls

FROM_A_NEIGHBOUR = 50
FROM_OTHERS = 20
THROUGH_ONE_NEIGHBOUR = 150
IN_ALL = 500
REMEMBERED = timedelta(days=90)
PUBLISHED = 200


def most_of(session: Session, source: str) -> int:
    """How many entries of a list are read."""
    return FROM_A_NEIGHBOUR if known_groups.is_neighbour(session, source) else FROM_OTHERS


def take_list(
    session: Session, source: str, ids: Sequence[str], *, urls: Urls, now: datetime
) -> None:
    """Keep whom a group says it stands with, in place of what it said before; within the bounds.

    Our own group is never among them, nor is whoever is blocked here.
    """
    wanted = [
        one
        for one in ids[: most_of(session, source)]
        if not urls.is_ours(one) and not any_of(session, targets(one))
    ]
    known_groups.keep_claims(session, source, wanted)
    known_groups.look_at_lists(
        session, wanted if known_groups.is_neighbour(session, source) else (), now
    )
    room = min(
        IN_ALL - known_groups.count(session),
        THROUGH_ONE_NEIGHBOUR - known_groups.brought_by(session, source),
    )
    for one in wanted:
        if not known_groups.is_known(session, one):
            if room <= 0:
                continue
            room -= 1
            known_groups.add(session, one, now)
        known_groups.claim(session, source, one)


def standing_with(session: Session, now: datetime) -> list[KnownGroup]:
    """The groups we stand with, for everyone to see. Raises NotFoundError where the group does not tell."""
    if not groups.get(session).stands_publicly:
        raise NotFoundError("The group does not say which groups it stands with.")
    return _open(session, known_groups.standing_with(session, now - REMEMBERED, PUBLISHED))


def suggestions(session: Session, now: datetime) -> list[KnownGroup]:
    """Groups that we might follow: those that groups we know stand with. For stewards only."""
    return _open(session, known_groups.suggestions(session, now - REMEMBERED, IN_ALL))


def tell_publicly(session: Session, publicly: bool, *, now: datetime, who: str) -> None:
    """Say from now on which groups we stand with, or say it no longer; other servers are told."""
    before = groups.get_document(session)
    if before.get("stands_publicly") is publicly:
        return
    groups.update(session, before | {"stands_publicly": publicly}, now)
    outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    audit.note(session, who, "change group", "group", now)


def hide(session: Session, group_id: str, *, now: datetime, who: str) -> None:
    """Suggest a group no longer: it is not for us. Raises NotFoundError where it is not known."""
    if not known_groups.set_hidden(session, group_id, now):
        raise NotFoundError("No group of that address is known here.")
    audit.note(session, who, "hide group", group_id, now)


def show_again(session: Session, group_id: str, *, now: datetime, who: str) -> None:
    """Suggest a group again. Raises NotFoundError where it is not known."""
    if not known_groups.set_hidden(session, group_id, None):
        raise NotFoundError("No group of that address is known here.")
    known_groups.look_again(session, group_id, now)
    audit.note(session, who, "show group", group_id, now)


def _open(session: Session, found: list[KnownGroup]) -> list[KnownGroup]:
    return [one for one in found if not any_of(session, targets(one.profile.id))]
