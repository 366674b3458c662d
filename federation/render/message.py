"""What we write to one person alone: a `Note`, or a `Question` with its poll.

Servers take it for a direct message because it is addressed to that person and mentions them, and
nobody else. Mastodon and GoToSocial show the words of a Question above its poll, so one object does.
"""

from html import escape

from federation.render.encode import Document
from federation.render.kept import KeptMessage
from federation.render.text import link, paragraph
from federation.vocab import NOTE_CONTEXT, QUESTION_CONTEXT
from node.clock import rfc3339
from node.urls import Urls


def message(one: KeptMessage, handle: str, page: str | None, urls: Urls) -> Document:
    """The Note or Question with its `@context`.

    `handle` is the reader's, `name@host`; `page` the private page that a link under the words leads to.
    """
    address = urls.message(one.id)
    content = _mention(one.actor_id, handle) + one.content
    if page is not None:
        content += paragraph(link(page))
    document: Document = {
        "@context": QUESTION_CONTEXT if one.options else NOTE_CONTEXT,
        "id": address,
        "type": "Question" if one.options else "Note",
        "attributedTo": urls.group,
        "to": [one.actor_id],
        "cc": [],
        "content": content,
        "contentMap": {one.language: content},
        "inLanguage": one.language,
        "url": address,
        "published": rfc3339(one.created),
        "tag": [{"type": "Mention", "href": one.actor_id, "name": f"@{handle}"}],
        "attachment": [],
        "sensitive": False,
    }
    if one.in_reply_to is not None:
        document["inReplyTo"] = one.in_reply_to
    return document | (_poll(one) if one.options else {})


def _poll(one: KeptMessage) -> Document:
    """One choice of several. The count stays at nothing: only whoever is asked could be in it."""
    empty = {"type": "Collection", "totalItems": 0}
    return {
        "oneOf": [
            {"type": "Note", "name": option.label, "replies": empty} for option in one.options
        ],
        "endTime": rfc3339(one.expires),
        "votersCount": 0,
    }


def _mention(actor_id: str, handle: str) -> str:
    """`@name` as servers write it; they tell by it whom a message speaks to."""
    name = escape(handle.partition("@")[0], quote=False)
    return (
        f'<p><span class="h-card"><a href="{escape(actor_id)}" class="u-url mention">'
        f"@<span>{name}</span></a></span></p>"
    )
