"""Votes in the questions we asked: Notes with a name and no content, in reply to the question.

Mastodon sends each in a Create of its own, GoToSocial several in one. Their ids can have fragments, and
they carry no date. Only whoever was asked can vote.
"""

from federation.inbox.handler import Context, Outcome, applied, ignored, refused
from federation.parse import Activity, Document, as_list, id_of, text_of, types_of
from federation.read_post import authors_of
from node.services import votes
from node.store import direct_messages
from node.store.database import Session

_MOST_AT_ONCE = 20
_VOTES = frozenset({"Note", "Answer"})  # Pleroma calls them Answer within


def votes_in(activity: Activity) -> list[Document]:
    """The votes that an activity carries."""
    items = as_list(activity.raw.get("object"))[:_MOST_AT_ONCE]
    return [item for item in items if isinstance(item, dict) and _is_vote(item)]


def cast(session: Session, activity: Activity, given: list[Document], context: Context) -> Outcome:
    """Let votes take effect, in their order. Raises RefusedError where one cannot."""
    outcome = ignored("a vote, but we hold no such poll")
    for vote in given:
        named = context.urls.identify(id_of(vote.get("inReplyTo")) or "")
        question = None
        if named is not None and named[0] == "message":
            question = direct_messages.find(session, named[1])
        if question is None:
            continue
        authors = authors_of(vote) or (activity.actor,)
        if question.actor_id != activity.actor or activity.actor not in authors:
            return refused("somebody else was asked")
        outcome = applied(
            f"voted {votes.cast(session, question, text_of(vote, 'name'), now=context.now)}"
        )
    return outcome


def _is_vote(document: Document) -> bool:
    return (
        not _VOTES.isdisjoint(types_of(document))
        and id_of(document.get("inReplyTo")) is not None
        and bool(text_of(document, "name"))
        and not text_of(document, "content")
    )
