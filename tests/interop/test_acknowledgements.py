"""Likes, reactions and boosts of what the group published, given and taken back in every dialect."""

from typing import Any

import pytest

from tests.federation.peer import Peer
from tests.interop.asking import Asker
from tests.interop.inside import rows, settled, tell
from tests.interop.reader import WORD, Reader
from tests.interop.shapes import MISSKEY, PLEROMA, SERVERS, Member, Software
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


def circle(alder: RunningNode) -> str:
    return f"{alder.url}/events/listening-circle"


def given(alder: RunningNode, member: Member) -> list[str]:
    """What the node holds of their acknowledgements: `like` and `announce`, one each at most."""
    sql = "SELECT kind FROM witness WHERE actor_id = ? ORDER BY kind"
    return [kind for (kind,) in rows(alder, sql, member.id)]


async def becomes(alder: RunningNode, member: Member, kinds: list[str]) -> None:
    async def so() -> bool:
        return given(alder, member) == kinds

    await eventually(so)


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s60_s61_a_like_counts_once_and_is_taken_back(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    robin, wren = software.member(peer), software.member(peer, "wren")
    like = robin.like(circle(alder))
    await tell(alder, robin, like)
    await tell(alder, wren, wren.like(circle(alder)))
    await becomes(alder, robin, ["like"])
    await tell(alder, robin, like)
    await tell(alder, robin, robin.like(circle(alder)))
    await settled(alder)
    assert given(alder, robin) == ["like"]

    await tell(alder, robin, robin.undo(like))
    await becomes(alder, robin, [])
    again = robin.like(circle(alder))
    await tell(alder, robin, again)
    await becomes(alder, robin, ["like"])
    await tell(alder, robin, robin.undo(again, bare=True))
    await becomes(alder, robin, [])
    assert given(alder, wren) == ["like"]


async def test_s61_nobody_takes_back_the_like_of_another(alder: RunningNode, peer: Peer) -> None:
    robin, wren = MISSKEY.member(peer), MISSKEY.member(peer, "wren")
    like = robin.like(circle(alder))
    await tell(alder, robin, like)
    for bare in (True, False):
        await tell(alder, wren, wren.undo(like, bare=bare))
    await settled(alder)
    assert given(alder, robin) == ["like"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"content": "👍", "_misskey_reaction": "👍"}, id="plain"),
        pytest.param({"content": "❤", "_misskey_reaction": "❤", "tag": []}, id="heart"),
        pytest.param(
            {
                "content": ":moss:",
                "_misskey_reaction": ":moss:",
                "tag": [
                    {
                        "id": "{here}/emojis/moss",
                        "type": "Emoji",
                        "name": ":moss:",
                        "updated": "2031-01-01T00:00:00Z",
                        "icon": {"type": "Image", "mediaType": "image/png", "url": "{here}/moss"},
                    }
                ],
            },
            id="custom emoji",
        ),
        pytest.param({"_misskey_reaction": "pudding", "content": None}, id="by name"),
    ],
)
async def test_s62_a_reaction_of_misskey_is_a_like(
    alder: RunningNode, peer: Peer, more: dict[str, Any]
) -> None:
    robin = MISSKEY.member(peer)
    like = robin.write("Like", circle(alder), **more)
    await tell(alder, robin, like)
    await becomes(alder, robin, ["like"])
    await tell(alder, robin, robin.write("Like", circle(alder), content="🎉"))
    await settled(alder)
    assert given(alder, robin) == ["like"]
    await tell(alder, robin, robin.undo(like))
    await becomes(alder, robin, [])


@pytest.mark.parametrize(
    "emoji",
    [
        "🌲",
        ":moss:",
        "x" * 400,
        pytest.param([{"type": "Emoji", "name": ":moss:"}], id="objects"),
    ],
)
async def test_s63_an_emojireact_of_pleroma_and_its_undo(
    alder: RunningNode, peer: Peer, emoji: Any
) -> None:
    robin = PLEROMA.member(peer)
    react = robin.write("EmojiReact", circle(alder), content=emoji)
    await tell(alder, robin, react)
    await becomes(alder, robin, ["like"])
    await tell(alder, robin, robin.undo(react))
    await becomes(alder, robin, [])


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s64_a_boost_and_its_undo(alder: RunningNode, peer: Peer, software: Software) -> None:
    robin = software.member(peer)
    await tell(alder, robin, robin.like(circle(alder)))
    for bare in (False, True):
        announce = robin.announce(circle(alder), f"{alder.url}/group")
        await tell(alder, robin, announce)
        await tell(alder, robin, announce)
        await becomes(alder, robin, ["announce", "like"])
        await tell(alder, robin, robin.undo(announce, bare=bare))
        await becomes(alder, robin, ["like"])


async def test_s60_s61_s64_numbers_are_public_where_the_group_chose_so(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    """Mastodon from 4.4 on shows `totalItems`; it must be right or not there."""
    robin, wren = MISSKEY.member(peer), PLEROMA.member(peer, "wren")
    told = await Reader(alder, peer).publish("reflection", WORD | {"witness_count_public": True})
    like, boost = robin.like(told), robin.announce(told)
    for member, activity in ((robin, like), (robin, boost), (wren, wren.like(told))):
        await tell(alder, member, activity)
    await settled(alder)

    async def numbers() -> tuple[int, int]:
        found = [await ask(f"{told}/{name}") for name in ("likes", "shares")]
        assert not [one for one in found if peer.host in one.text]
        likes, shares = (one.json["totalItems"] for one in found)
        return likes, shares

    assert await numbers() == (2, 1)
    for done in (like, boost):
        await tell(alder, robin, robin.undo(done))
    await settled(alder)
    assert await numbers() == (1, 0)
    for name in ("likes", "shares"):
        assert "totalItems" not in await ask.document(f"/events/listening-circle/{name}")
