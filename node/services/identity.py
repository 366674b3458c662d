"""Who the group is on other servers, over time: its other names, its moves, its keys, its farewell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from node.domain.outbox import OutboxKind
from node.errors import NotFoundError, RefusedError
from node.ports import RemoteActor
from node.store import audit, groups, keypairs, outbox
from node.store.database import Session
from node.store.keypairs import Signer, StoredKeypair
from node.urls import Urls

# Mastodon and GoToSocial take one move a week from an actor; more would only lose followers.
COOL_DOWN: Final = timedelta(days=7)
_MOST_ALIASES: Final = 20  # as many as GoToSocial reads
_FAREWELL: Final = "The group has said farewell: nothing of it can be changed any more."


def add_alias(session: Session, actor_id: str, *, urls: Urls, now: datetime, who: str) -> None:
    """Say that an actor elsewhere is the group too, so that it may move here. Raises RefusedError."""
    _check_here(session)
    known = groups.whereabouts(session).also_known_as
    if urls.is_ours(actor_id):
        raise RefusedError("That is the group itself.")
    if actor_id in known:
        raise RefusedError(f"{actor_id} is named already.")
    if len(known) >= _MOST_ALIASES:
        raise RefusedError(f"There are {_MOST_ALIASES} other names already: no server reads more.")
    groups.set_aliases(session, [*known, actor_id])
    outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    audit.note(session, who, "alias", actor_id, now)


def remove_alias(session: Session, actor_id: str, *, now: datetime, who: str) -> None:
    """Take such a name back. Raises NotFoundError where it is none."""
    _check_here(session)
    known = groups.whereabouts(session).also_known_as
    if actor_id not in known:
        raise NotFoundError(f"{actor_id} is no other name of the group.")
    groups.set_aliases(session, [one for one in known if one != actor_id])
    outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    audit.note(session, who, "unalias", actor_id, now)


def move(session: Session, target: RemoteActor, *, urls: Urls, now: datetime, who: str) -> None:
    """Tell followers, once, that the group lives at `target` now; `target` must name it as itself.

    Raises RefusedError where it does not, or within seven days of the last move.
    """
    _check_here(session)
    before = groups.whereabouts(session)
    if urls.is_ours(target.id):
        raise RefusedError("That is the group itself.")
    if before.moved_to == target.id:
        raise RefusedError(f"The group has moved to {target.handle} already.")
    if urls.group not in target.also_known_as:
        raise RefusedError(
            f"{target.handle} does not name {urls.group} as another name of its own"
            " (alsoKnownAs): say so there first, then move."
        )
    if before.moved is not None and now - before.moved < COOL_DOWN:
        again = before.moved + COOL_DOWN
        raise RefusedError(
            f"The last move is less than seven days old: wait until {again:%Y-%m-%d %H:%M} UTC."
        )
    groups.set_moved(session, target.id, now)
    outbox.enqueue(session, OutboxKind.MOVE_GROUP, target.id, now)
    audit.note(session, who, "move away", target.id, now)


def come_back(session: Session, *, now: datetime, who: str) -> None:
    """The group lives here again; followers who went do not come back by themselves."""
    _check_here(session)
    moved_to = groups.whereabouts(session).moved_to
    if moved_to is None:
        raise RefusedError("The group has not moved.")
    groups.set_moved(session, None, now)
    outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    audit.note(session, who, "come back", moved_to, now)


def rotate(
    session: Session, actor: Signer, pairs: Sequence[StoredKeypair], *, now: datetime, who: str
) -> list[StoredKeypair]:
    """Let new key pairs take the place of those an actor of ours uses; the new ones with their names.

    The group's followers are told in an activity that the old key signs, before anything else reaches
    them. The node's own actor only asks, and whoever is asked looks its key up.
    """
    _check_here(session)
    former = keypairs.get(session, actor)
    made = [keypairs.replace(session, actor, pair, now) for pair in pairs]
    if actor == "group":
        outbox.enqueue(session, OutboxKind.ROTATE_KEY, former.name, now)
    audit.note(session, who, "rotate keys", actor, now)
    return made


def retire(session: Session, *, now: datetime, who: str) -> None:
    """Say farewell to every server that knows the group; there is no way back. Raises RefusedError."""
    _check_here(session)
    groups.retire(session, now)
    outbox.enqueue(session, OutboxKind.RETIRE, "", now)
    audit.note(session, who, "retire", "group", now)


def _check_here(session: Session) -> None:
    if groups.whereabouts(session).retired is not None:
        raise RefusedError(_FAREWELL)
