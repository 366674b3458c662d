"""The whole server, killed while members write to it and stewards publish on it."""

import asyncio
import json
import os
import random
import signal
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from node.control import ask
from node.errors import RefusedError
from tests.federation.peer import Peer, PeerActor
from tests.running_node import RunningNode, eventually, running_node

ROUNDS = int(os.environ.get("ROUNDS", "6"))
_WRITERS = 6


class Members:
    """Actors of a peer who reply to the group without pause; they note what was answered 202."""

    def __init__(self, peer: Peer, node: RunningNode) -> None:
        self.peer, self.node = peer, node
        self.acknowledged: list[str] = []
        self.actors = [peer.actor(f"member{number}") for number in range(_WRITERS)]

    async def write(self, actor: PeerActor) -> None:
        """Reply again and again until the node is gone."""
        while True:
            number = actor.sent + 1
            note = {
                "id": f"{actor.id}/notes/{number}",
                "type": "Note",
                "attributedTo": actor.id,
                "content": f"<p>Thank you, {number}</p>",
                "to": [f"{self.node.url}/group"],
            }
            create = actor.activity("Create", note, to=note["to"])
            try:
                answer = await self.peer.post_signed(f"{self.node.url}/inbox", create, actor=actor)
            except aiohttp.ClientError:
                return
            if answer.status == 202:
                self.acknowledged.append(create["id"])


class Steward:
    """Publishes events through the control socket; notes what was acknowledged."""

    def __init__(self, node: RunningNode) -> None:
        self.node = node
        self.count = 0
        self.acknowledged: list[str] = []

    async def publish(self) -> None:
        """Publish again and again until the node is gone."""
        while True:
            self.count += 1
            event = {
                "id": f"circle-{self.count}",
                "title": {"en": f"Circle {self.count}"},
                "start_local": "2031-05-10T10:00:00",
                "timezone": "Europe/Berlin",
            }
            try:
                outcome = await asyncio.to_thread(
                    ask, self.node.data, "event", {"action": "add"}, json.dumps(event).encode()
                )
            except RefusedError:
                return
            if outcome is None:
                return
            if outcome.exit == 0:
                self.acknowledged.append(json.loads(outcome.stdout)["id"])


def rows(node: RunningNode, sql: str) -> list[Any]:
    """What the database holds, read from outside."""
    connection = sqlite3.connect(f"{(node.data / 'node.sqlite3').as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.mark.timeout(60 + 10 * ROUNDS)
async def test_nothing_acknowledged_is_lost_or_done_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    async with Peer.start() as peer, running_node(tmp_path, "alder") as node:
        members, steward = Members(peer, node), Steward(node)
        reader = peer.actor("reader", shared_inbox=False)
        follow = reader.activity("Follow", f"{node.url}/group")
        await peer.post_signed(f"{node.url}/inbox", follow, actor=reader)
        await peer.delivery("Accept", path="/users/reader/inbox")
        for _ in range(ROUNDS):
            async with asyncio.TaskGroup() as group:
                for actor in members.actors:
                    group.create_task(members.write(actor))
                group.create_task(steward.publish())
                group.create_task(killed_after(node, chance.uniform(0.2, 0.9)))
            await node.start()
        await settled(node)
        assert len(members.acknowledged) > ROUNDS * 10
        assert len(steward.acknowledged) > ROUNDS
        assert rows(node, "PRAGMA integrity_check") == [("ok",)]
        every_reply_took_effect_once(node, members)
        every_event_arrived_under_one_activity_id(peer, steward)


async def killed_after(node: RunningNode, seconds: float) -> None:
    """SIGKILL after a while; the moment is the point of the test."""
    assert node.process is not None
    try:
        async with asyncio.timeout(seconds):
            await node.process.wait()
    except TimeoutError:
        await node.stop(signal.SIGKILL)


async def settled(node: RunningNode) -> None:
    """Wait until nothing is left to do in either direction."""

    async def done() -> bool:
        queue = await node.json("queue", "--json")
        waiting = rows(node, "SELECT count(*) FROM inbound WHERE state = 'waiting'")
        entries = rows(node, "SELECT count(*) FROM outbox_entry")
        return queue["pending"] + queue["retrying"] == 0 and waiting == entries == [(0,)]

    await eventually(done, seconds=30)


def every_reply_took_effect_once(node: RunningNode, members: Members) -> None:
    """Acknowledged activities are in the dedup table, and each made exactly one reply."""
    states = dict(rows(node, "SELECT activity_id, state FROM inbound WHERE type = 'Create'"))
    lost = [one for one in members.acknowledged if states.get(one) != "applied"]
    assert lost == []
    [(kept,)] = rows(node, "SELECT count(*) FROM reply")
    assert kept == sum(state == "applied" for state in states.values())


def every_event_arrived_under_one_activity_id(peer: Peer, steward: Steward) -> None:
    """What was acknowledged reached the reader; a repeat after a crash kept its activity id."""
    ids: dict[str, set[str]] = defaultdict(set)
    for activity in peer.deliveries("/users/reader/inbox"):
        if activity["type"] == "Create":
            ids[activity["object"]["id"]].add(activity["id"])
    assert [one for one in steward.acknowledged if one not in ids] == []
    assert {event: found for event, found in ids.items() if len(found) != 1} == {}
