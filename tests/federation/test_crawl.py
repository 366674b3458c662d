"""Groups found through neighbours: who counts, how far, how politely, and what a liar gets out of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from federation.client import Client
from federation.crawl import CrawlWorker
from federation.keypairs import Keypair, key_id
from federation.read_actor import read_actor
from federation.signatures import SigningKey
from node.domain.known_group import KnownGroup
from node.services import known_groups as service
from node.services import moderation
from node.store import actors, following, known_groups
from node.store.database import Database
from node.store.following import FollowState
from node.urls import Urls
from tests.conftest import TurnableClock
from tests.federation.peer import Peer, PeerActor

URLS = Urls("http://127.0.0.1:9")
DAY = timedelta(days=1)


class Around:
    """The worker, a peer full of groups, and what our node knows of them."""

    def __init__(self, database: Database, worker: CrawlWorker, peer: Peer, clock: TurnableClock):
        self.database, self.worker, self.peer, self.clock = database, worker, peer, clock
        self.claims: dict[str, list[Any]] = {}

    def group(self, name: str, stands_with: Sequence[Any] | None = None, **more: Any) -> PeerActor:
        """A group of the peer's, with a list where `stands_with` is given, served with an ETag."""
        path = f"/lists/{name}"
        if stands_with is not None:
            self.claims[path] = list(stands_with)
            more["standsWith"] = self.peer.url(path)
        more = {"type": "Group", "knowsLanguage": ["es"], "discoverable": True} | more
        made = self.peer.actor(name, **more)
        if stands_with is not None:
            self.peer.script(path, lambda request: self._list(request, made.id))
        return made

    async def _list(self, request: web.BaseRequest, owner: str) -> web.StreamResponse:
        items = self.claims[request.path]
        etag = f'"{len(items)}-{hash(str(items))}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        document = {
            "id": self.peer.url(request.path),
            "type": "OrderedCollection",
            "attributedTo": owner,
            "orderedItems": items,
        }
        return web.json_response(
            document, content_type="application/activity+json", headers={"ETag": etag}
        )

    async def follow(self, group: PeerActor) -> None:
        """Our group follows one of the peer's, which has accepted."""
        actor, now = read_actor(group.document), self.clock.now()

        def work(session: Any) -> None:
            actors.put(session, actor, now)
            following.put(
                session,
                actor_id=actor.id,
                handle=actor.handle,
                inbox=actor.inbox,
                follow_id=f"{URLS.origin}/activities/{group.name}",
                now=now,
            )
            following.set_state(session, actor.id, FollowState.ACCEPTED, now)

        await self.database.write(work)

    async def look(self) -> None:
        """Let the worker do what is due, resting between groups of one server."""
        for _ in range(1000):
            if not await self.worker.step():
                again = self.database.peek(known_groups.next_due)
                if again is None or again > self.clock.now() + timedelta(minutes=10):
                    return
            self.clock.advance(seconds=6)

    async def suggested(self) -> list[KnownGroup]:
        """What a steward is shown."""
        return await self.database.read(
            lambda session: service.suggestions(session, self.clock.now())
        )

    async def names(self) -> set[str]:
        return {one.profile.name for one in await self.suggested()}

    def asked(self, path: str) -> int:
        """How often the peer was asked for a path."""
        return sum(request.path == path for request in self.peer.requests)


