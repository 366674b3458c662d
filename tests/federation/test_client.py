"""Fetching and delivering: what is asked, how it is signed, what is made of the answers."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from federation.client import Limits, Unfetchable, Unreachable
from federation.media_types import ACCEPT
from federation.signatures import SignatureStyle
from federation.signing import HostStyles
from node import __version__
from node.errors import GoneError, NotFoundError, RoughweatherError
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.asking import KEY_ID, asking, own_keypair
from tests.federation.peer import ACTIVITY_JSON, Handler, Peer, Reply

LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def test_fetches_are_signed_as_the_instance_actor_with_their_query(
    clock: TurnableClock,
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        url = peer.serve("/outbox", {"id": peer.url("/outbox?page=1")}) + "?page=1"

        await client.get_json(url)

        [request] = peer.asked("/outbox")
        request.verify(own_keypair().key.public, now=clock.now(), host=peer.host)
        assert request.key_id == KEY_ID
        assert request.target == "/outbox?page=1"
        assert request.header("Accept") == ACCEPT
        assert (
            request.header("User-Agent") == f"roughweather/{__version__} (+https://norcal.example/)"
        )


def strict(style: SignatureStyle) -> Handler:
    """A server that shows its note only to signatures of one style."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        newer = "Signature-Input" in request.headers
        if newer is (style is SignatureStyle.RFC9421):
            return web.json_response({"id": str(request.url)}, content_type=ACTIVITY_JSON)
        return web.Response(status=401)

    return answer


async def test_who_reads_only_the_newer_signatures_is_asked_again_and_remembered(
    clock: TurnableClock, database: Database
) -> None:
    styles = HostStyles(database, clock)
    async with Peer.start() as peer, asking(clock, styles=styles) as client:
        url = peer.script("/note", strict(SignatureStyle.RFC9421))
        for _ in range(2):
            await client.get_json(url)

        first, second, third = peer.asked("/note")
        assert first.header("Signature-Input") is None
        for request in (second, third):
            request.verify(own_keypair().key.public, now=clock.now(), host=peer.host)
            assert request.header("Signature-Input") is not None
        clock.advance(days=31)
        await client.get_json(url)
        assert [one.header("Signature-Input") is None for one in peer.requests[3:]] == [True, False]


async def test_who_was_taken_for_one_and_is_none_is_asked_in_the_older_style(
    clock: TurnableClock, database: Database
) -> None:
    styles = HostStyles(database, clock)
    async with Peer.start() as peer, asking(clock, styles=styles) as client:
        url = peer.script("/note", strict(SignatureStyle.CAVAGE))
        await styles.learned(url, rfc9421=True)
        for _ in range(2):
            await client.get_json(url)

        newer = [one.header("Signature-Input") is not None for one in peer.asked("/note")]
        assert newer == [True, False, False]


