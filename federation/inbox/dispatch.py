"""From the type of an activity to the module that knows what to do with it."""

from collections.abc import Mapping
from typing import Final

from federation.inbox import (
    accept,
    add,
    announce,
    block,
    create,
    delete,
    flag,
    follow,
    join,
    leave,
    like,
    move,
    offer,
    permission,
    reject,
    undo,
    update,
)
from federation.inbox.handler import Handler

# What is not here is acknowledged and forgotten.
HANDLERS: Final[Mapping[str, Handler]] = {
    "Accept": accept,
    "Add": add,
    "Announce": announce,
    "AnnounceRequest": permission,
    "Block": block,
    "Create": create,
    "Delete": delete,
    "EmojiReact": like,
    "Flag": flag,
    "Follow": follow,
    "Invite": create,
    "Join": join,
    "Leave": leave,
    "Like": like,
    "LikeRequest": permission,
    "Move": move,
    "Offer": offer,
    "QuoteRequest": permission,
    "Reject": reject,
    "ReplyRequest": permission,
    "TentativeAccept": accept,
    "TentativeJoin": join,
    "TentativeReject": reject,
    "Undo": undo,
    "Update": update,
}
