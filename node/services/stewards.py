"""Who may sign in and with which role: inviting, letting in, resetting and parting with stewards.

A one-time link is handed out as a raw token, once; only its hash is kept. Whatever changes who may
enter (a new password, a reset, a removal) signs that steward out everywhere in the same transaction.
"""

import unicodedata
from datetime import datetime, timedelta

from node.domain.role import Role
from node.domain.sentence import Sentence
from node.errors import ConflictError, GoneError, NotFoundError, RefusedError
from node.ids import new_token
from node.store import audit, sessions
from node.store import stewards as store
from node.store.database import Session
from node.store.stewards import Steward

LINK_LIFETIME = timedelta(hours=72)
LONGEST_NAME = 80
COMMAND_LINE = "command line"
_LAST = Sentence(
    "There must be one full steward who can sign in. Invite somebody else first, and wait until they have."
)


def invite(
    session: Session,
    name: str,
    *,
    role: Role = Role.STEWARD,
    who: str = COMMAND_LINE,
    now: datetime,
) -> str:
    """Add a steward; the token of the link that lets them in, good for 72 hours and one use.

    Raises RefusedError for an empty or overlong name, ConflictError where it is taken.
    """
    cleaned = _name(name)
    if store.by_name(session, cleaned):
        raise ConflictError(Sentence("There is already a steward called “%(name)s”.", name=cleaned))
    audit.note(session, who, "invite steward", cleaned, now, reason=role)
    return _link(session, store.add(session, cleaned, role, now), now)


def reset(session: Session, name: str, *, who: str = COMMAND_LINE, now: datetime) -> str:
    """Take a steward's password and sessions away and give a new link; its token.

    Raises NotFoundError.
    """
    steward = named(session, name)
    store.set_password(session, steward.id, None)
    sessions.remove_of(session, steward.id)
    store.remove_links(session, steward.id)
    audit.note(session, who, "reset steward", steward.name, now)
    return _link(session, steward, now)


def change_password(
    session: Session, steward_id: int, password_hash: str, *, now: datetime
) -> Steward:
    """A steward chose another password: sign them out everywhere, and make open links worthless."""
    steward = store.by_id(session, steward_id)
    store.set_password(session, steward_id, password_hash)
    store.remove_links(session, steward_id)
    sessions.remove_of(session, steward_id)
    audit.note(session, steward.name, "change password", steward.name, now)
    return steward


def stewards(session: Session) -> list[Steward]:
    """Everyone who may sign in, the first to come first."""
    return store.every(session)


def named(session: Session, name: str) -> Steward:
    """The steward of that name. Raises NotFoundError."""
    steward = store.by_name(session, unicodedata.normalize("NFC", name).strip())
    if steward is None:
        raise NotFoundError(f"There is no steward called “{name}”.")
    return steward


def invited(session: Session, token: str, *, now: datetime) -> Steward:
    """Whose link this is, without using it up. Raises GoneError for a used or old one."""
    steward = store.by_link(session, token, now)
    if steward is None:
        raise GoneError("This link was used already, or it has run out. Ask for a new one.")
    return steward


def redeem(session: Session, token: str, *, password_hash: str | None, now: datetime) -> Steward:
    """Use a link up: keep the new password's hash and sign the steward out everywhere else.

    `password_hash` is None where only a link may let people in (no https). Raises GoneError.
    """
    steward = invited(session, token, now=now)
    if password_hash is not None:
        store.set_password(session, steward.id, password_hash)
    store.remove_links(session, steward.id)
    sessions.remove_of(session, steward.id)
    return steward


def change_role(session: Session, name: str, role: Role, *, who: str, now: datetime) -> bool:
    """Let a steward do more or less from now on; False where that was their role already.

    Raises NotFoundError, and ConflictError where no full steward would be left.
    """
    steward = named(session, name)
    if steward.role is role:
        return False
    if role is not Role.STEWARD:
        _require_another(session, steward)
    store.set_role(session, steward.id, role)
    audit.note(session, who, "change role", steward.name, now, reason=role)
    return True


def remove(session: Session, name: str, *, who: str, now: datetime) -> None:
    """Part with a steward, who is signed out everywhere.

    Raises NotFoundError, and ConflictError where no full steward would be left.
    """
    steward = named(session, name)
    _require_another(session, steward)
    store.remove(session, steward.id)
    audit.note(session, who, "remove steward", steward.name, now)


def _require_another(session: Session, leaving: Steward) -> None:
    """Somebody else must be a full steward, and able to sign in where `leaving` is."""
    if leaving.role is not Role.STEWARD:
        return
    others = [one for one in store.every(session) if one.id != leaving.id]
    if not any(
        one.role is Role.STEWARD and (one.has_password or not leaving.has_password)
        for one in others
    ):
        raise ConflictError(_LAST)


def _link(session: Session, steward: Steward, now: datetime) -> str:
    token = new_token()
    store.add_link(session, steward.id, token, now + LINK_LIFETIME)
    return token


def _name(name: str) -> str:
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or len(cleaned) > LONGEST_NAME or not cleaned.isprintable():
        raise RefusedError(
            Sentence("A steward's name has 1 to %(limit)s visible characters.", limit=LONGEST_NAME)
        )
    return cleaned
