"""P1 to P19: each a few lines over the load generator, the stub fediverse and /proc."""

import asyncio
import itertools
import json
import os
import signal
import sqlite3
import statistics
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.limits import Limits, hello_server
from bench.load import Load, get, hammer, post, visit
from bench.process import cpu_seconds, resident_mb
from bench.stub import Stub
from bench.subject import Subject
from federation.signatures import SigningKey, sign_cavage

_MS = 1000.0
_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: which target, what came out, how it stands to the target."""

    name: str
    measured: str
    against: str
    holds: bool | None


class Senders:
    """Signs activities of the stub's actors ahead of time, so that signing is not measured."""

    def __init__(self, stub: Stub, key: SigningKey, subject: Subject) -> None:
        self._stub, self._key, self._subject = stub, key, subject
        self._strangers = itertools.count(1000)
        self.begin_round()

    def begin_round(self) -> None:
        """Give activities new ids from now on."""
        self._run = int(time.time() * 1000)

    def strangers(self, count: int) -> list[int]:
        """Actors who have not been heard of before."""
        return list(itertools.islice(self._strangers, count))

    def create(self, actor: int, number: int, *, ours: bool = True) -> bytes:
        """A Create of a Note, about 1.5 KB, that answers one of the subject's posts, or nobody's."""
        me = self._stub.actor(actor)
        note = f"{me}/notes/{self._run}-{number}" + ("" if ours else "-elsewhere")
        published = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        copied = self._subject.actor if ours else f"{me}/followers"
        addressed = {"to": [_PUBLIC], "cc": [copied], "published": published}
        content = "<p>" + "We sat together and listened to the rain. " * 15 + "</p>"
        inner = {
            "id": note,
            "type": "Note",
            "attributedTo": me,
            "content": content,
            "inReplyTo": self._subject.event if ours else f"{me}/notes/0",
        }
        return self._signed(
            me,
            {"id": f"{note}/create", "type": "Create", "actor": me, "object": inner | addressed}
            | addressed,
        )

    def follow(self, actor: int) -> bytes:
        """A Follow of the subject's actor."""
        me = self._stub.actor(actor)
        follow = {
            "id": f"{me}/follows/{self._run}",
            "type": "Follow",
            "actor": me,
            "object": self._subject.actor,
        }
        return self._signed(me, follow)

    def _signed(self, me: str, activity: dict[str, Any]) -> bytes:
        body = json.dumps({"@context": "https://www.w3.org/ns/activitystreams"} | activity).encode()
        url = self._subject.inbox
        headers = sign_cavage(
            method="POST",
            url=url,
            body=body,
            key=self._key,
            key_id=f"{me}#main-key",
            date=datetime.now(UTC),
            extra={"Content-Type": "application/activity+json"},
        )
        return post(url, headers, body)


async def _timed(
    server: tuple[str, int], requests: Sequence[bytes], connections: int = 16
) -> tuple[Load, float]:
    """The load and the CPU milliseconds per request of a server (its URL and process id)."""
    url, pid = server
    before = cpu_seconds(pid)
    load = await hammer(url, requests, connections)
    return load, (cpu_seconds(pid) - before) / max(1, load.count) * _MS


async def reads(subject: Subject, limits: Limits) -> AsyncIterator[Figure]:
    """P1-P4: documents and pages, each in turns with the bare hello of the same moment."""
    with hello_server() as hello:
        for name, request, target in (
            ("P1 actor JSON", get(subject.actor), 0.7),
            ("P2 WebFinger", get(subject.webfinger, "application/jrd+json"), 0.7),
            ("P3 list page", visit(subject.page), 0.6),
            ("P3 event page", visit(subject.event), 0.6),
        ):
            yield await _beside_hello(name, subject, request, hello, target)
    if subject.publish_command:
        yield await _after_an_edit(subject, limits)


async def _beside_hello(
    name: str, subject: Subject, request: bytes, hello: tuple[str, int], target: float
) -> Figure:
    """CPU decides: rates include the load generator, which has the same two cores."""
    rates, ratios, costs, p99s = [], [], [], []
    await hammer(subject.url, [request] * 100, 16)
    for _ in range(5):
        bare, bare_cpu = await _timed(hello, [get(hello[0])] * 3000)
        load, cpu = await _timed((subject.url, subject.pid), [request] * 3000)
        rates.append(load.per_second / bare.per_second)
        ratios.append(bare_cpu / cpu)
        costs.append(cpu)
        p99s.append(load.percentile(0.99))
    ratio = statistics.median(ratios)
    return Figure(
        name,
        f"{statistics.median(costs):.3f} ms CPU, p99 {statistics.median(p99s):.1f} ms",
        f"{ratio:.2f} x hello by CPU (target {target}), {statistics.median(rates):.2f} x by rate",
        ratio >= target,
    )


