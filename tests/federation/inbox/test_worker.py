"""The worker: order, failures, restarts, and doors."""

import asyncio
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from federation.inbox import dispatch, like
from node.errors import NotFoundError
from node.services import follows, moderation
from node.store import audit, inbound
from tests.federation.inbox.world import World, gathering, note
from tests.federation.peer import Peer


async def test_what_was_taken_survives_until_it_is_worked_off(world: World) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    await world.post(alice.activity("Like", event), alice)

    assert world.read(inbound.counts) == {"waiting": 1}
    assert world.database.wake_event("inbox").is_set()
    assert await world.inbox_worker.step()
    assert not await world.inbox_worker.step()

    [row] = world.rows("inbound")
    assert (row["state"], row["body"]) == ("applied", None)


async def test_a_poisoned_activity_is_parked_and_the_queue_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    event, alice, bob = await world.event(), world.peer.actor("alice"), world.peer.actor("bob")
    real = like.apply

    def broken(session: Any, activity: Any, *rest: Any) -> Any:
        if activity.actor == alice.id:
            session.run("DELETE FROM event")  # rolled back with the rest
            raise KeyError("a bug")
        return real(session, activity, *rest)

    monkeypatch.setattr(dispatch.HANDLERS["Like"], "apply", broken)
    caplog.set_level(logging.CRITICAL)
    await world.post(alice.activity("Like", event), alice)
    await world.post(bob.activity("Like", event), bob)
    for _ in range(8):
        await world.work()
        world.clock.advance(hours=1)

    states = {row["actor_id"]: (row["state"], row["attempts"]) for row in world.rows("inbound")}
    assert states == {alice.id: ("parked", 5), bob.id: ("applied", 0)}
    assert len(world.rows("event")) == len(world.rows("witness")) == 1


async def test_a_document_that_cannot_be_had_now_is_asked_for_again(world: World) -> None:
    group = world.peer.actor("hills", type="Group")
    await world.follow(group, accepted=False)
    event = gathering(group)
    world.peer.serve("/users/hills/events/1", status=503)
    announce = group.activity("Announce", event["id"])

    assert (await world.take(announce, group))[0] == "waiting"
    assert await world.inbox_worker.idle_seconds() == 30
    other = group.activity("Create", note(group))
    assert (await world.take(other, group))[0] == "applied"
    world.peer.serve("/users/hills/events/1", event)
    world.clock.advance(seconds=31)
    await world.work()

    assert world.post_of(event["id"]) is not None


async def test_a_document_that_never_comes_is_given_up(world: World) -> None:
    group = world.peer.actor("hills", type="Group")
    await world.follow(group, accepted=False)
    world.peer.serve("/gone", status=500)
    await world.post(group.activity("Announce", world.peer.url("/gone")), group)

    for _ in range(8):
        await world.work()
        world.clock.advance(hours=1)

    [row] = world.rows("inbound")
    assert (row["state"], row["attempts"]) == ("ignored", 4)


async def test_documents_that_are_slow_to_come_keep_nobody_else_waiting(world: World) -> None:
    slow, quick = world.peer.actor("hills", type="Group"), world.peer.actor("dunes", type="Group")
    for group in (slow, quick):
        await world.follow(group, accepted=False)
    answered = asyncio.Event()

    async def dawdles(_: web.BaseRequest) -> web.StreamResponse:
        await answered.wait()
        return web.json_response(gathering(slow), content_type="application/activity+json")

    event = world.peer.script("/users/hills/events/1", dawdles)
    for number in range(12):
        passed_on = slow.activity("Announce", event, id=world.peer.url(f"/announce/{number}"))
        await world.post(passed_on, slow)
    assert await world.inbox_worker.step()
    await world.post(slow.activity("Create", note(slow)), slow)
    await world.post(quick.activity("Create", note(quick)), quick)

    assert await world.inbox_worker.step()
    assert not await world.inbox_worker.step()
    waiting = [row["actor_id"] for row in world.rows("inbound") if row["state"] == "waiting"]
    assert waiting == [slow.id] * 13  # in their order, behind what they wait for

    answered.set()
    await world.inbox_worker.settle()
    await world.work()
    assert world.post_of(event) is not None
    assert world.read(inbound.counts) == {"applied": 3, "ignored": 11}


