"""What the group answers to somebody's reply, as a `Note` that mentions them.

A mention is three things at once (Mastodon, Pleroma): a tag, an entry in `cc`, and a link in the text.
"""

from collections.abc import Sequence

from federation.render.audience import interaction_policy
from federation.render.conversation import conversation
from federation.render.encode import Document
from federation.render.kept import KeptComment
from federation.render.text import link, paragraphs
from federation.vocab import NOTE_CONTEXT
from node.clock import rfc3339
from node.domain.permission import Permissions
from node.urls import Urls


def comment(
    one: KeptComment,
    urls: Urls,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    page: str,
    thread: str,
    permissions: Permissions,
) -> Document:
    """The Note with its `@context`; `page` is where people read it, `thread` the conversation."""
    address = urls.comment(one.id)
    name = f"@{one.handle}"
    words = paragraphs(one.content)
    content = words.replace("<p>", f"<p>{link(one.actor_id, name)} ", 1)
    return {
        "@context": NOTE_CONTEXT,
        "id": address,
        "type": "Note",
        "attributedTo": urls.group,
        "to": list(to),
        "cc": [*cc, one.actor_id],
        "inReplyTo": one.in_reply_to,
        "content": content,
        "contentMap": {one.language: content},
        "inLanguage": one.language,
        "url": page,
        "published": rfc3339(one.created),
        "tag": [{"type": "Mention", "href": one.actor_id, "name": name}],
        "attachment": [],
        "sensitive": False,
        **conversation(address, thread),
        "interactionPolicy": interaction_policy(permissions, urls),
    }
