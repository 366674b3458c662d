"""Who may sign in: inviting, letting in, resetting and parting with stewards.

A one-time link is handed out as a raw token, once; only its hash is kept. Whatever changes who may
enter (a new password, a reset, a removal) signs that steward out everywhere in the same transaction.
"""

import unicodedata
from datetime import datetime, timedelta

from node.domain.sentence import Sentence
from node.errors import ConflictError, GoneError, NotFoundError, RefusedError
from node.ids import new_token
from node.store import sessions
from node.store import stewards as store
from node.store.database import Session
from node.store.stewards import Steward

LINK_LIFETIME = timedelta(hours=72)
LONGEST_NAME = 80


def invite(session: Session, name: str, *, now: datetime) -> str:
    """Add a steward; the token of the link that lets them in, good for 72 hours and one use.

    Raises RefusedError for an empty or overlong name, ConflictError where it is taken.
    """
    cleaned = _name(name)
    if store.by_name(session, cleaned):
        raise ConflictError(Sentence("There is already a steward called “%(name)s”.", name=cleaned))
    return _link(session, store.add(session, cleaned, now), now)


def reset(session: Session, name: str, *, now: datetime) -> str:
    """Take a steward's password and sessions away and give a new link; its token.

    Raises NotFoundError.
    """
    steward = named(session, name)
    store.set_password(session, steward.id, None)
    sessions.remove_of(session, steward.id)
    store.remove_links(session, steward.id)
    return _link(session, steward, now)


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


def remove(session: Session, name: str) -> None:
    """Part with a steward. Raises NotFoundError, and ConflictError for the last one."""
    steward = named(session, name)
    if len(store.every(session)) == 1:
        raise ConflictError("The last steward cannot be removed: invite somebody else first.")
    store.remove(session, steward.id)


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
