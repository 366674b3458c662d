"""What became of posts: from answers to the next state of their rows and hosts."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.backoff import USUAL_BASE, Fate, breaker_pause, classify, is_trouble
from federation.signatures import SignatureStyle
from federation.signing import REMEMBERED
from node.store import delivery_queue, hosts
from node.store.database import Session
from node.store.delivery_queue import Leased, Result

_TOO_MANY = 429
_GONE = 410
_REFUSED_FOR_TIME = (400, 401, 403)  # what servers answer to a signature of another day
_GIVE_UP = timedelta(days=30)
_OFFLINE_PROBE = timedelta(seconds=10)
_SHORTEST_PROBE = timedelta(seconds=0.25)
_STATES = {Fate.DELIVERED: "delivered", Fate.RETRY: "pending", Fate.DEAD: "dead"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One post and how it ended. `status` is None where nobody answered; `error` says it in words.

    `hopeless`: it could not even be sent and never will. `took`: it was refused with one kind
    of signature, sent again at once, and taken with this one. `ahead`: how far our clock is ahead of
    the one over there, by the Date of its answer.
    """

    row: Leased
    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None
    hopeless: bool = False
    took: SignatureStyle | None = None
    ahead: timedelta | None = None


def offline_probe(base: timedelta) -> timedelta:
    """How long to wait between two tries of whether our own line is back."""
    return max(_OFFLINE_PROBE * (base / USUAL_BASE), _SHORTEST_PROBE)


def judge(
    attempt: Attempt, now: datetime, *, base: timedelta, offline: bool, clock_wrong: bool = False
) -> Result:
    """The next state of the attempt's row.

    While we are `offline`, silence does not count against it; nor does a refusal while our `clock_wrong`.
    """
    if attempt.hopeless:
        return Result(seq=attempt.row.seq, state="dead", error=attempt.error)
    ours = clock_wrong and attempt.status in _REFUSED_FOR_TIME
    if ours or ((offline or clock_wrong) and attempt.status is None):
        again = now + offline_probe(base)
        return Result(
            seq=attempt.row.seq,
            state="pending",
            counted=0,
            not_before=again,
            status=attempt.status,
            error=attempt.error,
        )
    verdict = classify(
        attempt.status,
        attempt.row.attempts + 1,
        base=base,
        retry_after=attempt.retry_after,
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    return Result(
        seq=attempt.row.seq,
        state=_STATES[verdict.fate],
        not_before=now + verdict.wait if verdict.fate is Fate.RETRY else None,
        status=attempt.status,
        error=attempt.error,
    )


def record(
    session: Session,
    lease: str,
    attempts: Sequence[Attempt],
    now: datetime,
    *,
    base: timedelta,
    offline: bool,
    clock_wrong: bool = False,
) -> list[str]:
    """Write what became of posts, in one transaction; the hosts that are left alone from now on."""
    if not attempts:
        return []
    results = [
        judge(attempt, now, base=base, offline=offline, clock_wrong=clock_wrong)
        for attempt in attempts
    ]
    delivery_queue.record(session, lease, results, now)
    for host in {one.row.host for one in attempts if _is_well(one)}:
        hosts.answered(session, host, now)
    for host, style in {one.row.host: one.took for one in attempts if one.took}.items():
        newer = style is SignatureStyle.RFC9421
        hosts.reads_rfc9421(session, host, now + REMEMBERED if newer else now)
    for host, ahead in {
        one.row.host: one.ahead for one in attempts if one.ahead is not None
    }.items():
        hosts.told_time(session, host, ahead, now)
    closed = {
        one.row.host
        for one in attempts
        if _rests(session, one, now, base=base, offline=offline or clock_wrong)
    }
    for inbox in {one.row.inbox for one in attempts if one.status == _GONE}:
        delivery_queue.drop_gone(session, inbox, now)
    return sorted(closed)


def _is_well(attempt: Attempt) -> bool:
    return not attempt.hopeless and not is_trouble(attempt.status) and attempt.status != _TOO_MANY


def _rests(
    session: Session, attempt: Attempt, now: datetime, *, base: timedelta, offline: bool
) -> bool:
    """Give the host of an attempt rest where it asked for it, or failed too often; whether it rests."""
    host = attempt.row.host
    until = now
    if attempt.retry_after is not None and not _is_well(attempt):
        until = now + attempt.retry_after
    if (
        not attempt.hopeless
        and is_trouble(attempt.status)
        and not (offline and attempt.status is None)
    ):
        failures = hosts.failed(session, host, attempt.error or f"HTTP {attempt.status}", now)
        pause = breaker_pause(failures, base)
        if pause is not None:
            until = max(until, now + pause)
            hosts.give_up(session, host, now - _GIVE_UP, now)
    if until == now:
        return False
    hosts.close(session, host, until)
    return True
