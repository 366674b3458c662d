"""Which way an activity goes out: to all followers, or to one actor's own inbox. Pure.

`to` and `cc`, which others read, are written by `federation.render.audience`; here is decided where the
bytes are really sent, and which activities must keep their order.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.vocab import PUBLIC
from node.domain.outbox import Form
from node.urls import Urls

_SPELLINGS_OF_PUBLIC: Final = frozenset({PUBLIC, "as:Public", "Public"})


@dataclass(frozen=True, slots=True)
class ToFollowers:
    """To every follower, folded into shared inboxes.

    `and_holders_of` an object: whoever has a copy of it. `and_neighbours`: servers of those we follow
    keep a copy of us, too. `and_everyone_known`: every server that anybody here is known of.
    `and_attendees_of` an event, by its slug: the servers of people who come
    and need not follow. `form`: only servers that take an event in this form. `only_host`: no
    other server. `only`: servers that run one of these. `without`: those that run none of these.
    `and_actor`: somebody who may not follow.
    """

    and_holders_of: str | None = None
    and_neighbours: bool = False
    and_everyone_known: bool = False
    and_attendees_of: str | None = None
    form: Form | None = None
    only_host: str | None = None
    only: Collection[str] | None = None
    without: Collection[str] = ()
    and_actor: str | None = None


@dataclass(frozen=True, slots=True)
class ToActor:
    """To one actor's own inbox: follows and answers are nobody else's business.

    `even_blocked`: what ends a relation (Reject, Undo) goes out even where a block stands.
    """

    actor: str
    inbox: str
    even_blocked: bool = False


@dataclass(frozen=True, slots=True)
class ToListers:
    """To the servers that follow `followed`, one of our two actors, and list what it announces.

    `only_host`: no other server.
    """

    followed: str
    only_host: str | None = None


Route = ToFollowers | ToActor | ToListers


def tombstone_audience(urls: Urls, *, public: bool) -> tuple[list[str], list[str]]:
    """`to` and `cc` of a Delete: whoever could see the object may know that it is gone."""
    return ([PUBLIC], [urls.followers]) if public else ([urls.followers], [])


def is_public(document: Mapping[str, Any]) -> bool:
    """Whether a rendered object or activity names Public in `to` or `cc`, however spelled."""
    named = (*_listed(document.get("to")), *_listed(document.get("cc")))
    return any(one in _SPELLINGS_OF_PUBLIC for one in named if isinstance(one, str))


# The order key of what goes before everything else to a host: the news of a new key.
FIRST: Final = ""


def pair(mine: str, theirs: str) -> str:
    """The order key of what goes to and fro between two actors: Follow, Undo, Accept, Reject."""
    return f"{mine} {theirs}"


def _listed(value: Any) -> tuple[Any, ...]:
    if isinstance(value, list | tuple):
        return tuple(value)
    return () if value is None else (value,)
