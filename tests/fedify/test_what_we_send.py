"""What a Fedify application makes of what the group publishes, and of how the node signs it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.certificates import Certificates
from tests.fedify.living import CAVAGE, RFC_9421, Living, living
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

WALK: dict[str, Any] = {
    "title": {"en": "Slow walk by the river"},
    "summary": {"en": "We walk for an hour and say little."},
    "start_local": "2031-05-10T10:00:00",
    "end_local": "2031-05-10T12:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Boathouse", "locality": "Potsdam"},
}


@pytest_asyncio.fixture(loop_scope="module")
async def follower(alder: RunningNode, fedify: Living) -> Living:
    """Fedify's fern, who follows alder."""
    return await following(alder, fedify)


@pytest_asyncio.fixture(loop_scope="module")
async def newcomer(alder: RunningNode, certificates: Certificates) -> AsyncIterator[Living]:
    """Another application whose fern follows alder: nothing was learned of how its server signs."""
    async with living(certificates) as application:
        yield await following(alder, application)
        await alder.command("block", application.host)


async def following(alder: RunningNode, application: Living) -> Living:
    group = f"{alder.url}/group"
    await application.send(group, application.activity("fern", "Follow", object=group))
    await application.heard("Accept")
    return application


# What is for followers carries no proof, which Fedify would let in whatever its signature.
FOR_FOLLOWERS = WALK | {"visibility": "followers_and_link"}


async def test_a_gathering_is_heard_of_until_it_is_removed(
    alder: RunningNode, follower: Living
) -> None:
    walk = (await alder.json("event", "add", "-", stdin=WALK | {"id": "walk"}))["id"]
    created = await follower.heard("Create", walk)
    assert created["object"]["type"] == "Event"
    assert created["object"]["startTime"] == "2031-05-10T10:00:00+02:00"

    await alder.command("event", "edit", "walk", "-", stdin={"start_local": "2031-05-10T09:30:00"})
    updated = await follower.heard("Update", walk)
    assert updated["object"]["startTime"] == "2031-05-10T09:30:00+02:00"
    notice = await heard_note_about(follower, walk)
    assert "09:30" in notice["object"]["content"]

    await alder.command("event", "cancel", "walk", "--reason", "High water")
    cancelled = await follower.heard("Update", walk, count=2)
    assert cancelled["object"]["eventStatus"].endswith("EventCancelled")

    await alder.command("event", "remove", "walk")
    deleted = await follower.heard("Delete", walk)
    assert deleted["object"]["type"] == "Tombstone"
    assert await follower.order("lookup", what=walk) is None


async def heard_note_about(fedify: Living, event: str) -> dict[str, Any]:
    """The Create of a Note that answers `event`, as notices of change do."""

    async def there() -> dict[str, Any] | None:
        created = await fedify.received("Create")
        return next((one for one in created if one["object"].get("inReplyTo") == event), None)

    found: dict[str, Any] = await eventually(there)
    return found


async def test_a_gathering_reads_as_it_was_meant(alder: RunningNode, fedify: Living) -> None:
    made = await alder.json("event", "add", "-", stdin=WALK | {"id": "read"})
    event = await fedify.order("lookup", what=made["id"])
    assert (event["type"], event["name"]) == ("Event", "Slow walk by the river")
    assert (event["startTime"], event["endTime"]) == (
        "2031-05-10T08:00:00Z",
        "2031-05-10T10:00:00Z",
    )
    assert event["location"]["type"] == "Place"
    assert event["location"]["name"] == "Boathouse, Potsdam"
    assert event["attributedTo"] == f"{alder.url}/group"
    assert "10:00" in event["summary"]
    assert made["id"] in str(await fedify.order("lookup", what=f"{alder.url}/group/featured"))
    outbox = await fedify.order("traverse", what=f"{alder.url}/group/outbox")
    assert [one for one in outbox if made["id"] in str(await fedify.order("lookup", what=one))]


async def test_a_reflection_is_heard_of_until_it_is_withdrawn(
    alder: RunningNode, follower: Living
) -> None:
    word = {"id": "rain", "language": "en", "title": "Rain", "body": "It rains.\n\nAt last."}
    rain = (await alder.json("reflection", "add", "-", stdin=word))["id"]
    created = await follower.heard("Create", rain)
    assert "It rains." in created["object"]["content"]

    await alder.command("reflection", "withdraw", "rain")
    await follower.heard("Delete", rain)
    assert await follower.order("lookup", what=rain) is None
    assert created["id"] not in await follower.order("traverse", what=f"{alder.url}/group/outbox")


async def test_who_refuses_the_older_signature_gets_the_newer_one_and_then_only_that(
    alder: RunningNode, newcomer: Living
) -> None:
    await newcomer.order("temper", to="strict")
    await alder.command("event", "add", "-", stdin=FOR_FOLLOWERS | {"id": "strict"})
    await newcomer.heard("Create", f"{alder.url}/events/strict")
    first, *rest = await knocked(newcomer)
    assert first == (CAVAGE, 401)
    assert (RFC_9421, 202) in rest

    await newcomer.order("temper", to="strict")
    await alder.command("event", "remove", "strict")
    await newcomer.heard("Delete", f"{alder.url}/events/strict")
    assert set(await knocked(newcomer)) == {(RFC_9421, 202)}


async def knocked(fedify: Living) -> list[tuple[str, int]]:
    """How alder knocked at Fedify's inboxes, and what it was answered, since Fedify is in this temper."""
    return [(one["spec"], one["status"]) for one in await fedify.order("asked")]


async def test_who_says_how_to_sign_is_answered_so(alder: RunningNode, newcomer: Living) -> None:
    await newcomer.order("temper", to="challenge")
    await alder.command("event", "add", "-", stdin=FOR_FOLLOWERS | {"id": "asked"})
    await newcomer.heard("Create", f"{alder.url}/events/asked")
    asked = await newcomer.order("asked")
    challenges = [one["challenge"] for one in asked if one["status"] == 401]
    taken = [one["input"] for one in asked if one["status"] == 202]
    [nonce] = re.findall(r'nonce="[^"]+"', challenges[0])
    assert nonce in "".join(taken)


async def test_what_we_publish_is_believed_without_its_signature(
    alder: RunningNode, follower: Living
) -> None:
    await alder.command("event", "add", "-", stdin=WALK | {"id": "proven"})
    created = await follower.heard("Create", f"{alder.url}/events/proven")
    assert await follower.order("believes", document=created)
    forged = created | {"object": created["object"] | {"name": "Fast run by the river"}}
    assert not await follower.order("believes", document=forged)
