"""What `doctor` asks over the network: the public address as another server would use it."""

import asyncio
import contextlib
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from federation.signatures import (
    SignedRequest,
    SigningKey,
    load_public_pem,
    read_signature,
    sign_cavage,
    verify,
)
from node.clock import SystemClock
from node.commands.findings import Finding, fail, ok, skip, warn
from node.errors import RoughweatherError
from node.urls import Urls

ACTIVITY = "application/activity+json"
_LONGEST_ANSWER = 1024 * 1024
_SECONDS = 10.0
_CERTIFICATE_DAYS = 10
_GOOD_SKEW, _BAD_SKEW = timedelta(seconds=30), timedelta(minutes=5)
_PROXY = "See “The reverse proxy” in docs/hosting.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from one request."""

    status: int
    type: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Visitor:
    """Asks the node's public address, and neighbours, as a stranger: no redirects, bounded answers."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, accept: str = "*/*") -> Answer | str:
        """The answer, or in words why there was none."""
        return await self._ask("GET", url, {"Accept": accept})

    async def post(self, url: str, body: bytes) -> Answer | str:
        """The answer to an unsigned POST of ActivityPub's media type."""
        return await self._ask("POST", url, {"Content-Type": ACTIVITY}, body)

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer | str:
        try:
            request = self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
            async with asyncio.timeout(_SECONDS), request as response:
                return Answer(
                    status=response.status,
                    type=response.content_type,
                    headers=response.headers,
                    body=await response.content.read(_LONGEST_ANSWER),
                )
        except TimeoutError:
            return f"no answer within {_SECONDS:.0f} seconds"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return str(error) or type(error).__name__


def _remedy(answer: Answer, proxy: str = "") -> str:
    """Whose fault a bad status is: of the node itself, of the proxy where nothing stands behind it."""
    if answer.status == 500:
        return "The node itself failed: its log tells more (journalctl -u roughweather)."
    if answer.status in (502, 503, 504):
        return f"The proxy does not reach the node: is “roughweather serve” running? {_PROXY}"
    return f"{proxy} {_PROXY}".strip()


async def dns(urls: Urls) -> Finding:
    """Does the public host name lead anywhere, and to an address that others can reach?"""
    host = urlsplit(urls.origin).hostname or ""
    with contextlib.suppress(ValueError):
        return skip("DNS", f"{ipaddress.ip_address(host)} is an address, not a name")
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_SECONDS):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError) as error:
        return fail("DNS", f"{host} has no address: {error}", "Add an A or AAAA record for it.")
    addresses = sorted({str(entry[4][0]) for entry in found})
    if not any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses):
        return warn(
            "DNS",
            f"{host} leads to {', '.join(addresses)}, which only this network can reach",
            "Right on a local network, or where the router sends it back; wrong for the Internet.",
        )
    return ok("DNS", f"{host} leads to {', '.join(addresses)}")


async def tls(urls: Urls) -> Finding:
    """Is there a certificate that others trust, for some days to come?"""
    parts = urlsplit(urls.origin)
    if not urls.secure:
        return skip("TLS", "the public address is plain http")
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=ssl.create_default_context()
            )
    except ssl.SSLCertVerificationError as error:
        return fail("TLS", f"the certificate is not trusted: {error.verify_message}", _PROXY)
    except (OSError, TimeoutError) as error:
        detail = str(error) or "no answer"
        return fail("TLS", f"no encrypted connection: {detail}", f"Open port 443. {_PROXY}")
    expires = datetime.fromtimestamp(
        ssl.cert_time_to_seconds(writer.get_extra_info("peercert")["notAfter"]), UTC
    )
    writer.close()
    left = (expires - SystemClock().now()).days
    if left < _CERTIFICATE_DAYS:
        return warn(
            "TLS", f"the certificate runs out in {left} days", "See why it was not renewed."
        )
    return ok("TLS", f"the certificate is trusted, for {left} more days")


async def reachable(visitor: Visitor, urls: Urls) -> Finding:
    """Does the public address answer, and is it this program that answers?"""
    answer = await visitor.get(f"{urls.origin}/healthz")
    if isinstance(answer, str):
        return fail(
            "REACHABLE",
            f"{urls.origin} does not answer: {answer}",
            f"Is “roughweather serve” running, and does the proxy lead to it? {_PROXY}",
        )
    if answer.status != 200:
        return fail("REACHABLE", f"{urls.origin}/healthz answers {answer.status}", _remedy(answer))
    return ok("REACHABLE", f"{urls.origin} answers")


