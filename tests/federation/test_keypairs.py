"""Our own key pairs: made once, loaded whole, never shown."""

import logging
import pickle
from dataclasses import asdict

import pytest

from federation import keypairs
from federation.keypairs import Keypairs
from federation.signatures import load_public_pem
from federation.signatures.keys import Primitive
from node.errors import NotFoundError
from node.store import keypairs as stored
from node.store.database import Database
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
