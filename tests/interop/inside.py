"""What a running node made of what it was sent: its database and its page of neighbours, and a new neighbour."""

import re
import sqlite3
from typing import Any

from tests.federation.peer import Peer, PeerActor
from tests.interop.shapes import Member
from tests.running_node import RunningNode, eventually, page

_WAITS = "SELECT count(*) FROM inbound WHERE state = 'waiting'"


def rows(node: RunningNode, statement: str, *values: Any) -> list[Any]:
    """What a statement finds in the node's database, read beside the running node."""
    database = sqlite3.connect(f"file:{node.data / 'node.sqlite3'}?mode=ro", uri=True)
    try:
        return database.execute(statement, values).fetchall()
    finally:
        database.close()


async def settled(node: RunningNode) -> None:
    """Wait until the node has worked off all that it took in."""

    async def nothing_waits() -> bool:
        return rows(node, _WAITS) == [(0,)]

    await eventually(nothing_waits, seconds=10)


def became(node: RunningNode, actor_id: str) -> list[str]:
    """The states of what was kept of an actor, in order."""
    found = rows(node, "SELECT state FROM inbound WHERE actor_id = ? ORDER BY seq", actor_id)
    return [state for (state,) in found]


async def tell(node: RunningNode, member: Member, activity: Any) -> None:
    """Post to the node's shared inbox as their server signs; it must be taken."""
    answer = await member.post(f"{node.url}/inbox", activity)
    assert answer.status == 202, answer.body


async def send(node: RunningNode, peer: Peer, actor: PeerActor, activity: Any) -> None:
    """Post to the shared inbox; it must be taken."""
    answer = await peer.post_signed(f"{node.url}/inbox", activity, actor=actor)
    assert answer.status == 202, answer.body


async def befriend(node: RunningNode, peer: Peer, neighbour: PeerActor) -> None:
    """Have the node follow somebody, who accepts."""
    await node.command("follow", neighbour.id)
    follow = await peer.delivery("Follow")
    await send(node, peer, neighbour, neighbour.activity("Accept", follow))
    await settled(node)


async def neighbours(node: RunningNode) -> str:
    """The words on the page of neighbours."""
    html = (await page(f"{node.url}/neighbours")).partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)).replace("&#39;", "'")
