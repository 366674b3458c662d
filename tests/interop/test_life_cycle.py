"""Changes, cancellations and withdrawals, as other servers learn of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.federation.peer import Peer, PeerActor
from tests.interop.asking import AS2, BROWSER, PUBLIC, Asker
from tests.interop.reader import WALK, Reader
from tests.interop.shapes import GANCIO
from tests.running_node import RunningNode, document, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


def slug(thing: Any) -> str:
    return str(thing["id"]).rpartition("/")[2]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_s50_an_edit_is_the_whole_object_and_looks_newer(reader: Reader) -> None:
    """Mastodon and Misskey compare `updated` in whole seconds."""
    await reader.follower()
    before = (await reader.event())["object"]
    await reader.node.command("event", "edit", slug(before), "-", stdin={"title": {"en": "Slower"}})
    update = await reader.came("Update", before["id"])
    after = update["object"]

    assert after["name"] == "Slower"
    assert set(after) == set(before)
    for name in ("id", "published", "attributedTo", "to", "cc"):
        assert after[name] == before[name], name
    assert moment(after["updated"]) > moment(before["updated"]) >= moment(before["published"])
    assert (update["to"], update["cc"]) == (after["to"], after["cc"])

    await reader.node.command("event", "edit", slug(before), "-", stdin={"title": {"en": "Fast"}})
    second = await reader.came("Update", before["id"], count=2)
    assert second["id"] != update["id"]
    assert moment(second["object"]["updated"]) > moment(after["updated"])


async def test_s51_another_hour_is_another_summary(reader: Reader) -> None:
    await reader.follower()
    event = (await reader.event())["object"]
    times = {"start_local": "2031-05-10T11:00:00", "end_local": "2031-05-10T13:00:00"}
    await reader.node.command("event", "edit", slug(event), "-", stdin=times)
    after = (await reader.came("Update", event["id"]))["object"]

    assert "11:00–13:00 CEST" in after["summary"]
    assert after["startTime"] == "2031-05-10T11:00:00+02:00"


async def test_s52_a_cancelled_event_is_updated_and_told_in_a_note(
    reader: Reader, ask: Asker
) -> None:
    """Mastodon before 4.5 and Misskey never apply an Update to an Event."""
    await reader.follower()
    event = (await reader.event())["object"]
    await reader.node.command("event", "cancel", slug(event), "--reason", "High water")
    after = (await reader.came("Update", event["id"]))["object"]
    assert (after["eventStatus"], after["status"]) == ("EventCancelled", "CANCELLED")
    assert after["summary"].startswith("Cancelled")

    async def told() -> Any:
        notes = (one for one in reader.all("Create") if one["object"]["type"] == "Note")
        return next((one for one in notes if one["object"]["inReplyTo"] == event["id"]), None)

    note = (await eventually(told))["object"]
    assert (note["to"], note["cc"]) == (event["to"], event["cc"])
    assert "Cancelled" in note["content"]
    assert (await ask.document(note["id"]))["content"] == note["content"]


@pytest.mark.parametrize(("kind", "verb"), [("event", "remove"), ("reflection", "withdraw")])
async def test_s53_s54_what_is_withdrawn_is_gone_everywhere(
    reader: Reader, ask: Asker, kind: str, verb: str
) -> None:
    await reader.follower()
    create = await (reader.event() if kind == "event" else reader.reflection())
    gone = create["object"]["id"]
    await reader.node.command(kind, verb, slug(create["object"]))
    delete = await reader.came("Delete", gone)

    assert delete["actor"] == reader.group
    assert delete["to"] == [PUBLIC]
    assert (delete["object"]["type"], delete["object"]["id"]) == ("Tombstone", gone)

    stone = await ask(gone)
    assert stone.status == 410
    assert stone.headers["Content-Type"] == AS2
    assert (stone.json["type"], stone.json["id"]) == ("Tombstone", gone)
    read = await ask(gone, BROWSER)
    assert read.status == 410
    assert read.headers["Content-Type"].startswith("text/html")
    assert (await ask(create["id"])).status in (404, 410)


@pytest.mark.parametrize("how", ["Create", "Announce", "Like"])
async def test_s53_whoever_has_a_copy_hears_that_it_is_gone(reader: Reader, how: str) -> None:
    """A stranger who answered it or passed it on holds it, too, though we never sent it there."""
    await reader.follower("robin")
    note = (await reader.reflection())["object"]
    async with Peer.start() as elsewhere:
        wren = elsewhere.actor("wren")
        answer = {
            "id": elsewhere.url("/notes/1"),
            "type": "Note",
            "attributedTo": wren.id,
            "to": [PUBLIC],
            "cc": [reader.group],
            "inReplyTo": note["id"],
            "content": "<p>Thank you.</p>",
        }
        said = wren.activity(how, answer if how == "Create" else note["id"], to=[PUBLIC])
        await send_and_settle(reader, elsewhere, wren, said)
        await reader.node.command("reflection", "withdraw", slug(note))

        delete = await elsewhere.delivery("Delete")
        assert delete["object"]["id"] == note["id"]
        await reader.node.command("block", elsewhere.host)
        await reader.node.command("unblock", elsewhere.host)


async def send_and_settle(reader: Reader, server: Peer, actor: PeerActor, activity: Any) -> None:
    """Post an activity and wait until it has had its turn: a Follow sent after it is answered."""
    follow = actor.activity("Follow", reader.group)
    inbox = f"{reader.group}/inbox"
    for one in (activity, follow):
        assert (await server.post_signed(inbox, one, actor=actor)).status == 202
    await server.delivery("Accept")
    undo = actor.activity("Undo", follow)
    assert (await server.post_signed(inbox, undo, actor=actor)).status == 202

    async def gone() -> bool:
        followers = await reader.node.json("followers", "--json")
        return actor.id not in [one["id"] for one in followers]

    await eventually(gone)


async def test_d4_an_address_is_never_used_again(reader: Reader) -> None:
    await reader.follower()
    event = (await reader.event())["object"]
    await reader.node.command("event", "remove", slug(event))
    await reader.came("Delete", event["id"])
    await reader.node.command("event", "add", "-", stdin=WALK | {"id": slug(event)}, code=1)


async def test_s56_featured_holds_ids_of_what_is_coming(reader: Reader, ask: Asker) -> None:
    await reader.follower()
    event = (await reader.event())["object"]
    featured = await ask.document("/group/featured")

    assert featured["type"] == "OrderedCollection"
    assert featured["totalItems"] == len(featured["orderedItems"])
    assert all(isinstance(one, str) for one in featured["orderedItems"])
    assert event["id"] in featured["orderedItems"]
    for one in featured["orderedItems"]:
        assert (await ask.document(one))["id"] == one

    await reader.node.command("event", "cancel", slug(event))
    await reader.came("Update", event["id"])


async def test_s57_what_comes_to_featured_and_leaves_it_is_told(tmp_path: Path) -> None:
    """The node looks when it starts, and then once an hour; gancio, which refuses it, is spared."""
    async with (
        Peer.start() as peer,
        Peer.start() as calendar,
        running_node(tmp_path, "birch") as birch,
    ):
        reader = Reader(birch, peer)
        await reader.follower()
        gancio = GANCIO.member(calendar, "events")
        follow = gancio.follow(reader.group)
        assert (await gancio.post(f"{birch.url}/inbox", follow)).status == 202
        await calendar.delivery("Accept", path=gancio.inbox)
        await Reader(birch, calendar).known()
        event, note = (await reader.event())["object"], (await reader.reflection())["object"]

        async def restart() -> None:
            await birch.stop()
            await birch.start()

        await restart()
        for thing in (event, note):
            add = await reader.came("Add", thing["id"])
            assert add["target"] == (await document(reader.group))["featured"]
            assert (add["actor"], add["to"]) == (reader.group, [PUBLIC])
        past = {"start_local": "2025-05-10T10:00:00", "end_local": "2025-05-10T12:00:00"}
        await birch.command("event", "edit", slug(event), "-", stdin=past)
        await restart()

        remove = await reader.came("Remove", event["id"])
        assert remove["target"] == add["target"]
        featured = await document(add["target"])
        assert featured["orderedItems"] == [note["id"]]
        assert len(reader.all("Add")) == 2
        assert len(reader.all("Remove")) == 1
        kinds = [one["type"] for one in calendar.deliveries()]
        assert "Create" in kinds
        assert not {"Add", "Remove"} & set(kinds)


async def test_s58_what_is_over_is_not_featured(reader: Reader, ask: Asker) -> None:
    await reader.follower()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:00:00")
    over = (await reader.event(start_local=yesterday, end_local=None, timezone="UTC"))["object"]
    for name in ("featured", "upcoming"):
        items = (await ask.document(f"/group/{name}"))["orderedItems"]
        ids = [one if isinstance(one, str) else one["id"] for one in items]
        assert ids
        assert over["id"] not in ids
