"""A server of somebody else's, on loopback: actors with real keys, WebFinger, and scripted answers.

    async with Peer.start() as peer:
        alice = peer.actor("alice", name="Alice")
        answer = await peer.post_signed(inbox, follow, actor=alice)
        assert answer.status == 202
        assert peer.deliveries("/inbox") == [...]

Everything it is asked is in `peer.requests`, raw, so that signatures can be checked. `peer.serve`
puts anything at a path; `peer.script` gives a path several answers, one after the other.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

from federation.signatures import (
    PublicKey,
    SignedRequest,
    SigningKey,
    generate_rsa,
    read_signature,
    sign_cavage,
    sign_rfc9421,
    verify,
)

ACTIVITY_JSON = "application/activity+json"
AS2 = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@cache
def rsa_key(number: int = 0) -> SigningKey:
    """The test run's RSA key with this number; making one takes 60 ms."""
    return generate_rsa()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request as it came in."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def signed(self) -> SignedRequest:
        """The request as the verifier takes it."""
        return SignedRequest(
            method=self.method, target=self.target, headers=self.headers, body=self.body
        )

    @property
    def key_id(self) -> str | None:
        """The key id its signature names; None if it is not signed."""
        if self.header("Signature") is None:
            return None
        return read_signature(self.signed()).key_id

    def verify(self, key: PublicKey, *, now: datetime, host: str, scheme: str = "http") -> None:
        """Raise unless it is signed with `key` for `host`, now."""
        request = self.signed()
        verify(
            request,
            read_signature(request),
            key,
            now=now,
            hosts=frozenset({host}),
            scheme=scheme,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A scripted answer; a dict as `body` is sent as ActivityPub JSON."""

    body: bytes | str | Mapping[str, Any] = b""
    status: int = 200
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        content_type = self.content_type
        if isinstance(self.body, Mapping):
            body = json.dumps(self.body).encode()
            content_type = content_type or ACTIVITY_JSON
        else:
            body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = dict(self.headers)
        if content_type:
            headers["Content-Type"] = content_type
        return web.Response(body=body, status=self.status, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a server answered to `post_signed`."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class PeerActor:
    """An actor of the peer. Change `document` and the change is served."""

    id: str
    name: str
    key: SigningKey
    key_id: str
    document: dict[str, Any]
    sent: int = 0

    @property
    def inbox(self) -> str:
        return str(self.document["inbox"])

    @property
    def handle(self) -> str:
        """`alice@127.0.0.1:12345`."""
        return f"{self.name}@{urlsplit(self.id).netloc}"

    def activity(self, kind: str, thing: Any, **more: Any) -> dict[str, Any]:
        """An activity of this actor about `thing`, with an id of its own."""
        self.sent += 1
        return {
            "@context": AS2,
            "id": f"{self.id}/{kind.lower()}/{self.sent}",
            "type": kind,
            "actor": self.id,
            "object": thing,
        } | more


class Peer:
    """The server. Made by `Peer.start`."""

    def __init__(self, origin: str, clock: Callable[[], datetime] | None) -> None:
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.requests: list[Recorded] = []
        self.actors: dict[str, PeerActor] = {}
        self.jrd: dict[str, Any] = {}
        self._now = clock or (lambda: datetime.now(UTC))
        self.otherwise: Handler = _nothing_there
        self._routes: dict[str, list[Reply | Handler]] = {}
        self._arrived = asyncio.Event()
        self._session = aiohttp.ClientSession()

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        name: str | None = None,
        tls: SSLContext | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> "AsyncIterator[Peer]":
        """A peer that listens until the block is left; `clock` (`clock.now`) dates its signatures.

        It calls itself by `name` where that is given, else by the address.
        """
        server = web.Server(lambda request: peer.answer(request))  # noqa: PLW0108 - `peer` comes later
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        await site.start()
        [address] = runner.addresses
        scheme = "https" if tls else "http"
        called = name or (f"[{host}]" if ":" in host else host)
        peer = cls(f"{scheme}://{called}:{address[1]}", clock)
        try:
            yield peer
        finally:
            await peer._session.close()
            await runner.cleanup()

    # ------------------------------------------------------------------------- what it serves

    def url(self, path: str) -> str:
        """The address of a path here."""
        return self.origin + path

    def actor(
        self,
        name: str,
        *,
        type: str = "Person",  # noqa: A002 - as the document calls it
        key: SigningKey | None = None,
        key_id: str | None = None,
        shared_inbox: bool = True,
        **more: Any,
    ) -> PeerActor:
        """Serve an actor at `/users/<name>`, its inboxes and its WebFinger; `more` goes into the document.

        Each gets a key of its own. A value of None in `more` takes the property away.
        """
        actor_id = self.url(f"/users/{name}")
        key = key or rsa_key(len(self.actors))
        key_id = key_id or actor_id + "#main-key"
        document: dict[str, Any] = {
            "@context": [AS2, SECURITY],
            "id": actor_id,
            "type": type,
            "preferredUsername": name,
            "name": name.capitalize(),
            "inbox": actor_id + "/inbox",
            "outbox": actor_id + "/outbox",
            "url": self.url(f"/@{name}"),
            "publicKey": {"id": key_id, "owner": actor_id, "publicKeyPem": key.public_pem()},
        }
        if shared_inbox:
            document["endpoints"] = {"sharedInbox": self.url("/inbox")}
        document |= more
        document = {field: value for field, value in document.items() if value is not None}
        return self.host_actor(
            PeerActor(id=actor_id, name=name, key=key, key_id=key_id, document=document)
        )

    def host_actor(self, made: PeerActor) -> PeerActor:
        """Serve an actor as its document says, its inboxes and its WebFinger."""
        self.actors[made.name] = made
        self._routes[urlsplit(made.id).path] = [lambda _: _served(made)]
        self.accept(urlsplit(made.document.get("inbox", "")).path or "/inbox")
        self.accept("/inbox")
        self.webfinger(f"acct:{made.name}@{self.host}", made.id)
        return made

    def webfinger(self, resource: str, actor_id: str, *, subject: str | None = None) -> None:
        """Answer WebFinger for `resource` with a link to `actor_id`."""
        link = {"rel": "self", "type": ACTIVITY_JSON, "href": actor_id}
        self.jrd[resource.lower()] = {"subject": subject or resource, "links": [link]}

    def serve(
        self,
        path: str,
        body: bytes | str | Mapping[str, Any] = b"",
        *,
        status: int = 200,
        content_type: str | None = None,
        **headers: str,
    ) -> str:
        """Always answer a path so, whatever it did before; headers as `Retry_After="3"`. Its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.script(path, Reply(body=body, status=status, content_type=content_type, headers=named))
        return self.url(path)

    def script(self, path: str, *answers: Reply | Handler) -> str:
        """Give a path these answers in turn, the last one for ever. Its URL."""
        self._routes[path] = list(answers)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        """Redirect a path. Its URL."""
        return self.serve(path, status=status, Location=to)

    def accept(self, path: str) -> str:
        """Answer 202 to whatever is posted to a path. Its URL."""
        return self.serve(path, status=202)

    # ---------------------------------------------------------------------- what it was asked

    def asked(self, path: str | None = None, method: str | None = None) -> list[Recorded]:
        """The requests so far, those for a path and method if given."""
        return [
            request
            for request in self.requests
            if path in (None, request.path) and method in (None, request.method)
        ]

    def deliveries(self, path: str | None = None) -> list[Any]:
        """The activities posted here, parsed, in order."""
        return [request.json for request in self.asked(path, "POST")]

    async def delivery(
        self, kind: str | None = None, *, path: str | None = None, timeout: float = 10.0
    ) -> Any:
        """The first activity (of that type) posted here, waiting for it if it is yet to come."""
        async with asyncio.timeout(timeout):
            while True:
                for activity in self.deliveries(path):
                    if kind in (None, activity.get("type")):
                        return activity
                self._arrived.clear()
                await self._arrived.wait()

    # -------------------------------------------------------------------------- what it does

    async def post_signed(
        self,
        url: str,
        activity: Mapping[str, Any] | bytes,
        *,
        actor: PeerActor,
        key: SigningKey | None = None,
        rfc9421: bool = False,
        date: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Post an activity signed by `actor`; `headers` replace what was signed."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        moment, sign_with = date or self._now(), key or actor.key
        if rfc9421:
            signed = sign_rfc9421(
                method="POST",
                url=url,
                body=body,
                key=sign_with,
                key_id=actor.key_id,
                created=moment,
            )
        else:
            signed = sign_cavage(
                method="POST", url=url, body=body, key=sign_with, key_id=actor.key_id, date=moment
            )
        sent = {"Content-Type": ACTIVITY_JSON} | signed | dict(headers or {})
        return await self.send("POST", url, sent, body)

    async def get_signed(
        self, url: str, *, actor: PeerActor, accept: str = ACTIVITY_JSON
    ) -> Received:
        """Fetch `url` as `actor`."""
        signed = sign_cavage(
            method="GET", url=url, body=None, key=actor.key, key_id=actor.key_id, date=self._now()
        )
        return await self.send("GET", url, {"Accept": accept} | signed)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Received:
        """A request with just these headers, its address as it is spelled; redirects are not followed."""
        async with self._session.request(
            method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
        ) as response:
            return Received(
                status=response.status, headers=response.headers.copy(), body=await response.read()
            )

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Record a request and answer it."""
        self.requests.append(
            Recorded(
                method=request.method,
                target=request.raw_path,
                headers=tuple((key.decode(), value.decode()) for key, value in request.raw_headers),
                body=await request.read(),
            )
        )
        self._arrived.set()
        path = request.raw_path.partition("?")[0]
        answers = self._routes.get(path)
        if answers is None and path == "/.well-known/webfinger":
            return self._webfinger(request)
        if not answers:
            return await self.otherwise(request)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer.response() if isinstance(answer, Reply) else await answer(request)

    def _webfinger(self, request: web.BaseRequest) -> web.Response:
        [resource] = parse_qs(urlsplit(request.raw_path).query).get("resource", [""])
        found = self.jrd.get(resource.lower())
        if found is None:
            return web.Response(status=404)
        return web.Response(body=json.dumps(found).encode(), content_type="application/jrd+json")


async def _nothing_there(_: web.BaseRequest) -> web.Response:
    return web.Response(status=404)


async def _served(actor: PeerActor) -> web.Response:
    """The actor document as it stands now."""
    return web.Response(body=json.dumps(actor.document).encode(), content_type=ACTIVITY_JSON)
