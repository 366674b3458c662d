"""What the node publishes, as it arrives at other servers and as their readers see it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.federation.peer import Peer, Reply
from tests.federation.universal_event import as_gotosocial, as_mastodon, as_pleroma, check
from tests.interop.asking import BROWSER, PUBLIC, Asker, Page
from tests.interop.reader import WALK, Reader
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What Mastodon keeps of a Note's HTML; everything else it strips or rewrites.
KEPT_TAGS = {
    *("p", "br", "span", "a", "del", "s", "pre", "blockquote", "code"),
    *("b", "strong", "u", "i", "em", "ul", "ol", "li"),
}


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no container, with the name it stands under."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    else:
        yield name, value


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return int(isinstance(value, dict | list)) + max((depth(one) for one in inner), default=0)


async def test_s30_one_post_to_a_shared_inbox_with_the_object_inside(reader: Reader) -> None:
    await reader.follower("robin")
    await reader.follower("wren")
    create = await reader.event()

    assert create["object"]["attributedTo"] == create["actor"] == reader.group
    for one in (create["id"], create["object"]["id"]):
        assert one.startswith(reader.node.url + "/")
    await reader.reflection()
    assert len(reader.all("Create", create["object"]["id"])) == 1
    assert {one["type"] for one in reader.peer.deliveries("/inbox")} == {"Create"}


async def test_s31_the_activity_repeats_date_and_readers_of_the_object(reader: Reader) -> None:
    await reader.follower()
    for create in (await reader.event(), await reader.reflection()):
        for name in ("published", "to", "cc"):
            assert create[name] == create["object"][name], name
        assert isinstance(create["to"], list)
        assert isinstance(create["cc"], list)


async def test_s32_an_event_passes_every_reader_we_know(reader: Reader) -> None:
    await reader.follower()
    create = await reader.event(
        image={"url": "https://hills.example/walk.jpg", "alt": "A path", "media_type": "image/jpeg"}
    )
    event = {"@context": create["@context"]} | create["object"]

    check(event)
    as_pleroma(event)


async def test_s33_pixelfed_reads_no_deeper_than_eight(reader: Reader) -> None:
    await reader.follower()
    for create in (await reader.event(), await reader.reflection()):
        assert depth(create) <= 8  # its context and its proof as well


async def test_s34_a_note_keeps_its_form_and_its_warning(reader: Reader) -> None:
    await reader.follower()
    note = (await reader.reflection(body="It <rains>.\nhttps://hills.example/a?b=1&c\n\nAt last."))[
        "object"
    ]

    assert set(re.findall(r"</?([a-z0-9]+)", note["content"])) <= KEPT_TAGS
    assert "It &lt;rains&gt;.<br>" in note["content"]
    assert note["sensitive"] is False
    assert "summary" not in note

    warned = (await reader.reflection(content_notes=["loss"]))["object"]
    assert (warned["summary"], warned["sensitive"]) == ("loss", True)


async def test_s35_one_language_in_every_map_and_the_main_one_first(reader: Reader) -> None:
    await reader.follower()
    event, note = (await reader.event())["object"], (await reader.reflection())["object"]
    for maps in (
        (event["nameMap"], event["summaryMap"], event["contentMap"]),
        (note["contentMap"],),
    ):
        assert all(list(one) == ["en"] for one in maps)

    both = (await reader.event(title={"de": "Gang", "en": "Walk"}))["object"]
    for name in ("name", "summary", "content"):
        assert next(iter(both[f"{name}Map"].items())) == ("de", both[name])


async def test_s36_mastodon_shows_date_zone_and_place(reader: Reader) -> None:
    await reader.follower()
    seen = as_mastodon((await reader.event())["object"])
    for words in ("<h2>Slow walk</h2>", "Sat 10 May 2031, 10:00–12:00 CEST", "Boathouse, Potsdam"):
        assert words in seen


async def test_s37_gotosocial_shows_all_of_it_under_one_line(reader: Reader) -> None:
    await reader.follower()
    event = (await reader.event(description={"en": "Bring boots."}))["object"]
    warning, content = as_gotosocial(event)
    assert "\n" not in warning
    for words in ("Slow walk", "10:00–12:00 CEST", "Boathouse, Potsdam", "Bring boots."):
        assert words in content
    assert all(
        PUBLIC in event["interactionPolicy"][may]["automaticApproval"]
        for may in ("canLike", "canReply", "canAnnounce")
    )


async def test_s38_a_long_text_is_cut_and_leads_to_the_whole(reader: Reader) -> None:
    await reader.follower()
    create = await reader.event(description={"en": "Ünïcödé wörds. " * 3300})

    [request] = [
        one for one in reader.peer.asked("/inbox", "POST") if one.json["id"] == create["id"]
    ]
    assert len(request.body) <= 60 * 1024
    assert create["object"]["url"] in create["object"]["content"][-300:]


async def test_s39_s105_the_page_makes_a_preview(reader: Reader, ask: Asker) -> None:
    await reader.follower()
    picture = {"url": "https://hills.example/walk.jpg", "alt": "A path", "media_type": "image/jpeg"}
    event = (await reader.event(image=picture))["object"]
    answer = await ask(event["url"], BROWSER)
    assert answer.status == 200
    metas = Page(answer.text).metas
    assert metas["og:title"] == "Slow walk"
    assert (metas["og:image"], metas["og:image:alt"]) == (picture["url"], "A path")


@pytest.mark.parametrize(
    ("visibility", "to", "cc"),
    [
        ("public", [PUBLIC], ["{group}/followers"]),
        ("followers_and_link", ["{group}/followers"], []),
    ],
)
async def test_s40_readers_are_named_exactly(
    reader: Reader, ask: Asker, visibility: str, to: list[str], cc: list[str]
) -> None:
    await reader.follower()
    event = (await reader.event(visibility=visibility))["object"]

    assert event["to"] == [one.format(group=reader.group) for one in to]
    assert event["cc"] == [one.format(group=reader.group) for one in cc]
    assert (await ask.document("/group"))["followers"] == f"{reader.group}/followers"
    assert (await ask(event["id"])).status == (200 if visibility == "public" else 404)


@pytest.mark.parametrize("visibility", ["link_only", "local_only"])
async def test_s40_what_is_not_for_other_servers_goes_to_none(
    reader: Reader, ask: Asker, visibility: str
) -> None:
    await reader.follower()
    hidden = await reader.publish("event", WALK | {"visibility": visibility})
    await reader.reflection()  # told after it, so that it would have come by now

    assert not reader.all("Create", hidden)
    assert (await ask(hidden)).status == 404
    outbox = await ask.document("/group/outbox?page=true")
    assert hidden not in [one["object"]["id"] for one in outbox["orderedItems"]]


async def test_s41_a_picture_comes_first_with_its_words(reader: Reader) -> None:
    await reader.follower()
    event = (
        await reader.event(
            image={
                "url": "https://hills.example/walk.jpg",
                "alt": "A path",
                "media_type": "image/jpeg",
            },
            online={"url_visibility": "public", "url": "https://meet.example/walk"},
        )
    )["object"]

    assert [one["type"] for one in event["attachment"]] == ["Document", "Link"]
    picture = event["attachment"][0]
    assert picture["url"] == "https://hills.example/walk.jpg"
    assert (picture["name"], picture["mediaType"]) == ("A path", "image/jpeg")
    assert event["image"]["url"] == picture["url"]


async def test_s43_a_hashtag_leads_to_a_page(reader: Reader, ask: Asker) -> None:
    await reader.follower()
    [tag] = (await reader.event())["object"]["tag"]
    assert tag["type"] == "Hashtag"
    assert tag["name"] == "#deepecology"
    answer = await ask(tag["href"], BROWSER)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_s45_no_address_is_too_long_or_has_a_fragment(reader: Reader, ask: Asker) -> None:
    await reader.follower()
    await reader.event(), await reader.reflection()
    documents = [*reader.peer.deliveries(), await ask.document("/group/outbox?page=true")]
    for name, value in leaves([{**one, "@context": []} for one in documents]):
        if name == "verificationMethod":
            continue  # a key, which nobody looks up as a post
        if isinstance(value, str) and value.startswith(reader.node.url):
            assert len(value) <= 512
            assert "#" not in value
            assert " " not in value


async def test_s46_what_failed_comes_later_and_once(reader: Reader) -> None:
    await reader.follower()
    reader.peer.script("/inbox", Reply(status=503), Reply(status=500), Reply(status=202))
    about = await reader.publish("event", WALK)
    await reader.came("Create", about, count=3)

    assert len({one["id"] for one in reader.all("Create", about)}) == 1

    async def settled() -> bool:
        queue = await reader.node.json("queue", "--json")
        return queue["pending"] == queue["retrying"] == 0

    await eventually(settled)
    assert len(reader.all("Create", about)) == 3
    bodies = {one.body for one in reader.peer.asked("/inbox", "POST") if about.encode() in one.body}
    assert len(bodies) == 1


async def test_s47_many_inboxes_are_served_and_the_pages_answer(reader: Reader, ask: Asker) -> None:
    flock = [await reader.follower(f"bird{number}", shared_inbox=False) for number in range(20)]
    about = await reader.publish("event", WALK)
    assert (await ask("/events", BROWSER)).status == 200
    await reader.came("Create", about, count=len(flock))
    for one in flock:
        assert len(reader.peer.deliveries(f"/users/{one.name}/inbox")) == 2


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_s48_every_2xx_is_delivered(reader: Reader, status: int) -> None:
    await reader.follower()
    reader.peer.serve("/inbox", status=status)
    before = await reader.node.json("queue", "--json")
    create = await reader.event()

    async def done() -> bool:
        queue = await reader.node.json("queue", "--json")
        return bool(queue["delivered"] > before["delivered"] and queue["pending"] == 0)

    await eventually(done)
    assert len(reader.all("Create", create["object"]["id"])) == 1


async def test_c1_the_same_document_is_served_where_it_says(reader: Reader, ask: Asker) -> None:
    """Mastodon and Misskey fetch what a search or a reply names, and compare ids."""
    robin = await reader.follower()
    for create in (await reader.event(), await reader.reflection()):
        found = (await reader.peer.get_signed(create["object"]["id"], actor=robin)).json
        assert {name: found[name] for name in create["object"]} == create["object"]
        assert (await ask.document(create["id"]))["object"] == create["object"]
        assert json.dumps(found, sort_keys=True)
