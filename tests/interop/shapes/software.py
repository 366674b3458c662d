"""What a kind of server looks like from outside, and an account that lives on one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from federation.signatures import SigningKey
from tests.federation.peer import ACTIVITY_JSON, AS2, Peer, PeerActor, Received, rsa_key
from tests.interop.shapes.signing import Cavage, Signs

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
Document = dict[str, Any]
PLAIN = Cavage()


def undressed(document: Document) -> Document:
    """The document as it is: what a server does that has no manners of its own."""
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """One kind of server. Addresses are templates of `{here}` (the origin) and `{name}`.

    `actor` completes an actor document, `activity` an activity, `note` a post: each takes the plain
    document and returns what this software would write. A value of None takes a property away.
    """

    name: str
    version: str
    actor_id: str = "{here}/users/{name}"
    inbox: str = "{actor}/inbox"
    shared_inbox: str | None = "{here}/inbox"
    profile: str = "{here}/@{name}"
    key_id: str = "{actor}#main-key"
    kind: str = "Person"
    group_id: str | None = None
    activity_id: str = "{actor}#{kind}s/{number}"
    note_id: str = "{actor}/statuses/{number}"
    context: Any = AS2
    accept: str = ACTIVITY_JSON
    content_type: str = ACTIVITY_JSON
    user_agent: str = ""
    signing: Signs = PLAIN
    delete_as: str = "Tombstone"  # or "id"
    reads_events: bool = True
    actor: Callable[[Document, SigningKey], Document] = lambda document, _: document
    activity: Callable[[Document], Document] = undressed
    note: Callable[[Document], Document] = undressed

    def __str__(self) -> str:
        return self.name

    def member(
        self, peer: Peer, name: str = "robin", *, kind: str | None = None, **more: Any
    ) -> "Member":
        """An account of that kind on the peer, served with its inboxes, WebFinger and NodeInfo.

        `kind="Group"` makes a group where the software has them. `more` goes into the actor document.
        """
        key = rsa_key(len(peer.actors))
        place = self.group_id if kind == "Group" and self.group_id else self.actor_id
        actor_id = place.format(here=peer.origin, name=name)
        names = {"here": peer.origin, "name": name, "actor": actor_id.rstrip("/")}
        plain: Document = {
            "@context": [AS2, "https://w3id.org/security/v1"],
            "id": actor_id,
            "type": kind or self.kind,
            "preferredUsername": name,
            "name": name.capitalize(),
            "summary": f"<p>{name} writes here.</p>",
            "url": self.profile.format(**names),
            "inbox": self.inbox.format(**names),
            "outbox": names["actor"] + "/outbox",
            "followers": names["actor"] + "/followers",
            "following": names["actor"] + "/following",
            "publicKey": {
                "id": self.key_id.format(**names | {"actor": actor_id}),
                "owner": actor_id,
                "publicKeyPem": key.public_pem(),
            },
        }
        if self.shared_inbox:
            plain["endpoints"] = {"sharedInbox": self.shared_inbox.format(**names)}
        document = without_none(self.actor(plain, key) | more)
        key_id = document["publicKey"]["id"]
        actor = peer.host_actor(
            PeerActor(id=actor_id, name=name, key=key, key_id=key_id, document=document)
        )
        if self.shared_inbox:
            peer.accept(urlsplit(self.shared_inbox.format(**names)).path)
        if "#" not in actor.key_id:
            kept = ("@context", "id", "type", "preferredUsername", "publicKey")
            peer.serve(urlsplit(actor.key_id).path, {name: document[name] for name in kept})
        self._serve_nodeinfo(peer)
        return Member(peer, self, actor)

    def _serve_nodeinfo(self, peer: Peer) -> None:
        schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
        links = [{"rel": schema, "href": peer.url("/nodeinfo/2.0")}]
        peer.serve("/.well-known/nodeinfo", {"links": links}, content_type="application/json")
        about = {
            "version": "2.0",
            "software": {"name": self.name, "version": self.version},
            "protocols": ["activitypub"],
            "services": {"inbound": [], "outbound": []},
            "openRegistrations": False,
            "usage": {"users": {"total": 3, "activeMonth": 2, "activeHalfyear": 3}},
            "metadata": {},
        }
        peer.serve("/nodeinfo/2.0", about, content_type="application/json")


class Member:
    """Somebody with an account there: signs, asks and writes as their server does."""

    def __init__(self, peer: Peer, software: Software, actor: PeerActor) -> None:
        self.peer = peer
        self.software = software
        self.actor = actor

    @property
    def id(self) -> str:
        return self.actor.id

    @property
    def inbox(self) -> str:
        """The path of their own inbox."""
        return urlsplit(self.actor.inbox).path

    @property
    def delivered_at(self) -> str:
        """The path where what is for everybody arrives: the shared inbox if there is one."""
        shared = self.actor.document.get("endpoints", {}).get("sharedInbox")
        return urlsplit(shared).path if shared else self.inbox

    @property
    def followers(self) -> list[str]:
        """The address of their followers, where the software has them."""
        return [one] if (one := self.actor.document.get("followers")) else []

    # ------------------------------------------------------------------------- what they ask

    async def post(
        self,
        url: str,
        activity: Mapping[str, Any] | bytes,
        *,
        signing: Signs | None = None,
        key: SigningKey | None = None,
        key_id: str | None = None,
        moment: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Post an activity, signed as the software signs; `headers` replace what was signed."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        sent = self._sent(self.software.accept) | {"Content-Type": self.software.content_type}
        signed = (signing or self.software.signing).headers(
            key or self.actor.key,
            key_id or self.actor.key_id,
            "POST",
            url,
            sent,
            body,
            moment or datetime.now(UTC),
        )
        return await self.peer.send("POST", url, sent | signed | dict(headers or {}), body)

    async def get(
        self, url: str, *, accept: str | None = None, signing: Signs | None = None
    ) -> Received:
        """Fetch a document, signed as the software signs."""
        sent = self._sent(accept or self.software.accept)
        signed = (signing or self.software.signing).headers(
            self.actor.key, self.actor.key_id, "GET", url, sent, None, datetime.now(UTC)
        )
        return await self.peer.send("GET", url, sent | signed)

    def _sent(self, accept: str) -> dict[str, str]:
        agent = self.software.user_agent or f"{self.software.name}/{self.software.version}"
        return {"Accept": accept, "User-Agent": f"{agent} (+{self.peer.origin}/)"}

    # ------------------------------------------------------------------------ what they write

    def write(self, kind: str, thing: Any, **more: Any) -> Document:
        """An activity about `thing` with an id of its own."""
        self.actor.sent += 1
        made = {
            "@context": self.software.context,
            "id": self._id(self.software.activity_id, kind.lower()),
            "type": kind,
            "actor": self.id,
            "object": thing,
        }
        return without_none(self.software.activity(made | more))

    def follow(self, target: str) -> Document:
        return self.write("Follow", target)

    def undo(self, done: Document, *, bare: bool = False) -> Document:
        """Take an activity back; `bare` names it by its id alone."""
        return self.write("Undo", done["id"] if bare else _inner(done))

    def answer(self, kind: str, activity: Document, *, bare: bool = False) -> Document:
        """Accept or Reject what came, with it inside."""
        return self.write(kind, activity["id"] if bare else _inner(activity))

    def note(self, text: str, *, to: tuple[str, ...] = (PUBLIC,), **more: Any) -> Document:
        """A post of theirs, served at its address; `inReplyTo` and the like by `more`."""
        self.actor.sent += 1
        plain: Document = {
            "id": self._id(self.software.note_id, "note"),
            "type": "Note",
            "attributedTo": self.id,
            "content": f"<p>{text}</p>",
            "published": "2025-06-01T10:00:00Z",
            "to": list(to),
            "cc": self.followers,
        }
        note = without_none(self.software.note(plain | more))
        path = urlsplit(note["id"])
        if not path.fragment:
            self.peer.serve(path.path, {"@context": self.software.context} | note)
        return note

    def create(self, note: Document) -> Document:
        """The Create that carries a post."""
        return self._about(note, "Create")

    def update(self, thing: Document) -> Document:
        """The Update of a post, or of their own actor document."""
        return self._about(thing, "Update")

    def delete(self, thing: str) -> Document:
        """The Delete of a post: a Tombstone or its bare id, by their server's habit."""
        tombstone = {"id": thing, "type": "Tombstone"}
        about = tombstone if self.software.delete_as == "Tombstone" else thing
        return self.write("Delete", about, to=[PUBLIC])

    def like(self, thing: str) -> Document:
        return self.write("Like", thing)

    def announce(self, thing: str, *author: str) -> Document:
        to = {"to": [PUBLIC], "cc": [*self.followers, *author]}
        return self.write("Announce", thing, published="2025-06-01T10:00:00Z", **to)

    def flag(self, things: list[str], text: str) -> Document:
        return self.write("Flag", things, content=text)

    def _about(self, thing: Document, kind: str) -> Document:
        readers = {name: thing[name] for name in ("to", "cc", "published") if name in thing}
        return self.write(kind, thing, **({"to": [PUBLIC]} | readers))

    def _id(self, template: str, kind: str) -> str:
        names = {"actor": self.id.rstrip("/"), "here": self.peer.origin, "name": self.actor.name}
        number = sum(one.sent for one in self.peer.actors.values())
        return template.format(**names, kind=kind, number=number)


def _inner(activity: Document) -> Document:
    return {name: value for name, value in activity.items() if name != "@context"}


def without_none(document: Document) -> Document:
    return {name: value for name, value in document.items() if value is not None}
