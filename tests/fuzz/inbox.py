"""The inbox behind the signature, in memory: activities of a stranger take effect on a real database, and are undone.

An input is one activity a line, all by people of one server. Whatever they say may count or not for them; nothing
may fail, and what the group published and what others hold here stays what it was.
"""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final

from federation.gate import parse_json
from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Context, Documents, OutcomeKind, Wanted
from federation.parse import read_activity
from node.errors import RoughweatherError
from node.ports import RemoteActor
from node.services import follows
from node.services.events import add_event
from node.services.reflections import add_reflection
from node.store import groups, inbound, migrations
from node.store.database import Session
from node.store.inbound import Arrival
from node.urls import Urls

NOW: Final = datetime(2027, 3, 14, 16, tzinfo=UTC)
URLS: Final = Urls("https://ours.example")
HOME: Final = "https://bad.example/"
NEIGHBOUR: Final = "https://bad.example/users/weed"
ROBIN: Final = "https://hills.example/users/robin"
CONTEXT: Final = Context(urls=URLS, now=NOW, neighbours=frozenset({NEIGHBOUR}))
_MOST_LINES: Final = 6
_GROUP: Final[dict[str, Any]] = {
    "slug": "alder",
    "name": {"en": "Alder"},
    "about": {"en": "We meet."},
    "languages": ["en"],
    "timezone": "Europe/Berlin",
}
_EVENT: Final[dict[str, Any]] = {
    "id": "walk",
    "title": {"en": "Walk"},
    "start_local": "2027-05-10T10:00:00",
    "end_local": "2027-05-10T12:00:00",
    "timezone": "Europe/Berlin",
    "registration": {"mode": "open", "capacity": 3},
}
# What is nobody's business but ours, and all that Robin holds here.
_KEPT: Final = (
    "SELECT * FROM event",
    "SELECT * FROM reflection",
    "SELECT * FROM group_profile",
    "SELECT * FROM block",
    f"SELECT * FROM follower WHERE actor_id = '{ROBIN}'",
    f"SELECT * FROM rsvp WHERE who = '{ROBIN}'",
)


def receive(data: bytes) -> None:
    """Let each line take effect as the worker would; raise where something fails or touches what it may not."""
    session, before = _world()
    with suppress(_Undo):
        session.alone(partial(_take, data=data, before=before))


class _Undo(Exception):  # noqa: N818
    """Ends the part of a transaction, so that the next input finds the same world."""


def _take(session: Session, data: bytes, before: list[Any]) -> None:
    for line in data.split(b"\n")[:_MOST_LINES]:
        with suppress(RoughweatherError):
            session.alone(partial(_take_one, body=line))
    assert _kept(session) == before, "something that is not theirs has changed"
    raise _Undo


def _take_one(session: Session, body: bytes) -> None:
    activity = read_activity(parse_json(body))
    handler = HANDLERS.get(activity.type)
    if handler is None or not activity.actor.startswith(HOME):
        return
    arrival = Arrival(
        origin=inbound.origin_of(activity.actor),
        activity_id=activity.key,
        actor_id=activity.actor,
        type=activity.type,
        body=body,
        received=NOW,
    )
    if inbound.add(session, [arrival]):
        documents = _fetched(handler.wants(activity, CONTEXT), activity.raw)
        outcome = handler.apply(session, activity, documents, CONTEXT)
        assert isinstance(outcome.kind, OutcomeKind)
        seq = session.value("SELECT max(seq) FROM inbound")
        inbound.finish(session, seq, "applied", outcome.reason[:500])


def _fetched(wanted: Wanted, said: Any) -> Documents:
    """What the network would bring: everybody's actor, and of objects what the activity itself says."""
    thing = said.get("object")
    mine = isinstance(thing, dict) and isinstance(thing.get("id"), str)
    return Documents(
        actors={one: actor(one) for one in (*wanted.actors, *wanted.fresh_actors)},
        objects={one: thing for one in wanted.objects if mine and thing["id"] == one},
        gone=frozenset(one for one in wanted.objects if one.endswith("gone")),
    )


def actor(actor_id: str) -> RemoteActor:
    """An actor as it was fetched."""
    return RemoteActor(
        id=actor_id,
        type="Person",
        handle="x@bad.example",
        name="X",
        summary="",
        url=None,
        inbox=actor_id + "/inbox",
        shared_inbox=None,
        outbox=None,
        upcoming=None,
        featured=None,
    )


def _kept(session: Session) -> list[Any]:
    return [[tuple(row) for row in session.rows(statement)] for statement in _KEPT]


@cache
def _world() -> tuple[Session, list[Any]]:
    """A group with an event, a reflection, a follower who comes, and a neighbour that means harm."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript(migrations.schema_sql())
    session = Session(connection)
    groups.create(session, "alder", _GROUP, NOW)
    add_event(session, _EVENT, now=NOW)
    words = {"id": "moss", "title": "Moss", "body": "It rains.", "language": "en"}
    add_reflection(session, words, now=NOW)
    neighbour = follows.request(session, actor(NEIGHBOUR), urls=URLS, now=NOW)
    connection.execute("BEGIN")
    for one in (
        {"type": "Follow", "object": URLS.group, "actor": ROBIN},
        {"type": "Join", "object": URLS.event("walk"), "actor": ROBIN},
        {"type": "Accept", "object": neighbour.follow_id, "actor": NEIGHBOUR},
    ):
        activity = read_activity(one | {"id": f"{one['actor']}/{one['type']}/1"})
        documents = Documents(actors={activity.actor: actor(activity.actor)})
        outcome = HANDLERS[activity.type].apply(session, activity, documents, CONTEXT)
        assert outcome.kind is OutcomeKind.APPLIED, outcome
    return session, _kept(session)