async def test_no_server_takes_up_all_fetching(world: World) -> None:
    groups = [world.peer.actor(f"group{number}", type="Group") for number in range(6)]
    for group in groups:
        await world.follow(group, accepted=False)
    answered = asyncio.Event()

    async def dawdles(_: web.BaseRequest) -> web.StreamResponse:
        await answered.wait()
        return web.Response(status=404)

    world.peer.script("/slow", dawdles)
    for group in groups:
        await world.post(group.activity("Announce", world.peer.url("/slow")), group)
    async with Peer.start(clock=world.clock.now, host="localhost") as other:
        quick = other.actor("dunes", type="Group")
        await world.follow(quick, accepted=False)
        event = gathering(quick)
        other.serve(urlsplit(event["id"]).path, event)

        assert await world.inbox_worker.step()
        assert not await world.inbox_worker.step()
        await world.post(quick.activity("Announce", event["id"]), quick)
        assert await world.inbox_worker.step()
        async with asyncio.timeout(5):
            while world.post_of(event["id"]) is None:
                await asyncio.sleep(0.01)  # between two looks

    answered.set()
    await world.work()
    assert world.read(inbound.counts) == {"applied": 1, "ignored": 6}


async def test_finished_rows_are_forgotten_after_their_time(world: World) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    await world.take(alice.activity("Like", event), alice)
    later = world.clock.now() + timedelta(days=31)

    await world.write(lambda session: inbound.purge(session, later - timedelta(days=30)))

    assert not world.rows("inbound")


@pytest.mark.parametrize("target", ["127.0.0.1", "HTTP://127.0.0.1/", "actor"])
async def test_a_closed_door_clears_away_what_came_through_it(world: World, target: str) -> None:
    now, group = world.clock.now(), world.peer.actor("hills", type="Group")
    name = group.id if target == "actor" else target
    await world.follow(group)
    for activity in ("Follow", "Create"):
        thing: Any = world.group if activity == "Follow" else gathering(group)
        await world.take(group.activity(activity, thing), group)

    await world.write(lambda session: moderation.block(session, name, "spam", who="sam", now=now))

    for table in ("follower", "following", "neighbour_post", "backfill"):
        assert not world.rows(table), table
    [block] = world.read(moderation.blocks)
    assert (block.target, block.reason) == (name if target == "actor" else "127.0.0.1", "spam")
    [decision] = [one for one in world.read(audit.latest) if one.who == "sam"]
    assert (decision.action, decision.about) == ("block", block.target)


async def test_an_opened_door_is_open(world: World) -> None:
    now, alice = world.clock.now(), world.peer.actor("alice")
    await world.write(lambda session: moderation.block(session, alice.id, who="sam", now=now))
    assert (await world.post(alice.activity("Like", world.group), alice)).status == 403

    await world.write(lambda session: moderation.unblock(session, alice.id, who="sam", now=now))

    assert (await world.post(alice.activity("Like", world.group), alice)).status == 202
    with pytest.raises(NotFoundError):
        await world.write(lambda session: moderation.unblock(session, alice.id, who="sam", now=now))


@pytest.mark.parametrize(
    ("blocked", "host", "covered"),
    [
        ("evil.example", "evil.example", True),
        ("evil.example", "a.b.evil.example:8443", True),
        ("EVIL.example.", "evil.example", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("evil.example:8443", "evil.example:8443", True),
        ("evil.example:8443", "evil.example", False),
        ("evil.example", "notevil.example", False),
        ("a.evil.example", "evil.example", False),
        ("[::1]", "[::1]:8080", True),
    ],
)
async def test_a_host_covers_its_subdomains_and_ports(
    world: World, blocked: str, host: str, covered: bool
) -> None:
    now = world.clock.now()
    await world.write(lambda session: moderation.block(session, blocked, who="sam", now=now))

    assert world.read(lambda session: moderation.is_blocked(session, host)) == covered


async def test_what_is_blocked_is_not_followed(world: World) -> None:
    now, group = world.clock.now(), world.peer.actor("hills", type="Group")
    actor = await world.resolver.actor(group.id)
    await world.write(lambda session: moderation.block(session, group.id, who="sam", now=now))

    with pytest.raises(Exception, match="blocked"):
        await world.write(lambda session: follows.request(session, actor, urls=world.urls, now=now))

    assert not world.told()
