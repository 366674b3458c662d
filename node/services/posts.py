"""How what the group publishes looks as a post on other servers; `federation` makes it, pages show it to hosts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.domain.group import Group
from node.store.events import StoredEvent
from node.store.reflections import StoredReflection


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as Mastodon shows it to a follower.

    `text` is plain, `content` HTML of our own; one of them is empty. `warning` is what stands before it
    is opened, `pictures` are what their descriptions say.
    """

    title: str
    text: str
    content: str
    warning: str
    link: str
    pictures: tuple[str, ...]


class PostMaker(Protocol):
    """Makes posts as they would go out now."""

    def of_event(self, stored: StoredEvent, group: Group, now: datetime) -> Post:
        """A gathering. Raises RefusedError for one that is not for other servers."""
        ...

    def of_reflection(self, stored: StoredReflection, group: Group) -> Post:
        """A reflection. Raises as `of_event`."""
        ...
