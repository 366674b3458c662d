"""S74: the group's picture, as other servers come to have it."""

import aiohttp
import pytest

from tests.federation.peer import Peer
from tests.interop.asking import Asker
from tests.interop.desk import fields
from tests.interop.reader import Reader
from tests.pictures import opened, photo
from tests.running_node import RunningNode
from tests.web.served import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    """A server that reads what the group sends."""
    return Reader(alder, peer)


async def test_s74_a_new_picture_has_a_new_address(
    alder: RunningNode, ask: Asker, steward: Browser, reader: Reader
) -> None:
    """Mastodon and GoToSocial fetch it again only where the address is another."""
    assert "icon" not in await ask.document("/group")
    await reader.follower()
    seen = []
    for side in (500, 700):
        form = await fields(steward, "/desk/group") | {"picture_alt": "Our oak"}
        answer = await steward.give("/desk/group", form, photo((side, side)))
        assert answer.status == 303, answer.text
        update = await reader.came("Update", reader.group, count=len(seen) + 1)
        icon = update["object"]["icon"]
        assert (icon["type"], icon["mediaType"], icon["name"]) == ("Image", "image/jpeg", "Our oak")
        assert (icon["width"], icon["height"]) == (side, side)
        assert icon == (await ask.document("/group"))["icon"]
        async with aiohttp.ClientSession() as http, http.get(icon["url"]) as file:
            assert (file.status, file.content_type) == (200, "image/jpeg")
            assert opened(await file.read()).size == (side, side)
        seen.append(icon["url"])
    assert seen[0] != seen[1]
    async with aiohttp.ClientSession() as http, http.get(seen[0]) as old:
        assert old.status == 404
