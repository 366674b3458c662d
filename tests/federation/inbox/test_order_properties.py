"""Logs of what others publish and say: mixed in any order that keeps each thing's own, and with copies."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.ports import RemoteActor
from node.services import follows
from node.store.database import Session
from tests.federation.inbox.test_properties import EVENT, NOW, URLS, fresh, receive, remote
from tests.federation.inbox.world import PUBLIC

HILLS = "https://hills.example/hills"
Said = dict[str, Any]
# What is left in the end; what only says when or under which activity it came is no difference.
LEFT = {
    "neighbour_post": "id, actor_id, author, kind, title, content, status, start_at, place, listed",
    "reply": "id, actor_id, in_reply_to, root, content, public, state",
    "witness": "actor_id, object_id, kind",
    "remote_tombstone": "id",
}


def said(kind: str, actor: str, thing: Any, number: int) -> Said:
    about = thing["id"] if isinstance(thing, dict) else thing
    return {
        "id": f"{actor}#{kind}-{about.rpartition('/')[2]}-{number}",
        "type": kind,
        "actor": actor,
        "object": thing,
        "to": [PUBLIC],
    }


def gathering(name: str, version: int) -> Said:
    return {
        "id": f"{HILLS}/events/{name}",
        "type": "Event",
        "attributedTo": HILLS,
        "name": f"{name}, version {version}",
        "content": f"<p>Version {version}</p>",
        "startTime": f"2027-05-0{version}T18:00:00+02:00",
        "location": {"type": "Place", "name": f"Hall {version}"},
        "published": "2027-03-14T12:00:00Z",
        "updated": f"2027-03-14T12:00:0{version}Z",
        "to": [PUBLIC],
    }


def reply(actor: str, name: str, version: int) -> Said:
    return {
        "id": f"{actor}/notes/{name}",
        "type": "Note",
        "attributedTo": actor,
        "inReplyTo": EVENT,
        "content": f"<p>Words {version}</p>",
        "published": "2027-03-14T12:00:00Z",
        "updated": f"2027-03-14T12:00:0{version}Z",
        "to": [PUBLIC],
    }


@st.composite
def lives(draw: st.DrawFn) -> list[list[Said]]:
    """The story of each thing, in its own order: made, changed some times, perhaps taken away."""
    stories: list[list[Said]] = []
    for name in draw(st.lists(st.sampled_from("abc"), max_size=3, unique=True)):
        made = [said("Create", HILLS, gathering(name, 1), 1)]
        changes = draw(st.integers(0, 3))
        made += [said("Update", HILLS, gathering(name, 2 + n), 2 + n) for n in range(changes)]
        if draw(st.booleans()):
            made.append(said("Delete", HILLS, f"{HILLS}/events/{name}", 9))
        stories.append(made)
    for number, person in enumerate(draw(st.lists(st.sampled_from("xyz"), max_size=3))):
        actor = f"https://hills.example/{person}"
        name = f"r{number}"
        spoken = [said("Create", actor, reply(actor, name, 1), 1)]
        if draw(st.booleans()):
            spoken.append(said("Update", actor, reply(actor, name, 2), 2))
        if draw(st.booleans()):
            spoken.append(said("Delete", actor, f"{actor}/notes/{name}", 9))
        stories.append(spoken)
    for person in draw(st.lists(st.sampled_from("xyz"), max_size=3, unique=True)):
        actor = f"https://hills.example/{person}"
        for kind in draw(st.lists(st.sampled_from(["Like", "Announce"]), max_size=2, unique=True)):
            liked = said(kind, actor, EVENT, 1)
            taken_back = said("Undo", actor, liked, 2) | {"id": f"{actor}#undo-{kind}"}
            stories.append([liked, taken_back] if draw(st.booleans()) else [liked])
    return stories


def mixed(data: st.DataObject, stories: list[list[Said]]) -> list[Said]:
    """All stories told at once: each in its order, with copies of what was said before."""
    waiting = [list(story) for story in stories]
    told: list[Said] = []
    while any(waiting):
        story = data.draw(st.sampled_from([one for one in waiting if one]))
        told.append(story.pop(0))
        told.extend(data.draw(st.lists(st.sampled_from(told), max_size=1)))
    return told


def left(log: list[Said]) -> dict[str, list[tuple[Any, ...]]]:
    """What is left after a log in an empty node that follows the neighbour."""
    with fresh() as session:
        _follow(session, remote(HILLS))
        for document in log:
            receive(session, document)
        return {
            table: sorted(tuple(row) for row in session.rows(f"SELECT {columns} FROM {table}"))
            for table, columns in LEFT.items()
        }


def _follow(session: Session, neighbour: RemoteActor) -> None:
    asked = follows.request(session, neighbour, urls=URLS, now=NOW)
    session.run(
        "UPDATE following SET state = 'accepted' WHERE actor_id = :id", {"id": asked.actor_id}
    )


@settings(max_examples=60, deadline=None)
@given(lives(), st.data())
def test_whatever_the_order_and_however_often_the_same_is_left(
    stories: list[list[Said]], data: st.DataObject
) -> None:
    in_turn = left([one for story in stories for one in story])
    assert left(mixed(data, stories)) == in_turn


@settings(max_examples=60, deadline=None)
@given(lives())
def test_what_is_left_is_what_was_said_last(stories: list[list[Said]]) -> None:
    found = left([one for story in stories for one in story])
    posts = {row[0]: row for row in found["neighbour_post"]}
    replies = {row[0]: row for row in found["reply"]}
    for story in stories:
        last, first = story[-1], story[0]
        if last["type"] == "Delete":
            assert last["object"] not in posts
            assert last["object"] not in replies
        elif isinstance(last["object"], dict) and last["object"].get("type") == "Event":
            assert posts[last["object"]["id"]][4] == last["object"]["name"]
        elif isinstance(last["object"], dict) and last["object"].get("type") == "Note":
            assert last["object"]["content"] in replies[last["object"]["id"]][4]
        elif last["type"] in ("Like", "Announce"):
            assert (first["actor"], EVENT, first["type"].lower()) in found["witness"]
        else:
            kind = first["type"].lower()
            assert (first["actor"], EVENT, kind) not in found["witness"]
