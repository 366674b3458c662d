"""Every kind of activity bent at random, by somebody who is known here: no fault, and nothing of anybody else changes.

The node runs; each example is signed and sent. What mallory says may count or not for mallory; what others
hold here, and what the group published, must be what it was.
"""

import hashlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from federation.inbox.dispatch import HANDLERS
from federation.parse import ACTIVITY_TYPES
from tests.bending import bent, values
from tests.federation.peer import AS2, Peer, PeerActor
from tests.interop.asking import BROWSER, PUBLIC, Asker
from tests.interop.inside import befriend, rows, send, settled
from tests.interop.reader import WALK
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = sorted({*HANDLERS, *ACTIVITY_TYPES})
ATTACKERS = 12
AT_ONCE = 8
BRIEFLY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "10")),  # of eight activities each
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
# What must not change: what the group published, and all that robin and hills hold here.
OURS = ("event", "reflection", "practice", "group_profile", "steward", "block", "keypair")
THEIRS: Mapping[str, str] = {
    "follower": "actor_id",
    "following": "actor_id",
    "rsvp": "who",
    "reply": "actor_id",
    "witness": "actor_id",
    "neighbour_post": "id",
    "remote_tombstone": "id",
}


@dataclass(slots=True)
class Scene:
    """A node, those who are at home there, and mallory under many names; `weed` is a neighbour."""

    node: RunningNode
    good: Peer
    bad: Peer
    robin: PeerActor
    hills: PeerActor
    event: str
    words: str
    mallory: list[PeerActor] = field(default_factory=list)
    sent: int = 0
    before: dict[str, str] = field(default_factory=dict)

    def untouched(self) -> dict[str, str]:
        """A hash of everything that is nobody's business but its owner's."""
        found = {name: rows(self.node, f"SELECT * FROM {name}") for name in OURS}
        for name, column in THEIRS.items():
            statement = f"SELECT * FROM {name} WHERE {column} LIKE ? ORDER BY {column}"
            found[name] = rows(self.node, statement, self.good.origin + "/%")
        return {name: hashlib.sha256(repr(one).encode()).hexdigest() for name, one in found.items()}

    def activity(self, kind: str, by: PeerActor) -> dict[str, Any]:
        """An honest activity of that kind."""
        thing = {
            "id": f"{by.id}/things/{self.sent}",
            "type": "Event" if self.sent % 2 else "Note",
            "attributedTo": by.id,
            "name": "A thing",
            "content": "<p>words</p>",
            "startTime": "2031-09-12T08:00:00Z",
            "endTime": "2031-09-12T10:00:00Z",
            "location": {"type": "Place", "name": "Mill", "address": {"addressLocality": "Town"}},
            "tag": [{"type": "Mention", "href": f"{self.node.url}/group", "name": "@alder"}],
            "inReplyTo": self.words,
            "to": [PUBLIC],
            "cc": [f"{by.id}/followers"],
        }
        about: Any = {
            "Follow": f"{self.node.url}/group",
            "Block": f"{self.node.url}/group",
            "Join": self.event,
            "Leave": self.event,
            "Move": by.id,
            "Delete": {"id": self.robin.id + "/answers/1", "type": "Tombstone"},
            "Undo": {"type": "Follow", "actor": by.id, "object": f"{self.node.url}/group"},
            "Accept": {"type": "Follow", "actor": f"{self.node.url}/group", "object": by.id},
            "Flag": [f"{self.node.url}/group", self.words],
        }.get(kind, thing if kind in ("Create", "Update", "Announce", "Invite") else self.words)
        more = {"target": self.bad.url("/users/m1"), "to": [PUBLIC], "content": "x"}
        return by.activity(kind, about, **more)

    def values(self, by: PeerActor) -> st.SearchStrategy[Any]:
        """What is put where it does not belong: also ids of others, of ours and odd spellings of one's own."""
        return values(
            *(self.robin.id, self.hills.id, f"{self.robin.id}/answers/1", by.id, by.inbox),
            *(f"{self.hills.id}/notes/1", f"{self.robin.id}/follow/1", self.event, self.words),
            *(f"{self.node.url}/group", f"{self.node.url}/inbox", f"{self.node.url}/instance"),
            *(by.id.replace("http", "HTTP"), by.id + "/", by.id + "\u202e", by.id + "\n"),
            *(by.id + "#" + "x" * 3000, by.id + "?" + "&".join("abcdefgh")),
        )

    def next(self) -> PeerActor:
        """Mallory under the next name: each may send only so much a minute."""
        self.sent += 1
        return self.mallory[self.sent % ATTACKERS]

    async def post(self, activity: Any, by: PeerActor) -> None:
        """Send something; it may be refused, never fail, and 503 is for a key that cannot be had."""
        body = json.dumps(activity).encode()
        answer = await self.bad.post_signed(f"{self.node.url}/inbox", body, actor=by)
        assert answer.status in (202, 400, 401, 403, 429, 503), (answer.status, answer.body)

    async def sound(self) -> None:
        """Nothing failed on the way, and everything of others is as it was."""
        await settled(self.node)
        assert "Traceback" not in self.node.log(), self.node.log()[-3000:]
        odd = "state = 'parked' OR outcome LIKE '%Error(%' OR outcome LIKE '%Exception(%'"
        assert not rows(self.node, f"SELECT type, outcome, body FROM inbound WHERE {odd}")
        assert self.untouched() == self.before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(alder: RunningNode) -> AsyncIterator[Scene]:
    table = WALK | {"id": "table", "registration": {"mode": "open", "capacity": 3}}
    event = (await alder.json("event", "add", "-", stdin=table))["id"]
    words = f"{alder.url}/reflections/moss"
    async with Peer.start() as good, Peer.start() as bad:
        robin, hills = good.actor("robin"), good.actor("hills", type="Group")
        weed = bad.actor("m0", type="Group")
        await befriend(alder, good, hills)
        await alder.command("follow", weed.id)
        follow = await bad.delivery("Follow")
        await send(alder, bad, weed, weed.activity("Accept", follow))
        note = {"type": "Note", "content": "mine", "to": [PUBLIC]}
        answer = note | {"id": f"{robin.id}/answers/1", "inReplyTo": words}
        for activity in (
            robin.activity("Follow", f"{alder.url}/group"),
            robin.activity("Join", event),
            robin.activity("Like", words),
            robin.activity("Create", answer | {"attributedTo": robin.id}),
        ):
            await send(alder, good, robin, activity)
        post = note | {"id": f"{hills.id}/notes/1", "attributedTo": hills.id}
        await send(alder, good, hills, hills.activity("Create", post, to=[PUBLIC]))
        await settled(alder)
        mallory = [weed, *(bad.actor(f"m{number}") for number in range(1, ATTACKERS))]
        made = Scene(alder, good, bad, robin, hills, event, words, mallory)
        made.before = made.untouched()
        yield made


