"""What `check` and `doctor` find: one line per question, with what to do where the answer is bad."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from node.commands.printing import as_json, line
from node.control import Outcome


class Verdict(StrEnum):
    """How a question came out; only FAIL makes the command exit with 1."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question; `code` is where docs/hosting.md explains it further."""

    code: str
    verdict: Verdict
    detail: str
    fix: str = ""


def ok(code: str, detail: str) -> Finding:
    """All is well."""
    return Finding(code, Verdict.OK, detail)


def warn(code: str, detail: str, fix: str) -> Finding:
    """It works, and should be looked at."""
    return Finding(code, Verdict.WARN, detail, fix)


def fail(code: str, detail: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(code, Verdict.FAIL, detail, fix)


def skip(code: str, detail: str) -> Finding:
    """It could not be asked, and why."""
    return Finding(code, Verdict.SKIP, detail)


def report(findings: Sequence[Finding], *, json: bool) -> Outcome:
    """All findings as text or as `{"ok", "checks": [{"code", "verdict", "detail", "fix"}]}`."""
    failed = [one for one in findings if one.verdict is Verdict.FAIL]
    if json:
        checks = [asdict(one) for one in findings]
        return Outcome(int(bool(failed)), as_json({"ok": not failed, "checks": checks}))
    lines = []
    for one in findings:
        lines.append(f"{one.verdict:<4}  {one.code:<11} {line(one.detail)}\n")
        if one.fix:
            lines.append(f"{'':18}-> {line(one.fix)}\n")
    stderr = f"Failed: {', '.join(one.code for one in failed)}.\n" if failed else ""
    return Outcome(int(bool(failed)), "".join(lines), stderr)
