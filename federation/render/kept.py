"""What rendering needs to know of a stored thing; the store's records fit, and are not imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from node.domain.cohost import Cohost
from node.domain.event import Event
from node.domain.question import Option
from node.domain.reflection import Reflection


class KeptEvent(Protocol):
    """An event and when it was first and last written (`node.store.events.StoredEvent`)."""

    @property
    def event(self) -> Event:
        """The event as everyone may know it."""
        ...

    @property
    def created(self) -> datetime:
        """When it came to this node."""
        ...

    @property
    def updated(self) -> datetime:
        """When it was last changed."""
        ...

    @property
    def previous(self) -> str | None:
        """Of a session: the slug of the one before it."""
        ...

    @property
    def next(self) -> str | None:
        """Of a session: the slug of the one after it."""
        ...

    @property
    def cohosts(self) -> Sequence[Cohost]:
        """The groups that agreed to hold it together with ours."""
        ...

    @property
    def siblings(self) -> Sequence[str]:
        """What offers the same at another hour: slugs of ours, and addresses elsewhere."""
        ...


class KeptReflection(Protocol):
    """A reflection and when it was first and last written (`node.store.reflections`)."""

    @property
    def reflection(self) -> Reflection:
        """The reflection."""
        ...

    @property
    def created(self) -> datetime:
        """When it came to this node."""
        ...

    @property
    def updated(self) -> datetime:
        """When it was last changed."""
        ...


class KeptNotice(Protocol):
    """A short note about a change of an event (`node.store.notices.Notice`)."""

    @property
    def id(self) -> str:
        """Its own part of its address."""
        ...

    @property
    def content(self) -> str:
        """HTML made by us."""
        ...

    @property
    def language(self) -> str:
        """The language it is written in."""
        ...

    @property
    def created(self) -> datetime:
        """When it was written."""
        ...


class KeptComment(Protocol):
    """What the group answered to somebody (`node.store.comments.Comment`)."""

    @property
    def id(self) -> str:
        """Its own part of its address."""
        ...

    @property
    def in_reply_to(self) -> str:
        """What it answers."""
        ...

    @property
    def actor_id(self) -> str:
        """Whom it answers."""
        ...

    @property
    def handle(self) -> str:
        """How they are called: name@host."""
        ...

    @property
    def content(self) -> str:
        """Plain text."""
        ...

    @property
    def language(self) -> str:
        """The language it is written in."""
        ...

    @property
    def created(self) -> datetime:
        """When it was written."""
        ...


class KeptMessage(Protocol):
    """What we wrote to one actor (`node.store.direct_messages.DirectMessage`)."""

    @property
    def id(self) -> str:
        """Its own part of its address."""
        ...

    @property
    def actor_id(self) -> str:
        """Whom it is for."""
        ...

    @property
    def content(self) -> str:
        """HTML made by us."""
        ...

    @property
    def language(self) -> str:
        """The language it is written in."""
        ...

    @property
    def in_reply_to(self) -> str | None:
        """What they had written to us."""
        ...

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be voted for; empty where it asks nothing."""
        ...

    @property
    def created(self) -> datetime:
        """When it was written."""
        ...

    @property
    def expires(self) -> datetime:
        """Until when votes count."""
        ...
