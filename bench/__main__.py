"""`python -m bench`: measure a node (ours, or any by its URLs) and print the table."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator

from bench import measures, stub
from bench.limits import Limits, measure
from bench.measures import Figure, Senders
from bench.process import resident_mb
from bench.subject import Subject, other, own_node
from federation.signatures import SigningKey, generate_rsa


def main() -> None:
    """Measure and print."""
    options = _options()
    key = generate_rsa()
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    with stub.running(50, key.public_pem()) as sink:
        limits = asyncio.run(measure(key, sink))
        _print_limits(limits)
        if options.url:
            asyncio.run(_run(other(vars(options)), limits, key, sink, options))
            return
        with own_node() as subject:
            asyncio.run(_run(subject, limits, key, sink, options))
    with stub.running(50, key.public_pem(), shared_inbox=True) as sink, own_node() as subject:
        asyncio.run(_run_shared(subject, key, sink, options))
    if options.large:
        with stub.running(1000, key.public_pem()) as sink, own_node() as subject:
            senders = Senders(sink, key, subject)
            asyncio.run(_show(measures.fan_out(subject, limits, senders, sink, 5000)))


async def _run(
    subject: Subject, limits: Limits, key: SigningKey, sink: stub.Stub, options: argparse.Namespace
) -> None:
    await asyncio.sleep(2)
    idle = resident_mb(subject.pid)
    senders = Senders(sink, key, subject)
    for _ in range(options.rounds):
        await _show(measures.reads(subject, limits))
        await _show(measures.inbox(subject, limits, senders, options.inbox_count))
    if subject.publish_command:
        await _show(measures.fan_out(subject, limits, senders, sink, 1000))
    for figure in measures.resources(subject, idle):
        _print(figure)
    if options.loss:
        await _show(measures.loss(subject, senders, options.inbox_count))


async def _run_shared(
    subject: Subject, key: SigningKey, sink: stub.Stub, options: argparse.Namespace
) -> None:
    senders = Senders(sink, key, subject)
    await _show(measures.shared_inboxes(subject, senders, sink, 10000 if options.large else 1000))


async def _show(figures: AsyncIterator[Figure]) -> None:
    async for figure in figures:
        _print(figure)


def _print(figure: Figure) -> None:
    mark = {True: "ok  ", False: "MISS", None: "    "}[figure.holds]
    print(f"{mark} {figure.name:<58} {figure.measured:<58} {figure.against}", flush=True)


def _print_limits(limits: Limits) -> None:
    print(
        f"limits, ms CPU: hello {limits.hello:.3f} ({limits.hello_rps:,.0f}/s), sign {limits.sign:.3f},"
        f" verify {limits.verify:.3f}, json {limits.loads:.3f}, POST {limits.post:.3f},"
        f" row {limits.row:.3f}, template of 50 rows {limits.page:.2f}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="also 5,000 inboxes on 1,000 hosts")
    parser.add_argument("--loss", action="store_true", help="also kill the node in a burst (P8)")
    parser.add_argument("--inbox-count", type=int, default=2000)
    parser.add_argument("--url", help="measure this server instead of a node of ours")
    for name in ("actor", "inbox", "page", "event", "webfinger", "publish", "pid"):
        parser.add_argument(f"--{name}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
