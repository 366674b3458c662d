"""`check` and `doctor`: what is wrong is found, named and explained; what is well is left in peace."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EVENT, Command, Ran, Server, free_port

Serve = Callable[..., Server]


def change(data: Path, sql: str) -> None:
    database = sqlite3.connect(data / "node.sqlite3")
    with database:
        database.execute(sql)
    database.close()


def verdicts(ran: Ran) -> dict[str, str]:
    return {one["code"]: one["verdict"] for one in ran.json()["checks"]}


def failed(ran: Ran) -> list[str]:
    return [code for code, verdict in verdicts(ran).items() if verdict == "FAIL"]


def test_a_sound_node_passes(anyhow: Command) -> None:
    anyhow("event", "add", "-", stdin=EVENT)
    checked = anyhow("check", "--json")
    assert (checked.exit, checked.json()["ok"], failed(checked)) == (0, True, [])
    assert anyhow("check").exit == 0


@pytest.mark.parametrize(
    ("code", "sql"),
    [
        ("DOCUMENTS", "UPDATE event SET document = json_set(document, '$.timezone', 'Mars/X')"),
        ("DOCUMENTS", "UPDATE event SET document = '[]' WHERE slug = 'river-day'"),
        (
            "DATABASE",
            "INSERT INTO rsvp (event_slug, who, via, answer, state, created_at, updated_at)"
            " VALUES ('none', 'a', 'web', 'going', 'confirmed', 0, 0)",
        ),
        ("KEYS", "DELETE FROM keypair WHERE actor = 'instance'"),
        ("CLOCK", "UPDATE event SET updated_at = 32503680000000"),
        ("SCHEMA", "PRAGMA user_version = 0"),
        ("SCHEMA", "PRAGMA user_version = 99"),
    ],
)
def test_data_that_is_not_sound_is_found(run: Command, code: str, sql: str) -> None:
    run("event", "add", "-", stdin=EVENT)
    change(run.data, sql)
    checked = run("check", "--json")
    assert (checked.exit, failed(checked)) == (1, [code])
    [finding] = [one for one in checked.json()["checks"] if one["code"] == code]
    assert finding["detail"]
    assert finding["fix"]


def test_a_database_that_is_damaged_or_none_is_found(run: Command) -> None:
    (run.data / "node.sqlite3").write_bytes(b"no database" * 1000)
    checked = run("check", "--json")
    assert (checked.exit, failed(checked)) == (1, ["DATABASE"])
    (run.data / "node.sqlite3").unlink()
    assert failed(run("check", "--json")) == ["DATABASE"]
    for words in (["serve"], ["event", "list"], ["backup", "b.zip"], ["doctor"]):
        ran = run(*words, cwd=run.data)
        assert ran.exit == 1, words
        assert "Traceback" not in ran.stderr, words


@pytest.mark.parametrize("name", ["node.toml", "node.sqlite3", "media", "."])
def test_what_others_could_read_is_found(run: Command, name: str) -> None:
    (run.data / name).chmod(0o755)
    assert failed(run("check", "--json")) == ["MODES"]


def test_every_setting_that_cannot_be_used_is_found(run: Command) -> None:
    (run.data / "node.toml").write_text('url = "http://x.example"\n[log]\nlevel = "loud"\n')
    checked = run("check", "--json")
    assert checked.exit == 1
    assert [one["code"] for one in checked.json()["checks"]] == ["CONFIG", "CONFIG"]
    assert run("doctor", "--json").exit == 1


def test_a_node_that_answers_is_well(run: Command, serve: Serve, tmp_path: Path) -> None:
    serve()
    assert run("backup", tmp_path / "b.zip").exit == 0
    seen = run("doctor", "--json")
    assert (seen.exit, failed(seen)) == (0, [])
    found = verdicts(seen)
    assert {code for code, verdict in found.items() if verdict == "SKIP"} == {"DNS", "TLS", "MAIL"}
    for code in (
        "REACHABLE",
        "WEBFINGER",
        "ACTOR",
        "SIGNATURE",
        "INBOX",
        "CLOCK",
        "BACKUP",
        "DISK",
    ):
        assert found[code] == "OK", code


def test_a_node_that_does_not_answer_is_told_so(run: Command) -> None:
    run.variables["ROUGHWEATHER_URL"] = f"http://127.0.0.1:{free_port()}"
    seen = run("doctor", "--json")
    assert (seen.exit, failed(seen)) == (1, ["REACHABLE"])
    assert verdicts(seen)["SIGNATURE"] == "SKIP"
    assert run("doctor").stderr == "Failed: REACHABLE.\n"


def test_another_nodes_keys_do_not_fit(run: Command, serve: Serve, empty: Command) -> None:
    serve()
    empty.variables["ROUGHWEATHER_URL"] = run.variables["ROUGHWEATHER_URL"]
    made = empty("init", "--url", "http://127.0.0.1:1", "--handle", "other", "--name", "Other",
                 "--allow-private-networks")  # fmt: skip
    assert made.exit == 0, made.stderr
    assert failed(empty("doctor", "--json")) == ["WEBFINGER", "SIGNATURE"]


async def test_a_mail_server_that_does_not_let_us_in_is_found(run: Command) -> None:
    async def answer(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 go away\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        run.variables |= {
            "ROUGHWEATHER_MAIL__HOST": "127.0.0.1",
            "ROUGHWEATHER_MAIL__PORT": str(port),
        }
        seen = await asyncio.to_thread(run, "doctor", "--json")
    assert verdicts(seen)["MAIL"] == "FAIL"
    assert "go away" in seen.stdout


def test_a_name_that_leads_nowhere_is_found(run: Command) -> None:
    run.variables["ROUGHWEATHER_URL"] = "https://nowhere.invalid"
    seen = run("doctor", "--json")
    assert failed(seen) == ["DNS", "TLS", "REACHABLE"]
