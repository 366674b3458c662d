"""Likes of a reflection, signed in any way: the tests of signatures send these, and see what was kept."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.federation.peer import Received
from tests.interop.inside import rows
from tests.interop.shapes import Member
from tests.interop.shapes.signing import Signs
from tests.running_node import RunningNode


def like(alder: RunningNode, member: Member) -> bytes:
    return json.dumps(member.like(f"{alder.url}/reflections/moss")).encode()


async def send(
    alder: RunningNode, member: Member, *, body: bytes | None = None, **how: Any
) -> Received:
    """Post a Like to the shared inbox; `how` as `Member.post`."""
    return await member.post(f"{alder.url}/inbox", body or like(alder, member), **how)


def kept(alder: RunningNode, member: Member) -> int:
    """How much of what that member sent was kept."""
    return len(rows(alder, "SELECT 1 FROM inbound WHERE actor_id = ?", member.id))


def headers(
    alder: RunningNode,
    member: Member,
    body: bytes,
    signing: Signs | None = None,
    *,
    moment: datetime | None = None,
    url: str | None = None,
) -> dict[str, str]:
    """The signed headers of a post, for tests that then do something to them."""
    sent = {"Content-Type": "application/activity+json"}
    return sent | (signing or member.software.signing).headers(
        member.actor.key,
        member.actor.key_id,
        "POST",
        url or f"{alder.url}/inbox",
        sent,
        body,
        moment or datetime.now(UTC),
    )


async def refused(
    alder: RunningNode,
    member: Member,
    sent: Mapping[str, str],
    body: bytes,
    status: int = 401,
) -> None:
    """Post with just these headers: refused in one sentence, and nothing is kept."""
    answer = await member.peer.send("POST", f"{alder.url}/inbox", sent, body)
    assert answer.status == status, answer.body
    assert answer.json["error"]
    assert not kept(alder, member)
