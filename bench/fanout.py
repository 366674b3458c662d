"""Fan-out: processor time per delivery of the real queue, against the bare cost of signing and posting.

    python bench/fanout.py [--followers 1000] [--hosts 50] [--rounds 3]

A sink in a process of its own takes the posts. Prints sign, POST, the queue's cost for each
delivery as a ratio of their sum (target P10: at most 1.3), and how late the event loop ran during it.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from federation.client import Client
from federation.delivery import DeliveryWorker
from federation.keypairs import Keypair, Keypairs, key_id
from federation.outbox import OutboxWorker
from federation.signatures import generate_rsa, legacy_digest, sign_cavage
from node.clock import SystemClock
from node.services.events import add_event
from node.store import followers, groups, migrations
from node.store.database import Database, Session
from node.urls import Urls
from node.workers import Supervisor
from tests.federation.sink import Sink

URLS = Urls("http://127.0.0.1:9")
EVENT = {
    "title": "Spring Spiral Day",
    "start_local": "2027-04-17T10:00:00",
    "timezone": "America/Los_Angeles",
    "description": "We walk the Spiral together, by the river. " * 40,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    sink = multiprocessing.Process(target=run_sink, args=(theirs, given.hosts), daemon=True)
    sink.start()
    hosts = ours.recv()
    try:
        asyncio.run(measure(given, hosts))
    finally:
        sink.terminate()


def run_sink(pipe, hosts: int) -> None:
    async def serve() -> None:
        async with Sink(hosts) as sink:
            pipe.send(sink.hosts)
            while True:
                await asyncio.sleep(3600)

    asyncio.run(serve())


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(given, hosts: list[str]) -> None:
    key = generate_rsa()
    pair = Keypair(
        owner=URLS.group, key_id=key_id(URLS.group), key=key, public_pem=key.public_pem()
    )
    keypairs = Keypairs(group=pair, instance=pair)
    clock = SystemClock()
    print(f"load {os.getloadavg()[0]:.2f}, {given.followers} followers on {given.hosts} hosts")
    async with Client(urls=URLS, clock=clock, signer=pair, allow_private=True) as client:
        for number in range(given.rounds):
            sign, post = bare_sign(pair, hosts), await bare_post(client, hosts)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "node.sqlite3"
                used, seconds, lags, first = await fan_out(
                    path, client, keypairs, clock, hosts, given.followers
                )
            ratio = used / (sign + post)
            print(
                f"round {number}: sign {sign * 1e3:.3f} ms, POST {post * 1e3:.3f} ms, delivery {used * 1e3:.3f} ms"
                f" = {ratio:.2f} x; {given.followers / seconds:.0f}/s; first after {first * 1e3:.0f} ms; loop late"
                f" p50 {statistics.median(lags) * 1e3:.1f} p99 {quantile(lags, 0.99) * 1e3:.1f}"
                f" max {max(lags) * 1e3:.1f} ms; rss {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB"
            )


def bare_sign(pair: Keypair, hosts: list[str], count: int = 500) -> float:
    body = b"x" * 3000
    digest = legacy_digest(body)
    started = cpu()
    for at in range(count):
        sign_cavage(
            method="POST",
            url=f"http://{hosts[at % len(hosts)]}/inbox/{at}",
            body=body,
            key=pair.key,
            key_id=pair.key_id,
            date=datetime.now(UTC),
            digest=digest,
        )
    return (cpu() - started) / count


async def bare_post(client: Client, hosts: list[str], count: int = 1000) -> float:
    body, headers = (
        b"x" * 3000,
        {"Content-Type": "application/activity+json", "Signature": "s" * 400},
    )
    slots = asyncio.Semaphore(48)

    async def one(at: int) -> None:
        async with slots:
            await client.post(f"http://{hosts[at % len(hosts)]}/inbox/{at}", body, headers)

    await asyncio.gather(*(one(at) for at in range(len(hosts))))  # connect
    started = cpu()
    await asyncio.gather(*(one(at) for at in range(count)))
    return (cpu() - started) / count


async def fan_out(path, client, keypairs, clock, hosts, count):
    migrations.create(path)
    document = {"slug": "norcal", "name": "Norcal", "languages": ["en"], "timezone": "UTC"}
    async with await Database.open(path) as database:
        now = clock.now()

        def prepare(session: Session) -> None:
            groups.create(session, "norcal", document, now)
            for at in range(count):
                host = hosts[at % len(hosts)]
                inbox = f"http://{host}/inbox/{at}"
                followers.put(
                    session,
                    actor_id=f"http://{host}/users/{at}",
                    inbox=inbox,
                    shared_inbox=None,
                    host=host,
                    follow_id=f"http://{host}/follows/{at}",
                    follow={"type": "Follow"},
                    now=now,
                )

        await database.write(prepare)
        delivery = DeliveryWorker(database, client, keypairs, clock)
        supervisor = Supervisor([OutboxWorker(database, clock, URLS), delivery], database)
        supervisor.start()
        await asyncio.sleep(0.2)
        lags: list[float] = []
        watching = asyncio.create_task(watch(lags))
        started, began = cpu(), time.perf_counter()
        await database.write(lambda session: add_event(session, EVENT, now=now))
        first = None
        while True:
            await asyncio.sleep(0.01)
            done = await database.read(
                lambda session: session.value(
                    "SELECT count(*) FROM delivery WHERE state = 'delivered'"
                )
            )
            if done and first is None:
                first = time.perf_counter() - began
            if done == count:
                break
            if first is not None:
                await asyncio.sleep(0.2)
        seconds, used = time.perf_counter() - began, (cpu() - started) / count
        watching.cancel()
        await supervisor.stop()
        return used, seconds, lags, first


async def watch(lags: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.002)
        lags.append(time.perf_counter() - before - 0.002)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


if __name__ == "__main__":
    main()
