"""What others answer: held for a steward, then shown; changed, taken back, or never a comment at all."""

import re
from typing import Any

import pytest

from tests.federation.peer import Peer
from tests.interop import desk
from tests.interop.asking import BROWSER, PUBLIC, Asker
from tests.interop.inside import settled, tell
from tests.interop.reader import WALK, Reader
from tests.interop.shapes import (
    FRIENDICA,
    GOTOSOCIAL,
    LEMMY,
    MASTODON,
    MISSKEY,
    PLEROMA,
    SERVERS,
    Software,
)
from tests.running_node import RunningNode, eventually, page
from tests.web.served import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")
MOSS = "/reflections/moss"


async def waits(steward: Browser, words: str, *, there: bool = True) -> None:
    """Until a reply with these words lies at the desk, or no longer does."""

    async def so() -> bool:
        return (words in await desk.read(steward, "/desk/replies")) is there

    await eventually(so)


async def shown(ask: Asker) -> list[str]:
    """The ids of the replies that everyone may see."""
    collection = await ask.document(f"{MOSS}/replies")
    return [str(one) for one in collection.get("items") or collection.get("orderedItems") or []]


async def accept(steward: Browser, note: dict[str, Any]) -> None:
    await desk.submit(steward, "/desk/replies", {"id": note["id"], "decision": "accept"})


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s65_s79_a_reply_waits_is_shown_and_goes(
    alder: RunningNode, peer: Peer, ask: Asker, steward: Browser, software: Software
) -> None:
    robin = software.member(peer)
    words = f"I read the stone, too, says {software.name}"
    note = robin.note(f"{words} <script>alert(1)</script>", inReplyTo=alder.url + MOSS)
    await tell(alder, robin, robin.create(note))
    await waits(steward, words)
    assert note["id"] not in await shown(ask)
    assert words not in await page(alder.url + MOSS)

    await accept(steward, note)
    assert note["id"] in await shown(ask)
    html = (await ask(MOSS, BROWSER)).text
    assert words in html
    assert "<script>alert" not in html

    await tell(alder, robin, robin.delete(note["id"]))

    async def gone() -> bool:
        return note["id"] not in await shown(ask) and words not in await page(alder.url + MOSS)

    await eventually(gone)


@pytest.mark.parametrize("form", ["Tombstone", "id"])
async def test_s79_a_reply_that_still_waits_goes_too(
    alder: RunningNode, peer: Peer, steward: Browser, form: str
) -> None:
    robin, wren = MASTODON.member(peer), MASTODON.member(peer, "wren")
    note = robin.note(f"Taken back as {form}", inReplyTo=alder.url + MOSS)
    about = note["id"] if form == "id" else {"id": note["id"], "type": "Tombstone"}
    await tell(alder, robin, robin.create(note))
    await waits(steward, f"Taken back as {form}")
    await tell(alder, wren, wren.write("Delete", about, to=[PUBLIC]))
    await settled(alder)
    await waits(steward, f"Taken back as {form}")
    await tell(alder, robin, robin.write("Delete", about, to=[PUBLIC]))
    await waits(steward, f"Taken back as {form}", there=False)


async def test_s77_a_changed_reply_waits_again(
    alder: RunningNode, peer: Peer, ask: Asker, steward: Browser
) -> None:
    robin, wren = MASTODON.member(peer), MASTODON.member(peer, "wren")
    note = robin.note("First words", inReplyTo=alder.url + MOSS)
    await tell(alder, robin, robin.create(note))
    await waits(steward, "First words")
    await accept(steward, note)

    newer = note | {"content": "<p>Second words</p>", "updated": "2025-06-01T12:00:00Z"}
    older = note | {"content": "<p>Third words</p>", "updated": "2025-06-01T11:00:00Z"}
    forged = note | {"content": "<p>Not mine</p>", "updated": "2025-06-01T13:00:00Z"}
    await tell(alder, robin, robin.update(newer))
    await waits(steward, "Second words")
    await tell(alder, robin, robin.update(older))
    await tell(alder, wren, wren.update(forged | {"attributedTo": robin.id}))
    await settled(alder)
    text = await desk.read(steward, "/desk/replies")
    assert "Second words" in text
    assert "Third words" not in text
    assert "Not mine" not in text
    assert note["id"] not in await shown(ask)


