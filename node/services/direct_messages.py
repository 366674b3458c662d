"""Writing to one person of another server, and asking them something they can vote on.

    ask(session, "consent", post_id, actor, content="<p>…</p>", options=[Option("yes", "Yes")], …)

Their vote comes to `node.services.votes`, which knows by `kind` what it means. A private link is put
under the words where a token is given; only federation, which renders the message, ever sees it whole.
"""

from collections.abc import Sequence
from datetime import datetime

from node.domain.outbox import OutboxKind
from node.domain.question import Option
from node.ids import new_id
from node.ports import RemoteActor
from node.store import activities, audience, direct_messages, outbox
from node.store.database import Session
from node.store.direct_messages import DirectMessage

_ANY = 2**62  # every activity about it has a smaller number


def ask(
    session: Session,
    kind: str,
    subject: str,
    actor: RemoteActor,
    *,
    content: str,
    language: str,
    options: Sequence[Option] = (),
    token: str | None = None,
    in_reply_to: str | None = None,
    expires: datetime,
    now: datetime,
) -> DirectMessage:
    """Write to `actor` alone, with a poll of `options` that is open until `expires`.

    `content` is HTML made by us; `token` is that of the private page its link leads to.
    """
    message = DirectMessage(
        id=new_id(now),
        kind=kind,
        subject=subject,
        actor_id=actor.id,
        content=content,
        language=language,
        in_reply_to=in_reply_to,
        options=tuple(options),
        created=now,
        expires=expires,
    )
    direct_messages.add(session, message)
    detail = {"inbox": actor.inbox, "token": token}
    outbox.enqueue(session, OutboxKind.DIRECT_MESSAGE, message.id, now, detail)
    return message


def forget(session: Session, message_id: str) -> None:
    """Delete a message here, with what is kept of it for delivery."""
    audience.cancel(session, message_id, _ANY)
    activities.withdraw(session, message_id, _ANY)
    direct_messages.remove(session, message_id)


def purge(session: Session, expired_before: datetime) -> int:
    """Delete what ran out before then; how many messages."""
    found = direct_messages.expired(session, expired_before)
    for message_id in found:
        forget(session, message_id)
    return len(found)
