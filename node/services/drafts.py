"""Drafts: kept for whoever writes them until they are published, discarded or forgotten.

Nobody else sees one, not even a full steward: a draft may hold words that nobody agreed to share yet. It
stands in no list, feed, search or export; backups, which hold everything, hold drafts as well.
"""

from datetime import datetime, timedelta
from typing import Final

from node.domain.picture import named
from node.domain.sentence import Sentence
from node.errors import RefusedError
from node.ids import new_id
from node.store import drafts as store
from node.store.database import Session
from node.store.drafts import Draft

MOST: Final = 20  # of one steward
LONGEST: Final = 400_000  # characters of all its fields together
KEPT: Final = timedelta(days=90)  # since it was saved last
_REMEMBERED: Final = timedelta(days=1)  # as what it was published: longer than anybody taps twice

_TOO_MANY: Final = Sentence(
    "You have %(most)s drafts already. Publish or discard one, then save this one.", most=MOST
)
_TOO_LONG: Final = Sentence("This is too long to be kept as a draft.")


def save(
    session: Session,
    steward_id: int,
    draft_id: str,
    *,
    form: str,
    about: str,
    fields: str,
    picture: str,
    now: datetime,
) -> str:
    """Keep a form as it is; its id, which is `draft_id` where that is a draft of this very thing.

    The same once more is kept once.

    Raises RefusedError where the steward has too many drafts, or this one is too long.
    """
    if len(fields) > LONGEST:
        raise RefusedError(_TOO_LONG)
    others = store.of(session, steward_id)
    had = open_draft(session, steward_id, draft_id, form, about) or next(
        # A second tap, which does not know yet what the first one was kept as.
        (one for one in others if (one.form, one.about, one.fields) == (form, about, fields)),
        None,
    )
    if had is None and len(others) >= MOST:
        raise RefusedError(_TOO_MANY)
    shown = named(picture)
    draft = Draft(
        id=had.id if had else new_id(now),
        form=form,
        about=about,
        fields=fields,
        became=None,
        saved=now,
    )
    store.put(session, draft, steward_id, shown.id if shown else None)
    return draft.id


def open_draft(
    session: Session, steward_id: int, draft_id: str, form: str, about: str
) -> Draft | None:
    """The draft of that id, if it is this steward's, about this very thing, and not published."""
    found = store.find(session, draft_id, steward_id)
    fits = found is not None and (found.form, found.about, found.became) == (form, about, None)
    return found if fits else None


def forgotten_at(draft: Draft) -> datetime:
    """When a draft goes if it is not saved again."""
    return draft.saved + KEPT


def purge(session: Session, now: datetime) -> None:
    """Forget what was left lying too long."""
    store.purge(session, now - KEPT, now - _REMEMBERED)