@pytest.fixture
async def around(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[Around]:
    pair = Keypair(
        owner=URLS.instance,
        key_id=key_id(URLS.instance),
        key=rsa_keys[0],
        public_pem=rsa_keys[0].public_pem(),
    )
    async with (
        Peer.start(clock=clock.now) as peer,
        Client(urls=URLS, clock=clock, signer=pair, allow_private=True) as client,
    ):
        worker = CrawlWorker(database, client, clock, URLS, every=DAY)
        yield Around(database, worker, peer, clock)


async def test_neighbours_of_neighbours_are_found_and_it_is_said_through_whom(
    around: Around,
) -> None:
    where = {"type": "Place", "name": "Bahia", "latitude": -12.9714, "longitude": -38.5014}
    bahia = around.group("bahia", location=where, knowsLanguage=["pt-BR", "not a tag!"])
    bogota = around.group("bogota", [{"type": "Group", "id": bahia.id, "name": "a lie"}])
    berlin = around.group("berlin", [bahia.id])
    for one in (bogota, berlin):
        await around.follow(one)

    await around.look()

    [found] = await around.suggested()
    assert found.followed_by == ("Berlin", "Bogota")
    assert found.profile.name == "Bahia"  # what it says itself, not what others say of it
    assert found.profile.languages == ("pt-BR",)
    assert found.profile.spot is not None
    assert (found.profile.spot.latitude, found.profile.spot.longitude) == (-13.0, -38.5)


async def test_what_a_new_neighbour_brings_within_reach_is_looked_at_within_minutes(
    around: Around,
) -> None:
    far = around.group("far")
    three = around.group("three", [far.id])
    two = around.group("two", [three.id])
    await around.follow(around.group("one", [two.id]))
    await around.look()
    assert await around.names() == {"Two", "Three"}

    began = around.clock.now()
    await around.follow(two)

    def accepted(session: Any) -> None:  # as its Accept does
        known_groups.look_again(session, two.id, began)
        known_groups.look_at_named(session, two.id, began)

    await around.database.write(accepted)
    await around.look()

    assert await around.names() == {"Three", "Far"}
    assert around.clock.now() - began < timedelta(minutes=5)


async def test_two_steps_are_walked_and_no_more(around: Around) -> None:
    far = around.group("far")
    three = around.group("three", [far.id])
    two = around.group("two", [three.id])
    await around.follow(around.group("one", [two.id]))

    await around.look()

    assert await around.names() == {"Two", "Three"}
    assert around.asked("/lists/three") == 0
    assert around.asked("/users/far") == 0


async def test_only_groups_that_say_so_themselves_and_do_not_mind_are_shown(
    around: Around,
) -> None:
    person = around.group("person", type="Person")
    shy = around.group("shy", discoverable=False)
    moved = around.group("moved", movedTo=around.peer.url("/users/elsewhere"))
    borrowed = around.peer.url("/users/borrowed")
    around.peer.serve("/users/borrowed", around.group("real").document)
    claims = [person.id, shy.id, moved.id, borrowed, around.peer.url("/nobody"), 7, {}, "x:y"]
    await around.follow(around.group("one", claims))

    await around.look()

    assert await around.names() == set()


async def test_our_own_group_and_whom_we_follow_are_not_suggested(around: Around) -> None:
    friend = around.group("friend")
    await around.follow(friend)
    await around.follow(around.group("one", [friend.id, URLS.group]))

    await around.look()

    assert await around.names() == set()
    assert not around.database.peek(lambda session: known_groups.is_known(session, URLS.group))


async def test_a_second_look_asks_only_whether_anything_changed(around: Around) -> None:
    two = around.group("two")
    await around.follow(around.group("one", [two.id]))
    await around.look()
    around.clock.advance(days=2)

    await around.look()

    assert around.asked("/lists/one") == 2
    last = [request for request in around.peer.requests if request.path == "/lists/one"][-1]
    assert last.header("If-None-Match")
    assert await around.names() == {"Two"}


async def test_who_is_named_no_longer_is_forgotten(around: Around) -> None:
    two = around.group("two")
    await around.follow(around.group("one", [two.id]))
    await around.look()
    around.claims["/lists/one"] = []
    around.clock.advance(days=2)

    await around.look()
    await around.look()

    assert await around.names() == set()
    assert around.database.peek(known_groups.count) == 1


async def test_a_group_that_names_nobody_any_more_is_believed(around: Around) -> None:
    two = around.group("two")
    one = around.group("one", [two.id])
    await around.follow(one)
    await around.look()
    del one.document["standsWith"]
    around.clock.advance(days=2)

    await around.look()
    await around.look()

    assert await around.names() == set()


async def test_what_came_through_a_neighbour_goes_with_it(around: Around) -> None:
    three = around.group("three")
    one = around.group("one", [around.group("two", [three.id]).id])
    await around.follow(one)
    await around.look()
    assert await around.names() == {"Two", "Three"}

    await around.database.write(lambda session: following.remove(session, one.id))
    await around.look()
    await around.look()

    assert await around.names() == set()
    assert around.database.peek(known_groups.count) == 0


async def test_a_liar_takes_up_its_own_share_only(around: Around) -> None:
    """A neighbour that names thousands, each of which would name thousands more."""
    names = [f"false{number}" for number in range(60)]
    for name in names:
        around.group(name, [around.peer.url(f"/users/{name}x{more}") for more in range(100)])
    liar = around.group("liar", [around.peer.url(f"/users/{name}") for name in names] * 40)
    honest = around.group("honest", [around.group("friend").id])
    await around.follow(liar)
    await around.look()
    assert around.database.peek(known_groups.count) <= service.THROUGH_ONE_NEIGHBOUR + 2

    await around.follow(honest)
    await around.look()

    assert "Friend" in await around.names()
    assert around.database.peek(known_groups.count) <= service.THROUGH_ONE_NEIGHBOUR + 3
    assert len(await around.names()) <= service.FROM_A_NEIGHBOUR + 1


async def test_who_is_blocked_is_neither_asked_nor_shown(around: Around) -> None:
    two = around.group("two")
    await around.follow(around.group("one", [two.id]))
    await around.look()
    now = around.clock.now()
    await around.database.write(
        lambda session: moderation.block(session, two.id, who="test", now=now)
    )
    assert await around.names() == set()
    before = around.asked("/users/two")
    around.claims["/lists/one"].append(around.peer.url("/nobody"))
    around.clock.advance(days=3)

    await around.look()

    assert around.asked("/users/two") == before


async def test_a_server_that_fails_is_asked_less_and_less_and_then_forgotten(
    around: Around,
) -> None:
    two = around.group("two")
    await around.follow(around.group("one", [two.id]))
    await around.look()
    around.peer.serve("/users/two", status=500)
    for _ in range(60):
        around.clock.advance(days=1)
        await around.look()
    assert await around.names() == {"Two"}  # its last word still counts
    assert 10 <= around.asked("/users/two") <= 25

    around.clock.advance(days=31)
    before = around.clock.now() - service.REMEMBERED
    assert await around.names() == set()
    assert await around.database.write(lambda session: known_groups.forget_unseen(session, before))


async def test_groups_of_one_server_are_asked_one_after_the_other(around: Around) -> None:
    claims = [around.group(f"two{number}").id for number in range(5)]
    await around.follow(around.group("one", claims))
    await around.worker.step()
    around.clock.advance(seconds=6)

    await around.worker.step()
    await around.worker.step()

    assert sum(around.asked(f"/users/two{number}") for number in range(5)) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"type": "OrderedCollection", "attributedTo": "http://elsewhere.example/group"},
        {"type": "Note"},
        {"type": "OrderedCollection", "orderedItems": [[[]], None, {"id": 5}, True, {"href": []}]},
        {"type": "Collection", "items": "just a word"},
    ],
    ids=["somebody else's", "no collection", "strange items", "a word"],
)
async def test_a_list_that_is_none_changes_nothing(
    around: Around, document: dict[str, Any]
) -> None:
    address = around.peer.url("/lists/strange")
    around.peer.serve("/lists/strange", {"id": address} | document)
    await around.follow(around.group("one", standsWith=address))

    await around.look()

    assert await around.names() == set()


