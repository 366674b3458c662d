"""`demo`: a real network of real servers, gone without a trace at the end."""

import contextlib
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.cli.conftest import Command


def free_ports(count: int) -> int:
    """The first of that many free ports in a row."""
    for port in range(20000, 60000, 50):
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for place in range(count):
                probes.enter_context(socket.create_server(("127.0.0.1", port + place)))
            return port
    raise AssertionError("no free ports")


@pytest.fixture
def demo(empty: Command, tmp_path: Path) -> Command:
    """The command, whose temporary files lie where this test can see them."""
    empty.variables["TMPDIR"] = str(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    return empty


def read_until(process: subprocess.Popen[bytes], word: str) -> list[str]:
    """The lines it prints up to the one that holds `word`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.decode().strip())
        if word in lines[-1]:
            return lines
    assert process.stderr is not None
    raise AssertionError(f"it ended: {lines} {process.stderr.read().decode()}")


def test_two_nodes_follow_each_other_and_an_event_arrives(demo: Command, tmp_path: Path) -> None:
    port = free_ports(2)
    process = demo.start("demo", "--nodes", "2", "--port", str(port))
    try:
        lines = read_until(process, "/sign-in/")
        assert any("It has arrived at" in line for line in lines)
        with urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/neighbours", timeout=5) as page:
            assert "Soup and listening" in page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/calendar", timeout=5) as page:
            [card] = [
                one
                for one in BeautifulSoup(page.read(), "html.parser").select("article.gathering")
                if "Soup and listening" in one.get_text()
            ]
        kicker = card.select_one(".kicker")
        assert kicker is not None
        names = [one.get_text() for one in kicker.select("bdi")]
        assert len(names) == 2
        for place in range(2):
            address = f"http://127.0.0.1:{port + place}/groups"
            with urllib.request.urlopen(address, timeout=5) as page:
                assert names[1 - place] in page.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (0, b"")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_node_that_is_kept_comes_back(demo: Command, tmp_path: Path) -> None:
    links = []
    words = ["--nodes", "1", "--keep", str(tmp_path / "kept"), "--port", str(free_ports(1))]
    for _ in range(2):
        process = demo.start("demo", *words, "--host", "localhost")
        try:
            links.append(read_until(process, "/sign-in/")[-1])
        finally:
            process.send_signal(signal.SIGTERM)
            _, stderr = process.communicate(timeout=20)
        assert (process.returncode, stderr) == (0, b"")
    assert len(set(links)) == 2
    [kept] = (tmp_path / "kept").iterdir()
    assert (kept / "node.toml").exists()
    moved = demo("demo", *words, "--host", "127.0.0.1")
    assert moved.exit == 1
    assert "http://localhost:" in moved.stderr


def test_a_port_that_is_taken_is_refused_before_anything_is_made(
    demo: Command, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = demo("demo", "--nodes", "1", "--port", str(taken.getsockname()[1]))
    assert refused.exit == 1
    assert refused.stderr.startswith("Port ")
    assert list((tmp_path / "tmp").iterdir()) == []
