"""FediTest's view of a node that runs already; FediTest loads every module of this directory.

What FediTest would have a person do at a node, the command does; what it would have a person look for,
the node's database says. A group writes to its followers, and to nobody by name: what else the tests
want is not implemented here, and FediTest skips them.
"""

import json
import sqlite3
import subprocess
import uuid
from typing import Any

from feditest import nodedriver
from feditest.nodedrivers import HOSTNAME_PAR, NodeConfiguration, NodeDriver
from feditest.protocols.fediverse import FediverseNode
from feditest.testplan import TestPlanConstellationNode, TestPlanNodeParameter

HANDLE = TestPlanNodeParameter("handle", "handle of the node's group")
COMMAND = TestPlanNodeParameter("command", "how to run the node's command")
DATABASE = TestPlanNodeParameter("database", "the node's database")


class RoughweatherNode(FediverseNode):
    """A node with the one group that it has."""

    def obtain_account_identifier(self, rolename: str | None = None) -> str:
        return f"acct:{self.config.handle}@{self.hostname}"

    def obtain_non_existing_account_identifier(self, rolename: str | None = None) -> str:
        return f"acct:nobody@{self.hostname}"

    obtain_actor_acct_uri = obtain_account_identifier

    def make_follow(self, actor_acct_uri: str, to_follow_actor_acct_uri: str) -> None:
        self._command("follow", _handle(to_follow_actor_acct_uri))

    def make_unfollow(self, actor_acct_uri: str, following_actor_acct_uri: str) -> None:
        self._command("unfollow", _handle(following_actor_acct_uri))

    def actor_is_following_actor(self, actor_acct_uri: str, leader_actor_acct_uri: str) -> bool:
        return self._lists("following", leader_actor_acct_uri)

    def actor_is_followed_by_actor(self, actor_acct_uri: str, follower_actor_acct_uri: str) -> bool:
        return self._lists("followers", follower_actor_acct_uri)

    def make_create_note(
        self, actor_acct_uri: str, content: str, deliver_to: list[str] | None = None
    ) -> str:
        if deliver_to:
            return super().make_create_note(actor_acct_uri, content, deliver_to)
        reflection = {"id": f"note-{uuid.uuid4().hex}", "language": "en", "body": content}
        return str(json.loads(self._command("reflection", "add", "-", stdin=reflection))["id"])

    def delete_object(self, actor_acct_uri: str, object_uri: str) -> None:
        self._command("reflection", "withdraw", object_uri.rpartition("/")[2])

    def actor_has_received_object(self, actor_acct_uri: str, object_uri: str) -> str | None:
        database = sqlite3.connect(f"file:{self.config.database}?mode=ro", uri=True)
        found = database.execute("SELECT content FROM neighbour_post WHERE id = ?", (object_uri,))
        row = found.fetchone()
        database.close()
        return row[0] if row else None

    def _lists(self, what: str, acct_uri: str) -> bool:
        everyone = json.loads(self._command(what, "--json"))
        accepted = [one["handle"] for one in everyone if one["state"] == "accepted"]
        return _handle(acct_uri) in accepted

    def _command(self, *arguments: str, stdin: Any = None) -> str:
        text = None if stdin is None else json.dumps(stdin)
        command = [*self.config.command, *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


def _handle(acct_uri: str) -> str:
    return "@" + acct_uri.removeprefix("acct:")


class Configuration(NodeConfiguration):
    """Where the node is."""

    def __init__(self, driver: NodeDriver, node: TestPlanConstellationNode) -> None:
        super().__init__(driver, "Roughweather", None, node.parameter_or_raise(HOSTNAME_PAR))
        self.handle: str = node.parameter_or_raise(HANDLE)
        self.command: list[str] = node.parameter_or_raise(COMMAND)
        self.database: str = node.parameter_or_raise(DATABASE)


@nodedriver
class RoughweatherDriver(NodeDriver):
    """Takes up such nodes."""

    def create_configuration_account_manager(
        self, rolename: str, test_plan_node: TestPlanConstellationNode
    ) -> tuple[Configuration, None]:
        return Configuration(self, test_plan_node), None

    def _provision_node(
        self, rolename: str, config: Configuration, account_manager: None
    ) -> RoughweatherNode:
        return RoughweatherNode(rolename, config, account_manager)

    def _unprovision_node(self, node: RoughweatherNode) -> None:
        pass
