"""What a process used: CPU seconds and resident memory, read from /proc."""

from contextlib import suppress
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Time on a processor so far of all threads that live now; exact where `stat` counts in 10 ms."""
    nanoseconds = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # it has just ended
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def resident_mb(pid: int) -> float:
    """Resident memory now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