async def _after_an_edit(subject: Subject, limits: Limits) -> Figure:
    """What a page costs that has to be made, beyond what the same page costs when it is kept."""
    first, kept = [], []
    wanted = get(subject.page, "text/html")
    for _ in range(7):
        await subject.publish()
        load = await hammer(subject.url, [get(subject.actor), wanted, wanted], 1)
        first.append(load.latencies[1])
        kept.append(load.latencies[2])
    took = statistics.median(first) - statistics.median(kept)
    ratio = took / limits.page
    return Figure(
        "P4 first page after an edit",
        f"{took:.2f} ms more than kept",
        f"{ratio:.2f} x bare template of 50 rows (target 1.5)",
        ratio <= 1.5,
    )


async def inbox(
    subject: Subject, limits: Limits, senders: Senders, count: int
) -> AsyncIterator[Figure]:
    """P5-P9: verified, stored, answered."""
    senders.begin_round()
    fresh = [senders.create(actor, actor) for actor in senders.strangers(600)]
    load, cpu = await _timed((subject.url, subject.pid), fresh)
    bound = limits.hello + limits.verify + limits.post + 0.8
    yield Figure(
        "P9 new actor (key fetched)",
        f"{load.per_second:,.0f}/s, {cpu:.2f} ms CPU, {load.accepted}/{load.count} accepted",
        f"{cpu:.2f} of {bound:.2f} ms",
        cpu <= bound and load.accepted == load.count,
    )
    known = [senders.create(number, 10**6 + number) for number in range(100)]
    await hammer(subject.url, known, 16)
    floor = limits.hello + limits.verify + limits.loads + limits.row
    others = [senders.create(number % 100, number, ours=False) for number in range(count)]
    load, until_answered, with_effects = await _taken_in(subject, others)
    yield Figure(
        "P5 inbox CPU, what is none of our concern",
        f"{with_effects:.3f} ms",
        f"{with_effects / floor:.2f} x (hello + verify + loads + row = {floor:.3f}; target 2.5)",
        with_effects <= 2.5 * floor,
    )
    load, until_answered, _ = await _taken_in(subject, others)
    yield Figure(
        "P5 inbox CPU, copies: verified and looked up, not kept",
        f"{until_answered:.3f} ms",
        f"{until_answered / floor:.2f} x the same",
        None,
    )
    replies = [senders.create(number % 100, number) for number in range(count)]
    load, until_answered, with_effects = await _taken_in(subject, replies)
    yield Figure(
        "P5 inbox CPU, replies to us, sanitised and held",
        f"{until_answered:.3f} ms until the last 202, {with_effects:.3f} ms with all effects",
        f"of {2.5 * floor + 0.2:.3f} ms: 2.5 x floor, and 0.2 for the sanitiser",
        with_effects <= 2.5 * floor + 0.2,
    )
    yield Figure(
        "P6 inbox rate", f"{load.per_second:,.0f}/s verified and stored", f"{load.statuses}", None
    )
    p99 = load.percentile(0.99)
    yield Figure("P7 inbox p99 at 16 connections", f"{p99:.1f} ms", "target 40 ms", p99 <= 40)


async def _taken_in(subject: Subject, requests: Sequence[bytes]) -> tuple[Load, float, float]:
    """The load, and CPU milliseconds per activity until the last answer and until all is done."""
    await _settled(subject)
    before = cpu_seconds(subject.pid)
    load = await hammer(subject.url, requests, 16)
    until_answered = (cpu_seconds(subject.pid) - before) / len(requests) * _MS
    await _settled(subject)
    with_effects = (cpu_seconds(subject.pid) - before) / len(requests) * _MS
    return load, until_answered, with_effects


async def fan_out(
    subject: Subject, limits: Limits, senders: Senders, stub: Stub, followers: int
) -> AsyncIterator[Figure]:
    """P10-P12, P14, P15, P19: one post to many inboxes, and pages meanwhile."""
    await _stub(stub, "reset")
    load = await hammer(subject.url, [senders.follow(number) for number in range(followers)], 16)
    await _quiet(stub, followers)
    await _settled(subject)
    resident = resident_mb(subject.pid)
    await _stub(stub, "reset")
    before = cpu_seconds(subject.pid)
    published = await subject.publish()
    watching = asyncio.create_task(_watch(subject, 4.0 if followers < 3000 else 8.0))
    seen = await _quiet(stub, followers)
    cpu = (cpu_seconds(subject.pid) - before) / followers * _MS
    page = await watching
    floor = limits.sign + limits.post
    seconds = seen["last"] - seen["first"]
    name = f"{followers:,} inboxes on {stub.hosts:,} hosts"
    yield Figure(
        f"P10 fan-out CPU per delivery, {name}",
        f"{cpu:.2f} ms, {seen['posts']} of {followers} arrived, {load.accepted} followed",
        f"{cpu / floor:.2f} x (sign + POST = {floor:.2f}; target 1.3)",
        cpu <= 1.3 * floor and seen["posts"] == followers,
    )
    rate = followers / seconds if seconds else 0.0
    yield Figure(
        "P11 fan-out rate",
        f"{rate:,.0f}/s",
        f"{rate * limits.sign / _MS:.2f} x one core's signatures (target 0.6)",
        rate * limits.sign / _MS >= 0.6,
    )
    yield Figure(
        "P12 memory growth",
        f"{resident_mb(subject.pid) - resident:.1f} MB",
        "target 30 MB",
        resident_mb(subject.pid) - resident <= 30,
    )
    p99, worst = page.percentile(0.99), page.percentile(1.0)
    yield Figure(
        "P14 pages during the fan-out",
        f"p50 {page.percentile(0.5):.1f}, p99 {p99:.1f}, max {worst:.1f} ms",
        "target p99 50, max 250",
        p99 <= 50 and worst <= 250,
    )
    first = (seen["first"] - published) * _MS
    yield Figure(
        "P15 first delivery after publish", f"{first:.0f} ms", "target 100 ms", first <= 100
    )
    yield Figure(
        "P19 connections",
        f"{seen['connections']} for {stub.hosts} hosts",
        "one or two per host",
        seen["connections"] <= 2 * stub.hosts + 5,
    )


