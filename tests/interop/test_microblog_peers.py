"""A node as members' servers meet it: Mastodon, GoToSocial and Misskey, by the shape of their requests.

Each peer finds the group by its handle, follows in its own dialect, gets its Accept, and receives the
next event and reflection as properly signed, properly addressed Creates that its readers understand.
"""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from federation.signatures import http_date, load_public_pem
from tests.federation.peer import Peer, PeerActor, rsa_key
from tests.federation.universal_event import check
from tests.running_node import RunningNode, eventually, running_node

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
EVENT = {
    "id": "listening-circle",
    "title": {"en": "Listening circle"},
    "summary": {"en": "We sit together and listen."},
    "start_local": "2031-06-14T15:00:00",
    "end_local": "2031-06-14T17:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Teahouse", "locality": "Berlin"},
    "price": {"model": "gift"},
    "registration": {"mode": "open", "capacity": 12},
}
REFLECTION = {
    "id": "moss",
    "language": "en",
    "title": "Moss",
    "body": "It does not hurry.\nIt reads the stone.",
}


@dataclass(frozen=True)
class Dialect:
    """How a server asks: header order and label of its signatures, its Accept, its key ids."""

    name: str
    algorithm: str
    order: str
    accept: str
    key_path: str
    shared_inbox: bool
    resource: str


DIALECTS = (
    Dialect(
        "mastodon",
        "rsa-sha256",
        "(request-target) host date digest content-type",
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams",'
        " text/html;q=0.1",
        "#main-key",
        True,
        "acct:{}",
    ),
    Dialect(
        "gotosocial",
        "hs2019",
        "(request-target) host date digest",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json',
        "/main-key",
        False,
        "acct%3A{}",
    ),
    Dialect(
        "misskey",
        "rsa-sha256",
        "(request-target) date host digest",
        "application/activity+json, application/ld+json",
        "#main-key",
        True,
        "acct:{}",
    ),
)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, "alder") as running:
        yield running


def member(peer: Peer, dialect: Dialect) -> PeerActor:
    """An account on a server of that kind."""
    actor_id = peer.url("/users/robin")
    robin = peer.actor(
        "robin", key_id=actor_id + dialect.key_path, shared_inbox=dialect.shared_inbox
    )
    if dialect.key_path.startswith("/"):
        kept = ("@context", "id", "type", "preferredUsername", "publicKey")
        stub = {name: robin.document[name] for name in kept}
        peer.serve(urlsplit(robin.key_id).path, stub)
    return robin


