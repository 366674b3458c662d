"""What happened here becomes one activity, addressed to everyone it is for and nobody else."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from federation.proofs import check_proof, read_proof
from federation.signatures import SigningKey, generate_ed25519, legacy_digest
from node.domain.outbox import OutboxKind
from node.services import events as event_service
from node.store import activities, blocks, keypairs, outbox
from node.store.database import Database
from node.store.keypairs import StoredKeypair
from tests.conftest import TurnableClock
from tests.federation.outbound import URLS, Outbound, outbound
from tests.federation.sink import Sink

EVENT_ID = URLS.event("spring-spiral-day")


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[Outbound]:
    async with Sink(2) as sink, outbound(database, clock, rsa_keys[0], sink) as parts:
        yield parts


async def sent(node: Outbound) -> list[dict[str, Any]]:
    """The stored activities in their order, parsed; None for a withdrawn one."""
    rows = await node.rows("SELECT body FROM activity ORDER BY seq")
    return [json.loads(row["body"]) if row["body"] is not None else None for row in rows]


async def inboxes(node: Outbound) -> list[str]:
    return [
        row["inbox"]
        for row in await node.rows("SELECT inbox FROM delivery ORDER BY activity, inbox")
    ]


async def tell(node: Outbound, kind: OutboxKind, subject: str, **detail: Any) -> None:
    now = node.clock.now()
    await node.database.write(lambda session: outbox.enqueue(session, kind, subject, now, detail))
    await node.render()


async def test_what_is_for_everyone_carries_a_proof_and_nothing_else_does(node: Outbound) -> None:
    """The bytes hold it; a follower of a follower can check them. Private things cannot be shown around."""
    key, now = generate_ed25519(), node.clock.now()
    pair = StoredKeypair(
        private_pem=key.private_pem(),
        public_pem=key.public_pem(),
        kind="ed25519",
        name="ed25519-key",
    )
    await node.database.write(lambda session: keypairs.add(session, "group", pair, now))
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.publish(id="for-followers", visibility="followers_and_link")
    peer = "https://hills.example/group"
    detail = {"follow_id": URLS.activity("1"), "inbox": peer + "/inbox"}
    await tell(node, OutboxKind.FOLLOW, peer, **detail)

    public, private, follow = await sent(node)

    proof = read_proof(public)
    assert proof is not None
    assert proof.method == f"{URLS.group}#ed25519-key"
    check_proof(public, proof, key.public, now=now)
    assert (private["type"], follow["type"]) == ("Create", "Follow")
    assert "proof" not in private
    assert "proof" not in follow


async def test_an_event_is_rendered_once_and_addressed_to_each_inbox_once(node: Outbound) -> None:
    ours, theirs = node.sink.hosts
    shared = await node.follow(ours, "ann", shared=True)
    await node.follow(ours, "bob", shared=True)
    personal = [await node.follow(theirs, name) for name in ("cat", "dan")]
    await node.publish()
    await node.render()
    [create] = await sent(node)
    assert create["type"] == "Create"
    assert create["object"]["id"] == EVENT_ID
    assert sorted(await inboxes(node)) == sorted([shared, *personal])
    [row] = await node.rows("SELECT * FROM activity")
    assert row["digest"] == legacy_digest(row["body"])
    assert row["public"] == 1
    assert await node.rows("SELECT * FROM outbox_entry") == []


async def test_an_event_for_followers_never_stands_in_the_outbox(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish(visibility="followers_and_link")
    await node.render()
    [create] = await sent(node)
    assert create["to"] == [URLS.followers]
    assert await node.database.read(activities.public_count) == 0


async def test_updates_that_wait_together_become_one(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    for number in range(5):
        await node.edit(title=f"Spiral Day, version {number}")
    await node.render()
    told = await sent(node)
    assert [one["type"] for one in told] == ["Create", "Update"]
    assert told[1]["object"]["name"] == "Spiral Day, version 4"
    assert told[0]["id"] != told[1]["id"]


async def test_a_later_update_takes_the_place_of_one_that_still_waits(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    for number in range(3):
        await node.edit(title=f"Spiral Day, version {number}")
        await node.render()
    rows = await node.rows(
        "SELECT type, count(*) AS n FROM delivery JOIN activity ON activity.seq = delivery.activity"
        " GROUP BY type"
    )
    assert {row["type"]: row["n"] for row in rows} == {"Create": 1, "Update": 1}


async def test_a_change_of_time_is_also_told_in_a_note(node: Outbound) -> None:
    await node.publish()
    await node.render()
    await node.edit(start_local="2027-04-18T10:00:00")
    await node.quiet()
    await node.render()
    told = await sent(node)
    assert [(one["type"], one["object"]["type"]) for one in told] == [
        ("Create", "Event"),
        ("Update", "Event"),
        ("Create", "Note"),
    ]


async def test_a_removed_event_is_deleted_wherever_it_was_sent(node: Outbound) -> None:
    kept, left = [await node.follow(host) for host in node.sink.hosts]
    await node.publish()
    await node.settle()
    now_gone = f"http://{node.sink.hosts[1]}/users/ann"
    await node.database.write(
        lambda session: session.run("DELETE FROM follower WHERE actor_id = :id", {"id": now_gone})
    )
    await node.remove()
    await node.settle()
    deletes = [one for one in node.sink.received if one.activity["type"] == "Delete"]
    assert {one.inbox for one in deletes} == {kept, left}
    assert deletes[0].activity["object"]["id"] == EVENT_ID
    assert deletes[0].activity["object"]["type"] == "Tombstone"


async def test_with_an_event_the_notes_about_it_are_deleted(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    await node.edit(start_local="2027-04-18T10:00:00")
    await node.quiet()
    await node.settle()
    await node.remove()
    await node.settle()
    told = [(one.activity["type"], one.activity["object"]["id"]) for one in node.sink.received]
    [note] = [object_id for kind, object_id in told if kind == "Create" and object_id != EVENT_ID]
    assert set(told[-2:]) == {("Delete", EVENT_ID), ("Delete", note)}


async def test_a_delete_takes_back_what_was_not_sent_yet_and_its_words(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish(description="Only for a moment.")
    await node.render()
    await node.remove()
    await node.settle()
    assert [one.activity["type"] for one in node.sink.received] == ["Delete"]
    create, delete = await sent(node)
    assert create is None
    assert "moment" not in json.dumps(delete)
    assert await node.database.read(activities.public_count) == 0


async def test_an_event_that_came_and_went_unseen_is_never_told(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.remove()
    await node.render()
    assert await sent(node) == []
    assert await node.rows("SELECT * FROM outbox_entry") == []


async def test_an_event_that_is_no_longer_for_others_is_deleted_there(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    await node.edit(visibility="local_only")
    await node.settle()
    assert [one.activity["type"] for one in node.sink.received] == ["Create", "Delete"]


async def test_what_becomes_for_followers_only_leaves_the_outbox(node: Outbound) -> None:
    await node.publish()
    await node.render()
    await node.edit(visibility="followers_and_link")
    await node.render()
    assert await node.database.read(activities.public_count) == 0


@pytest.mark.parametrize(
    "target", ["bad.example", "b.bad.example:8443", "http://fine.example/users/ann"]
)
async def test_blocked_hosts_their_subdomains_and_blocked_actors_get_nothing(
    node: Outbound, target: str
) -> None:
    closed = ["bad.example", "a.bad.example", "b.bad.example:8443", "fine.example"]
    for host in [*closed, "notbad.example", "other.example"]:
        await node.follow(host)
    kind = "actor" if target.startswith("http") else "host"
    now = node.clock.now()
    await node.database.write(lambda session: blocks.put(session, target, kind, None, now))
    await node.publish()
    await node.render()
    reached = {row["host"] for row in await node.rows("SELECT host FROM delivery")}
    expected = {
        "bad.example": {"fine.example"},
        "b.bad.example:8443": {"bad.example", "a.bad.example", "fine.example"},
        "http://fine.example/users/ann": set(closed[:3]),
    }[target]
    assert reached == expected | {"notbad.example", "other.example"}


async def test_a_follow_has_the_id_it_was_given_and_goes_to_the_actor_alone(node: Outbound) -> None:
    them, inbox, mine = "http://b.example/g", "http://b.example/g/inbox", URLS.activity("f1")
    await tell(node, OutboxKind.FOLLOW, them, follow_id=mine, inbox=inbox)
    await tell(node, OutboxKind.FOLLOW, them, follow_id=mine, inbox=inbox)
    await tell(node, OutboxKind.UNDO_FOLLOW, them, follow_id=mine, inbox=inbox)
    follow, undo = await sent(node)
    assert (follow["type"], follow["id"], follow["object"]) == ("Follow", mine, them)
    assert (undo["type"], undo["object"]["id"]) == ("Undo", mine)
    assert await inboxes(node) == [inbox, inbox]
    keys = await node.rows("SELECT DISTINCT order_key FROM delivery")
    assert keys == [{"order_key": f"{URLS.group} {them}"}]


@pytest.mark.parametrize("kind", [OutboxKind.ACCEPT_FOLLOW, OutboxKind.REJECT_FOLLOW])
async def test_the_answer_to_a_follow_holds_it_and_ignores_the_shared_inbox(
    node: Outbound, kind: OutboxKind
) -> None:
    await node.follow("b.example", "ann", shared=True)
    them = "http://b.example/users/ann"
    follow = {"id": f"{them}#f", "type": "Follow", "actor": them, "object": URLS.group}
    await tell(node, kind, them, follow=follow, inbox=f"{them}/inbox")
    [answer] = await sent(node)
    assert answer["object"] == follow
    assert answer["type"] == kind.removesuffix("_follow").title()
    assert await inboxes(node) == [f"{them}/inbox"]


async def test_a_block_stops_an_accept_but_not_what_ends_a_relation(node: Outbound) -> None:
    them, now = "http://b.example/users/ann", node.clock.now()
    await node.database.write(lambda session: blocks.put(session, "b.example", "host", None, now))
    detail = {"follow": {"id": "x", "type": "Follow", "actor": them}, "inbox": f"{them}/inbox"}
    await tell(node, OutboxKind.ACCEPT_FOLLOW, them, **detail)
    assert await inboxes(node) == []
    await tell(node, OutboxKind.REJECT_FOLLOW, them, **detail)
    assert await inboxes(node) == [f"{them}/inbox"]


async def test_the_answer_to_a_join_goes_to_whoever_asked(node: Outbound) -> None:
    them = "http://b.example/users/ann"
    join = {"id": f"{them}#join", "type": "Join", "actor": them, "object": EVENT_ID}
    detail = {"join": join, "actor": them, "inbox": f"{them}/inbox", "answer": "Accept"}
    await tell(node, OutboxKind.ANSWER_JOIN, "spring-spiral-day", **detail)
    [answer] = await sent(node)
    assert (answer["type"], answer["object"]["id"]) == ("Accept", join["id"])
    assert await inboxes(node) == [f"{them}/inbox"]


async def test_a_changed_group_is_told_to_its_followers(node: Outbound) -> None:
    inbox = await node.follow("b.example")
    await tell(node, OutboxKind.UPDATE_GROUP, "")
    [update] = await sent(node)
    assert (update["type"], update["object"]["type"]) == ("Update", "Group")
    assert "PRIVATE" not in json.dumps(update)
    assert await inboxes(node) == [inbox]


async def test_a_broken_entry_is_parked_in_the_end_and_holds_up_nobody(
    node: Outbound, caplog: pytest.LogCaptureFixture
) -> None:
    now = node.clock.now()
    await node.database.write(
        lambda session: outbox.enqueue(session, OutboxKind.NOTICE, "no-such-notice", now)
    )
    await node.publish()
    await node.render()
    assert [one["type"] for one in await sent(node)] == ["Create"]
    for _ in range(6):
        node.clock.advance(hours=2)
        await node.render()
    [entry] = await node.rows("SELECT * FROM outbox_entry")
    assert (entry["parked"], entry["attempts"]) == (1, 5)
    assert "no such notice" in entry["error"]
    assert "parked" in caplog.text


async def test_what_waits_behind_a_broken_entry_of_its_subject_keeps_its_place(
    node: Outbound,
) -> None:
    await node.publish()
    now = node.clock.now()
    await node.database.write(
        lambda session: session.run("UPDATE outbox_entry SET kind = 'no_such_kind'")
    )
    await node.edit(title="Another name")
    await node.render()
    assert await sent(node) == []
    await node.database.write(
        lambda session: session.run("UPDATE outbox_entry SET kind = 'create_event' WHERE seq = 1")
    )
    assert await node.outbox.idle_seconds() == timedelta(seconds=10).total_seconds()
    node.clock.set(now + timedelta(seconds=10))
    await node.render()
    assert [one["type"] for one in await sent(node)] == ["Create", "Update"]


async def test_an_event_with_a_very_long_text_still_fits_every_inbox(node: Outbound) -> None:
    await node.publish(
        title={"en": "Long", "es": "Largo"},
        description={"en": "Words, many words. " * 2600, "es": "Palabras, ñandú. " * 2600},
    )
    await node.render()
    [row] = await node.rows("SELECT length(body) AS bytes FROM activity")
    assert 10_000 < row["bytes"] <= 60 * 1024


async def test_a_publish_that_fails_leaves_nothing_to_tell(node: Outbound) -> None:
    now = node.clock.now()

    def publish_and_fail(session: Any) -> None:
        event_service.add_event(session, {"title": "x"}, now=now)

    with pytest.raises(Exception, match="start"):
        await node.database.write(publish_and_fail)
    assert await node.rows("SELECT * FROM outbox_entry") == []