async def shared_inboxes(
    subject: Subject, senders: Senders, stub: Stub, followers: int
) -> AsyncIterator[Figure]:
    """P13: one POST per host where hosts have a shared inbox."""
    await _stub(stub, "reset")
    await hammer(subject.url, [senders.follow(number) for number in range(followers)], 16)
    await _quiet(stub, followers)
    await _settled(subject)
    await _stub(stub, "reset")
    published = await subject.publish()
    seen = await _quiet(stub, stub.hosts)
    yield Figure(
        f"P13 {followers:,} followers on {stub.hosts} shared inboxes",
        f"{seen['posts']} POSTs in {seen['last'] - published:.2f} s",
        f"target {stub.hosts} POSTs in 1 s",
        seen["posts"] == stub.hosts and seen["last"] - published <= 1.0,
    )


def resources(subject: Subject, idle: float) -> Iterator[Figure]:
    """P16-P18: memory, start, size."""
    now = resident_mb(subject.pid)
    yield Figure(
        "P16 memory",
        f"idle {idle:.0f} MB, after all this {now:.0f} MB",
        "targets 65 and 100",
        idle <= 65 and now <= 100,
    )
    if subject.cold_start is not None:
        yield Figure(
            "P17 start to first actor JSON",
            f"{subject.cold_start:.2f} s",
            "target 1.2 s",
            subject.cold_start <= 1.2,
        )


async def loss(subject: Subject, senders: Senders, count: int) -> AsyncIterator[Figure]:
    """P8: kill -9 in the middle of a burst; everything answered 202 must be in the file. Ends the node."""
    if subject.data is None:
        return
    requests = [senders.create(number % 100, 5 * 10**6 + number) for number in range(count)]
    burst = asyncio.create_task(hammer(subject.url, requests, 16))
    await asyncio.sleep(0.4)
    before = _stored(subject.data)
    os.kill(subject.pid, signal.SIGKILL)
    load = await burst
    stored = _stored(subject.data)
    yield Figure(
        "P8 loss after kill -9",
        f"{load.accepted} answered 202 in the burst",
        f"{stored} rows, {before} before the kill",
        stored >= load.accepted,
    )


def _stored(data: Path) -> int:
    connection = sqlite3.connect(data / "node.sqlite3")
    try:
        count: int = connection.execute(
            "SELECT count(*) FROM inbound WHERE activity_id LIKE '%-5______/create'"
        ).fetchone()[0]
        return count
    finally:
        connection.close()


async def _watch(subject: Subject, seconds: float) -> Load:
    """GET the actor every few milliseconds, as a visitor would, while something else goes on."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        load = await hammer(subject.url, [get(subject.actor)], 1)
        latencies.extend(load.latencies)
        await asyncio.sleep(0.01)
    return Load({200: len(latencies)}, seconds, tuple(latencies))


async def _quiet(stub: Stub, expected: int) -> dict[str, float]:
    """Wait until `expected` POSTs arrived, or none has for five seconds."""
    last, since = -1, time.monotonic()
    while True:
        seen = await _stub(stub, "stats")
        if seen["posts"] >= expected:
            await asyncio.sleep(0.3)
            return await _stub(stub, "stats")
        if seen["posts"] != last:
            last, since = int(seen["posts"]), time.monotonic()
        elif time.monotonic() - since > 5:
            return seen
        await asyncio.sleep(0.1)


async def _settled(subject: Subject) -> None:
    """Wait until the subject has stopped working."""
    while True:
        before = cpu_seconds(subject.pid)
        await asyncio.sleep(0.5)
        if cpu_seconds(subject.pid) - before <= 0.02:
            return


async def _stub(stub: Stub, what: str) -> dict[str, float]:
    def ask() -> dict[str, float]:
        with urllib.request.urlopen(f"{stub.origin(0)}/{what}") as answer:
            found: dict[str, float] = json.load(answer)
            return found

    return await asyncio.to_thread(ask)
