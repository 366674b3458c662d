"""`serve`, its lock, its control socket and its end."""

import os
import signal
import socket
import sqlite3
import stat
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from node import cli
from node.control import SOCKET, ask
from node.lock import hold
from tests.cli.conftest import EVENT, Command, Server, free_port

Serve = Callable[..., Server]


def page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
        text: str = response.read().decode()
        return text


def test_a_server_answers_and_a_command_changes_what_it_shows(run: Command, serve: Serve) -> None:
    server = serve()
    assert page(server.port, "/healthz") == "ok\n"
    run("event", "add", "-", stdin=EVENT)
    assert "A day by the river" in page(server.port, "/events/river-day")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(run: Command, serve: Serve, number: int) -> None:
    server = serve()
    assert server.stop(number) == 0
    assert not (run.data / SOCKET).exists()
    assert not (run.data / "node.sqlite3-wal").exists()


def test_a_command_at_work_is_broken_off_in_time(run: Command, serve: Serve) -> None:
    server = serve()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/group"
        asking = run.start("follow", address)
        connection, _ = silent.accept()
        with connection:
            assert server.stop() == 0
        _, stderr = asking.communicate(timeout=10)
    assert asking.returncode == 1
    assert stderr == b"The node stopped before it answered; see whether it was done.\n"


def test_the_socket_is_private(run: Command, serve: Serve) -> None:
    serve()
    mode = (run.data / SOCKET).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert mode & 0o777 == 0o600


