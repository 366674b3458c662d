"""The cache of other servers' actors and keys."""

from datetime import timedelta
from typing import Any

import pytest

from node.errors import NotFoundError
from node.ports import RemoteActor
from node.store import actors
from node.store.database import Database
from tests.conftest import NOW

ALICE = "https://peer.example/users/alice"
BOB = "https://peer.example/users/bob"


def remote(actor_id: str = ALICE, **more: Any) -> RemoteActor:
    values: dict[str, Any] = {
        "id": actor_id,
        "type": "Person",
        "handle": "alice@peer.example",
        "name": "Alice",
        "summary": "",
        "url": None,
        "inbox": actor_id + "/inbox",
        "shared_inbox": None,
        "outbox": None,
        "upcoming": None,
        "featured": None,
        "also_known_as": ("https://old.example/a",),
    } | more
    return RemoteActor(**values)


async def test_an_actor_comes_back_as_it_was(database: Database) -> None:
    await database.write(lambda session: actors.put(session, remote(), NOW))
    found = database.peek(lambda session: actors.get(session, ALICE))
    assert (found.actor, found.fetched) == (remote(), NOW)
    with pytest.raises(NotFoundError):
        database.peek(lambda session: actors.get(session, BOB))


async def test_a_later_copy_replaces_an_earlier_one(database: Database) -> None:
    later = NOW + timedelta(hours=1)
    await database.write(lambda session: actors.put(session, remote(), NOW))
    await database.write(
        lambda session: actors.put(session, remote(name="Alicia", url=ALICE), later)
    )
    found = database.peek(lambda session: actors.get(session, ALICE))
    assert (found.actor.name, found.actor.url, found.fetched) == ("Alicia", ALICE, later)


async def test_a_confirmed_handle_stays_until_the_name_changes(database: Database) -> None:
    async def handle_after(handle: str, *, confirmed: bool = False) -> str:
        copy = remote(handle=handle)
        await database.write(lambda session: actors.put(session, copy, NOW, confirmed=confirmed))
        return database.peek(lambda session: actors.get(session, ALICE)).actor.handle

    assert await handle_after("alice@example.org", confirmed=True) == "alice@example.org"
    assert await handle_after("alice@peer.example") == "alice@example.org"
    assert await handle_after("alicia@peer.example") == "alicia@peer.example"
    assert await handle_after("alice@peer.example", confirmed=True) == "alice@peer.example"


@pytest.mark.parametrize(
    "name", ["alice@peer.example", "@Alice@Peer.Example", ALICE, "https://peer.example/@alice"]
)
async def test_somebody_is_found_by_any_of_their_names(database: Database, name: str) -> None:
    copy = remote(url="https://peer.example/@alice")
    await database.write(lambda session: actors.put(session, copy, NOW))
    found = database.peek(lambda session: actors.find_by_name(session, name))
    assert found is not None
    assert database.peek(lambda session: actors.find_by_name(session, "bob@peer.example")) is None


async def test_keys_are_replaced_as_a_whole_and_never_taken_from_somebody_else(
    database: Database,
) -> None:
    def keys(owner: str, *named: tuple[str, str], listed: tuple[str, ...] = ()) -> Any:
        return database.write(
            lambda session: actors.put_keys(session, owner, named, NOW, listed=listed)
        )

    def pem(key_id: str) -> str | None:
        found = database.peek(lambda session: actors.find_key(session, key_id))
        return f"{found.owner[-3:]} {found.pem}" if found else None

    await keys(ALICE, ("k1", "one"), ("k2", "two"))
    await keys(BOB, ("k1", "stolen"), ("k3", "three"))
    assert [pem("k1"), pem("k2"), pem("k3")] == ["ice one", "ice two", "bob three"]
    await keys(ALICE, ("k1", "new"))
    assert [pem("k1"), pem("k2")] == ["ice new", None]
    await keys(ALICE, ("k4", "four"), listed=("k1",))
    assert [pem("k1"), pem("k4")] == ["ice new", "ice four"]


async def test_a_forgotten_actor_takes_its_keys_along(database: Database) -> None:
    await database.write(lambda session: actors.put(session, remote(), NOW))
    await database.write(lambda session: actors.put_keys(session, ALICE, [("k1", "one")], NOW))
    assert await database.write(lambda session: actors.delete(session, ALICE))
    assert not await database.write(lambda session: actors.delete(session, ALICE))
    assert database.peek(lambda session: actors.find_key(session, "k1")) is None


async def test_what_nobody_needs_any_more_is_pruned(database: Database) -> None:
    def fill(session: Any) -> None:
        for actor_id in (ALICE, BOB):
            actors.put(session, remote(actor_id), NOW)
            actors.put_keys(session, actor_id, [(actor_id + "#k", "pem")], NOW)
        session.run(
            "INSERT INTO follower VALUES (:id, :id, NULL, 'peer.example', 'x', '{}', 0)",
            {"id": ALICE},
        )

    await database.write(fill)
    assert await database.write(lambda session: actors.prune(session, NOW)) == 0
    assert await database.write(lambda session: actors.prune(session, NOW + timedelta(days=1))) == 1
    assert database.peek(lambda session: actors.find_key(session, ALICE + "#k")) is not None
    assert database.peek(lambda session: actors.find_key(session, BOB + "#k")) is None
