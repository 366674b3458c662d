"""One target under libFuzzer: `python -m tests.fuzz.explore TARGET CORPUS… -option=…`. Linux on x86-64 only."""

import sys

import atheris

with atheris.instrument_imports(include=["federation", "node", "web"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run until an input breaks something, or the time is over."""
    name, *options = sys.argv[1:]
    # To merge a corpus, libFuzzer starts itself again by what it takes for its own name.
    itself = f"{sys.executable} -m tests.fuzz.explore {name}"
    atheris.Setup([itself, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
