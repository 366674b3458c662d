"""Our own key pairs: made once, loaded whole, never shown."""

import logging
import pickle
from collections.abc import Sequence
from dataclasses import asdict

import pytest

from federation import keypairs
from federation.keypairs import Keypairs
from federation.signatures import load_public_pem
from federation.signatures.keys import Primitive
from node.errors import NotFoundError
from node.services import identity
from node.store import keypairs as stored
from node.store.database import Database, Session
from node.store.keypairs import StoredKeypair
from tests.conftest import TurnableClock
from tests.federation.asking import URLS


async def test_both_pairs_are_kept_and_loaded_with_their_ids(
    database: Database, clock: TurnableClock
) -> None:
    pairs = keypairs.generate()
    await database.write(lambda session: keypairs.keep(session, pairs, now=clock.now()))

    loaded = await Keypairs.load(database, URLS, clock)

    assert loaded.group.key_id == "https://norcal.example/group#main-key"
    assert loaded.instance.key_id == "https://norcal.example/instance#main-key"
    assert loaded.group.owner == URLS.group
    assert loaded.group.public_pem != loaded.instance.public_pem
    signature = loaded.group.key.sign(b"we are here")
    public = load_public_pem(loaded.group.public_pem)
    assert public.matches(Primitive.RSA_SHA256, signature, b"we are here")
    assert (
        database.peek(lambda session: keypairs.signing_key(session, "group")).public_pem()
        == loaded.group.public_pem
    )


async def test_a_second_pair_never_replaces_the_first(
    database: Database, clock: TurnableClock
) -> None:
    pairs = keypairs.generate()
    await database.write(lambda session: keypairs.keep(session, pairs, now=clock.now()))
    with pytest.raises(Exception, match="UNIQUE"):
        await database.write(lambda session: keypairs.keep(session, pairs, now=clock.now()))


async def test_a_node_without_keys_says_so(database: Database, clock: TurnableClock) -> None:
    with pytest.raises(NotFoundError):
        await Keypairs.load(database, URLS, clock)


async def test_the_secret_half_is_in_no_repr_and_no_log(
    database: Database, clock: TurnableClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pairs = keypairs.generate()
    await database.write(lambda session: keypairs.keep(session, pairs, now=clock.now()))
    loaded = await Keypairs.load(database, URLS, clock)
    row = database.peek(lambda session: stored.get(session, "group"))

    shown = (
        "".join(map(repr, (pairs, loaded, loaded.group, loaded.group.key, row)))
        + f"{pairs}{loaded}{row}"
    )

    secret = row.private_pem.splitlines()[5]
    assert len(secret) > 40
    for text in (shown, caplog.text):
        assert "PRIVATE" not in text
        assert secret not in text
    with pytest.raises(TypeError):
        pickle.dumps(loaded)
    assert asdict(row)["private_pem"]  # there, for whoever asks for it by name


async def test_a_node_of_a_time_before_proofs_is_given_the_keys_for_them(
    database: Database, clock: TurnableClock
) -> None:
    rsa = {actor: made[:1] for actor, made in keypairs.generate().items()}
    await database.write(lambda session: keypairs.keep(session, rsa, now=clock.now()))
    assert database.peek(lambda session: keypairs.shown(session, "group")).proof_name == ""

    loaded = await Keypairs.load(database, URLS, clock)
    again = await Keypairs.load(database, URLS, clock)

    assert loaded.group.public_pem == rsa["group"][0].public_pem == again.group.public_pem
    pair = database.peek(lambda session: keypairs.proof_key(session, "group", URLS.group))
    assert pair is not None
    assert pair.key_id == f"{URLS.group}#ed25519-key"
    assert database.peek(lambda session: keypairs.shown(session, "instance")).proof_name


async def test_new_keys_count_on_and_the_old_ones_go_when_nothing_is_left_to_sign(
    database: Database, clock: TurnableClock
) -> None:
    pairs = keypairs.generate()
    await database.write(lambda session: keypairs.keep(session, pairs, now=clock.now()))
    names = []
    for _ in range(3):
        new = keypairs.generate()["group"]

        def rotate(session: Session, new: Sequence[StoredKeypair] = new) -> list[StoredKeypair]:
            return identity.rotate(session, "group", new, now=clock.now(), who="test")

        names.append([one.name for one in await database.write(rotate)])
        loaded = await Keypairs.load(database, URLS, clock)
        assert loaded.group.public_pem == new[0].public_pem
    assert names == [[f"main-key-{n}", f"ed25519-key-{n}"] for n in (2, 3, 4)]
    assert f"{URLS.group}#main-key-3" in loaded.replaced

    # The news waits to be told, so the keys that sign it are needed still.
    assert await database.write(stored.forget_replaced) == 0
    await database.write(lambda session: session.run("DELETE FROM outbox_entry"))
    assert await database.write(stored.forget_replaced) == 6
    assert [one.name for one in database.peek(stored.every) if one.actor == "group"] == [
        "main-key-4",
        "ed25519-key-4",
    ]