async def test_what_is_hidden_stays_hidden_until_it_is_shown_again(around: Around) -> None:
    two = around.group("two")
    await around.follow(around.group("one", [two.id]))
    await around.look()
    now = around.clock.now()
    await around.database.write(lambda session: service.hide(session, two.id, now=now, who="Ana"))
    assert await around.names() == set()
    around.clock.advance(days=3)
    before = around.asked("/users/two")
    await around.look()
    assert around.asked("/users/two") == before

    await around.database.write(
        lambda session: service.show_again(session, two.id, now=around.clock.now(), who="Ana")
    )
    assert await around.names() == {"Two"}


async def test_a_neighbour_that_hangs_keeps_nobody_else_from_being_found(
    around: Around, clock: TurnableClock
) -> None:
    """Others on other servers are looked at in the same step; the hanging one is asked again in an hour."""
    asked = asyncio.Event()
    async with Peer.start(clock=clock.now) as slow:

        async def hang(_: web.BaseRequest) -> web.StreamResponse:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError

        stuck = slow.actor("stuck", type="Group")
        await around.follow(stuck)
        slow.script("/users/stuck", hang)
        await around.follow(around.group("one", [around.group("two").id]))
        step = asyncio.create_task(around.worker.step())
        await asked.wait()

        async with asyncio.timeout(5):
            while around.database.peek(known_groups.count) < 3:
                await asyncio.sleep(0.02)

        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
