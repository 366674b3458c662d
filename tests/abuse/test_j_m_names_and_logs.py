"""J, M: who is who, what the log tells, and what lies open; numbers of the abuse corpus."""

import asyncio
import json
import re
import stat
import zipfile
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from tests.abuse.attacked import AS2, FORM, HTML, Attacked
from tests.abuse.conftest import sign_in
from web import routes as web_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "Kanarienvogel-4722 singt"


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """The log tells all that it ever tells."""
    return {"ROUGHWEATHER_LOG__LEVEL": "debug"}


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ("acct:alder@{host}", 200),
        ("acct:ALDER@{host}", 200),
        ("acct:@alder@{host}", 200),
        ("acct%3Aalder%40{host}", 200),
        ("acct:alder@evil.example", 404),
        ("acct:alder@{host}.evil.example", 404),
        ("acct:alder@{host}@evil.example", 404),
        ("acct:evil@alder@{host}", 404),
        ("acct:alder%00@{host}", 404),
        ("acct:alder@", 404),
        ("acct:@", 404),
        ("acct:", 400),
        ("", 400),
        ("alder@{host}", 400),
        ("javascript:alert(1)", 404),
        ("acct:alder@{host}&resource=acct:x@y", 400),
        ("%ff", 400),
        ("acct:" + "a" * 3000, 400),
        ("https://[::1", 404),
        ("http://{host}/group", 200),
        ("http://{host}/group?x", 404),
        ("http://{host}/events/nur-hier", 404),
        ("HTTP://{host}/desk", 404),
        ("acct:\u0430lder@{host}", 404),
        ("acct:alder@{host}%0d%0aX-Evil:1", 404),
    ],
)
async def test_j2_only_who_is_here_is_found(attacked: Attacked, resource: str, status: int) -> None:
    query = quote(resource.format(host=attacked.host), safe="%:@/&=?")
    answer = await attacked.ask("GET", f"/.well-known/webfinger?resource={query}")
    assert answer.status == status, answer
    assert answer.header("X-Evil") is None
    if status == 200:
        assert json.loads(answer.body)["subject"] == f"acct:alder@{attacked.host}"


@pytest.mark.parametrize("spelled", ["127.0.0.1", "127.0.0.1.", "HTTP://127.0.0.1/", "127.0.0.1/"])
async def test_j6_a_closed_door_is_closed_however_it_was_spelled(
    attacked: Attacked, spelled: str
) -> None:
    actor = attacked.stranger()
    await attacked.node.command("block", spelled)
    try:
        async with attacked.refused():
            answer = await attacked.post(actor, actor.activity("Follow", attacked.group))
        assert answer.status == 403
    finally:
        await attacked.node.command("unblock", spelled)


async def test_m1_nobody_else_writes_lines_into_our_log(attacked: Attacked) -> None:
    said = len(attacked.node.log())
    forged = "x\n2031-01-01 00:00:00,000 ERROR node.serve: forged-4723\x1b[2J\u202e"
    peer = attacked.peer
    liar = peer.actor("forger", type="Group", outbox=peer.url("/forger/outbox"))
    liar.document |= {"name": forged, "summary": forged}
    page = {"id": peer.url("/forger/outbox"), "type": "OrderedCollection"}
    peer.serve("/forger/outbox", page | {"orderedItems": [forged, {"id": forged, "type": forged}]})
    await attacked.node.command("follow", liar.id)
    follow = await peer.delivery("Follow", path="/users/forger/inbox")
    for activity in (
        liar.activity("Accept", follow),
        liar.activity("Create", {"id": forged, "type": "Note"}),
        liar.activity("Announce", peer.url("/nothing%0aERROR%20forged-4723")),
        liar.activity(forged, forged),
    ):
        await attacked.post(liar, activity)
    await attacked.settled()
    target = "/events/" + quote(forged)
    await attacked.ask("GET", target, {"User-Agent": "forged-4723", "Accept": AS2})
    await attacked.ask("POST", target + "/come", {"Content-Type": FORM}, b"x")
    await attacked.raw("GET /forged-4723 \x1b[2J HTTP/9.9\r\n\r\n")
    log = attacked.node.log()[said:]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", log)
    assert not [line for line in log.splitlines() if "node.serve: forged-4723" in line[:60]]


