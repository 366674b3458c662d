"""`make soak`: minutes of hostile load, and figures against the targets. SECONDS, SOCKETS, FORGED.

Exits with 1 where a limit is passed that does not depend on the machine, or a friend was refused.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from node.listening import allow_many_files
from tests.soak.life import Record, Soak, soaking

SECONDS = float(os.environ.get("SECONDS", "180"))
SOCKETS = int(os.environ.get("SOCKETS", "5000"))
_QUIET_MS = 50.0
FORGED = float(os.environ.get("FORGED", "300"))


async def main() -> int:
    """Soak, print, judge."""
    allow_many_files()
    with tempfile.TemporaryDirectory() as folder:
        async with soaking(Path(folder), sockets=SOCKETS, forged_per_second=FORGED) as soak:
            await soak.run(SECONDS)
            return report(soak)


def report(soak: Soak) -> int:
    """Print the figures; 0 where every limit holds."""
    record, failures = soak.record, 0
    print(f"{SECONDS:.0f} s, {soak.hostile.opened} slow connections opened, {SOCKETS} at a time")
    for what in ("page", "inbox", "publish", "lag"):
        median, worst = record.percentile(what, 50), record.percentile(what, 99)
        print(f"{what:8} {len(record.took[what]):6}  p50 {median:7.1f} ms  p99 {worst:7.1f} ms")
    print("friends heard ", dict(record.statuses))
    print("others heard  ", dict(sorted(soak.hostile.answers.items())))
    busy = record.percentile("lag", 99) > _QUIET_MS
    if busy:
        print("We ourselves do not get our turn on this machine: times are not judged.")
    for name, value, limit, unit in limits(record, soak):
        judged = unit != "ms" or not busy
        verdict = "ok" if value <= limit else "FAIL"
        failures += judged and verdict == "FAIL"
        print(f"{verdict if judged else '?':4} {name:42} {value:9.1f} of {limit:g} {unit}")
    return 1 if failures else 0


def limits(record: Record, soak: Soak) -> list[tuple[str, float, float, str]]:
    """What is measured, what it may be at most, and its unit."""
    refused = sum(
        count for (_, status), count in record.statuses.items() if status not in (0, 200, 202)
    )
    broken = sum(count for status, count in soak.hostile.answers.items() if status in (500, 502))
    return [
        ("page, p99", record.percentile("page", 99), 500, "ms"),
        ("inbox, p99", record.percentile("inbox", 99), 500, "ms"),
        ("resident memory, most", max(one.resident for one in record.samples), 200, "MB"),
        ("resident memory, growth in the second half", record.growth(), 6, "MB/min"),
        ("open files, most", max(one.files for one in record.samples), SOCKETS * 2 + 300, ""),
        ("write-ahead log, most", max(one.wal for one in record.samples) / 1e6, 64, "MB"),
        ("friends refused", refused, 0, ""),
        ("others answered with 500", broken, 0, ""),
        ("traces in the log", soak.node.log().count("Traceback"), 0, ""),
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