async def test_a_challenge_is_met_in_a_fetch(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        challenge = {"Accept-Signature": 'x=("@authority");created;nonce="n1"'}
        url = peer.script(
            "/note",
            Reply(status=401, headers=challenge),
            Reply(body={"id": peer.url("/note")}),
        )

        await client.get_json(url)

        request = peer.asked("/note")[1]
        request.verify(own_keypair().key.public, now=clock.now(), host=peer.host)
        assert (request.header("Signature-Input") or "").startswith('x=("@authority"')
        assert ';nonce="n1"' in (request.header("Signature-Input") or "")


async def test_two_refusals_are_one(clock: TurnableClock, database: Database) -> None:
    styles = HostStyles(database, clock)
    async with Peer.start() as peer, asking(clock, styles=styles) as client:
        with pytest.raises(Unfetchable):
            await client.get_json(peer.serve("/note", status=401))
        assert len(peer.requests) == 2
        assert not styles.reads_rfc9421(peer.origin)


async def test_a_url_is_asked_for_exactly_as_it_is_written(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        path = "/a%2Fb/./c%7e"
        url = peer.serve(path, {"id": peer.url(path) + "?q=%41+b&c"}) + "?q=%41+b&c"

        await client.get_json(url)

        assert peer.requests[0].target == "/a%2Fb/./c%7e?q=%41+b&c"


async def test_an_unsigned_fetch_says_nothing_of_us_but_the_agent(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        fetched = await client.get(peer.serve("/page", "hello"), accept="text/html", signed=False)

        assert fetched.body == b"hello"
        assert peer.requests[0].header("Signature") is None


async def test_redirects_are_followed_by_hand_and_signed_anew(clock: TurnableClock) -> None:
    async with Peer.start() as first, Peer.start() as second, asking(clock) as client:
        second.redirect("/b", "/c")
        second.serve("/c", {"id": second.url("/c")})
        url = first.redirect("/a", second.url("/b"))

        document = await client.get_json(url)

        assert document["id"] == second.url("/c")
        for request in second.requests:
            request.verify(own_keypair().key.public, now=clock.now(), host=second.host)


async def test_redirects_in_a_circle_or_without_end_are_given_up(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        for number in range(30):
            peer.redirect(f"/{number}", f"/{number + 1}")
        peer.redirect("/self", "/self")

        for path, requests in (("/self", 1), ("/0", 4)):
            peer.requests.clear()
            with pytest.raises(Unfetchable):
                await client.get(peer.url(path), accept=ACCEPT)
            assert len(peer.requests) == requests


@pytest.mark.parametrize(
    "location", ["", "http://[", "https://evil.test\\@good.test/", "ftp://a.test/"]
)
async def test_a_redirect_to_nowhere_is_refused(clock: TurnableClock, location: str) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(RoughweatherError) as caught:
            await client.get(peer.redirect("/a", location), accept=ACCEPT)
        assert caught.value.status == 422


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, NotFoundError),
        (410, GoneError),
        (401, Unfetchable),
        (403, Unfetchable),
        (204, Unfetchable),
        (304, Unfetchable),
        (408, Unreachable),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_statuses_are_told_apart(
    clock: TurnableClock, status: int, expected: type[RoughweatherError]
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(expected):
            await client.get(peer.serve("/a", status=status), accept=ACCEPT)


async def test_retry_after_of_a_busy_server_is_passed_on(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(Unreachable) as caught:
            await client.get(peer.serve("/a", status=429, Retry_After="30"), accept=ACCEPT)
        assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    "content_type", [ACTIVITY_JSON, f"{ACTIVITY_JSON}; charset=utf-8", LD_JSON]
)
async def test_documents_of_the_two_media_types_are_believed(
    clock: TurnableClock, content_type: str
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        url = peer.serve("/note", {"id": peer.url("/note")}, content_type=content_type)
        assert await client.get_json(url) == {"id": url}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain",
        "application/octet-stream",
        "application/ld+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams-evil"',
        'application/ld+json; x="; profile=https://www.w3.org/ns/activitystreams"; profile=y',
        "image/png, application/activity+json",
        f'{LD_JSON}; profile="other"',
    ],
)
async def test_documents_of_any_other_media_type_are_not(
    clock: TurnableClock, content_type: str
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        url = peer.serve("/upload", {"id": peer.url("/upload")}, content_type=content_type)
        with pytest.raises(Unfetchable, match="media type"):
            await client.get_json(url)


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"id":"x","id":"y"}', b'{"a":NaN}', '{"a":1}'.encode("utf-16")]
)
async def test_a_body_that_is_no_strict_json_object_is_refused(
    clock: TurnableClock, body: bytes
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(Unfetchable):
            await client.get_json(peer.serve("/a", body, content_type=ACTIVITY_JSON))


async def test_another_id_on_the_same_server_is_fetched_once(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        alice = peer.actor("alice")
        page = peer.serve("/@alice", alice.document)

        assert await client.get_json(page) == alice.document
        assert [request.path for request in peer.requests] == ["/@alice", "/users/alice"]


async def test_an_id_that_is_not_where_it_says_is_dropped(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        peer.actor("alice")
        planted = peer.serve("/media/x", {"id": peer.url("/media/y"), "type": "Person"})
        peer.serve("/media/y", {"id": peer.url("/users/alice"), "type": "Person"})

        with pytest.raises(Unfetchable):
            await client.get_json(planted)
        assert len(peer.requests) == 2


async def test_a_server_cannot_speak_for_another(clock: TurnableClock) -> None:
    async with Peer.start() as good, Peer.start() as evil, asking(clock) as client:
        alice = good.actor("alice")
        forged = alice.document | {"name": "Mallory"}

        assert await client.get_json(evil.serve("/forged", forged)) == alice.document
        good.redirect("/users/alice", evil.url("/forged"))
        with pytest.raises(Unfetchable):
            await client.get_json(alice.id)


@pytest.mark.parametrize("named", [None, 7, "acct:a@b", "javascript:alert(1)", "https://a b/"])
async def test_a_document_without_a_usable_id_is_dropped(
    clock: TurnableClock, named: object
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(Unfetchable):
            await client.get_json(peer.serve("/a", {"id": named, "type": "Note"}))


async def test_a_document_may_name_a_part_of_itself(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        document = {"id": peer.url("/card#me"), "type": "Person"}
        assert await client.get_json(peer.serve("/card", document) + "#me") == document


async def test_deliveries_go_out_as_they_were_signed(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        body, headers = b'{"type":"Like"}', {"Signature": "as given", "Content-Type": ACTIVITY_JSON}
        inbox = peer.serve("/inbox", "thank\nyou \x1b[1m", status=202, Retry_After="7")

        answer = await client.post(inbox, body, headers)

        assert (answer.status, answer.retry_after, answer.excerpt) == (202, 7.0, "thank you [1m")
        assert answer.date is not None
        [request] = peer.requests
        assert (request.body, request.header("Signature")) == (body, "as given")
        assert request.header("Content-Length") == str(len(body))


@pytest.mark.parametrize("status", [200, 301, 307, 400, 401, 404, 410, 500])
async def test_every_answer_to_a_delivery_is_an_answer(clock: TurnableClock, status: int) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        inbox = peer.redirect("/inbox", "/elsewhere", status)
        assert (await client.post(inbox, b"{}", {})).status == status
        assert len(peer.requests) == 1


async def test_retry_after_can_be_a_date(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        inbox = peer.serve("/inbox", status=503, Retry_After="Sun, 14 Mar 2027 16:02:00 GMT")
        assert (await client.post(inbox, b"{}", {})).retry_after == 120.0


async def test_a_delivery_nobody_answers_is_unreachable(clock: TurnableClock) -> None:
    async with Peer.start() as peer:
        inbox = peer.url("/inbox")
    async with asking(clock) as client:
        for url in (
            inbox,
            "http://no-such-host.invalid/inbox",
            "https://norcal.example/inbox",
            "junk",
        ):
            with pytest.raises(Unreachable):
                await client.post(url, b"{}", {})


async def test_a_kept_connection_that_was_closed_is_tried_again(clock: TurnableClock) -> None:
    served: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        served.append(1)
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b"{}")  # the second request on this connection gets no answer
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, asking(clock) as client:
        for _ in range(2):
            answer = await client.post(f"http://127.0.0.1:{port}/inbox", b"{}", {})
            assert answer.status == 202
    assert len(served) == 2


async def test_connections_are_kept_and_cookies_are_not(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        ports = []

        async def note(request: web.BaseRequest) -> web.Response:
            assert request.transport is not None
            ports.append(request.transport.get_extra_info("peername")[1])
            return web.Response(headers={"Set-Cookie": "a=b; Path=/"})

        for _ in range(3):
            await client.get(peer.script("/a", note), accept="*/*")
        assert len(set(ports)) == 1
        assert all(request.header("Cookie") is None for request in peer.requests)


async def test_fetches_at_once_are_bounded(clock: TurnableClock) -> None:
    now, most = 0, 0
    go_on = asyncio.Event()

    async def hold(_: web.BaseRequest) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 2:
            go_on.set()
        await go_on.wait()
        now -= 1
        return web.Response()

    async with Peer.start() as peer, asking(clock, limits=Limits(fetches=2)) as client:
        url = peer.script("/a", hold)
        await asyncio.gather(*(client.get(f"{url}?{n}", accept="*/*") for n in range(12)))
    assert most == 2


async def test_a_proxy_in_the_environment_is_not_used(
    clock: TurnableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    async with Peer.start() as peer, asking(clock) as client:
        assert (await client.get(peer.serve("/a", "direct"), accept="*/*")).body == b"direct"


async def test_a_server_may_answer_differently_the_second_time() -> None:
    """The peer itself: what `script` promises."""
    async with Peer.start() as peer, aiohttp.ClientSession() as session:
        url = peer.script("/a", Reply(status=500), Reply(status=200))
        statuses = []
        for _ in range(3):
            async with session.get(url) as response:
                statuses.append(response.status)
        assert statuses == [500, 200, 200]
