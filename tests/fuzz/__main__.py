"""`python -m tests.fuzz [TARGET …]`: fuzz each target for SECONDS (60), one process each, bounded in memory and time.

Starts from the kept corpus; what was found that reaches new code goes into it, smallest first, as long as it
stays small. An input that breaks something is left in `.cache/fuzz/` and named; the exit code is then 1.
"""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(".cache/fuzz")
LONGEST_INPUT = 4096
MEGABYTES = 1536
SECONDS_PER_INPUT = 10
KEPT_BYTES = 11_000  # of each target, besides what was written by hand
KEPT_LONGEST = 600


def main() -> int:
    """Fuzz the targets that are named, or all."""
    seconds = os.environ.get("SECONDS", "60")
    names = sys.argv[1:] or sorted(TARGETS)
    return max(fuzz(name, seconds) for name in names)


def fuzz(name: str, seconds: str) -> int:
    """Explore one target, then keep what adds coverage."""
    work = FOUND / name
    shutil.rmtree(work / "new", ignore_errors=True)
    for folder in ("new", "small"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    bounds = [
        f"-rss_limit_mb={MEGABYTES}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-max_len={LONGEST_INPUT}",
    ]
    explore = [
        *bounds,
        f"-max_total_time={seconds}",
        f"-artifact_prefix={work}/",
        "-print_final_stats=1",
    ]
    code = _run(name, [str(work / "new"), str(CORPUS / name), *explore], work / "log")
    said = (work / "log").read_text("utf-8", "replace").splitlines()
    done = [line.split()[-1] for line in said if "number_of_executed_units" in line]
    print(f"{name}: {done[0] if done else '?'} inputs", flush=True)
    if code:
        print("\n".join(said[-40:]))
        return 1
    shutil.rmtree(work / "small")
    (work / "small").mkdir()
    # First what is kept already: only what adds to it is worth keeping.
    merge = ["-merge=1", *bounds, str(work / "small"), str(CORPUS / name), str(work / "new")]
    _run(name, merge, work / "merge.log")
    _keep(name, work / "small")
    return 0


def _run(name: str, arguments: list[str], log: Path) -> int:
    with log.open("wb") as told:
        return subprocess.run(
            [sys.executable, "-m", "tests.fuzz.explore", name, *arguments],
            stderr=told,
            stdout=told,
            check=False,
        ).returncode


def _keep(name: str, found: Path) -> None:
    kept = {sha256(path.read_bytes()).digest() for path in (CORPUS / name).iterdir()}
    size = sum(p.stat().st_size for p in (CORPUS / name).glob("found-*"))
    for path in sorted(found.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        data = path.read_bytes()
        if len(data) > KEPT_LONGEST or size + len(data) > KEPT_BYTES:
            return
        if sha256(data).digest() not in kept:
            size += len(data)
            (CORPUS / name / f"found-{sha256(data).hexdigest()[:12]}").write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
