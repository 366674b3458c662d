"""fediverse-pasture: six actors, each with another way to sign or to serve itself, fetch our actor and post to it."""

import asyncio
import tempfile
from pathlib import Path

import aiohttp

from conformance.result import FAILED, PASSED, Result
from tests.running_node import eventually, free_port, running_node

SUITE = "fediverse-pasture"
_PORT = 2909
# Its own program listens on every address of the machine.
_SERVER = f"""
import uvicorn
from fediverse_pasture.verify_actor import build_app
uvicorn.run(build_app(False, "localhost:{_PORT}", False, 20), host="127.0.0.1", port={_PORT})
"""
# alice and dean do not sign what they post.
_EXPECTED = {
    name: {"get_actor": True, "post_inbox": name not in ("alice", "dean")}
    for name in ("alice", "bob", "claire", "dean", "emily", "frank")
} | {"webfinger": True}


async def run(program: Path) -> list[Result]:
    """Ask for the whole matrix once; `program` is the bin directory of its environment."""
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        url = f"http://localhost:{port}"
        async with running_node(directory, "alder", url=url, port=port):
            process = await asyncio.create_subprocess_exec(
                str(program / "python"),
                *("-c", _SERVER),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=directory,
            )
            try:
                said = await eventually(lambda: _matrix(f"{url}/group"), seconds=60)
            finally:
                process.terminate()
                await process.wait()
    return [
        Result(SUITE, name, PASSED if said.get(name) == expected else FAILED, str(said.get(name)))
        for name, expected in _EXPECTED.items()
    ]


async def _matrix(actor: str) -> dict[str, object] | None:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(
                f"http://localhost:{_PORT}/",
                data={"actor_uri": actor},
                headers={"Accept": "application/json"},
            ) as answer:
                found: dict[str, object] = (await answer.json())["result"]
                return found
        except aiohttp.ClientConnectionError:
            return None
