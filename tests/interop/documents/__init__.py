"""What other servers send, one file of invented documents for each kind: their shapes, none of their words.

A file holds `actors` (the first, `fern`, is the neighbour that is followed), what the server `serves`
beside them, and `documents`: `by` which actor each is sent, what `comes` of it (the state of what was
received, or `forgotten` where it is acknowledged and not kept) and which words the page of neighbours then
`shows` or `hides`. In all of it `{here}` and `{host}` stand for the server, `{group}`, `{event}` and
`{moss}` for our group, an event of ours that is open to all, and a reflection.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.federation.peer import Peer, PeerActor, rsa_key

_HERE = Path(__file__).parent
SERVERS = tuple(sorted(path.stem for path in _HERE.glob("*.json")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One document, what comes of it, and what people then read."""

    name: str
    by: PeerActor
    activity: dict[str, Any]
    comes: str
    shows: tuple[str, ...]
    hides: tuple[str, ...]


def read(server: str, peer: Peer, ours: str, event: str) -> tuple[dict[str, PeerActor], list[Sent]]:
    """The actors of a server, from now on served by the peer, and what they send, in order."""
    words = {
        "{here}": peer.origin,
        "{host}": peer.host,
        "{group}": f"{ours}/group",
        "{event}": event,
        "{moss}": f"{ours}/reflections/moss",
    }
    text = (_HERE / f"{server}.json").read_text("utf-8")
    for name, value in words.items():
        text = text.replace(name, value)
    found = json.loads(text)
    actors = {name: _actor(peer, name, document) for name, document in found["actors"].items()}
    for path, document in found.get("serves", {}).items():
        peer.serve(path, {"@context": "https://www.w3.org/ns/activitystreams"} | document)
    sent = [
        Sent(
            name=name,
            by=actors[one["by"]],
            activity=one["sends"],
            comes=one["comes"],
            shows=tuple(one.get("shows", ())),
            hides=tuple(one.get("hides", ())),
        )
        for name, one in found["documents"].items()
    ]
    return actors, sent


def _actor(peer: Peer, name: str, document: dict[str, Any]) -> PeerActor:
    """Serve an actor as its document says, with a key of the test's in it."""
    key, there = rsa_key(len(peer.actors)), document["id"]
    usual = {"inbox": f"{peer.origin}/inbox/{name}", "outbox": f"{peer.origin}/outbox/{name}"}
    shown = document.get("publicKey", {"id": there + "#main-key", "owner": there})
    entry = (shown[0] if isinstance(shown, list) else shown) | {"publicKeyPem": key.public_pem()}
    whole = {"@context": "https://www.w3.org/ns/activitystreams"} | usual | document
    whole["publicKey"] = [entry] if isinstance(shown, list) else entry
    key_id = entry["id"] if entry["id"].startswith(peer.origin) else there
    actor = peer.host_actor(PeerActor(id=there, name=name, key=key, key_id=key_id, document=whole))
    if "#" not in key_id and key_id != there:
        peer.serve(key_id.removeprefix(peer.origin), actor.document)
    return actor
