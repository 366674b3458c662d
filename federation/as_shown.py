"""What Mastodon makes of what we send: the post that most followers see.

Of an `Event` it shows the name, the summary as text, and the link, and nothing else
(`converted_text` in app/lib/activitypub/activity/create.rb); of a `Note` all, its summary as a warning before it.
"""

from datetime import datetime
from typing import Any

from federation.render.event import event as render_event
from federation.render.reflection import reflection as render_reflection
from node.domain.group import Group
from node.services.posts import Post
from node.store.events import StoredEvent
from node.store.reflections import StoredReflection
from node.urls import Urls


class MastodonPosts:
    """Makes posts from the very documents that would be sent (`node.services.posts.PostMaker`)."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    def of_event(self, stored: StoredEvent, group: Group, now: datetime) -> Post:
        """Of a gathering. Raises RefusedError for one that is not for other servers."""
        sent = render_event(stored, group, self._urls, now)
        image = sent.get("image")
        return Post(
            title=sent["name"],
            text=sent["summary"],
            content="",
            warning="",
            link=sent["url"],
            pictures=_described([image] if image else []),
        )

    def of_reflection(self, stored: StoredReflection, group: Group) -> Post:
        """Of a reflection. Raises as `of_event`."""
        sent = render_reflection(stored, group, self._urls)
        return Post(
            title="",
            text="",
            content=sent["content"],
            warning=sent.get("summary", ""),
            link="",
            pictures=_described(sent["attachment"]),
        )


def _described(media: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(one.get("name") or "" for one in media)
