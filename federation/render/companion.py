"""The Note that stands for an event where Events are dropped: the same words, the same readers."""

from typing import Final

from federation.render.audience import audience, interaction_policy
from federation.render.conversation import conversation, thread_of
from federation.render.encode import Document
from federation.render.event import category
from federation.render.event_text import content, text_languages
from federation.render.kept import KeptEvent
from federation.render.links import hashtags, picture
from federation.vocab import NOTE_CONTEXT
from node.clock import rfc3339
from node.domain.group import Group
from node.domain.permission import of_event
from node.urls import Urls

_LONGEST_TEXT: Final = 5_000
_MOST_LANGUAGES: Final = 5


def companion(stored: KeptEvent, group: Group, urls: Urls) -> Document:
    """The Note with its `@context`; raises RefusedError for an event that is not for other servers.

    It has no `name`, which would make it look like a vote in a poll, and no `summary`, which would
    hide it behind a warning. Long texts are cut: the page that `url` leads to has all of it.
    """
    one = stored.event
    page = urls.event(one.slug)
    to, cc = audience(one.visibility, urls)
    spoken = text_languages(one)[:_MOST_LANGUAGES]
    contents = {language: content(one, language, page, _LONGEST_TEXT) for language in spoken}
    shown = picture(one.image, urls) if one.image is not None else None
    return {
        "@context": NOTE_CONTEXT,
        "id": urls.companion(page),
        "type": "Note",
        "attributedTo": urls.group,
        "to": to,
        "cc": cc,
        "content": contents[one.language],
        "contentMap": contents,
        "inLanguage": one.language,
        "url": page,
        "published": rfc3339(stored.created),
        "updated": rfc3339(stored.updated),
        "tag": hashtags(one, category(one), urls),
        "attachment": [shown] if shown else [],
        "sensitive": False,
        # One conversation, whichever form of it somebody has.
        **conversation(page, thread_of(page)),
        "interactionPolicy": interaction_policy(of_event(one, group), urls),
    }