async def webfinger(visitor: Visitor, urls: Urls, handle: str) -> Finding:
    """Does the handle lead to the actor, as every other server looks it up?"""
    account = f"acct:{handle}@{urls.host}"
    answer = await visitor.get(f"{urls.origin}/.well-known/webfinger?resource={account}")
    if isinstance(answer, str):
        return fail("WEBFINGER", answer, _PROXY)
    if answer.status != 200:
        detail = f"/.well-known/webfinger answers {answer.status} for {account}"
        return fail("WEBFINGER", detail, _remedy(answer, "It must hand over /.well-known/ too."))
    document = answer.json()
    links = document.get("links", ()) if isinstance(document, dict) else ()
    actors = [
        link.get("href")
        for link in links
        if isinstance(link, dict) and link.get("rel") == "self" and link.get("type") == ACTIVITY
    ]
    if actors != [urls.group]:
        return fail("WEBFINGER", f"{account} leads to {actors}, not to {urls.group}", _PROXY)
    return ok("WEBFINGER", f"@{handle}@{urls.host} leads to {urls.group}")


async def actor(visitor: Visitor, urls: Urls) -> tuple[Finding, dict[str, Any] | None]:
    """Is the actor there for servers and the page for people, at one address?"""
    answer = await visitor.get(urls.group, ACTIVITY)
    if isinstance(answer, str):
        return fail("ACTOR", answer, _PROXY), None
    document = answer.json()
    if answer.status != 200 or not isinstance(document, dict) or document.get("id") != urls.group:
        detail = f"{urls.group} answers {answer.status}, not the actor"
        return fail("ACTOR", detail, _remedy(answer)), None
    if answer.type != ACTIVITY:
        return fail(
            "ACTOR", f"the actor comes as {answer.type}", f"Keep Content-Type. {_PROXY}"
        ), None
    if "accept" not in answer.headers.get("Vary", "").lower():
        detail = "“Vary: Accept” is lost: a cache would give people JSON, and servers pages"
        return fail("ACTOR", detail, f"Keep Vary, or do not cache. {_PROXY}"), document
    return ok("ACTOR", f"{urls.group} is a {document.get('type')}"), document


def signature(urls: Urls, document: Mapping[str, Any], key: SigningKey) -> Finding:
    """Does what we sign fit the key that the world sees?"""
    published = document.get("publicKey")
    pem = published.get("publicKeyPem") if isinstance(published, dict) else None
    key_id = published.get("id") if isinstance(published, dict) else None
    now = SystemClock().now()
    try:
        headers = sign_cavage(
            method="POST", url=urls.shared_inbox, body=b"{}", key=key, key_id=str(key_id), date=now
        )
        request = SignedRequest(
            method="POST", target="/inbox", headers=tuple(headers.items()), body=b"{}"
        )
        claim = read_signature(request)
        verify(request, claim, load_public_pem(str(pem)), now=now, hosts=frozenset({urls.host}))
    except (RoughweatherError, ValueError) as error:
        return fail(
            "SIGNATURE",
            f"what we sign does not fit the published key: {error}",
            "A cache shows an old actor, or the database is another's: restore the right one.",
        )
    return ok("SIGNATURE", "what we sign fits the published key")


async def inbox(visitor: Visitor, urls: Urls) -> Finding:
    """Do deliveries get through to the inbox (where an unsigned one must be refused)?"""
    answer = await visitor.post(urls.shared_inbox, b"{}")
    if isinstance(answer, str):
        return fail("INBOX", answer, _PROXY)
    if answer.status not in (400, 401):
        detail = f"an unsigned delivery is answered with {answer.status}, not with 401"
        return fail("INBOX", detail, _remedy(answer, "It must hand over POST /inbox unchanged."))
    return ok("INBOX", "deliveries get through; an unsigned one is refused")


async def clock(visitor: Visitor, urls: Urls, neighbours: list[str]) -> Finding:
    """Do other machines agree what time it is? Asks at most three neighbours, else our own proxy."""
    skews = [
        skew
        for origin in [*neighbours[:3], urls.origin]
        if (skew := await _skew(visitor, origin)) is not None
    ]
    if not skews:
        return skip("CLOCK", "nobody answered with a time")
    skew = sorted(skews)[len(skews) // 2]
    seconds = skew.total_seconds()
    fix = "Set the clock, and let it be kept (timedatectl set-ntp true)."
    if abs(skew) > _BAD_SKEW:
        return fail(
            "CLOCK", f"this clock is {seconds:+.0f} s off: others refuse our signatures", fix
        )
    if abs(skew) > _GOOD_SKEW:
        return warn("CLOCK", f"this clock is {seconds:+.0f} s off", fix)
    who = "neighbours" if neighbours else "the public address, which may be this machine itself"
    return ok("CLOCK", f"{seconds:+.0f} s against {who}")


async def _skew(visitor: Visitor, origin: str) -> timedelta | None:
    """How far our clock is ahead of the server at `origin`; None where it does not say."""
    answer = await visitor.get(f"{origin}/")
    if isinstance(answer, str) or "Date" not in answer.headers:
        return None
    try:
        return SystemClock().now() - parsedate_to_datetime(answer.headers["Date"])
    except (ValueError, TypeError):
        return None
