"""A notice of a change as a `Note` in reply to its event.

Mastodon before 4.5 and Misskey never apply an Update to an Event; a new post they do show. It
mentions nobody, so that it rings no phones.
"""

from federation.render.audience import audience, interaction_policy
from federation.render.conversation import conversation, thread_of
from federation.render.encode import Document
from federation.render.kept import KeptNotice
from federation.vocab import NOTE_CONTEXT
from node.clock import rfc3339
from node.domain.event import Event
from node.domain.group import Group
from node.domain.permission import of_event
from node.urls import Urls


def notice(
    one: KeptNotice, event: Event, group: Group, urls: Urls, *, to_companion: bool = False
) -> Document:
    """The Note with its `@context`, for the same readers as its event; raises RefusedError as that.

    `to_companion`: in reply to the Note that stands for the event where Events are dropped. There
    the event could not be fetched, and a reply to it would be dropped as well.
    """
    address, parent = urls.notice(one.id), urls.event(event.slug)
    if to_companion:
        address, parent = urls.companion(address), urls.companion(parent)
    to, cc = audience(event.visibility, urls)
    return {
        "@context": NOTE_CONTEXT,
        "id": address,
        "type": "Note",
        "attributedTo": urls.group,
        "to": to,
        "cc": cc,
        "inReplyTo": parent,
        "content": one.content,
        "contentMap": {one.language: one.content},
        "inLanguage": one.language,
        "url": urls.event(event.slug),
        "published": rfc3339(one.created),
        "tag": [],
        "attachment": [],
        "sensitive": False,
        **conversation(urls.notice(one.id), thread_of(urls.event(event.slug))),
        "interactionPolicy": interaction_policy(of_event(event, group), urls),
    }
