"""What is fuzzed: for each reader of bytes from outside, one function that raises only where there is a bug.

An error that is part of the contract is swallowed; everything else, and every broken promise (`assert`), gets
out. Inputs are readable: a request is written as on the wire, a URL is a line of text.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from ipaddress import ip_address
from itertools import islice, pairwise
from typing import Any, Final

from yarl import URL

from federation.addresses import allowed_ip, canonical, fetchable, host_of, origin, same_origin
from federation.discovery import read_query, webfinger
from federation.gate import MAX_DEPTH, MAX_NODES, parse_json
from federation.media_types import is_activity_json
from federation.page_link import alternate_link
from federation.parse import moment_of, parse_time
from federation.proofs import check_proof, read_proof
from federation.read_event import read_when
from federation.read_h_entry import entries
from federation.signatures import (
    SignedRequest,
    UnusableKey,
    load_multikey,
    read_challenge,
    read_signature,
    verify,
)
from federation.signatures.cavage import parse_cavage
from federation.signatures.requests import http_date, parse_http_date
from federation.signatures.rfc9421 import parse_rfc9421
from federation.signatures.structured import parse_dictionary
from federation.webfinger import Account, read_jrd
from node.calendars.gathering import Manner
from node.calendars.reading import read_calendar
from node.domain.series import recurrences
from node.errors import MalformedError, RoughweatherError
from node.exchange.check import check_document, check_event
from node.exchange.reading import read_json
from node.exchange.recurrence import rule_problem
from node.exchange.times import instant
from node.http import Prebuilt, Representation, negotiate
from node.sanitize import MAX_INPUT, clean_html, one_line, plain_text
from node.urls import Urls
from tests.fuzz import inbox
from tests.readers import READERS
from tests.signing import ALICE, ALICE_ED25519, HOSTS, KEY_ID, NOW
from web.posting import read_kept

URLS: Final = Urls("https://ours.example")
START: Final = datetime(2027, 3, 14, 16)
_REFUSALS: Final = (RoughweatherError, UnusableKey)
_LINK: Final = re.compile(r"https?:", re.IGNORECASE)
_TAGS: Final = (
    "a abbr b blockquote br cite code dd del dl dt em hr i li ol p pre q rp rt ruby s small span strong"
    " sub sup u ul"
)
_ALLOWED_TAGS: Final = frozenset(_TAGS.split())


def _text(data: bytes) -> str:
    """Bytes as aiohttp makes text of a header: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def request(data: bytes) -> None:
    """A request as on the wire; one that proves to be Alice's must be one that she signed."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = _text(head).split("\n")
    method, _, target = first.partition(" ")
    headers = tuple(
        (name, value.strip(" \t")) for name, _, value in (x.partition(":") for x in lines)
    )
    made = SignedRequest(method=method, target=target, headers=headers, body=body)
    with suppress(*_REFUSALS):
        claim = read_signature(made)
        assert claim.key_id.isprintable()
        for key in (ALICE.public, ALICE_ED25519.public):
            with suppress(*_REFUSALS):
                verify(made, claim, key, now=NOW, hosts=HOSTS)
                assert target.startswith("/inbox"), "a signature for another address was taken"
                assert body in (b'{"type":"Like"}', b""), "a body that nobody signed was taken"


def cavage(data: bytes) -> None:
    """The value of a draft-cavage Signature header."""
    with suppress(*_REFUSALS):
        claim = parse_cavage(_text(data))
        assert len(set(claim.components)) == len(claim.components)
        assert claim.key_id.isascii()


def structured(data: bytes) -> None:
    """Dictionaries of structured fields (RFC 8941), where RFC 9421 puts signatures and challenges."""
    first, _, second = _text(data).partition("\n")
    read_challenge(first, key_id=KEY_ID, algorithm="rsa-v1_5-sha256")
    with suppress(*_REFUSALS):
        parse_rfc9421(first, second)
    with suppress(*_REFUSALS):
        members = parse_dictionary(first)
        written = ", ".join(f"{key}={member}" for key, member in members.items())
        assert parse_dictionary(written) == members, "what is read can be written and read again"


def gate(data: bytes) -> None:
    """JSON bodies: what passes is what any JSON parser reads, within bounds, and can be written again."""
    with suppress(MalformedError):
        document = parse_json(data)
        assert document == json.loads(data)
        assert _depth(document) <= MAX_DEPTH
        again = json.dumps(document, ensure_ascii=False).encode()
        assert again.count(b",") <= MAX_NODES * 2 + again.count(b'"')
        assert parse_json(again) == document


def document(data: bytes) -> None:
    """Every reader of ActivityPub documents, on whatever passes the gate."""
    with suppress(MalformedError):
        found = parse_json(data)
        for read in READERS.values():
            with suppress(RoughweatherError):
                read(found)


def markup(data: bytes) -> None:
    """Hostile HTML: nothing active comes out, cleaning twice is cleaning once, the output is bounded."""
    text = data.decode("utf-8", "replace")
    safe = clean_html(text)
    assert len(safe) <= 40 * MAX_INPUT
    assert clean_html(safe) == safe or len(safe) > MAX_INPUT, "cleaning twice changes nothing"
    watch = _Watch()
    watch.feed(safe)
    watch.close()
    assert not watch.problems, (watch.problems, safe)
    assert len(plain_text(text, 200)) <= 200
    line = one_line(text, 80)
    assert len(line) <= 80
    assert "\n" not in line


def web_finger(data: bytes) -> None:
    """WebFinger both ways: the query that others send us, the names people type, the answers we get."""
    text = _text(data)
    with suppress(RoughweatherError):
        query = read_query(text)
        found = webfinger(query, URLS, "alder")
        assert found["subject"].endswith("@ours.example")
    account = Account.parse(text)
    if account is not None:
        assert Account.parse(str(account)) == account
        for url in account.urls(private=False):
            assert host_of(url) == account.host.partition(":")[0]
    with suppress(RoughweatherError):
        actor = read_jrd(parse_json(data)).actor_id
        assert canonical(actor) == actor


def address(data: bytes) -> None:
    """A URL of somebody else: one spelling, and the client connects where the policy looked."""
    url = _text(data)
    try:
        spelled = canonical(url)
    except MalformedError:
        assert not same_origin(url, url)
        return
    assert canonical(spelled) == spelled, "one spelling"
    assert origin(spelled) == origin(url)
    assert spelled.isascii()
    with suppress(RoughweatherError):
        asked = fetchable(url, private=False)
        assert asked.startswith("https://")
        dialled = URL(asked, encoded=True)  # what the client is given
        assert dialled.port == 443
        assert dialled.user is None
        assert dialled.host is not None
        host = host_of(asked)
        # yarl shows A-labels as Unicode where they are that; the socket gets raw_host.
        assert dialled.raw_host is not None
        assert dialled.raw_host.lower().strip("[]") == host.strip("[]"), "two hosts in one URL"
        with suppress(ValueError):
            literal = ip_address(host.strip("[]"))
            assert allowed_ip(literal, private=False)
            assert literal.is_global


def host(data: bytes) -> None:
    """An address that a socket is about to connect to; never loopback, never one that wraps it."""
    text = _text(data).strip()
    if not allowed_ip(text, private=False):
        return
    literal = ip_address(text)
    assert literal.is_global
    wrapped = [getattr(literal, name, None) for name in ("ipv4_mapped", "sixtofour")]
    assert all(one is None or allowed_ip(one, private=False) for one in wrapped)


def proof(data: bytes) -> None:
    """Integrity proofs (FEP-8b32): nothing but what Alice said is proved to be hers."""
    with suppress(MalformedError):
        found = parse_json(data)
        read = read_proof(found)
        if read is None:
            return
        for key in (ALICE_ED25519.public, ALICE.public):
            with suppress(RoughweatherError):
                check_proof(found, read, key, now=NOW)
                assert found["id"] == "https://peer.example/likes/1", "a forgery was taken"
    with suppress(UnusableKey):
        load_multikey(_text(data))


def times(data: bytes) -> None:
    """Dates and times: of HTTP, of AS2, of the exchange format."""
    text = _text(data)
    moment = parse_http_date(text)
    if moment is not None:
        assert moment.tzinfo is not None
        assert parse_http_date(http_date(moment)) == moment
    found = parse_time(text)
    assert found is None or isinstance(found, date)
    aware = moment_of(text)
    assert aware is None or aware.astimezone(UTC) is not None
    assert instant(text) is None or instant(text).tzinfo is UTC  # type: ignore[union-attr]
    start, _, rest = text.partition("\n")
    end, _, zone = rest.partition("\n")
    when = read_when({"startTime": start, "endTime": end, "duration": end, "timezone": zone})
    assert when.start is None or when.end is None or when.start <= when.end


def negotiation(data: bytes) -> None:
    """Headers that choose between forms of an answer; none can fail, and what was said is what is served."""
    text = _text(data)
    chosen = negotiate(text)
    if not re.search(r"json|ld\+|activity", text, re.IGNORECASE):
        assert chosen is Representation.HTML
    assert is_activity_json(text) in (True, False)
    answer = _PAGE.response(text, text)
    assert answer.status in (200, 304)


def rule(data: bytes) -> None:
    """A rule of a series: one that passes the check gives dates that go forward, and soon."""
    text = data.decode("utf-8", "replace")
    if rule_problem(text, START) is not None:
        return
    series = {
        "start_local": START.isoformat(),
        "timezone": "Europe/Berlin",
        "series": {"rrule": text},
    }
    found = list(islice(recurrences(series), 20))
    assert all(one < other for one, other in pairwise(found))


def exchange(data: bytes) -> None:
    """A document of the exchange format: every problem is named, none is a failure."""
    with suppress(MalformedError):
        found = read_json(data)
        for problem in (*check_document(found), *check_event(found, ["en"])):
            assert problem.message


def foreign_page(data: bytes) -> None:
    """A web page of somebody else, in which we look for a link and for answers."""
    found = alternate_link(data, "https://hills.example/a/b")
    assert found is None or canonical(found) == found
    for entry in entries(data, "https://hills.example/a/b"):
        assert all(isinstance(one, str) for one in (*entry.answers, *entry.authors))


def kept_form(data: bytes) -> None:
    """A form that travelled along through signing in, in the hands of whoever sends it."""
    found = read_kept(data.decode("utf-8", "replace"))
    if found is not None:
        assert read_kept(found.kept()) is not None


def _depth(value: Any) -> int:
    inner = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


class _Watch(HTMLParser):
    """Reads cleaned HTML as a second opinion, and notes what may not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED_TAGS:
            self.problems.append(tag)
        for name, value in attrs:
            if name not in ("href", "rel", "lang", "dir"):
                self.problems.append(f"{tag} {name}")
            if name == "href" and not _LINK.match(value or ""):
                self.problems.append(f"href {value}")

    def handle_comment(self, data: str) -> None:
        self.problems.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.problems.append("declaration")


_PAGE: Final = Prebuilt(b"words" * 100, "text/html; charset=utf-8")


def calendar(data: bytes) -> None:
    """A calendar file from anywhere: what is read of it makes documents that are in order."""
    manner = Manner(open_places=bool(len(data) % 2), timezone="Europe/Berlin")
    with suppress(RoughweatherError):
        found = read_calendar(data, manner, lambda _: START.date())
        for one in found.gatherings:
            if one.document is not None:
                assert check_event({"id": "x", **one.document}, ["en"]) == [], one.document


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "accept": negotiation,
    "address": address,
    "calendar": calendar,
    "cavage": cavage,
    "document": document,
    "exchange": exchange,
    "foreign-page": foreign_page,
    "html": markup,
    "host": host,
    "inbox": inbox.receive,
    "json": gate,
    "kept-form": kept_form,
    "proof": proof,
    "request": request,
    "rule": rule,
    "structured": structured,
    "times": times,
    "webfinger": web_finger,
}
