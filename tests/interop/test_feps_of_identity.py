"""What the proposals on identity ask of us, line by line; each test is named after its FEP."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from federation.proofs import SUITE, check_proof, read_proof
from federation.signatures import KeyType, load_multikey
from tests.federation.peer import Peer
from tests.interop.asking import AS2, BROWSER, Asker
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
SERVICE = "https://www.w3.org/ns/activitystreams#Service"
APPLICATION = "https://www.w3.org/ns/activitystreams#Application"
RFC9421 = "https://datatracker.ietf.org/doc/html/rfc9421"


async def webfinger(ask: Asker, resource: str, **more: str) -> dict[str, list[dict[str, str]]]:
    query = "".join(f"&{name}={quote(value, safe='')}" for name, value in more.items())
    found: dict[str, list[dict[str, str]]] = await ask.document(
        f"/.well-known/webfinger?resource={quote(resource, safe='')}{query}"
    )
    return found


async def test_fep_2677_nodeinfo_names_an_application_that_everybody_may_fetch(
    alder: RunningNode, ask: Asker
) -> None:
    links = (await ask.document("/.well-known/nodeinfo"))["links"]
    [named] = [link["href"] for link in links if link["rel"] == APPLICATION]
    actor = await ask.document(named)
    assert (actor["id"], actor["type"]) == (named, "Application")
    for field in ("inbox", "outbox", "publicKey"):
        assert actor[field], field
    assert (await ask(actor["outbox"])).status == 200


@pytest.mark.parametrize("slash", ["/", ""])
async def test_fep_d556_the_address_of_the_server_leads_to_its_actor(
    alder: RunningNode, ask: Asker, slash: str
) -> None:
    document = await webfinger(ask, alder.url + slash)
    [service] = [link for link in document["links"] if link["rel"] == SERVICE]
    assert service["type"] == AS2
    assert (await ask.document(service["href"]))["id"] == service["href"]
    # One kind of link alone (RFC 7033 §4.3); `self` is not ambiguous: the group has another address.
    [only] = (await webfinger(ask, alder.url + slash, rel=SERVICE))["links"]
    assert only == service
    [itself] = (await webfinger(ask, alder.url + slash, rel="self"))["links"]
    assert itself["href"] == service["href"]
    page = next(link for link in document["links"] if link["rel"].endswith("profile-page"))
    assert (await ask(page["href"], BROWSER)).status == 200


@pytest.mark.parametrize("path", ["/group", "/instance"])
async def test_fep_2c59_each_actor_says_its_one_address_which_leads_straight_back(
    alder: RunningNode, ask: Asker, path: str
) -> None:
    actor = await ask.document(path)
    address = actor["webfinger"]
    assert re.fullmatch(r"[^@\s:]+@[^@\s]+", address)
    document = await webfinger(ask, f"acct:{address}")
    assert document["subject"] == f"acct:{address}"
    [itself] = [link["href"] for link in document["links"] if link["rel"] == "self"]
    assert itself == actor["id"]
    terms = [one for one in actor["@context"] if isinstance(one, dict)]
    assert terms[0]["webfinger"].endswith("socialweb/webfinger#webfinger")


async def test_fep_844e_what_we_implement_stands_with_both_actors(
    alder: RunningNode, ask: Asker
) -> None:
    group, instance = await ask.document("/group"), await ask.document("/instance")
    for application in (group["generator"], instance):
        assert application["type"] == "Application"
        listed = application["implements"]
        assert isinstance(listed, list)
        assert RFC9421 in [one["href"] for one in listed]
        assert all(one["name"] for one in listed)
    assert group["generator"]["id"] == instance["id"]


@pytest.mark.parametrize("path", ["/group", "/instance"])
async def test_fep_521a_the_key_for_proofs_is_a_multikey_and_the_other_one_stays_alone(
    alder: RunningNode, ask: Asker, path: str
) -> None:
    actor = await ask.document(path)
    [key] = actor["assertionMethod"]
    assert key["type"] == "Multikey"
    assert key["controller"] == actor["id"]
    assert key["id"].partition("#")[0] == actor["id"]
    assert key["id"] != actor["publicKey"]["id"]
    assert key["publicKeyMultibase"].startswith("z6Mk")
    assert load_multikey(key["publicKeyMultibase"]).type is KeyType.ED25519
    assert isinstance(actor["publicKey"], dict)
    assert "https://w3id.org/security/multikey/v1" in actor["@context"]


async def test_fep_8b32_what_is_published_carries_one_proof_by_a_listed_key(
    alder: RunningNode, ask: Asker, peer: Peer
) -> None:
    robin = peer.actor("robin")
    follow = robin.activity("Follow", f"{alder.url}/group")
    await peer.post_signed(f"{alder.url}/inbox", follow, actor=robin)
    accept = await peer.delivery("Accept")
    event = {
        "id": "proved",
        "title": "Proved",
        "start_local": "2031-06-14T15:00:00",
        "timezone": "Europe/Berlin",
    }
    await alder.command("event", "add", "-", stdin=event)
    create = await peer.delivery("Create")

    assert "proof" not in accept  # it is for one actor alone
    assert isinstance(create["proof"], dict)
    assert create["proof"]["cryptosuite"] == SUITE
    assert "https://w3id.org/security/data-integrity/v2" in create["@context"]
    assert create["proof"]["@context"] == create["@context"]
    assert "proof" not in create["object"]
    proof = read_proof(create)
    assert proof is not None
    keys = {one["id"]: one for one in (await ask.document("/group"))["assertionMethod"]}
    key = load_multikey(keys[proof.method]["publicKeyMultibase"])
    check_proof(create, proof, key, now=datetime.now(UTC))
    shown = await ask.document(create["id"])
    assert "proof" not in shown  # its object is shown as it is now


async def test_fep_3b86_our_intents_are_templates_on_our_own_host(
    alder: RunningNode, ask: Asker
) -> None:
    document = await webfinger(ask, f"acct:{alder.address[1:]}")
    intents = [link for link in document["links"] if "fep/3b86" in link["rel"]]
    assert [one["rel"] for one in intents] == ["https://w3id.org/fep/3b86/Follow"]
    for one in intents:
        assert one.keys() == {"rel", "template"}
        assert one["template"].startswith(alder.url)
        assert "{object}" in one["template"]


def federation_md() -> str:
    return (ROOT / "FEDERATION.md").read_text(encoding="utf-8")


async def test_fep_67ff_the_file_is_in_the_root_and_lists_protocols_and_proposals() -> None:
    text = federation_md()
    for heading in ("# Federation", "## Supported federation protocols and standards"):
        assert f"{heading}\n" in text
    for protocol in ("ActivityPub", "WebFinger", "HTTP Signatures", "NodeInfo"):
        assert protocol in text
    listed = text.partition("## Supported FEPs\n")[2].partition("\n## ")[0]
    for fep in ("67ff", "2677", "d556", "2c59", "844e", "521a", "8b32", "fe34", "3b86"):
        assert f"FEP-{fep}" in listed, fep
