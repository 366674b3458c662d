"""G, H, J, M: who looks like somebody else, who comes in crowds, and what we are made of."""

import asyncio
import json
import logging
import re
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from federation.inbox.limits import Limiter
from node.logs import Bounded
from tests.abuse.attacked import AS2, HTML, Attacked
from tests.federation.peer import rsa_key
from tests.running_node import ENVIRONMENT, RunningNode, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]


async def test_g10_what_is_remembered_of_strangers_is_bounded() -> None:
    limiter = Limiter(per_minute=60, burst=1, names=1000)
    now = datetime(2031, 1, 1, tzinfo=UTC)
    for number in range(5000):
        limiter.take(f"server{number}.example", now)
    assert len(limiter._buckets) == 1000


async def test_g13_a_flood_of_bad_signatures_keeps_nobody_waiting(attacked: Attacked) -> None:
    mallory, honest = await attacked.known(), await attacked.known()
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    headers = attacked.sign(mallory, body, key=rsa_key(77))
    flood = [attacked.ask("POST", "/inbox", headers, body) for _ in range(100)]
    working = asyncio.gather(*flood)
    started = time.monotonic()
    like = honest.activity("Like", f"{attacked.url}/events/offen")
    assert (await attacked.post(honest, like)).status == 202
    await attacked.healthy()
    assert time.monotonic() - started < 2
    assert {one.status for one in await working} <= {401, 429}


async def test_h12_names_neither_turn_nor_hide_nor_pile_up(attacked: Attacked) -> None:
    actor = attacked.stranger()
    actor.document["name"] = "Ro\u202ebin\u200b\u2066 " + "e" + "\u0301" * 10_000
    note = {
        "id": f"{actor.id}/h12",
        "type": "Note",
        "attributedTo": actor.id,
        "inReplyTo": f"{attacked.url}/events/offen",
        "content": "<p>x\u202ey\u2066" + "\u0301" * 1000 + "</p>",
        "to": ["as:Public"],
    }
    assert (await attacked.post(actor, actor.activity("Create", note))).status == 202
    await attacked.settled()
    [(name,)] = attacked.rows("SELECT name FROM actor WHERE id = ?", actor.id)
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", name)
    assert len(name) < 500
    _, text = await attacked.page("/desk/replies", steward=True)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert longest_pile(text) <= 16


def longest_pile(text: str) -> int:
    """How many combining marks stand on one character at most."""
    longest = standing = 0
    for character in text:
        standing = standing + 1 if unicodedata.combining(character) else 0
        longest = max(longest, standing)
    return longest


@pytest.mark.parametrize(
    "handle",
    ["", "Alder Circle", "аlder", "alder.", "alder/x", "a" * 31, "al\u0301der", "ALDER", "@alder"],
)
async def test_j4_a_handle_has_one_spelling_in_plain_letters(tmp_path: Path, handle: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    node = RunningNode(tmp_path / "node", url, "alder", port, ENVIRONMENT)
    given = ("--url", url, f"--handle={handle}", "--name", "Alder")
    await node.command("init", *given, code=1)
    assert not (tmp_path / "node" / "node.sqlite3").exists()


async def test_j7_a_host_that_looks_like_another_is_shown_as_it_is(attacked: Attacked) -> None:
    await attacked.node.command("block", "аррӏе.example")
    try:
        blocked = await attacked.node.json("blocks", "--json")
        assert [one["target"] for one in blocked] == ["xn--80ak6aa92e.example"]
    finally:
        await attacked.node.command("unblock", "xn--80ak6aa92e.example")


@pytest.mark.parametrize("name", ["core.txt", "dev.txt"])
async def test_m7_every_dependency_is_installed_by_its_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", line), line
    installs = re.findall(r"pip install.*-r .*", (ROOT / "Makefile").read_text())
    assert installs
    assert all("--require-hashes" in line for line in installs)


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "line"),
    [
        ("POST", "/inbox", {}, b"{}", "status=415 method=POST route=/inbox from=- "),
        ("POST", "/inbox", {"Content-Type": AS2}, b"{", "status=400 method=POST route=/inbox"),
        (
            "POST",
            "/group/inbox?secret=4711",
            {"Content-Type": AS2},
            b'{"type":"Follow","actor":"https://evil.example/u"}',
            "status=401 method=POST route=/group/inbox from=evil.example ",
        ),
        ("POST", "/inbox", {"Content-Length": "2000000"}, b"", "status=415 method=POST"),
        ("DELETE", "/group", {}, b"", "status=405 method=DELETE route=-"),
        ("POST", "/sign-in", {"Accept": HTML}, b"name=Secret4711", "status=403 method=POST"),
    ],
)
async def test_m1_each_refusal_is_one_line_without_what_was_said(
    attacked: Attacked, method: str, target: str, headers: dict[str, str], body: bytes, line: str
) -> None:
    said = len(attacked.node.log())
    answer = await attacked.ask(method, target, headers, body)
    assert 400 <= answer.status < 500
    lines = attacked.node.log()[said:].splitlines()
    assert len(lines) == 1, lines
    assert f"refused {line}" in lines[0]
    assert "4711" not in lines[0]
    assert 'reason="' in lines[0]


async def test_m1_a_flood_of_refusals_leaves_a_bounded_log() -> None:
    gate = Bounded()
    records = [
        logging.makeLogRecord({"msg": "refused", "created": 1e9 + n / 1000}) for n in range(9000)
    ]
    written = [one for one in records if gate.filter(one)]
    assert 300 <= len(written) <= 310
    late = logging.makeLogRecord({"msg": "refused", "created": 1e9 + 60})
    assert gate.filter(late)
    told = [re.search(r"left_out=(\d+)$", str(one.msg)) for one in (*written, late)]
    assert sum(int(found[1]) for found in told if found) == 9000 - len(written)
