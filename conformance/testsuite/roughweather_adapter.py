"""activitypub-testsuite's view of a node that runs already: a pytest plugin, loaded with `-p`.

What the suite would have a client post to an outbox, a steward does here with the command; what it would
have an owner read in an inbox or a list of followers, which a node shows to nobody, is looked up in the
node's database. A node has one group, so there is no second local actor.
"""

import json
import os
import sqlite3
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from activitypub_testsuite.ap import PUBLIC_VALUES, RECIPIENT_FIELDS, get_id
from activitypub_testsuite.fixtures import *  # noqa: F403 (pytest finds fixtures by their names here)
from activitypub_testsuite.http.client import HttpxLocalActor, HttpxServerTestSupport

HERE = Path(__file__).parent
URL = os.environ["CONFORMANCE_URL"]
COMMAND = json.loads(os.environ["CONFORMANCE_COMMAND"])
DATABASE = os.environ["CONFORMANCE_DATABASE"]


@dataclass(frozen=True)
class Done:
    """What an outbox would have answered."""

    headers: dict[str, str]
    status_code: int = 201
    is_success: bool = True
    is_error: bool = False


class Group(HttpxLocalActor):
    """The group of the node, and its steward."""

    def __init__(self, server: "Support", actor_name: str) -> None:
        super().__init__(server, actor_name)
        self._since = int(time.time() * 1000)

    def get_actor_uri(self, server: "Support", actor_name: str) -> str:
        if actor_name != "local_actor":
            pytest.skip("A node has one group.")
        return f"{URL}/group"

    def setup_activity(self, properties: dict[str, Any], with_id: bool = False) -> dict[str, Any]:
        """As the node keeps it: what is not for everyone cannot be asked for."""
        made = self._do(self.make_activity(properties))
        return json.loads(rows("SELECT body FROM activity WHERE id = ?", made)[0])

    def post(self, url: str, data: dict[str, Any], *args: Any, **options: Any) -> Any:
        if url != self.outbox:
            return super().post(url, data, *args, **options)
        return Done({"Location": self._do(data)})

    def _do(self, activity: dict[str, Any]) -> str:
        """Have a steward do it; the id of the activity that the node made of it."""
        thing = activity.get("object")
        match activity["type"], thing:
            case "Create", dict():
                return self._publish(thing, activity)
            case "Delete", str():
                command("reflection", "withdraw", thing.rpartition("/")[2])
            case "Follow", str():
                command("follow", thing)
            case "Undo", {"type": "Follow", "object": followed}:
                command("unfollow", get_id(followed))
            case "Block", str():
                command("block", thing)
                return f"{URL}/blocks-are-told-to-nobody"
            case "Accept", _:
                return f"{URL}/follows-are-accepted-by-themselves"
            case other, _:
                pytest.skip(f"A group has no use for {other}.")
        return self._latest(activity["type"])

    def _publish(self, thing: dict[str, Any], activity: dict[str, Any]) -> str:
        if thing.get("type", "Note") != "Note":
            pytest.skip("A group writes events and reflections.")
        readers = {reader for part in (thing, activity) for reader in _readers(part)}
        reflection = {
            "id": f"note-{uuid.uuid4().hex}",
            "language": "en",
            "body": thing.get("content", "A word."),
            "attribution": {"mode": "group"},
            "visibility": "public" if readers & PUBLIC_VALUES else "local_only",
        }
        made = json.loads(command("reflection", "add", "-", stdin=reflection))
        if reflection["visibility"] != "public":
            return str(made["id"])
        return self._latest("Create")

    def setup_object(self, properties: dict[str, Any] | None = None, with_id: bool = True) -> Any:
        made = self._do({"type": "Create", "object": self.make_object(properties, with_id=False)})
        if "/activities/" not in made:
            return {"id": made}
        return self.get_json(get_id(self.get_json(made)["object"]))

    def _latest(self, kind: str) -> str:
        """The newest activity of our own; the command has waited for it."""
        for _ in range(50):
            if found := rows(
                "SELECT id FROM activity WHERE type = ? AND published_at >= ? ORDER BY seq DESC LIMIT 1",
                *(kind, self._since),
            ):
                return str(found[0])
            time.sleep(0.1)  # between two looks
        raise AssertionError(f"The node made no {kind}.")

    def get_collection_item_uris(self, collection_uri: str) -> list[str]:
        _settled()
        if collection_uri == self.inbox:
            return rows(
                "SELECT activity_id FROM inbound WHERE received_at >= ? ORDER BY seq DESC",
                self._since,
            )
        for name in ("followers", "following"):
            if collection_uri == getattr(self, name):
                everyone = json.loads(command(name, "--json"))
                return [one["id"] for one in everyone if one["state"] == "accepted"]
        if collection_uri.endswith(("/likes", "/shares")):
            about = collection_uri.rpartition("/")[0]
            return rows("SELECT activity_id FROM witness WHERE object_id = ?", about)
        return super().get_collection_item_uris(collection_uri)


def _settled() -> None:
    """Wait until the node has dealt with all that came."""
    for _ in range(50):
        if not rows("SELECT 1 FROM inbound WHERE state = 'waiting'"):
            return
        time.sleep(0.1)  # between two looks
    raise AssertionError("The node does not get done with what came.")


def _readers(thing: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name in RECIPIENT_FIELDS & thing.keys():
        found += thing[name] if isinstance(thing[name], list) else [thing[name]]
    return found


def command(*arguments: str, stdin: Any = None) -> str:
    """Run `roughweather`, as a steward does."""
    text = None if stdin is None else json.dumps(stdin)
    done = subprocess.run(
        [*COMMAND, *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(query: str, *values: Any) -> list[Any]:
    """The first column of what the node keeps."""
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        return [row[0] for row in database.execute(query, values)]


class Support(HttpxServerTestSupport):
    """Makes the actors of a test."""

    def get_local_actor(self, actor_name: str = "local_actor") -> Group:
        return Group(self, actor_name)


@pytest.fixture
def server_support(
    local_base_url: str, remote_base_url: str, request: pytest.FixtureRequest
) -> Any:
    """Actors of this test; whoever they were to the node is forgotten after it."""
    yield Support(local_base_url, remote_base_url, request)
    command("block", remote_base_url.partition("//")[2])
    for blocked in json.loads(command("blocks", "--json")):
        command("unblock", blocked["target"])


@pytest.fixture(scope="session")
def local_base_url() -> str:
    """The origin of the node."""
    return URL


@pytest.fixture(scope="session")
def server_test_directory() -> str:
    """Where config.toml is."""
    return str(HERE)


@pytest.fixture(scope="session")
def instance_metadata() -> dict[str, str]:
    """What NodeInfo must say."""
    return {"name": "Circle alder", "software": "roughweather"}
