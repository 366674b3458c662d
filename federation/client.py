"""The one outbound HTTP client of the node: everything it asks of other servers goes through here.

Where a request may go is decided for each URL (`addresses.fetchable`), each hop and, at the socket,
each IP address, so that neither a redirect nor a changing DNS answer leads into a private network.
What comes back is bounded in time, size and hops. Fetches are signed as the instance actor, never
as the group (interop: GoToSocial and others ask for a signature on every GET).
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from federation.addresses import BlockedAddress, allowed_ip, fetchable, host_of, origin, same_origin
from federation.answers import (
    Answer,
    Fetched,
    RefusedSocketError,
    Unfetchable,
    Unreachable,
    excerpt,
    refusal,
    retry_after,
    trouble,
)
from federation.authentic import id_in, read_document, stands_at
from federation.keypairs import Keypair
from federation.media_types import ACCEPT
from federation.signatures import SignatureStyle
from federation.signatures.requests import parse_http_date
from federation.signing import Manner, NoStyles, Styles, once_more, signed_headers, usual
from federation.turns import Turns
from node import __version__
from node.clock import Clock
from node.urls import Urls

__all__ = ["Answer", "BlockedAddress", "Client", "Fetched", "Limits", "Unfetchable", "Unreachable"]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_KEEP_ALIVE_SECONDS: Final = 60
_DNS_SECONDS: Final = 30
_CONNECTIONS: Final = 128
_SIGNING_THREADS: Final = 2
NOT_MODIFIED: Final = 304
_LONGEST_ETAG: Final = 256

_Answering = AbstractAsyncContextManager[aiohttp.ClientResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may take: seconds, decoded bytes, hops, requests at once."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    body: int = 1024 * 1024
    redirects: int = 3
    fetches: int = 64
    per_host: int = 8


class Client:
    """Asks other servers; an async context manager that owns the connections.

    `signer` is the instance actor's key pair. `allow_private` opens http, any port and local
    addresses (a LAN, tests). `blocked` tells whether the door of a host (`host`, `host:port`) is
    closed here, `styles` which signatures a host takes. `resolver` and `address_rule` (may this IP
    be connected to?) are for tests of the policy itself.
    """

    def __init__(
        self,
        *,
        urls: Urls,
        clock: Clock,
        signer: Keypair,
        allow_private: bool = False,
        blocked: Callable[[str], bool] | None = None,
        resolver: AbstractResolver | None = None,
        address_rule: Callable[[str], bool] | None = None,
        executor: Executor | None = None,
        limits: Limits | None = None,
        styles: Styles | None = None,
    ) -> None:
        self._urls = urls
        self._clock = clock
        self.signer = signer
        self._styles: Styles = styles or NoStyles()
        self.allow_private = allow_private
        self._blocked = blocked
        self._resolver = resolver
        self._address_rule = address_rule
        self._own_executor = (
            None if executor else ThreadPoolExecutor(_SIGNING_THREADS, "sign-fetch")
        )
        self._executor = executor or self._own_executor
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.fetches)
        self._turns = Turns(self._limits.per_host)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=self._socket,
            limit=_CONNECTIONS,
            limit_per_host=self._limits.per_host,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            ttl_dns_cache=_DNS_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={
                "User-Agent": f"roughweather/{__version__} (+{self._urls.home})",
                "Accept-Encoding": "gzip, deflate",
            },
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._limits.connect, sock_read=self._limits.read
            ),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
        if self._own_executor is not None:
            self._own_executor.shutdown(wait=False, cancel_futures=True)

    async def get(
        self,
        url: str,
        *,
        accept: str,
        signed: bool = True,
        timeout: float | None = None,
        etag: str | None = None,
    ) -> Fetched:
        """The 200 answer to a GET, after at most three redirects, within `timeout` seconds.

        With the `etag` of an earlier answer it may be a 304: that answer is still true.

        Raises NotFoundError (404), GoneError (410), BlockedAddress and Unfetchable, which are
        final, and Unreachable, which is not.
        """
        self._target(url)
        try:
            async with (
                asyncio.timeout(timeout or self._limits.total),
                # In this order: who waits for a slow server takes no slot from the others.
                self._turns.of(origin(url).netloc),
                self._slots,
            ):
                asked = {"Accept": accept} | ({"If-None-Match": etag} if etag else {})
                return await self._follow(url, asked, signed=signed)
        except (aiohttp.ClientError, OSError) as error:
            raise trouble(error) from error

    async def get_json(self, url: str, *, timeout: float | None = None) -> dict[str, Any]:
        """The ActivityPub document at `url`, authentic: its `id` is where it was found.

        Where `id` says another address, that one is fetched, once, and must then agree; the caller
        who wants exactly `url` still compares. Only the two ActivityPub media types are believed
        (FEP-fe34). Raises as `get`.
        """
        try:
            async with asyncio.timeout(timeout or self._limits.total):
                return await self.document(await self.get(url, accept=ACCEPT), url)
        except TimeoutError as error:
            raise trouble(error) from error

    async def document(self, fetched: Fetched, asked: str) -> dict[str, Any]:
        """The ActivityPub document in the answer to a GET of `asked`; as `get_json`."""
        document = read_document(fetched)
        named = id_in(document)
        if stands_at(named, fetched, asked):
            return document
        again = await self.get(named, accept=ACCEPT)
        document = read_document(again)
        if id_in(document) != named or not stands_at(named, again, named):
            raise Unfetchable("The document's id is not where it can be found.")
        return document

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Deliver `body` with `headers`, which are already signed; redirects are not followed.

        A kept connection that turns out to be closed is tried once more at once: the activity's id
        makes a second copy harmless. Raises Unreachable only, also where the address may not be
        asked: names of hosts in trouble point anywhere, and retries end by themselves.
        """
        try:
            async with asyncio.timeout(self._limits.total):
                there = self._target(url)
                try:
                    return await self._post(there, body, headers)
                except aiohttp.ClientConnectorError:
                    raise
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                    return await self._post(there, body, headers)
        except BlockedAddress as error:
            raise Unreachable(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(str(trouble(error))) from error

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one resolved address, the last place where it can be refused.

        It is here and not in a resolver because aiohttp asks no resolver about IP literals.
        """
        family, kind, protocol, _, address = info
        rule = self._address_rule
        allowed = rule(address[0]) if rule else allowed_ip(address[0], private=self.allow_private)
        if not allowed:
            raise RefusedSocketError("The address belongs to no public server.")
        return socket.socket(family, kind, protocol)

    def _target(self, url: str) -> str:
        """The canonical URL to ask for `url`; raises BlockedAddress."""
        there = fetchable(url, private=self.allow_private)
        ours = self._urls.home
        if same_origin(there, ours) or (not self.allow_private and host_of(there) == host_of(ours)):
            raise BlockedAddress("The address is this node's own.")
        if self._blocked is not None and self._blocked(origin(there).netloc):
            raise BlockedAddress("The server is blocked here.")
        return there

    async def _follow(self, url: str, asked: Mapping[str, str], *, signed: bool) -> Fetched:
        there = self._target(url)
        visited: set[str] = set()
        while there not in visited and len(visited) <= self._limits.redirects:
            visited.add(there)
            found = await self._ask(there, asked, signed=signed)
            if isinstance(found, Fetched):
                return found
            there = self._target(_join(there, found))
        raise Unfetchable("The address leads from redirect to redirect.")

    async def _ask(self, url: str, asked: Mapping[str, str], *, signed: bool) -> Fetched | str:
        """One hop: the answer, or where it redirects to. Who refuses one kind of signature gets the other."""
        manner = usual(rfc9421=self._styles.reads_rfc9421(url)) if signed else None
        headers = {**asked, **await self._sign(url, manner)}
        async with self._get(url, headers) as response:
            wish = response.headers.get("Accept-Signature")
            again = manner and once_more(manner, response.status, wish, self.signer, body=False)
            if again is None:
                return await self._answer(response, url)
        headers = {**asked, **await self._sign(url, again)}
        async with self._get(url, headers) as response:
            answer = await self._answer(response, url)
        await self._styles.learned(url, rfc9421=again.style is SignatureStyle.RFC9421)
        return answer

    def _get(self, url: str, headers: Mapping[str, str]) -> _Answering:
        return self._open.get(_verbatim(url), headers=headers, allow_redirects=False)

    async def _answer(self, response: aiohttp.ClientResponse, url: str) -> Fetched | str:
        if response.status in _REDIRECTS:
            return response.headers.get("Location", "")
        return await self._take(response, url)

    async def _sign(self, url: str, manner: Manner | None) -> dict[str, str]:
        """Headers signed for this very URL, now: made anew at every hop; none where it is not signed."""
        if manner is None:
            return {}
        loop = asyncio.get_running_loop()
        signing = partial(
            signed_headers, "GET", url, None, self.signer, manner=manner, date=self._clock.now()
        )
        return await loop.run_in_executor(self._executor, signing)

    async def _take(self, response: aiohttp.ClientResponse, url: str) -> Fetched:
        if response.status == 304 and hdrs.IF_NONE_MATCH in response.request_info.headers:
            return Fetched(url=url, status=304, content_type="", body=b"")
        if response.status != 200:
            raise refusal(response.status, self._wait(response))
        if (response.content_length or 0) > self._limits.body:
            raise Unfetchable("The answer is too large.")
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():  # decoded, in pieces: a bomb stops here
            size += len(part)
            if size > self._limits.body:
                response.close()
                raise Unfetchable("The answer is too large.")
            parts.append(part)
        content_type = response.headers.get("Content-Type", "")
        return Fetched(
            url=url,
            status=response.status,
            content_type=content_type,
            body=b"".join(parts),
            etag=response.headers.get("ETag", "")[:_LONGEST_ETAG] or None,
        )

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._open.post(
            _verbatim(url), data=body, headers=headers, allow_redirects=False
        ) as response:
            return Answer(
                status=response.status,
                retry_after=self._wait(response),
                excerpt=await excerpt(response),
                date=parse_http_date(response.headers.get("Date", "")),
                accept_signature=response.headers.get("Accept-Signature"),
            )

    def _wait(self, response: aiohttp.ClientResponse) -> float | None:
        return retry_after(response.headers.get("Retry-After", ""), self._clock.now)

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("The client is used outside its context.")
        return self._session


def _verbatim(url: str) -> URL:
    """The URL exactly as it was signed: not a character decoded or encoded anew."""
    return URL(url, encoded=True)


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise Unfetchable("The redirect leads nowhere.") from error
