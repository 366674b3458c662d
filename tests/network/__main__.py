"""`make network`: networks of 5, 10, 25 and 50 nodes on this machine, and what each costs a node.

Some five minutes and 4 GB. `python -m tests.network 5 10` measures other sizes.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.network.cost import Result, measure, measure_hub

SIZES = (5, 10, 25, 50)
HUB, STEPS = 50, (5, 10, 20, 40)


async def main(sizes: tuple[int, ...]) -> None:
    """Measure and print the tables."""
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print(
        "| nodes | neighbours | CPU ms | per neighbour | idle ms/s | requests | rows | memory MB | everywhere after s |"
        " gone after s |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for count in sizes:
        with tempfile.TemporaryDirectory(prefix="roughweather-network-") as directory:
            print(_row(await measure(Path(directory), count)), flush=True)
    if sizes != SIZES:
        return
    print(f"\nOne node of {HUB}, with more and more neighbours:\n")
    print(
        "| neighbours | CPU ms | per neighbour | requests | rows | memory MB |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="roughweather-network-") as directory:
        for step, used in await measure_hub(Path(directory), HUB, STEPS):
            print(
                f"| {step} | {used.cpu * 1000:.0f} | {used.cpu * 1000 / step:.0f} | {used.requests}"
                f" | {used.rows} | {used.memory / 1_000_000:.0f} |"
            )


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
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    asyncio.run(main(tuple(int(text) for text in sys.argv[1:]) or SIZES))
