"""A, B: what strangers can make a node ask for on the Internet, and what lying servers make of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from tests.abuse.attacked import AS2, FORM, Attacked, Reply
from tests.federation.peer import Peer, PeerActor
from tests.federation.peer import Reply as Scripted
from tests.running_node import ENVIRONMENT, RunningNode, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(slots=True)
class Production:
    """A node as it is on the Internet (https, public addresses only), and a trap on this machine."""

    node: RunningNode
    attacked: Attacked
    trap: int
    sprung: list[int]

    async def refuses(self, key_id: str, *, actor: str | None = None) -> Reply:
        """Post an activity whose key is at `key_id`; assert that nothing came into the trap."""
        activity = {"id": f"{actor or key_id}#1", "type": "Follow", "actor": actor or key_id}
        activity["object"] = "https://alder.example/group"
        body = json.dumps(activity).encode()
        headers = {"Host": "alder.example", "Content-Type": AS2, "Date": "x", "Digest": "SHA-256=x"}
        headers["Signature"] = (
            f'keyId="{key_id}",headers="(request-target) host date digest",signature="eA=="'
        )
        started = time.monotonic()
        answer = await self.attacked.ask("POST", "/inbox", headers, body)
        assert time.monotonic() - started < 2
        assert not self.sprung
        return answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def production(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Production]:
    """Started without leave to reach private networks, and with a proxy in its environment."""
    sprung: list[int] = []

    async def spring(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sprung.append(1)
        writer.close()

    server = await asyncio.start_server(spring, "127.0.0.1", 0)
    trap = server.sockets[0].getsockname()[1]
    directory = tmp_path_factory.mktemp("production")
    port = free_port()
    node = RunningNode(directory / "alder", f"http://127.0.0.1:{port}", "alder", port, ENVIRONMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENVIRONMENT, "ROUGHWEATHER_FEDERATION__ALLOW_PRIVATE_NETWORKS", "false")
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            patch.setitem(ENVIRONMENT, name, f"http://127.0.0.1:{trap}")
        given = ("--url", "https://alder.example", "--handle", "alder", "--name", "Alder")
        await node.command("init", *given)
        await node.start()
    try:
        async with Peer.start() as peer:
            attacked = Attacked(node, peer, peer._session, peer._session)
            yield Production(node, attacked, trap, sprung)
            attacked.close()
    finally:
        await node.stop()
        server.close()
        assert "Traceback" not in node.log(), node.log()


TARGETS = (
    "https://127.0.0.1:{trap}/a",
    "http://127.0.0.1:{trap}/a",
    "https://localhost:{trap}/a",
    "https://[::1]:{trap}/a",
    "https://[::ffff:127.0.0.1]:{trap}/a",
    "https://[::127.0.0.1]/a",
    "https://[64:ff9b::7f00:1]/a",
    "https://[2002:7f00:1::]/a",
    "https://[fec0::1]/a",
    "https://0.0.0.0:{trap}/a",
    "https://127.1:{trap}/a",
    "https://2130706433:{trap}/a",
    "https://0x7f000001:{trap}/a",
    "https://0177.0.0.1:{trap}/a",
    "https://127.0.0.1.:{trap}/a",
    "https://10.0.0.1/a",
    "https://172.16.0.1/a",
    "https://192.168.0.1/a",
    "https://100.64.0.1/a",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.0.2.1/a",
    "https://198.18.0.1/a",
    "https://224.0.0.1/a",
    "https://255.255.255.255/a",
    "https://evil.example:22/a",
    "https://evil.example:{trap}/a",
    "https://printer.local/a",
    "https://x.onion/a",
    "https://x.internal/a",
    "https://intranet/a",
    "https://user@127.0.0.1:{trap}/a",
    "https://evil.example\\@127.0.0.1:{trap}/a",
    "https://evil.example#@127.0.0.1:{trap}/a",
    "file:///etc/passwd",
    "data:application/json,{}",
    "ftp://127.0.0.1:{trap}/a",
    "gopher://127.0.0.1:{trap}/a",
    "//127.0.0.1:{trap}/a",
)


@pytest.mark.parametrize("target", TARGETS)
async def test_a1_to_a7_a12_a13_a15_no_key_leads_into_a_private_network(
    production: Production, target: str
) -> None:
    answer = await production.refuses(target.replace("{trap}", str(production.trap)))
    assert answer.status in (400, 401, 503)
    if "#@" not in target:  # what is left of that one is a public name which nobody has
        assert answer.status in (400, 401)


@pytest.mark.parametrize("target", [*TARGETS, "@a@127.0.0.1:{trap}", "@a@localhost", "@a@[::1]"])
async def test_a17_not_even_a_steward_makes_it_look_there(
    production: Production, target: str
) -> None:
    target = target.replace("{trap}", str(production.trap))
    await production.node.command("follow", target, code=1)
    assert not production.sprung


async def test_a17_no_stranger_makes_it_look_there_by_a_webmention(production: Production) -> None:
    """The one address that anybody may hand in to be fetched; ten an asker, then 429."""
    event = {"id": "circle", "title": "Circle", "start_local": "2031-06-14T15:00:00"}
    event |= {"end_local": "2031-06-14T17:00:00", "timezone": "UTC"}
    await production.node.command("event", "add", "-", stdin=event)
    headers = {"Host": "alder.example", "Content-Type": FORM}
    statuses = []
    for target in (*TARGETS[:8], "https://alder.example/events/circle", *TARGETS[8:]):
        source = target.replace("{trap}", str(production.trap))
        body = urlencode({"source": source, "target": "https://alder.example/events/circle"})
        answer = await production.attacked.ask("POST", "/webmention", headers, body.encode())
        statuses.append(answer.status)
    assert set(statuses[:10]) == {400}
    assert set(statuses[10:]) == {429}
    assert not production.attacked.rows("SELECT source FROM webmention")
    assert not production.sprung


@pytest.mark.parametrize("address", [*TARGETS, "@a@127.0.0.1:{trap}", "@a@localhost", "a@[::1]"])
async def test_a17_no_reader_makes_it_look_there_for_their_server(
    production: Production, address: str
) -> None:
    given = address.replace("{trap}", str(production.trap))
    headers = {"Host": "alder.example", "Content-Type": FORM, "Sec-Fetch-Site": "same-origin"}
    body = urlencode({"do": "follow", "about": "", "address": given}).encode()
    answer = await production.attacked.ask("POST", "/from-your-server", headers, body)
    assert answer.status in (200, 422)
    assert not production.sprung


@pytest.mark.parametrize(
    "key_id",
    [
        "https://alder.example/group#main-key",
        "https://ALDER.example./group",
        "https://alder.example:443/x",
    ],
)
async def test_a14_it_never_asks_itself(production: Production, key_id: str) -> None:
    assert (await production.refuses(key_id)).status in (400, 401)


async def test_a18_a_proxy_in_the_environment_is_not_used(production: Production) -> None:
    await production.node.command("follow", "https://nobody.invalid/group", code=1)
    assert not production.sprung


async def test_c8_plain_http_hosts_are_not_ours_there(production: Production) -> None:
    body = b'{"type":"Follow","actor":"https://a.example/u"}'
    for host in ("127.0.0.1", production.attacked.host, "evil.example", "alder.example:80"):
        answer = await production.attacked.ask(
            "POST", "/inbox", {"Host": host, "Content-Type": AS2}, body
        )
        assert answer.status == 401


async def test_j3_l14_ids_and_headers_come_from_the_settings(production: Production) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "alder.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"Host": "alder.example", "Forwarded": "host=evil.example"},
    ):
        for target in ("/group", "/", "/feed.atom", "/calendar.ics", "/.well-known/nodeinfo"):
            answer = await production.attacked.ask("GET", target, headers | {"Accept": AS2})
            assert b"evil.example" not in answer.body + answer.head.encode()
            assert answer.header("Strict-Transport-Security"), target
    answer = await production.attacked.ask("GET", "/group", {"Accept": AS2, "Host": "evil.example"})
    assert json.loads(answer.body)["id"] == "https://alder.example/group"


# ------------------------------------------------------------------------------------ lying servers


def actor_document(peer: Peer, name: str) -> dict[str, Any]:
    """An actor that nobody has any reason to doubt."""
    return dict(peer.actor(name, type="Group").document)


LIES: dict[str, Any] = {
    "b1_text": lambda p, d: Scripted(body=json.dumps(d), content_type="text/plain"),
    "b1_octets": lambda p, d: Scripted(body=json.dumps(d), content_type="application/octet-stream"),
    "b1_json": lambda p, d: Scripted(body=json.dumps(d), content_type="application/json"),
    "b1_html": lambda p, d: Scripted(body=json.dumps(d), content_type="text/html"),
    "b1_none": lambda p, d: Scripted(body=json.dumps(d), content_type=""),
    "b2_no_profile": lambda p, d: Scripted(body=json.dumps(d), content_type="application/ld+json"),
    "b2_other_profile": lambda p, d: Scripted(
        body=json.dumps(d),
        content_type='application/ld+json; profile="https://www.w3.org/ns/activitystreams-evil"',
    ),
    "b4_id_elsewhere": lambda p, d: d | {"id": "https://good.example/users/alice"},
    "b5_another_id_here": lambda p, d: d | {"id": p.url("/users/somebody-else")},
    "b5_no_id": lambda p, d: {k: v for k, v in d.items() if k != "id"},
    "b7_itself": lambda p, d: Scripted(status=302, headers={"Location": d["id"]}),
    "b7_nowhere": lambda p, d: Scripted(status=302, headers={"Location": "https://[::1"}),
    "b7_file": lambda p, d: Scripted(status=302, headers={"Location": "file:///etc/passwd"}),
    "b7_metadata": lambda p, d: Scripted(
        status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}
    ),
    "b10_too_large": lambda p, d: Scripted(body=b" " * 1_100_000, content_type=AS2),
    "b15_many_headers": lambda p, d: Scripted(
        body=d, headers={f"X-{n}": "v" * 10 for n in range(1000)}
    ),
    "b15_long_header": lambda p, d: Scripted(body=d, headers={"X": "v" * 100_000}),
    "b16_utf_16": lambda p, d: Scripted(body=json.dumps(d).encode("utf-16"), content_type=AS2),
    "b16_utf_7": lambda p, d: Scripted(body=b"+AHs-", content_type=AS2 + "; charset=utf-7"),
    "f4_deep": lambda p, d: Scripted(body=b'{"a":' * 100_000, content_type=AS2),
    "f7_twice": lambda p, d: Scripted(body=b'{"id":"a","id":"b"}', content_type=AS2),
    "no_actor": lambda p, d: d | {"type": "Note"},
    "no_inbox": lambda p, d: {k: v for k, v in d.items() if k != "inbox"},
    "d15_inbox_elsewhere": lambda p, d: d | {"inbox": "https://good.example/inbox"},
    "gone": lambda p, d: Scripted(status=410),
    "error": lambda p, d: Scripted(status=599),
    "odd_status": lambda p, d: Scripted(status=299, body=d),
}


@pytest.mark.parametrize("lie", LIES)
async def test_b_a_server_that_lies_is_followed_by_nobody(attacked: Attacked, lie: str) -> None:
    name = "liar" + lie.replace("_", "")
    document = actor_document(attacked.peer, name)
    said = LIES[lie](attacked.peer, document)
    attacked.peer.script(
        f"/users/{name}", said if isinstance(said, Scripted) else Scripted(body=said)
    )
    actor: PeerActor = attacked.peer.actors[name]
    async with attacked.refused("actor", "public_key", "inbound", "host_state", asks=12):
        await attacked.node.command("follow", actor.id, code=1)
        answer = await attacked.post(actor, actor.activity("Follow", attacked.group))
    # Whoever shows a key, and nothing else that an actor has, is heard and then refused.
    heard = lie.startswith(("no_", "d15"))
    assert answer.status in ((202,) if heard else (401, 503))
    assert not attacked.rows("SELECT 1 FROM follower WHERE actor_id = ?", actor.id)


async def test_j1_a_handle_of_another_host_is_not_shown(attacked: Attacked) -> None:
    async with Peer.start() as good:
        good.actor("alice")
        liar = attacked.peer.actor("imposter", type="Group")
        attacked.peer.webfinger(
            f"acct:imposter@{attacked.peer.host}", liar.id, subject=f"acct:alice@{good.host}"
        )
        await attacked.node.command("follow", liar.id, code=1)
        follow = liar.activity("Follow", attacked.group)
        assert (await attacked.post(liar, follow)).status == 202
        await attacked.settled()
        [(handle,)] = attacked.rows("SELECT handle FROM actor WHERE id = ?", liar.id)
        assert handle == f"imposter@{attacked.peer.host}"


async def test_b13_a_page_full_of_tags_costs_no_time(attacked: Attacked) -> None:
    for number, page in enumerate(("<a" * 300_000, "<link " * 100_000, "<!--" * 200_000)):
        attacked.peer.serve(f"/page{number}", page, content_type="text/html")
        started = time.monotonic()
        await attacked.node.command("follow", attacked.peer.url(f"/page{number}"), code=1)
        await attacked.healthy()
        assert time.monotonic() - started < 1
