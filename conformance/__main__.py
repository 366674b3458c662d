"""`python -m conformance`: run the suites there are and say what came of it.

ACTIVITYPUB_TESTSUITE and FEDITEST_TESTS name checkouts of suites that are on no package index. Exit
code 1 when a test fails that docs/conformance.md does not explain.
"""

import asyncio
import os
import sys
from pathlib import Path

from conformance import with_feditest, with_pasture, with_testsuite
from conformance.environments import environment
from conformance.isolation import isolate
from conformance.result import FAILED, Result, explanations, summary, surprises

TESTSUITE, FEDITEST_TESTS = "ACTIVITYPUB_TESTSUITE", "FEDITEST_TESTS"


def main() -> int:
    """Run, print, judge."""
    testsuite = _checkout(TESTSUITE, "activitypub_testsuite")
    feditest_tests = _checkout(FEDITEST_TESTS, "tests/webfinger")
    programs = {name: environment(name) for name in ("feditest", "pasture")}
    if testsuite is not None:
        programs["testsuite"] = environment("activitypub-testsuite", testsuite)
    if not isolate():
        print("No network of our own can be had here; ports 80 and 443 of localhost must be free.")
    results = asyncio.run(_run(programs, testsuite, feditest_tests))
    _print(results)
    for variable, checkout in ((TESTSUITE, testsuite), (FEDITEST_TESTS, feditest_tests)):
        if checkout is None:
            print(
                f"{variable} names no checkout: those tests were left out (conformance/README.md)."
            )
    unexpected = surprises(results)
    print(*unexpected, sep="\n")
    return 1 if unexpected else 0


async def _run(
    programs: dict[str, Path], testsuite: Path | None, feditest_tests: Path | None
) -> list[Result]:
    results = await with_feditest.run(programs["feditest"], feditest_tests)
    results += await with_pasture.run(programs["pasture"])
    if testsuite is not None:
        results += await with_testsuite.run(programs["testsuite"], testsuite)
    return results


def _checkout(variable: str, inside: str) -> Path | None:
    """The directory a variable names, which must hold `inside`; None if it is not set."""
    named = os.environ.get(variable)
    if not named:
        return None
    if not Path(named, inside).exists():
        sys.exit(f"{variable} is {named}, and there is no {inside} in it.")
    return Path(named).resolve()


def _print(results: list[Result]) -> None:
    known = explanations()
    for result in results:
        why = known.get((result.suite, result.test)) if result.outcome == FAILED else None
        print(f"{result.outcome:8}{result.suite}: {result.test}  {why or result.words}")
    print(*summary(results), sep="\n")


sys.exit(main())
