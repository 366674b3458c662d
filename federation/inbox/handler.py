"""What every handler of an activity type is: two functions, and the values that pass between them.

`wants` says which documents of other servers it needs; the worker fetches them while no transaction
is open. `apply` then changes the database and may enqueue answers, in one transaction with the record
of its outcome; it never touches the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from federation.parse import Activity, Document
from node.ports import RemoteActor
from node.store.database import Session
from node.urls import Urls


class OutcomeKind(StrEnum):
    """What came of an activity. LATER: a document it needs cannot be had at the moment."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an activity, and in words for stewards why."""

    kind: OutcomeKind
    reason: str = ""


def applied(reason: str = "") -> Outcome:
    """It took effect."""
    return Outcome(OutcomeKind.APPLIED, reason)


def duplicate(reason: str) -> Outcome:
    """What it says was so before."""
    return Outcome(OutcomeKind.DUPLICATE, reason)


def ignored(reason: str) -> Outcome:
    """It is none of our concern."""
    return Outcome(OutcomeKind.IGNORED, reason)


def refused(reason: str) -> Outcome:
    """It says what it may not say."""
    return Outcome(OutcomeKind.REFUSED, reason)


def later(reason: str) -> Outcome:
    """Try again when the document it needs can be had."""
    return Outcome(OutcomeKind.LATER, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where and when: our addresses, the moment, and whose posts we take in (as of this batch)."""

    urls: Urls
    now: datetime
    neighbours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Ids a handler asks for. `actors` may come from the cache, `fresh_actors` and `objects` not.

    `and_hosts`: of the objects that are gatherings also their authors, where they can be had.
    """

    actors: tuple[str, ...] = ()
    fresh_actors: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    and_hosts: bool = False

    def __bool__(self) -> bool:
        return bool(self.actors or self.fresh_actors or self.objects)


NOTHING = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What was fetched, by id. What is in none of the four could be had but not believed."""

    actors: Mapping[str, RemoteActor] = field(default_factory=dict)
    objects: Mapping[str, Document] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    unreachable: frozenset[str] = frozenset()


class Handler(Protocol):
    """One module per activity type; a module with these two functions is a handler."""

    def wants(self, activity: Activity, context: Context) -> Wanted:
        """The documents `apply` needs. Pure, and bounded to one or two."""
        ...

    def apply(
        self, session: Session, activity: Activity, documents: Documents, context: Context
    ) -> Outcome:
        """Let the activity take effect."""
        ...
