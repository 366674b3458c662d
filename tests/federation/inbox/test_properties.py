"""Logs of activities, repeated and delayed: the last word of each actor stands, once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Context, Documents, OutcomeKind
from federation.parse import read_activity
from node.ports import RemoteActor
from node.services import follows, rsvps
from node.services.events import add_event
from node.store import groups, inbound, migrations
from node.store.database import Session
from node.store.inbound import Arrival
from node.urls import Urls
from tests.conftest import GROUP
from tests.federation.inbox.world import CIRCLE

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
URLS = Urls("https://ours.example")
CONTEXT = Context(urls=URLS, now=NOW)
EVENT = URLS.event("circle")
Step = tuple[str, str, int]


def remote(actor_id: str) -> RemoteActor:
    return RemoteActor(
        id=actor_id,
        type="Person",
        handle="x@hills.example",
        name="X",
        summary="",
        url=None,
        inbox=actor_id + "/inbox",
        shared_inbox=None,
        outbox=None,
        upcoming=None,
        featured=None,
    )


def actor_id(name: str) -> str:
    return f"https://hills.example/{name}"


def activity(step: Step) -> dict[str, Any]:
    """One of: follow n, undo follow n, join n, leave n, undo join n."""
    name, kind, number = step
    actor = actor_id(name)
    verb, _, done = kind.partition(" ")
    target = EVENT if "Join" in kind or verb == "Leave" else URLS.group
    inner = {"id": f"{actor}/{done}/{number}", "type": done, "actor": actor, "object": target}
    return {
        "id": f"{actor}/{kind.replace(' ', '-')}/{number}",
        "type": verb,
        "actor": actor,
        "object": inner if done else target,
    }


@contextmanager
def fresh() -> Iterator[Session]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(migrations.schema_sql())
    session = Session(connection)
    groups.create(session, "norcal", GROUP, NOW)
    document = CIRCLE | {"registration": {"mode": "open", "capacity": 1, "waitlist": True}}
    add_event(session, document, now=NOW)
    try:
        yield session
    finally:
        connection.close()


def receive(session: Session, document: dict[str, Any]) -> None:
    """Receive one activity and work it off, unless it is a copy."""
    read = read_activity(document)
    arrival = Arrival(
        origin=inbound.origin_of(read.actor),
        activity_id=read.key,
        actor_id=read.actor,
        type=read.type,
        body=b"{}",
        received=NOW,
    )
    if not inbound.add(session, [arrival]):
        return
    seq = session.value("SELECT max(seq) FROM inbound")
    documents = Documents(actors={read.actor: remote(read.actor)})
    outcome = HANDLERS[read.type].apply(session, read, documents, CONTEXT)
    assert outcome.kind is not OutcomeKind.LATER
    inbound.finish(session, seq, "applied", outcome.reason)


def run(session: Session, log: list[Step]) -> tuple[Any, Any]:
    """Receive and work off a log; who follows, and who comes."""
    for step in log:
        receive(session, activity(step))
    followers = {(one.actor_id, one.follow_id) for one in follows.followers(session)}
    guests = {(one.who, one.answer, one.state) for one in rsvps.of_event(session, "circle")}
    return followers, guests


steps = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["Follow", "Undo Follow", "Join", "Leave", "Undo Join"]),
    st.integers(1, 3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12), st.data())
def test_copies_change_nothing(log: list[Step], data: st.DataObject) -> None:
    copied: list[Step] = []
    for step in log:
        copied.append(step)
        copied.extend(data.draw(st.lists(st.sampled_from(copied), max_size=2)))

    with fresh() as once, fresh() as often:
        assert run(once, log) == run(often, copied)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12))
def test_the_last_new_word_stands(log: list[Step]) -> None:
    with fresh() as session:
        followers, guests = run(session, log)

    seen = list(dict.fromkeys(log))
    for name in ("ann", "bob"):
        words = [step for step in seen if step[0] == name]
        about_us = [step for step in words if "Follow" in step[1]]
        if about_us and about_us[-1][1] == "Follow":
            number = about_us[-1][2]
            assert (actor_id(name), f"{actor_id(name)}/Follow/{number}") in followers
        if not any(kind == "Follow" for _, kind, _ in words):
            assert actor_id(name) not in {actor for actor, _ in followers}
        about_event = [step for step in words if "Join" in step[1] or step[1] == "Leave"]
        if about_event and about_event[-1][1] == "Join":
            assert actor_id(name) in {who for who, _, _ in guests}
        if about_event and about_event[-1][1] == "Leave":
            assert actor_id(name) not in {who for who, _, _ in guests}
    assert sum(state == "confirmed" for _, _, state in guests) <= 1


ANSWERS = {
    "Join": "going",
    "TentativeJoin": "maybe",
    "Accept": "going",
    "TentativeAccept": "maybe",
    "TentativeReject": "maybe",
    "Reject": "not_going",
    "Leave": None,
}


def said(number: int, kind: str) -> dict[str, Any]:
    """What ann says of the circle as number so many, dated by her server."""
    return {
        "id": f"{actor_id('ann')}/{kind}/{number}",
        "type": kind,
        "actor": actor_id("ann"),
        "published": f"2027-03-14T15:{number:02}:00Z",
        "object": EVENT,
    }


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ANSWERS)), st.booleans()), min_size=1, max_size=6),
    st.data(),
)
def test_in_whatever_order_answers_come_the_newest_stands(
    words: list[tuple[str, bool]], data: st.DataObject
) -> None:
    """Each is sent once or more, in any order, and some are taken back, before or after they came."""
    answers = [said(number, kind) for number, (kind, _) in enumerate(words)]
    taken_back = [
        {"id": f"{one['id']}/undo", "type": "Undo", "actor": one["actor"], "object": one}
        for one, (kind, undone) in zip(answers, words, strict=True)
        if undone and kind != "Leave"
    ]
    all_of_them = [*answers, *taken_back]
    again = data.draw(st.lists(st.sampled_from(all_of_them), max_size=4))
    log = data.draw(st.permutations([*all_of_them, *again]))

    with fresh() as session:
        for document in log:
            receive(session, document)
        found = {one.who: one.answer for one in rsvps.of_event(session, "circle")}

    kind, undone = words[-1]
    newest = None if undone else ANSWERS[kind]
    assert found == ({actor_id("ann"): newest} if newest else {})
