"""A node's way in and out as a process of its own, to be killed: `python node_process.py DATABASE`.

Takes one command a line and answers each with `ok <command>`, after the commit and never before:

    publish N      add the event `event-N`        edit N V    give it the title `version V`
    remove N       take it away                   receive N   keep an activity from somebody else
    drain          wait until nothing is left to deliver
    stop           end in good order
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from federation.client import Client
from federation.delivery import DeliveryWorker
from federation.keypairs import Keypairs
from federation.outbox import OutboxWorker
from node.clock import SystemClock
from node.services import events
from node.store import deliveries, inbound
from node.store.database import Database, Session
from node.store.inbound import Arrival
from node.urls import Urls
from node.workers import Supervisor

URLS = Urls("http://127.0.0.1:9")
RETRY_BASE = 0.02
_DRAIN_LOOKS_EVERY = 0.02  # seconds
_CLOCK = SystemClock()


async def main(path: Path) -> None:
    """Serve commands from standard input until `stop` or death."""
    async with await Database.open(path) as database:
        keypairs = await Keypairs.load(database, URLS, _CLOCK)
        async with Client(
            urls=URLS, clock=_CLOCK, signer=keypairs.instance, allow_private=True
        ) as client:
            delivery = DeliveryWorker(database, client, keypairs, _CLOCK, RETRY_BASE)
            supervisor = Supervisor([OutboxWorker(database, _CLOCK, URLS), delivery], database)
            supervisor.start(idle=0.05)
            say("ready")
            await serve(database)
            await supervisor.stop()
    say("ok stop")


async def serve(database: Database) -> None:
    """Carry out commands side by side, as requests would be."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with asyncio.TaskGroup() as tasks:
        while (command := (await reader.readline()).decode().strip()) not in ("", "stop"):
            tasks.create_task(carry_out(database, command))


async def carry_out(database: Database, command: str) -> None:
    """One command, answered once it is safe."""
    if command == "drain":
        await drain(database)
    else:
        verb, *numbers = command.split()
        await database.write(VERBS[verb](*numbers))
    say(f"ok {command}")


async def drain(database: Database) -> None:
    """Wait until everything is delivered."""
    while True:
        counts = await database.read(lambda session: deliveries.counts(session, _CLOCK.now()))
        if not counts["pending"] and not counts["retrying"]:
            return
        await asyncio.sleep(_DRAIN_LOOKS_EVERY)


def publish(number: str) -> Callable[[Session], Any]:
    document = {
        "id": f"event-{number}",
        "title": "version 0",
        "start_local": "2027-04-17T10:00:00",
        "timezone": "America/Los_Angeles",
    }
    return lambda session: events.add_event(session, document, now=_CLOCK.now())


def edit(number: str, version: str) -> Callable[[Session], Any]:
    changes = {"title": f"version {version}"}
    return lambda session: events.edit_event(session, f"event-{number}", changes, now=_CLOCK.now())


def remove(number: str) -> Callable[[Session], Any]:
    return lambda session: events.remove_event(session, f"event-{number}", now=_CLOCK.now())


def receive(number: str) -> Callable[[Session], Any]:
    arrival = Arrival(
        origin="https://b.example",
        activity_id=f"https://b.example/activities/{number}",
        actor_id="https://b.example/group",
        type="Create",
        body=b'{"type":"Create"}',
        received=_CLOCK.now(),
    )
    return lambda session: inbound.add(session, [arrival])


VERBS = {"publish": publish, "edit": edit, "remove": remove, "receive": receive}


def say(line: str) -> None:
    """One line to whoever drives us, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