def test_a_second_server_is_refused(run: Command, serve: Serve, monkeypatch: pytest.MonkeyPatch,
                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    serve()
    monkeypatch.setattr("node.lock.WAIT_SECONDS", 0.0)
    assert cli.main(["--data", str(run.data), "serve", "--port", str(free_port())]) == 1
    assert "in use by another process" in capsys.readouterr().err


def test_a_port_that_is_taken_is_one_plain_sentence(run: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("serve", "--port", str(taken.getsockname()[1]))
    assert refused.exit == 1
    assert "is in use by another program" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_socket_left_by_a_killed_server_hinders_nobody(run: Command, serve: Serve) -> None:
    server = serve()
    server.process.kill()
    server.process.communicate()
    assert (run.data / SOCKET).exists()
    assert run("event", "list", "--json").json() == []
    serve()
    assert run("event", "list", "--json").json() == []


def test_a_command_waits_for_another_one_and_then_refuses(
    run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "WAIT_SECONDS", 0.2)
    with hold(run.data):
        assert cli.main(["--data", str(run.data), "event", "list"]) == 1
    assert capsys.readouterr().err == (
        f"The node in {run.data} is in use by another process: stop it, or wait until it is done.\n"
    )


def test_a_command_that_waited_goes_on(run: Command) -> None:
    with hold(run.data):
        process = run.start("event", "list", "--json")
    stdout, _ = process.communicate(timeout=30)
    assert (process.returncode, stdout) == (0, b"[]\n")


def test_a_directory_with_a_long_name_has_a_socket_too(
    run: Command, serve: Serve, tmp_path: Path
) -> None:
    long = tmp_path / ("a" * 100) / ("b" * 100)
    long.parent.mkdir()
    run.data = run.data.rename(long)
    serve()
    assert run("event", "add", "-", stdin=EVENT).exit == 0


@pytest.mark.parametrize(
    "request_", [b"", b"{", b"[]", b'{"command": "event"}', b"\xff" * 1000,
                 b'{"command": "event", "arguments": {}, "stdin": "%%"}',
                 b'{"command": "os", "arguments": {}, "stdin": ""}'],
)  # fmt: skip
def test_what_is_no_command_is_refused_and_the_server_lives(
    shared: Command, request_: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.fspath(shared.data / SOCKET))
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        assert b'"exit": 1' in connection.makefile("rb").read()
    assert shared("event", "list").exit == 0


def test_a_client_that_goes_away_hurts_nobody(run: Command, serve: Serve) -> None:
    server = serve()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.fspath(run.data / SOCKET))
        connection.sendall(
            b'{"command": "event", "arguments": {"action": "list", "json": true}, "stdin": ""}'
        )
    assert page(server.port, "/healthz") == "ok\n"
    assert server.stop() == 0


def test_many_commands_at_once_are_all_done(run: Command, serve: Serve) -> None:
    serve()
    found: list[int] = []

    def add(number: int) -> None:
        document = (
            f'{{"title": "N{number}", "start_local": "2027-05-01T10:00:00", "timezone": "UTC"}}'
        )
        outcome = ask(run.data, "event", {"action": "add"}, document.encode())
        assert outcome is not None
        found.append(outcome.exit)

    threads = [threading.Thread(target=add, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 20
    assert len(run("event", "list", "--json").json()) == 20


def test_a_backup_of_a_running_node_holds_all_that_was_acknowledged(
    run: Command, serve: Serve, empty: Command, tmp_path: Path
) -> None:
    serve()
    run("event", "add", "-", stdin=EVENT)
    assert run("backup", tmp_path / "b.zip").exit == 0
    run("event", "remove", "river-day")
    assert empty("restore", tmp_path / "b.zip").exit == 0
    assert empty("event", "show", "river-day", "--json").json() == EVENT
    assert empty("check").exit == 0


def test_files_are_those_of_whoever_gives_the_command(
    run: Command, serve: Serve, tmp_path: Path
) -> None:
    serve()
    (tmp_path / "elsewhere").mkdir()
    assert run("export", "out.json", cwd=tmp_path / "elsewhere").exit == 0
    assert (tmp_path / "elsewhere" / "out.json").exists()


def test_an_export_that_cannot_be_written_is_one_plain_sentence(shared: Command) -> None:
    failed = shared("export", "/no/such/directory/out.json")
    assert failed.exit == 1
    assert (
        failed.stderr
        == "/no/such/directory/out.json cannot be written: No such file or directory.\n"
    )


def test_a_steward_gets_a_link_that_works(run: Command, serve: Serve) -> None:
    serve()
    link = run("steward", "add", "Ana", "--json").json()["link"]
    with urllib.request.urlopen(link, timeout=5) as response:
        assert response.status == 200
    assert run("steward", "add", "Ana").exit == 1
    assert run("steward", "reset", "Ana").stdout.splitlines()[-1] != link
    names = [one["name"] for one in run("steward", "list", "--json").json()]
    assert names == ["steward", "Ana"]


def test_whoever_reads_only_the_first_line_hurts_nobody(run: Command) -> None:
    process = run.start("event", "list", "--json")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(timeout=30)
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.parametrize(
    "words",
    [["event", "list"], ["reflection", "list"], ["following"], ["followers"], ["blocks"], ["queue"],
     ["steward", "list"], ["config"], ["check"]],
)  # fmt: skip
def test_with_json_there_is_one_document_and_nothing_else(
    shared: Command, words: list[str]
) -> None:
    ran = shared(*words, "--json")
    assert (ran.exit, ran.stderr) == (0, "")
    ran.json()


def test_the_queue_has_all_its_numbers(shared: Command) -> None:
    assert set(shared("queue", "--json").json()) == {
        "pending", "retrying", "delivered", "dead", "parked", "oldest_pending_seconds",
    }  # fmt: skip


def test_a_database_from_the_future_is_refused(run: Command) -> None:
    import_ = run.data / "node.sqlite3"
    run("queue")
    _set_version(import_, 99)
    for words in (["serve"], ["event", "list"], ["migrate"], ["check"]):
        refused = run(*words)
        assert refused.exit == 1, words
        assert "newer than this program's" in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stderr


def _set_version(path: Path, version: int) -> None:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()


def test_migrate_says_when_there_is_nothing_to_do(anyhow: Command) -> None:
    ran = anyhow("migrate")
    assert (ran.exit, ran.stderr) == (0, "")
    assert "current" in ran.stdout


def test_a_dead_worker_ends_the_server_with_one(run: Command) -> None:
    # A cancelled step stands for whatever kills a worker's task; errors in a step do not.
    code = (
        "import asyncio, sys\n"
        "from federation.outbox import OutboxWorker\n"
        "from node.cli import main\n"
        "async def die(self): raise asyncio.CancelledError\n"
        "OutboxWorker.step = die\n"
        "sys.exit(main(['serve', '--port', '0']))\n"
    )
    process = run.start(code=code)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"worker" in stderr


@pytest.mark.parametrize("damaged", [True, False])
def test_after_a_power_cut_the_log_says_whether_the_database_is_damaged(
    run: Command, damaged: bool
) -> None:
    database = run.data / "node.sqlite3"
    connection = sqlite3.connect(database)
    [(page, size)] = connection.execute(
        "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'concern'"
    ).fetchall()
    connection.close()
    if damaged:
        with database.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\x99" * size)
    (run.data / "node.sqlite3-wal").touch()
    port = free_port()
    process = run.start("serve", "--port", str(port))
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line.decode())
        if "Serving" in said[-1]:
            break
    process.kill()
    process.communicate()
    assert "Serving" in said[-1], said
    assert any("The database is damaged" in line for line in said) == damaged