@BRIEFLY
@given(data=st.data())
async def test_what_is_sent_bent_is_refused_or_ignored(scene: Scene, data: st.DataObject) -> None:
    """Types swapped, lists, objects, nulls and numbers in every field, ids of others and of ours, replays."""
    for _ in range(AT_ONCE):
        by = scene.next()
        activity = scene.activity(data.draw(st.sampled_from(KINDS)), by)
        activity = bent(data.draw, activity, scene.values(by))
        for _ in range(data.draw(st.integers(1, 2))):
            await scene.post(activity, by)
    await scene.sound()


@BRIEFLY
@given(data=st.data())
async def test_what_is_served_bent_is_refused_or_ignored(scene: Scene, data: st.DataObject) -> None:
    """Actor documents of those who write to us, and what a neighbour passes on."""
    for _ in range(AT_ONCE // 2):
        weed, number = scene.mallory[0], scene.sent
        scene.sent += 1
        stranger = scene.bad.actor(f"stranger{number}", key=scene.mallory[1].key)
        stranger.document = bent(data.draw, stranger.document, scene.values(stranger))
        await scene.post(stranger.activity("Follow", f"{scene.node.url}/group"), stranger)
        thing = scene.activity("Create", weed)["object"] | {
            "id": scene.bad.url(f"/served/{number}")
        }
        honest = {"@context": AS2} | thing | {"inReplyTo": None}
        served = bent(data.draw, honest, scene.values(weed))
        scene.bad.serve(f"/served/{number}", served)
        await scene.post(weed.activity("Announce", thing["id"], to=[PUBLIC]), weed)
    await scene.sound()


async def test_the_pages_still_stand(scene: Scene, ask: Asker) -> None:
    """Whatever was taken in above can be shown."""
    for path in ("/", "/events", "/neighbours", "/reflections/moss", "/feed.atom", "/calendar.ics"):
        assert (await ask(path, BROWSER)).status == 200, path
    assert scene.sent or scene.untouched() == scene.before
