"""Quotes of what the group published (FEP-044f): asked for, allowed, refused, taken back; read in any spelling."""

from typing import Any

import pytest

from tests.federation.peer import Peer
from tests.interop import desk
from tests.interop.asking import PUBLIC, Asker
from tests.interop.inside import settled, tell
from tests.interop.reader import WALK, WORD, Reader
from tests.interop.shapes import MASTODON, MISSKEY, PLEROMA, Member, Software
from tests.running_node import RunningNode, eventually
from tests.web.served import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


async def asked(
    alder: RunningNode, member: Member, target: str, *, embedded: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for leave to quote `target` as Mastodon 4.5 does; the post that quotes, and the request."""
    post = member.note("Look at this", quote=target, quoteUri=target)
    request = member.write("QuoteRequest", target, instrument=post if embedded else post["id"])
    await tell(alder, member, request)
    return post, request


@pytest.mark.parametrize("embedded", [True, False])
async def test_s66_leave_to_quote_is_a_stamp_that_anybody_reads(
    alder: RunningNode, peer: Peer, ask: Asker, reader: Reader, embedded: bool
) -> None:
    robin = MASTODON.member(peer)
    event = await reader.publish("event", WALK)
    policy = (await ask.document(event))["interactionPolicy"]["canQuote"]
    assert PUBLIC in policy["automaticApproval"]
    post, request = await asked(alder, robin, event, embedded=embedded)

    accept = await peer.delivery("Accept", path=robin.inbox)
    assert accept["actor"] == f"{alder.url}/group"
    assert (accept["object"]["id"], accept["object"]["type"]) == (request["id"], "QuoteRequest")
    assert accept["result"].startswith(f"{alder.url}/")
    for stamp in (await ask.document(accept["result"]), (await robin.get(accept["result"])).json):
        assert stamp["id"] == accept["result"]
        assert stamp["type"] == "QuoteAuthorization"
        assert stamp["attributedTo"] == f"{alder.url}/group"
        assert stamp["interactingObject"] == post["id"]
        assert stamp["interactionTarget"] == event


async def test_s67_what_may_not_be_quoted_is_refused(
    alder: RunningNode, peer: Peer, ask: Asker, reader: Reader
) -> None:
    """Words of pain are not shown inside somebody else's."""
    robin = MASTODON.member(peer)
    pain = await reader.publish("reflection", WORD | {"spiral_stage": "honoring_pain"})
    policy = (await ask.document(pain))["interactionPolicy"]["canQuote"]
    assert PUBLIC not in str(policy)
    _, request = await asked(alder, robin, pain)

    reject = await peer.delivery("Reject", path=robin.inbox)
    assert reject["object"]["id"] == request["id"]
    assert "result" not in reject
    assert not [one for one in peer.deliveries(robin.inbox) if one["type"] == "Accept"]


async def test_s68_a_stamp_is_taken_back(
    alder: RunningNode, peer: Peer, ask: Asker, reader: Reader, steward: Browser
) -> None:
    robin = MASTODON.member(peer)
    event = await reader.publish("event", WALK)
    await asked(alder, robin, event)
    stamp = (await peer.delivery("Accept", path=robin.inbox))["result"]
    await desk.submit(
        steward, "/desk/quotes", {"id": stamp.rpartition("/")[2], "decision": "revoke"}
    )

    delete = await peer.delivery("Delete", path=robin.inbox)
    gone = delete["object"]
    assert (gone if isinstance(gone, str) else gone["id"]) == stamp
    assert (await ask(stamp)).status == 404


SPELLINGS: dict[str, dict[str, Any]] = {
    "FEP-044f": {"quote": "{event}", "quoteAuthorization": "{here}/stamps/1"},
    "Pleroma": {"quoteUrl": "{event}"},
    "Fedibird": {"quoteUri": "{event}", "quoteURL": "{event}"},
    "Misskey": {"_misskey_quote": "{event}", "quoteUrl": "{event}"},
    "FEP-e232": {
        "tag": [
            {
                "type": "Link",
                "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
                "rel": "https://misskey-hub.net/ns#_misskey_quote",
                "name": "RE: {event}",
                "href": "{event}",
            }
        ]
    },
    "embedded": {"quote": {"type": "Event", "id": "{event}", "name": "Not ours"}},
    "nonsense": {"quote": ["{event}", 7, None], "quoteUrl": {"a": []}, "_misskey_quote": 12},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_s69_a_quote_is_recognised_in_every_spelling(
    alder: RunningNode, peer: Peer, reader: Reader, steward: Browser, spelling: str
) -> None:
    robin = MISSKEY.member(peer)
    event = await reader.publish("event", WALK)

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(one) for one in value]
        return (
            value.format(event=event, here=peer.origin)
            if isinstance(value, str) and "{" in value
            else value
        )

    words = f"Quoted as {spelling}"
    note = robin.note(words, **filled(SPELLINGS[spelling]))
    await tell(alder, robin, robin.create(note))

    async def told() -> bool:
        return words in await desk.read(steward, "/desk/replies")

    await eventually(told)


@pytest.mark.parametrize("software", [MASTODON, MISSKEY, PLEROMA], ids=str)
async def test_s69_a_quote_of_something_else_is_nothing_to_us(
    alder: RunningNode, peer: Peer, steward: Browser, software: Software
) -> None:
    robin = software.member(peer)
    elsewhere = "https://elsewhere.example/notes/1"
    note = robin.note(
        f"Nothing to {software.name}", quote=elsewhere, quoteUrl=elsewhere, _misskey_quote=elsewhere
    )
    await tell(alder, robin, robin.create(note))
    await settled(alder)
    assert f"Nothing to {software.name}" not in await desk.read(steward, "/desk/replies")
