"""`make network`: networks of 5, 10, 25 and 50 nodes on this machine, and what each costs a node.

Some five minutes and 4 GB. `python -m tests.network 5 10` measures other sizes. Fails where a gathering took
more than five seconds to arrive or to go, or where a larger network costs a node more than
its own neighbours explain.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.network.cost import Result, measure, measure_hub

SIZES = (5, 10, 25, 50)
HUB, STEPS = 50, (5, 10, 20, 40)


# How much more a node may cost in a larger network than its own neighbours explain: noise of a busy machine.
MOST_GROWTH = 1.3
SECONDS = 5.0


async def main(sizes: tuple[int, ...]) -> int:
    """Measure and print the tables; 0 where everything holds, else 1."""
    results: list[Result] = []
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print(
        "| nodes | neighbours | CPU ms | per neighbour | idle ms/s | requests | rows | memory MB | everywhere after s |"
        " gone after s | a newcomer finds | with requests |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for count in sizes:
        with tempfile.TemporaryDirectory(
            prefix="roughweather-network-", ignore_cleanup_errors=True
        ) as directory:
            results.append(await measure(Path(directory), count))
        print(_row(results[-1]), flush=True)
    if sizes == SIZES:
        await _hub()
    broken = list(_broken(results))
    print("\n".join(["", *broken]) if broken else "\nEverything holds.")
    return 1 if broken else 0


async def _hub() -> None:
    print(f"\nOne node of {HUB}, with more and more neighbours:\n")
    print(
        "| neighbours | CPU ms | per neighbour | requests | rows | memory MB |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(
        prefix="roughweather-network-", ignore_cleanup_errors=True
    ) as directory:
        for step, used in await measure_hub(Path(directory), HUB, STEPS):
            print(
                f"| {step} | {used.cpu * 1000:.0f} | {used.cpu * 1000 / step:.0f} | {used.requests}"
                f" | {used.rows} | {used.memory / 1_000_000:.0f} |"
            )


def _broken(results: Sequence[Result]) -> Iterator[str]:
    first = results[0]
    for one in results:
        slowest = max(one.published, one.withdrawn)
        if slowest > SECONDS:
            yield f"{one.nodes} nodes: something took {slowest:.1f} s"
        explained = max(1.0, one.neighbours / first.neighbours)
        for name in ("cpu", "requests", "rows"):
            growth = getattr(one, name) / getattr(first, name) / explained
            if growth > MOST_GROWTH:
                yield f"{one.nodes} nodes: {name} grew {growth:.1f} times more than the neighbours"


def _row(one: Result) -> str:
    cells = (
        f"{one.nodes}",
        f"{one.neighbours:.1f}",
        f"{one.cpu * 1000:.0f}",
        f"{one.cpu * 1000 / one.neighbours:.0f}",
        f"{one.idle:.1f}",
        f"{one.requests:.0f}",
        f"{one.rows:.0f}",
        f"{one.memory:.0f}",
        f"{one.published:.2f}",
        f"{one.withdrawn:.2f}",
        f"{one.finds}",
        f"{one.looks}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(asyncio.run(main(tuple(int(text) for text in sys.argv[1:]) or SIZES)))