async def test_m2_no_secret_is_ever_logged_or_shown(attacked: Attacked) -> None:
    made = await attacked.node.json("steward", "add", "Kim", "--json")
    link = str(made["link"])
    cookies = aiohttp.CookieJar(unsafe=True)
    fields = {"password": CANARY, "again": CANARY}
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML}
    secrets = {CANARY, link.rpartition("/")[2]}
    # From an address of its own: who signs in from one address can try five times a minute.
    there = aiohttp.TCPConnector(local_addr=("127.0.0.7", 0))
    async with aiohttp.ClientSession(cookie_jar=cookies, connector=there) as http:
        await http.get(link)
        await http.post(link, data={"password": "short", "again": CANARY}, headers=sent)
        await http.post(link, data=fields, headers=sent)
        await http.post(
            f"{attacked.url}/sign-in", data={"name": "Kim", "password": CANARY + "x"}, headers=sent
        )
        secrets |= {cookie.value for cookie in cookies}
        page = await (await http.get(f"{attacked.url}/desk")).text()
        token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
        wrong = {"csrf": token, "current": CANARY + "y", "password": CANARY, "again": CANARY}
        await http.post(f"{attacked.url}/desk/account/password", data=wrong, headers=sent)
        # People type their password where their name belongs.
        typed = {"name": CANARY, "password": "wrong wrong wrong"}
        await http.post(f"{attacked.url}/sign-in", data=typed, headers=sent)
        raised = {"words": CANARY, "contact": CANARY}
        await http.post(f"{attacked.url}/concern", data=raised, headers=sent)
        secrets |= set(re.findall(r'name="csrf" value="([^"]+)"', page))
    assert len(secrets) >= 4
    actor = attacked.stranger()
    for key in (None, attacked.stranger().key):
        activity = actor.activity("Follow", attacked.group)
        await attacked.post(actor, activity, key=key)
    await attacked.settled()
    for (pem,) in attacked.rows("SELECT private_pem FROM keypair"):
        secrets |= {line for line in pem.splitlines() if len(line) > 30 and "-" not in line}
    log = attacked.node.log()
    shown = [log, str(attacked.rows("SELECT * FROM audit"))]
    for route in web_routes.routes():
        path = re.sub(r"\{slug[^}]*\}", "offen", route.path).replace("{token}", "x")
        shown.append((await attacked.page(path))[1])
    for text in shown:
        assert not [one for one in secrets if one in text]
    assert "PRIVATE KEY" not in log


async def test_m3_one_address_two_faces_never_one_cache(attacked: Attacked) -> None:
    for path in ("/group", "/events/offen", "/reflections/moos", "/events/nie", "/nothing"):
        for accept in (HTML, AS2):
            answer = await attacked.ask("GET", path, {"Accept": accept})
            assert "accept" in (answer.header("Vary") or "").lower(), (path, accept)
            is_page = (answer.header("Content-Type") or "").startswith("text/html")
            assert is_page == (accept == HTML), (path, accept)


async def test_m4_nobody_else_on_the_machine_reads_anything(
    attacked: Attacked, tmp_path: Path
) -> None:
    for path in (attacked.node.data, *attacked.node.data.rglob("*")):
        mode = path.lstat().st_mode
        assert not stat.S_IMODE(mode) & 0o077, path
    file = tmp_path / "backup.zip"
    await attacked.node.command("backup", str(file))
    assert not stat.S_IMODE(file.stat().st_mode) & 0o077
    assert zipfile.is_zipfile(file)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_m5_figures_are_for_this_machine_only(attacked: Attacked, header: str) -> None:
    assert (await attacked.ask("GET", "/metrics")).status == 200
    assert (await attacked.ask("GET", "/metrics", {header: "127.0.0.1"})).status == 404


@pytest.mark.parametrize(
    "target",
    [
        "/static/../node.toml",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc%2fpasswd",
        "/static/..%5c..%5cnode.toml",
        "/static//etc/passwd",
        "/static/%00",
        "/static/style.css",
        "/static/",
        "/media/../node.sqlite3",
        "/node.toml",
        "/node.sqlite3",
        "/.git/config",
        "/control.sock",
        "//etc/passwd",
    ],
)
async def test_m6_no_path_leads_out_of_what_is_served(attacked: Attacked, target: str) -> None:
    answer = await attacked.ask("GET", target, {"Accept": HTML})
    assert answer.status == 404
    assert b"root:" not in answer.body


async def test_l12_an_old_session_does_not_survive_another_first_sign_in(
    attacked: Attacked,
) -> None:
    """Two sign-ins of one browser: the first session is over when the second begins."""
    before = {one.value for one in attacked.steward.cookie_jar if isinstance(one.value, str)}
    await sign_in(attacked, "Lou")
    for value in before:
        answer = await attacked.ask("GET", "/desk", {"Cookie": f"roughweather={value}"})
        assert answer.status == 303


async def test_m_the_control_socket_takes_nonsense(attacked: Attacked) -> None:
    said = len(attacked.node.log())
    for sent in (b"", b"{", b"[]", b"null", b'{"a":' * 100_000, b'{"command":[]}', b"\xff" * 5000):
        reader, writer = await asyncio.open_unix_connection(attacked.node.data / "control.sock")
        writer.write(sent)
        writer.write_eof()
        answer = json.loads(await reader.read())
        writer.close()
        assert answer["exit"] == 1
    assert "Traceback" not in attacked.node.log()[said:]
