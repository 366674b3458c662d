"""K7, D25: who comes, who is invited and who was asked is in no output that is not for them alone."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.abuse.attacked import AS2, HTML, Attacked
from tests.abuse.test_k_privacy import ACCEPTS, targets
from tests.federation.peer import Peer, PeerActor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
EVENT = "offen"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere() -> AsyncIterator[Peer]:
    """A second server, of people who only follow."""
    async with Peer.start() as peer:
        yield peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guests(attacked: Attacked, elsewhere: Peer) -> AsyncIterator[dict[str, PeerActor]]:
    """One who came by each way; then the gathering moves, so that everyone hears of it."""
    node, event = attacked.node, f"{attacked.url}/events/{EVENT}"
    fan = elsewhere.actor("fan")
    follow = fan.activity("Follow", attacked.group)
    await elsewhere.post_signed(attacked.inbox, follow, actor=fan)
    await elsewhere.delivery("Accept")
    await node.command(
        "event", "edit", EVENT, "-", stdin={"registration": {"mode": "open", "capacity": 30}}
    )
    people = {
        name: attacked.peer.actor(f"gast-{name}") for name in ("join", "vote", "accept", "invited")
    }
    await attacked.post(people["join"], people["join"].activity("Join", event))
    await attacked.post(people["accept"], people["accept"].activity("Accept", event))
    await node.command("invite", EVENT, people["invited"].id)
    await _vote(attacked, people["vote"], event)
    await attacked.settled()
    coming = {one["who"] for one in await node.json("rsvps", EVENT, "--json")}
    assert coming == {one.id for name, one in people.items() if name != "invited"}
    moved = {"start_local": "2031-06-01T19:00:00", "end_local": "2031-06-01T21:00:00"}
    await node.command("event", "edit", EVENT, "-", stdin=moved)
    await elsewhere.delivery("Update")
    for name in ("join", "accept"):  # their letters come when the hosts have been quiet for a while
        await attacked.peer.delivery("Create", path=f"/users/gast-{name}/inbox")
    await attacked.settled()
    yield people


async def _vote(attacked: Attacked, voter: PeerActor, event: str) -> None:
    note = {
        "id": f"{voter.id}/statuses/1",
        "type": "Note",
        "attributedTo": voter.id,
        "inReplyTo": event,
        "content": "<p>Geheimantwort-4730</p>",
        "to": [attacked.group],
        "cc": [],
    }
    await attacked.post(voter, voter.activity("Create", note))
    create = await attacked.peer.delivery("Create", path=f"/users/{voter.name}/inbox")
    question = create["object"]
    vote = {
        "id": f"{voter.id}#votes/1",
        "type": "Note",
        "name": question["oneOf"][0]["name"],
        "attributedTo": voter.id,
        "inReplyTo": question["id"],
        "to": attacked.group,
    }
    await attacked.post(voter, voter.activity("Create", vote, id=f"{vote['id']}/activity"))


async def test_no_page_collection_or_document_names_a_guest(
    attacked: Attacked, guests: dict[str, PeerActor]
) -> None:
    words = [one.id for one in guests.values()] + ["gast-", "Geheimantwort-4730"]
    messages = [row[0] for row in attacked.rows("SELECT id FROM direct_message")]
    asked = targets(attacked) | {f"/messages/{one}" for one in messages}
    assert messages
    for target in asked:
        for accept in ACCEPTS if target.startswith(("/events", "/group")) else (HTML, AS2):
            _, text = await attacked.page(target, Accept=accept)
            assert not [word for word in words if word in text], (target, accept)


async def test_what_is_sent_names_a_guest_to_that_guest_alone(
    attacked: Attacked, elsewhere: Peer, guests: dict[str, PeerActor]
) -> None:
    for one in elsewhere.asked(method="POST"):
        assert "gast-" not in one.body.decode()
    named = 0
    for one in attacked.peer.asked(method="POST"):
        whose = re.fullmatch(r"/users/(gast-\w+)/inbox", one.path)
        for guest in guests.values():
            if guest.id not in one.body.decode():
                continue
            named += 1
            assert whose is not None, (one.path, one.body)
            assert whose[1] == guest.name, "one guest hears of another"
            addressed = [one.json, one.json["object"]]
            for thing in (item for item in addressed if isinstance(item, dict)):
                to = [thing.get(field) or [] for field in ("to", "cc")]
                assert not (guest.id in json.dumps(to) and PUBLIC in json.dumps(to)), one.json
    assert named > 4


async def test_the_log_names_no_guest_and_no_link(
    attacked: Attacked, guests: dict[str, PeerActor]
) -> None:
    links: set[Any] = set()
    for one in attacked.peer.asked(method="POST"):
        links |= set(re.findall(rb"/rsvp/([\w-]{22,})", one.body))
    assert links
    log = attacked.node.log()
    assert "gast-" not in log
    assert not [link for link in links if link.decode() in log]
    kept = b"".join(
        json.dumps(attacked.rows(f"SELECT * FROM {table}")).encode()
        for table in ("rsvp", "rsvp_link", "direct_message", "outbox_entry", "audit")
    )
    assert not [link for link in links if link in kept]
