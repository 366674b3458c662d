"""What happened here that other servers must be told: the kinds of outbox entry.

`subject` and `detail` of an entry, per kind:

    create_event, update_event, delete_event                 slug
    create_reflection, update_reflection, delete_reflection  slug
    notice              notice id
    host_learned        host: what software it runs became known
    update_group        (empty)
    featured            (empty)  what is featured may have changed
    move_group          id of the new actor
    rotate_key          name of the key that was replaced
    retire              (empty)
    follow              actor id     {"follow_id", "inbox"}
    undo_follow         actor id     {"follow_id", "inbox"}
    accept_follow       actor id     {"follow": the Follow as received, "inbox", "followed": which of our actors}
    reject_follow       actor id     likewise; without "followed" it is the group
    answer_join         event slug   {"join": the Join as received, "actor", "inbox", "answer": its type}
    invite, undo_invite actor id     {"invite_id", "inbox", "event": slug}
    direct_message      message id   {"inbox", "token": of the private link in it, or null}
    comment             comment id
    announce_post       reply id: whether followers hear of it follows from how it stands
    offer_event, undo_offer  actor id    {"offer_id", "inbox", "event": slug}
    answer_offer        actor id     {"offer_id", "inbox", "answer": its type}
    boost               id of a neighbour's gathering: whether followers hear of it follows from how it stands
    boost_again         id of a neighbour's gathering that we pass on and that changed
    forward             id of what is passed on whole (FEP-1b12)  {"activity": as it came}
    answer_request      stamp id
    revoke_stamp        stamp id
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class OutboxKind(StrEnum):
    """What happened."""

    CREATE_EVENT = "create_event"
    UPDATE_EVENT = "update_event"
    DELETE_EVENT = "delete_event"
    CREATE_REFLECTION = "create_reflection"
    UPDATE_REFLECTION = "update_reflection"
    DELETE_REFLECTION = "delete_reflection"
    NOTICE = "notice"
    HOST_LEARNED = "host_learned"
    UPDATE_GROUP = "update_group"
    FEATURED = "featured"
    MOVE_GROUP = "move_group"
    ROTATE_KEY = "rotate_key"
    RETIRE = "retire"
    FOLLOW = "follow"
    UNDO_FOLLOW = "undo_follow"
    ACCEPT_FOLLOW = "accept_follow"
    REJECT_FOLLOW = "reject_follow"
    COMMENT = "comment"
    ANNOUNCE_POST = "announce_post"
    BOOST = "boost"
    BOOST_AGAIN = "boost_again"
    OFFER_EVENT = "offer_event"
    UNDO_OFFER = "undo_offer"
    ANSWER_OFFER = "answer_offer"
    FORWARD = "forward"
    ANSWER_REQUEST = "answer_request"
    REVOKE_STAMP = "revoke_stamp"
    ANSWER_JOIN = "answer_join"
    INVITE = "invite"
    UNDO_INVITE = "undo_invite"
    DIRECT_MESSAGE = "direct_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One thing to tell, committed together with the change itself."""

    seq: int
    kind: OutboxKind
    subject: str
    detail: Mapping[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The servers that take the event `slug` as itself, or (`as_note`) as its companion Note.

    As a Note take it those whose software is in `dropping`, and those that hold the Note already.
    Every server is in one of the two, and in one only.
    """

    slug: str
    as_note: bool
    dropping: Collection[str]
