"""The group as an actor: what every server wants to find in its document, and what it lists."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.federation.peer import Peer
from tests.interop.asking import PUBLIC, Asker
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

AS2_URI = "https://www.w3.org/ns/activitystreams"
EVERYBODY = {
    **dict.fromkeys(("id", "type", "preferredUsername", "inbox", "outbox", "publicKey.id"), str),
    **dict.fromkeys(("publicKey.owner", "publicKey.publicKeyPem"), str),
}
# What each reads besides, and drops the actor or some of it without.
WANTED: dict[str, dict[str, type]] = {
    "mastodon": {
        **dict.fromkeys(("followers", "following", "featured", "url", "published"), str),
        **dict.fromkeys(("discoverable", "indexable", "manuallyApprovesFollowers"), bool),
        **{"attachment": list, "attributionDomains": list, "endpoints.sharedInbox": str},
    },
    "gotosocial": {
        **dict.fromkeys(("followers", "following", "featured", "url", "name", "summary"), str),
        "manuallyApprovesFollowers": bool,
    },
    "misskey": {
        **dict.fromkeys(("followers", "following", "featured", "url", "name", "summary"), str),
        **{"endpoints.sharedInbox": str, "attachment": list},
    },
    "pleroma": {"endpoints.sharedInbox": str, "followers": str, "following": str, "name": str},
    "lemmy": {
        **dict.fromkeys(("endpoints.sharedInbox", "followers", "published", "summary"), str),
        "postingRestrictedToMods": bool,
    },
    "pixelfed": {"name": str, "summary": str, "url": str, "endpoints.sharedInbox": str},
    "mobilizon": {"name": str, "url": str, "followers": str, "endpoints.sharedInbox": str},
}


@pytest.mark.parametrize("server", WANTED)
async def test_s12_everything_that_a_server_wants_of_an_actor(ask: Asker, server: str) -> None:
    group = await ask.document("/group")
    for name, kind in (EVERYBODY | WANTED[server]).items():
        found = group
        for part in name.split("."):
            found = found[part]
        assert type(found) is kind, name
    assert group["type"] == "Group"
    assert group["name"]
    assert group["discoverable"] is group["indexable"] is True
    assert group["manuallyApprovesFollowers"] is False


async def test_s13_all_of_it_is_on_one_host(alder: RunningNode, ask: Asker) -> None:
    for path in ("/group", "/instance"):
        actor = await ask.document(path)
        assert actor["id"] == alder.url + path
        assert AS2_URI in actor["@context"]
        addresses = [
            actor[name]
            for name in (
                *("inbox", "outbox", "followers", "following", "featured", "upcomingEvents"),
                "url",
            )
            if name in actor
        ]
        addresses += [actor["endpoints"]["sharedInbox"], actor["publicKey"]["id"]]
        assert all(one.startswith(alder.url + "/") and len(one) <= 512 for one in addresses)
        assert (await ask(actor["url"], "text/html")).status == 200


async def test_s14_names_stay_within_what_misskey_takes(ask: Asker) -> None:
    for path in ("/group", "/instance"):
        actor = await ask.document(path)
        assert 1 <= len(actor["name"]) <= 128
        assert len(actor["summary"]) <= 2048


async def test_s15_one_key_that_everybody_reads(alder: RunningNode, ask: Asker) -> None:
    for path in ("/group", "/instance"):
        key = (await ask.document(path))["publicKey"]
        assert key["id"] == f"{alder.url}{path}#main-key"
        assert key["owner"] == alder.url + path
        pem = load_pem_public_key(key["publicKeyPem"].encode())
        assert isinstance(pem, RSAPublicKey)
        assert pem.key_size >= 2048
        assert (await ask.document(key["id"].partition("#")[0]))["publicKey"] == key


async def test_b1_mobilizon_reads_what_is_upcoming_from_our_outbox(
    alder: RunningNode, peer: Peer
) -> None:
    """So do gancio, EveryCal and the Event Bridge: Creates with whole events, signed fetches."""
    robin = peer.actor("relay", type="Application")
    outbox = await peer.get_signed(f"{alder.url}/group/outbox", actor=robin)
    assert outbox.json["type"] == "OrderedCollection"
    first = await peer.get_signed(outbox.json["first"], actor=robin)
    items = first.json["orderedItems"]
    assert len(items) == outbox.json["totalItems"]
    events = [one["object"] for one in items if one["object"]["type"] == "Event"]
    assert "Listening circle" in [one["name"] for one in events]
    assert {one["type"] for one in items} == {"Create"}
    assert all(one["to"] == [PUBLIC] for one in items)
