"""The Fedify application of `peer.mjs` in a process of its own, and the orders a test gives it."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from tests.certificates import Certificates
from tests.running_node import eventually

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RFC_9421 = "rfc9421"
CAVAGE = "draft-cavage-http-signatures-12"


@dataclass(frozen=True, slots=True)
class Living:
    """Somebody else's server at `origin`: a person `fern`, a group `glade`, and `grove`, where glade moves to."""

    origin: str
    orders: str
    session: aiohttp.ClientSession

    @property
    def host(self) -> str:
        """As blocks name it."""
        return self.origin.removeprefix("https://")

    def actor(self, name: str) -> str:
        """The id of `fern` or `glade`."""
        return f"{self.origin}/users/{name}"

    def address(self, name: str) -> str:
        """`@name@host`."""
        return f"@{name}@{self.host}"

    async def order(self, name: str, /, **details: Any) -> Any:
        """What the application answers to one of the orders in `peer.mjs`."""
        body = json.dumps({"order": name, **details})
        async with self.session.post(self.orders, data=body) as answer:
            said = await answer.json()
            assert answer.status == 200, (name, said)
            return said

    def activity(self, name: str, kind: str, **properties: Any) -> dict[str, Any]:
        """What `name` says, with a new id."""
        return self.thing(kind, actor=self.actor(name), **properties)

    def thing(self, kind: str, **properties: Any) -> dict[str, Any]:
        """Something with a new id; `properties` are named as Fedify names them (`to`, `replyTarget`)."""
        return {"type": kind, "id": f"{self.origin}/{kind.lower()}s/{uuid4().hex}"} | properties

    async def send(
        self, to: str, activity: dict[str, Any], *, knock: str = RFC_9421, status: int = 202
    ) -> list[str]:
        """Have Fedify deliver `activity` to the inbox of the actor `to`; the kinds of signature it knocked with.

        The last knock must have been answered with `status`.
        """
        name = activity["actor"].rpartition("/")[2]
        knocks = await self.order("send", name=name, to=to, activity=activity, knock=knock)
        assert knocks[-1]["status"] == status, knocks
        return [one["spec"] for one in knocks]

    async def heard(self, kind: str, about: str | None = None, *, count: int = 1) -> dict[str, Any]:
        """The last of `count` activities of type `kind` (about the object `about`), waiting for them."""

        async def there() -> dict[str, Any] | None:
            found = [
                one
                for one in await self.received(kind)
                if about in (None, object_id(one), one["id"])
            ]
            return found[-1] if len(found) >= count else None

        found: dict[str, Any] = await eventually(there)
        return found

    async def received(self, kind: str) -> list[dict[str, Any]]:
        """The activities of type `kind` whose signature Fedify found good, oldest first."""
        return [one for one in await self.order("received") if one["type"] == kind]


def object_id(activity: dict[str, Any]) -> Any:
    """The id of what an activity is about."""
    thing = activity["object"]
    return thing["id"] if isinstance(thing, dict) else thing


def install() -> None:
    """What `make test` has done already, unless somebody runs a test by itself."""
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests of several modules may run side by side
        subprocess.run(["make", "--silent", "fedify"], cwd=ROOT, check=True)


def node_program() -> str:
    """The Node that package-lock.json pins, else (no such package for this machine) the system's."""
    pinned = next(HERE.glob("node_modules/node-*/bin/node"), None)
    return str(pinned or shutil.which("node") or "node")


@asynccontextmanager
async def living(certificates: Certificates) -> AsyncIterator[Living]:
    """A fresh application; ended at the end. It trusts the authority of `certificates`."""
    process = await asyncio.create_subprocess_exec(
        node_program(),
        str(HERE / "peer.mjs"),
        *map(str, (certificates.key, certificates.certificate)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(certificates.authority)},
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        said = await process.stdout.readline()
        assert said, "the application did not start"
        async with aiohttp.ClientSession() as session:
            yield Living(**json.loads(said), session=session)
    finally:
        process.stdin.close()
        assert await process.wait() == 0
