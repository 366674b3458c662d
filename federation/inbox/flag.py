"""Flag: another server raises a concern about something here. For the stewards only."""

from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
)
from federation.parse import Activity, ids_of, text_of
from node.sanitize import plain_text
from node.store import concerns
from node.store.database import Session

_LONGEST_CONCERN = 5000


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing: reports come from instance actors, about ids."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep the concern, if any of it is about something of ours."""
    del documents
    about = [named for named in ids_of(activity.raw.get("object")) if context.urls.is_ours(named)]
    if not about:
        return ignored("it is about nothing of ours")
    words = text_of(activity.raw, "content") or text_of(activity.raw, "summary")  # Lemmy: summary
    content = plain_text(words, _LONGEST_CONCERN)
    concerns.add(session, activity.actor, about, content, context.now)
    return applied()
