"""Sharing what somebody wrote on another server as a reflection: only if they say so, until they say no.

Its author is asked privately, with a poll. A yes makes a reflection that waits for the stewards; a later
no, an edit or a deletion of the post takes it back: what they agreed to were those words.
"""

import html
import re
from datetime import datetime, timedelta
from typing import Any, Final

from node.domain.phrases import phrase
from node.domain.question import Option
from node.errors import ConflictError, RefusedError
from node.sanitize import plain_text
from node.services import conversation, direct_messages
from node.services.reflections import add_reflection, edit_reflection, withdraw_reflection
from node.store import actors, audit, groups, reflections, replies
from node.store import direct_messages as message_store
from node.store.database import Session
from node.store.direct_messages import DirectMessage
from node.store.replies import Reply

KIND: Final = "consent"
NAMED: Final = "named"
ANONYMOUS: Final = "anonymous"
NO: Final = "no"
# So long a mind can be changed by voting again; deleting the post works for ever.
_OPEN: Final = timedelta(days=365)


def ask(session: Session, reply_id: str, *, who: str, now: datetime) -> DirectMessage:
    """Ask the author of a public post, privately, whether it may become a reflection.

    Raises NotFoundError, RefusedError for a private message and where nobody can be asked, and
    ConflictError where they were asked already.
    """
    reply = replies.get(session, reply_id)
    if not reply.public:
        raise RefusedError("This was written to the group alone: it stays there.")
    if asked(session, reply) is not None:
        raise ConflictError("They were asked already.")
    known = actors.find(session, reply.actor_id)
    if known is None:
        raise RefusedError("Nothing is known of whoever wrote it, so they cannot be asked.")
    group = groups.get(session)
    language = group.language
    post = f'<a href="{html.escape(reply.id)}">{html.escape(reply.id, quote=False)}</a>'
    name = html.escape(group.name.text, quote=False)
    lines = [
        phrase("consent_question", language, group=name, post=post),
        phrase("consent_how", language),
    ]
    message = direct_messages.ask(
        session,
        KIND,
        reply.id,
        known.actor,
        content="".join(f"<p>{line}</p>" for line in lines),
        language=language,
        options=[Option(one, phrase(f"consent_{one}", language)) for one in (NAMED, ANONYMOUS, NO)],
        in_reply_to=reply.id,
        expires=now + _OPEN,
        now=now,
    )
    audit.note(session, who, "asked to share", reply.id, now)
    return message


def asked(session: Session, reply: Reply) -> DirectMessage | None:
    """What the author of a post was asked, and said; None where nobody asked."""
    found = message_store.of(session, KIND, reply.id, reply.actor_id)
    return found[0] if found else None


def voted(session: Session, message: DirectMessage, value: str, now: datetime) -> None:
    """Its author said yes, with their name or without, or no. Raises RefusedError where it is gone."""
    reply = replies.find(session, message.subject)
    if reply is None or reply.actor_id != message.actor_id:
        raise RefusedError("What was asked about is not here any more.")
    if value == NO:
        take_back(session, reply.id, now)
    else:
        _share(session, reply, value, now)
    # Who agreed stands in the question itself; the record is kept when that has run out.
    audit.note(session, "author", f"consent: {value}", reply.id, now, reason="by vote")


def take_back(session: Session, reply_id: str, now: datetime) -> bool:
    """Withdraw the reflection that was made of a post; whether there was one."""
    slug = reflections.made_of(session, reply_id)
    if slug is None:
        return False
    withdraw_reflection(session, slug, now=now)
    return True


def forget(session: Session, reply_id: str, now: datetime) -> bool:
    """A post is gone, and with it whatever was made of it; whether there was one."""
    taken = take_back(session, reply_id, now)
    return conversation.forget(session, reply_id, now) or taken


def forget_actor(session: Session, actor_id: str, now: datetime) -> int:
    """Somebody is gone or blocked, and with them whatever they said; how many posts."""
    for reply_id in replies.ids_of_actor(session, actor_id):
        take_back(session, reply_id, now)
    return conversation.forget_actor(session, actor_id, now)


def _share(session: Session, reply: Reply, value: str, now: datetime) -> None:
    """A reflection that waits for the stewards; one that is there already is only named anew."""
    attribution = _attribution(reply, value)
    slug = reflections.made_of(session, reply.id)
    if slug is not None:
        edit_reflection(session, slug, {"attribution": attribution}, now=now)
        return
    document: dict[str, Any] = {
        "kind": "testimony",
        "body": _words(session, reply),
        "attribution": attribution,
        "consent": {
            "publish": True,
            "federate": True,
            "by": "author",
            "on": now.date().isoformat(),
        },
        "status": "pending_review",
    }
    if reply.language is not None:
        document["language"] = reply.language
    if reply.root is not None and "/events/" in reply.root:
        document["event"] = reply.root.rpartition("/")[2]
    made = add_reflection(session, document, now=now)
    reflections.note_origin(session, made.reflection.slug, reply.id)


def _attribution(reply: Reply, value: str) -> dict[str, str]:
    if value == ANONYMOUS:
        return {"mode": "anonymous"}
    handle = f"@{reply.handle}" if reply.handle else reply.actor_id
    return {"mode": "named", "display": f"{reply.name} ({handle})" if reply.name else handle}


def _words(session: Session, reply: Reply) -> str:
    """The post as plain text, without the mention of the group that it began or ended with."""
    handle = re.escape(groups.get(session).handle)
    text = plain_text(reply.content)
    mention = rf"@{handle}(?:@\S+)?"
    return re.sub(rf"^\s*{mention}\s+|\s+{mention}\s*$", "", text, flags=re.IGNORECASE).strip()
