"""What somebody else passes on: taken as its author's word, or asked for where it comes from. Pure.

Servers forward answers to those who follow the thread (ActivityPub §7.1.2). The signature is then the
forwarder's. A proof inside (FEP-8b32) that the author's key made settles it at the door. Without one that
we can check, nothing of the activity is believed but its ids: the object is fetched from the author's
server, or the activity itself, and what stands there counts (FEP-fe34).
"""

from typing import Final

from federation.addresses import same_origin
from federation.inbox.handler import NOTHING, Documents, Outcome, Wanted, ignored, later, refused
from federation.parse import Activity, id_of, read_activity, types_of
from node.errors import MalformedError
from node.urls import Urls

# LD signatures are never verified, but who sends one says that this is passed on.
_MARKS: Final = ("proof", "signature")
# What is meant to be passed on, and so is believed by its proof. A Follow or an Undo goes to one server
# only: whoever brings it once more, later, may be up to something, so that its origin is asked.
SPREAD: Final = frozenset(
    {"Create", "Update", "Delete", "Announce", "Like", "EmojiReact", "Add", "Remove"}
)
_ABOUT_OBJECTS: Final = frozenset({"Create", "Update", "Delete"})


def is_forwarded(activity: Activity) -> bool:
    """Whether an activity that its actor did not sign is marked as passed on."""
    return any(mark in activity.raw for mark in _MARKS)


def concerns_us(activity: Activity, urls: Urls) -> bool:
    """Whether it speaks of something of ours, in the object it names, answers or mentions."""
    inner = activity.object or {}
    named = (activity.object_id, id_of(inner.get("inReplyTo")), *activity.to, *activity.cc)
    return any(one is not None and urls.is_ours(one) for one in named)


def source(activity: Activity) -> str | None:
    """The address at which the author's server must confirm it; None if there is none."""
    named = activity.object_id if activity.type in _ABOUT_OBJECTS else activity.id
    if named is None or named == activity.actor or not same_origin(named, activity.actor):
        return None
    return named


def wanted(activity: Activity) -> Wanted:
    """What must be fetched to believe it."""
    named = source(activity)
    return NOTHING if named is None else Wanted(objects=(named,))


def confirmed(activity: Activity, documents: Documents) -> Activity | Outcome:
    """The activity as its author's server shows it, or why it has no effect."""
    named = source(activity)
    if named is None:
        return refused("nobody can confirm what was passed on")
    if named in documents.unreachable:
        return later("the author's server cannot be reached")
    shown = documents.objects.get(named)
    if activity.type == "Delete":
        gone = named in documents.gone or (shown is not None and "Tombstone" in types_of(shown))
        return _said(activity, named) if gone else refused("its server still shows it")
    if shown is None:
        return ignored("the author's server does not show it")
    if activity.type in _ABOUT_OBJECTS:
        return _said(activity, shown)
    try:
        found = read_activity(shown)
    except MalformedError as error:
        return refused(str(error))
    if (found.id, found.actor, found.type) != (activity.id, activity.actor, activity.type):
        return refused("the author's server shows another activity")
    return found


def _said(activity: Activity, thing: object) -> Activity:
    """The activity with what was fetched, and nothing else of what the forwarder sent."""
    said = {"id": activity.id, "type": activity.type, "actor": activity.actor, "object": thing}
    return read_activity({name: value for name, value in said.items() if value is not None})