def sign(
    robin: PeerActor, dialect: Dialect, method: str, url: str, body: bytes | None
) -> dict[str, str]:
    """Headers signed by hand as that server signs them."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"host": parts.netloc, "date": http_date(datetime.now(UTC))}
    names = dialect.order.split()
    if body is None:
        names = [name for name in names if name not in ("digest", "content-type")]
    else:
        headers["digest"] = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers["content-type"] = "application/activity+json"
    lines = [
        f"{name}: {method.lower()} {target}"
        if name == "(request-target)"
        else f"{name}: {headers[name]}"
        for name in names
    ]
    private: Any = load_pem_private_key(robin.key.private_pem().encode(), password=None)
    signature = private.sign("\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256())
    headers["signature"] = (
        f'keyId="{robin.key_id}",algorithm="{dialect.algorithm}",headers="{" ".join(names)}",'
        f'signature="{base64.b64encode(signature).decode()}"'
    )
    return headers


async def fetch(
    session: aiohttp.ClientSession, robin: PeerActor, dialect: Dialect, url: str
) -> Any:
    """A signed GET, as these servers fetch everything."""
    headers = sign(robin, dialect, "GET", url, None) | {"accept": dialect.accept}
    async with session.get(url, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 200, (url, answer.status)
        assert answer.content_type in ("application/activity+json", "application/jrd+json")
        return json.loads(await answer.read())


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_a_member_finds_follows_and_hears_of_the_next_gathering(
    node: RunningNode, dialect: Dialect
) -> None:
    async with Peer.start() as peer, aiohttp.ClientSession() as session:
        robin = member(peer, dialect)
        resource = dialect.resource.format(quote(node.address.removeprefix("@")))
        jrd = await fetch(
            session, robin, dialect, f"{node.url}/.well-known/webfinger?resource={resource}"
        )
        [actor_id] = [link["href"] for link in jrd["links"] if link["rel"] == "self"]
        group = await fetch(session, robin, dialect, actor_id)
        assert group["type"] == "Group"
        assert jrd["subject"] == f"acct:{group['preferredUsername']}@{urlsplit(actor_id).netloc}"

        follow = robin.activity("Follow", actor_id)
        body = json.dumps(follow).encode()
        headers = sign(robin, dialect, "POST", group["inbox"], body)
        async with session.post(group["inbox"], data=body, headers=headers) as answer:
            assert answer.status == 202
        accept = await peer.delivery("Accept", path="/users/robin/inbox")
        assert accept["actor"] == actor_id
        assert accept["object"] == {key: follow[key] for key in ("id", "type", "actor", "object")}

        await node.command("event", "add", "-", stdin=EVENT)
        await node.command("reflection", "add", "-", stdin=REFLECTION)
        inbox = "/inbox" if dialect.shared_inbox else "/users/robin/inbox"
        await arrived(peer, inbox, 2)
        creates = [
            request for request in peer.asked(inbox, "POST") if request.json["type"] == "Create"
        ]
        public = load_public_pem(group["publicKey"]["publicKeyPem"])
        for request in creates:
            assert request.key_id == group["publicKey"]["id"]
            request.verify(public, now=datetime.now(UTC), host=peer.host)
            assert (request.json["to"], request.json["cc"]) == ([PUBLIC], [group["followers"]])
            assert request.json["object"]["attributedTo"] == request.json["actor"] == actor_id
        event, note = (request.json["object"] for request in creates)
        check({"@context": creates[0].json["@context"]} | event)
        assert "Sat 14 Jun 2031, 15:00" in event["summary"]
        assert "Teahouse" in event["summary"]
        assert note["type"] == "Note"
        assert "It does not hurry.<br" in note["content"]
        assert (await fetch(session, robin, dialect, event["id"]))["name"] == "Listening circle"


async def arrived(peer: Peer, path: str, count: int) -> None:
    """Wait until `count` Creates have come to a path."""
    seen: set[str] = set()
    while len(seen) < count:
        for activity in peer.deliveries(path):
            if activity["type"] == "Create":
                seen.add(activity["id"])
        if len(seen) < count:
            peer._arrived.clear()
            await peer._arrived.wait()


async def test_a_member_who_leaves_hears_no_more(node: RunningNode) -> None:
    async with Peer.start() as peer:
        robin, wren = (
            peer.actor("robin", shared_inbox=False),
            peer.actor("wren", shared_inbox=False),
        )
        inbox, actor_id = f"{node.url}/group/inbox", f"{node.url}/group"
        follow = robin.activity("Follow", actor_id)
        assert (await peer.post_signed(inbox, follow, actor=robin)).status == 202
        assert (
            await peer.post_signed(inbox, wren.activity("Follow", actor_id), actor=wren)
        ).status == 202
        await peer.delivery("Accept", path="/users/robin/inbox")
        await peer.delivery("Accept", path="/users/wren/inbox")
        assert (
            await peer.post_signed(inbox, robin.activity("Undo", follow), actor=robin)
        ).status == 202

        async def one_left() -> bool:
            return len(await node.json("followers", "--json")) == 1

        await eventually(one_left)
        await node.command("event", "add", "-", stdin=EVENT)
        await peer.delivery("Create", path="/users/wren/inbox")
        assert [one["type"] for one in peer.deliveries("/users/robin/inbox")] == ["Accept"]


async def test_a_forged_activity_changes_nothing(node: RunningNode) -> None:
    async with Peer.start() as peer:
        robin = peer.actor("robin")
        follow = robin.activity("Follow", f"{node.url}/group")
        answer = await peer.post_signed(f"{node.url}/inbox", follow, actor=robin, key=rsa_key(9))
        assert answer.status == 401
        assert await node.json("followers", "--json") == []
