"""What other servers run: asked once, politely, and believed only of themselves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.acquaintance import AcquaintanceWorker, Software, software_of
from federation.client import Client
from federation.keypairs import Keypair, key_id
from federation.signatures import SigningKey
from node.store import followers, following, hosts
from node.store.database import Database
from node.urls import Urls
from tests.conftest import TurnableClock
from tests.federation.peer import Peer

URLS = Urls("http://127.0.0.1:9")
REL = "http://nodeinfo.diaspora.software/ns/schema/"
WELL_KNOWN = "/.well-known/nodeinfo"


@pytest.fixture
async def peer(clock: TurnableClock) -> AsyncIterator[Peer]:
    async with Peer.start(clock=clock.now) as started:
        yield started


@pytest.fixture
async def worker(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[AcquaintanceWorker]:
    pair = Keypair(
        owner=URLS.instance,
        key_id=key_id(URLS.instance),
        key=rsa_keys[0],
        public_pem=rsa_keys[0].public_pem(),
    )
    async with Client(urls=URLS, clock=clock, signer=pair, allow_private=True) as client:
        yield AcquaintanceWorker(database, client, clock)


def runs(peer: Peer, software: Any, version: str = "2.1", href: str | None = None) -> None:
    """Have the peer say what it runs."""
    address = peer.serve(f"/nodeinfo/{version}", {"version": version, "software": software})
    peer.serve(WELL_KNOWN, {"links": [{"rel": REL + version, "href": href or address}]})


async def followed_from(database: Database, peer: Peer, clock: TurnableClock) -> None:
    """Somebody on the peer begins to follow."""
    ann = peer.url("/users/ann")
    now = clock.now()
    await database.write(
        lambda session: followers.put(
            session,
            actor_id=ann,
            inbox=f"{ann}/inbox",
            shared_inbox=None,
            host=peer.host,
            follow_id=f"{ann}/f",
            follow={"type": "Follow"},
            now=now,
        )
    )


def known(database: Database, peer: Peer) -> str | None:
    return database.peek(lambda session: hosts.software(session, peer.host))


async def learn(worker: AcquaintanceWorker) -> int:
    """Let the worker do all that is due; how many servers it asked."""
    count = 0
    while await worker.step():
        count += 1
    return count


@pytest.mark.parametrize("version", ["2.0", "2.1", "1.0"])
async def test_a_followers_server_is_asked_once(
    worker: AcquaintanceWorker, database: Database, peer: Peer, clock: TurnableClock, version: str
) -> None:
    runs(peer, {"name": "Mobilizon", "version": "5.1.3"}, version)
    await followed_from(database, peer, clock)
    await followed_from(database, peer, clock)
    assert await learn(worker) == 1
    assert known(database, peer) == "mobilizon"
    assert len(peer.asked(WELL_KNOWN)) == 1
    assert peer.asked(WELL_KNOWN)[0].header("Signature") is None
    clock.advance(days=29)
    assert await learn(worker) == 0
    assert 0 < await worker.idle_seconds() <= 3600
    clock.advance(days=2)
    runs(peer, {"name": "hollo", "version": "1"}, version)
    assert await learn(worker) == 1
    assert known(database, peer) == "hollo"


async def test_a_neighbours_server_is_asked_too(
    worker: AcquaintanceWorker, database: Database, peer: Peer, clock: TurnableClock
) -> None:
    runs(peer, {"name": "gancio"})
    now = clock.now()
    await database.write(
        lambda session: following.put(
            session,
            actor_id=peer.url("/federation/u/relay"),
            handle=f"relay@{peer.host}",
            inbox=peer.url("/inbox"),
            follow_id=URLS.activity("f1"),
            now=now,
        )
    )
    assert await learn(worker) == 1
    assert known(database, peer) == "gancio"


async def test_a_server_in_trouble_is_asked_again_later_and_what_was_known_stays(
    worker: AcquaintanceWorker, database: Database, peer: Peer, clock: TurnableClock
) -> None:
    runs(peer, {"name": "ghost"})
    await followed_from(database, peer, clock)
    await learn(worker)
    peer.serve(WELL_KNOWN, status=503)
    clock.advance(days=31)
    for minutes in (0, 11, 361):
        clock.advance(minutes=minutes)
        assert await learn(worker) == 1
        assert await learn(worker) == 0
    assert known(database, peer) == "ghost"


@pytest.mark.parametrize(
    "wrong", ["missing", "no json", "elsewhere", "no software", "a name of markup", "not an object"]
)
async def test_what_is_no_nodeinfo_of_that_server_tells_nothing(
    worker: AcquaintanceWorker, database: Database, peer: Peer, clock: TurnableClock, wrong: str
) -> None:
    runs(peer, {"name": "<b>ghost</b>"} if wrong == "a name of markup" else {"name": "ghost"})
    if wrong == "missing":
        peer.serve(WELL_KNOWN, status=404)
    elif wrong == "no json":
        peer.serve(WELL_KNOWN, "<html>")
    elif wrong == "elsewhere":
        runs(peer, {"name": "ghost"}, href="http://other.example/nodeinfo/2.1")
    elif wrong == "no software":
        runs(peer, None)
    elif wrong == "not an object":
        peer.serve(WELL_KNOWN, "[]")
    await followed_from(database, peer, clock)
    assert await learn(worker) == 1
    assert known(database, peer) is None
    assert await learn(worker) == 0


async def test_what_a_server_runs_is_forgotten_with_its_last_follower(
    worker: AcquaintanceWorker, database: Database, peer: Peer, clock: TurnableClock
) -> None:
    runs(peer, {"name": "hollo"})
    await followed_from(database, peer, clock)
    await learn(worker)
    assert await database.write(hosts.forget_strangers) == 0
    ann = peer.url("/users/ann")
    await database.write(lambda session: followers.remove(session, ann))
    assert await database.write(hosts.forget_strangers) == 1
    assert known(database, peer) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(software=JSON, name=JSON, version=JSON)
def test_any_nodeinfo_is_read_or_passed_over(software: Any, name: Any, version: Any) -> None:
    for told in (software, {"name": name, "version": version}):
        found = software_of({"software": told})
        assert found.name is None or (
            0 < len(found.name) <= 40 and found.name == found.name.lower()
        )
        assert found.version is None or 0 < len(found.version) <= 64


def test_the_name_is_in_lower_case() -> None:
    told = {"software": {"name": " Mobilizon ", "version": " 5.1.3 "}}
    assert software_of(told) == Software("mobilizon", "5.1.3")
