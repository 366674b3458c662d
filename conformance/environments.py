"""Virtual environments for the suites, whose dependencies are not ours; made once, in .cache/."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parent / ".cache" / "conformance"


def environment(name: str, checkout: Path | None = None) -> Path:
    """The bin directory of the environment `name`: requirements/NAME.txt, and `checkout` installed."""
    there = CACHE / name
    done, wanted = there / "done", HERE / "requirements" / f"{name}.txt"
    if not done.exists() or done.stat().st_mtime < wanted.stat().st_mtime:
        print(f"Installing {name} …", flush=True)
        venv.create(there, with_pip=True, clear=True)
        _pip(there, "--require-hashes", "-r", str(wanted))
        done.touch()
    if checkout is not None:
        _pip(there, "--no-deps", "--no-build-isolation", str(checkout))
    return there / "bin"


def _pip(there: Path, *arguments: str) -> None:
    command = [str(there / "bin" / "python"), "-m", "pip", "install", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stderr}\nThe suite's dependencies cannot be installed.")
