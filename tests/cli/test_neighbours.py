"""Following, being followed and closing doors: two real nodes, each with its own server."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import EVENT, Command, Server

Serve = Callable[..., Server]


def until(holds: Callable[[], bool]) -> None:
    """Ask again and again; each question is a process of its own, which paces it."""
    assert any(holds() for _ in range(200))


@pytest.fixture
def other(run: Command, serve: Serve, template: Path, tmp_path: Path) -> Command:
    """A second node; both have a server that runs."""
    shutil.copytree(template, tmp_path / "other")
    other = Command(tmp_path / "other")
    serve(command=run)
    serve(command=other)
    return other


def origin(command: Command) -> str:
    return command.variables["ROUGHWEATHER_URL"]


def handle(command: Command) -> str:
    return f"@norcal@{origin(command).removeprefix('http://')}"


def states(command: Command) -> list[str]:
    return [one["state"] for one in command("following", "--json").json()]


@pytest.mark.parametrize(
    "target", [handle, lambda node: f"{origin(node)}/group", lambda node: origin(node) + "/"]
)
def test_a_follow_is_asked_accepted_seen_and_ended(
    run: Command, other: Command, target: Callable[[Command], str]
) -> None:
    asked = run("follow", target(other), "--json")
    assert asked.exit == 0, asked.stderr
    assert asked.json() == {
        "id": f"{origin(other)}/group",
        "handle": handle(other),
        "state": "pending",
    }
    until(lambda: states(run) == ["accepted"])
    assert other("followers", "--json").json() == [
        {"id": f"{origin(run)}/group", "handle": handle(run), "state": "accepted"}
    ]
    ended = run("unfollow", target(other), "--json")
    assert ended.exit == 0, ended.stderr
    assert states(run) == []
    until(lambda: other("followers", "--json").json() == [])


def test_what_a_neighbour_publishes_is_counted_in_its_queue(run: Command, other: Command) -> None:
    run("follow", handle(other))
    until(lambda: states(run) == ["accepted"])
    before = other("queue", "--json").json()["delivered"]
    other("event", "add", "-", stdin=EVENT)
    until(lambda: other("queue", "--json").json()["delivered"] > before)


def test_a_neighbour_whose_server_is_gone_can_be_left(run: Command, serve: Serve, template: Path,
                                                      tmp_path: Path) -> None:  # fmt: skip
    shutil.copytree(template, tmp_path / "gone")
    gone = Command(tmp_path / "gone")
    serve()
    server = serve(command=gone)
    assert run("follow", handle(gone)).exit == 0
    assert server.stop() == 0
    assert run("unfollow", handle(gone)).exit == 0
    assert states(run) == []


def test_a_blocked_server_is_out_until_it_is_unblocked(run: Command, other: Command) -> None:
    run("follow", handle(other))
    until(lambda: states(run) == ["accepted"])
    host = origin(other).removeprefix("http://")
    assert run("block", host, "--reason", "unkind").exit == 0
    [block] = run("blocks", "--json").json()
    assert (block["target"], block["kind"], block["reason"]) == (host, "host", "unkind")
    assert states(run) == []
    refused = run("follow", handle(other))
    assert (refused.exit, refused.stdout) == (1, "")
    assert run("unblock", host).exit == 0
    assert run("blocks", "--json").json() == []
    assert run("follow", handle(other)).exit == 0


def test_one_actor_can_be_blocked_by_its_handle(run: Command, other: Command) -> None:
    assert run("block", handle(other)).exit == 0
    [block] = run("blocks", "--json").json()
    assert (block["target"], block["kind"]) == (f"{origin(other)}/group", "actor")
    assert run("unblock", handle(other)).exit == 0


@pytest.mark.parametrize(
    "target", ["@nobody@127.0.0.1:1", "http://127.0.0.1:1/x", "nonsense", "", "@", "ftp://x/y"]
)
def test_nobody_to_follow_is_one_plain_sentence(shared: Command, target: str) -> None:
    refused = shared("follow", target)
    assert (refused.exit, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1
    assert "inside the node" not in refused.stderr


def test_a_group_cannot_follow_itself(shared: Command) -> None:
    refused = shared("follow", f"{origin(shared)}/group")
    assert refused.exit == 1
    assert len(refused.stderr.splitlines()) == 1


def test_a_follow_that_was_asked_without_a_server_goes_out_when_one_runs(
    run: Command, serve: Serve, template: Path, tmp_path: Path
) -> None:
    shutil.copytree(template, tmp_path / "other")
    other = Command(tmp_path / "other")
    serve(command=other)
    server = serve()
    server.stop()
    waiting = run("queue", "--json").json()["pending"]  # news that the server had no time to send
    assert run("follow", handle(other)).exit == 0
    assert states(run) == ["pending"]
    assert run("queue", "--json").json()["pending"] == waiting + 1


def test_what_was_given_up_is_tried_again_when_asked(
    run: Command, serve: Serve, template: Path, tmp_path: Path
) -> None:
    shutil.copytree(template, tmp_path / "other")
    other = Command(tmp_path / "other")
    serve(command=other)
    server = serve()
    server.stop()
    run("follow", handle(other))
    serve()
    until(lambda: run("queue", "--json").json()["delivered"] == 1)
    assert run("queue", "--retry", "--json").json()["pending"] == 0