@pytest.mark.parametrize("many", [False, True])
async def test_s70_a_vote_on_what_is_no_poll_is_no_comment(
    alder: RunningNode, peer: Peer, ask: Asker, steward: Browser, many: bool
) -> None:
    """Mastodon sends one Create for each vote, GoToSocial one with a list of them."""
    robin = (GOTOSOCIAL if many else MASTODON).member(peer)
    votes = [
        {
            "id": f"{robin.id}#votes/{number}",
            "type": "Note",
            "name": name,
            "attributedTo": robin.id,
            "inReplyTo": f"{alder.url}/events/listening-circle",
            "to": f"{alder.url}/group",
        }
        for number, name in enumerate(("Yes, I vote", "Perhaps, I vote"))
    ]
    for about in [votes] if many else votes:
        await tell(
            alder,
            robin,
            robin.write("Create", about, id=f"{robin.id}#votes/a", to=f"{alder.url}/group"),
        )
    await settled(alder)
    assert "I vote" not in await desk.read(steward, "/desk/replies")
    replies = await ask.document("/events/listening-circle/replies")
    assert not replies.get("items")


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, LEMMY, PLEROMA], ids=str)
async def test_s76_a_report_lies_at_the_desk_and_nowhere_else(
    alder: RunningNode, peer: Peer, steward: Browser, software: Software
) -> None:
    """Mastodon and GoToSocial report as their server, so that nobody learns who it was."""
    reporter = software.member(peer, "actor", kind="Application")
    words = f"Please look at this, says {software.name}"
    about = [alder.url + MOSS, f"{alder.url}/group"]
    await tell(alder, reporter, reporter.flag(about, words))

    async def lies() -> bool:
        return words in await desk.read(steward, "/desk/concerns")

    await eventually(lies)
    assert re.search(r"[1-9] concerns? (was|were) raised", await desk.read(steward, "/desk"))
    for path in ("/", MOSS, "/neighbours"):
        assert words not in await page(alder.url + path)


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, MISSKEY, PLEROMA, FRIENDICA], ids=str)
async def test_s42_s70_who_is_asked_privately_is_mentioned_and_may_vote(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    """Robin does not follow, so the mention alone brings it to them; a vote has no content."""
    robin = software.member(peer)
    event = await Reader(alder, peer).publish("event", WALK | {"registration": {"mode": "open"}})
    note = robin.note("Is there tea?", inReplyTo=event)
    await tell(alder, robin, robin.create(note))

    create = await peer.delivery("Create", path=robin.inbox)
    question = create["object"]
    name = f"@{robin.actor.name}@{peer.host}"
    assert question["tag"] == [{"type": "Mention", "href": robin.id, "name": name}]
    for document in (create, question):
        assert robin.id in [*document["to"], *document["cc"]]
        assert PUBLIC not in [*document["to"], *document["cc"]]

    vote = {
        "id": f"{robin.id}#votes/1",
        "type": "Note",
        "name": question["oneOf"][0]["name"],
        "attributedTo": robin.id,
        "to": f"{alder.url}/group",
        "inReplyTo": question["id"],
    }
    about = [vote] if software is GOTOSOCIAL else vote
    await tell(alder, robin, robin.write("Create", about, to=vote["to"]))

    async def comes() -> bool:
        found = await alder.json("rsvps", event.rpartition("/")[2], "--json")
        return [(one["who"], one["answer"]) for one in found] == [(robin.id, "going")]

    await eventually(comes)


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, MISSKEY, PLEROMA, FRIENDICA], ids=str)
async def test_s44_s53_the_group_answers_a_reply(
    alder: RunningNode, peer: Peer, ask: Asker, steward: Browser, software: Software
) -> None:
    robin = software.member(peer)
    note = robin.note(f"Where is it, asks {software.name}", inReplyTo=alder.url + MOSS)
    await tell(alder, robin, robin.create(note))
    await waits(steward, note["content"].removeprefix("<p>").removesuffix("</p>"))
    await accept(steward, note)
    words = {"id": note["id"], "text": f"By the stone, {software.name}.", "decision": "answer"}
    await desk.submit(steward, "/desk/conversation", words)

    create = await peer.delivery("Create")
    said = create["object"]
    assert (said["type"], said["inReplyTo"]) == ("Note", note["id"])
    assert words["text"] in said["content"]
    assert robin.id in said["cc"]
    mention = {"type": "Mention", "href": robin.id, "name": f"@{robin.actor.name}@{peer.host}"}
    assert mention in said["tag"]
    assert (await ask.document(said["id"]))["content"] == said["content"]

    taken_back = {"id": said["id"].rpartition("/")[2], "decision": "take-back"}
    await desk.submit(steward, "/desk/conversation", taken_back)
    delete = await peer.delivery("Delete")
    assert (delete["object"]["type"], delete["object"]["id"]) == ("Tombstone", said["id"])
    assert (await ask(said["id"])).status == 410


async def test_s59_what_a_steward_accepts_is_boosted(
    alder: RunningNode, peer: Peer, ask: Asker, steward: Browser
) -> None:
    """As the boost of a group's account: the id alone, the author in `cc`, to followers and the author."""
    robin, wren = MASTODON.member(peer), MASTODON.member(peer, "wren", endpoints=None)
    await tell(alder, wren, wren.follow(f"{alder.url}/group"))
    await peer.delivery("Accept", path=wren.inbox)
    note = robin.note("A word about the group", tag=mention_of(alder), cc=[f"{alder.url}/group"])
    await tell(alder, robin, robin.create(note))
    await waits(steward, "A word about the group")
    await accept(steward, note)

    for path in (wren.inbox, robin.delivered_at):
        announce = await peer.delivery("Announce", path=path)
        assert announce["object"] == note["id"]
        assert (announce["actor"], announce["to"]) == (f"{alder.url}/group", [PUBLIC])
        assert {robin.id, f"{alder.url}/group/followers"} == set(announce["cc"])
        assert announce["published"]
    await tell(alder, robin, robin.delete(note["id"]))
    undo = await peer.delivery("Undo", path=wren.inbox)
    assert undo["object"]["id"] == announce["id"]


def mention_of(alder: RunningNode) -> list[dict[str, str]]:
    return [{"type": "Mention", "href": f"{alder.url}/group", "name": alder.address}]
