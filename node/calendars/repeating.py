"""Rules of what comes again, taken over from the middle: from a day on, within a bounded number of steps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice, takewhile
from time import monotonic
from typing import Any

from node.domain.sentence import Sentence
from node.domain.series import recurrences, rule_parts, with_parts, written
from node.errors import RefusedError
from node.exchange.recurrence import rule_problem

_MOST_STEPS = 20_000  # every day for fifty years
_READY = 14  # sessions that are worked out later, of every series
_SECONDS = 1.0
_ONCE = "FREQ=DAILY;COUNT=1"
_TOO_MUCH = Sentence("It repeats too often or too far apart to be worked out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with its exceptions, as wall times in a zone; without `rrule` only `start` and `added`."""

    rrule: str | None
    start: datetime
    zone: str
    excluded: tuple[datetime, ...]
    added: tuple[datetime, ...]

    def document(self) -> dict[str, Any]:
        """The `series` of an event."""
        told = {
            "rrule": self.rrule,
            "excluded_local": [written(wall) for wall in self.excluded],
            "added_local": [written(wall) for wall in self.added],
        }
        return {name: value for name, value in told.items() if value}

    def dates(self) -> Iterator[datetime]:
        """The wall times of its sessions, in order."""
        return recurrences(
            {"start_local": written(self.start), "timezone": self.zone, "series": self.document()}
        )

    def dates_until(self, last: datetime) -> set[datetime]:
        """Its sessions up to and with the wall time `last`, as far as they are worked out at all."""
        return set(islice(takewhile(lambda wall: wall <= last, self.dates()), _MOST_STEPS))


def begun(rule: Rule, since: date) -> tuple[Rule, datetime | None] | None:
    """The rule from its first session on or after `since`, and its last session if there is one.

    None where nothing is left. Raises RefusedError for what cannot be kept or takes too long.
    """
    if rule.rrule is not None:
        rule = _sound(rule)
    midnight, began = datetime.combine(since, datetime.min.time()), monotonic()
    bare = replace(rule, excluded=(), added=())
    passed, first, ready = 0, None, 0
    for wall in islice(bare.dates(), _MOST_STEPS):
        if monotonic() - began > _SECONDS:
            raise RefusedError(_TOO_MUCH)
        if wall < midnight:
            passed += 1
            continue
        first = first or wall
        ready += 1
        if ready == _READY:
            break
    if passed == _MOST_STEPS:
        raise RefusedError(_TOO_MUCH)
    kept = _from(rule, first, midnight, passed) if first else _only_added(rule, midnight)
    if kept is None or next(kept.dates(), None) is None:
        return None
    return kept, _last(kept)


def _sound(rule: Rule) -> Rule:
    """The rule as we keep it. One that does not begin on its first day begins on its own first date,
    and the first day is added: that is how calendars show it (RFC 5545 leaves it undefined).
    """
    parts = dict(part.split("=", 1) for part in (rule.rrule or "").split(";") if "=" in part)
    parts = {name.strip(): value.strip() for name, value in parts.items() if value.strip()}
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    began = monotonic()
    refused = rule_problem(text, rule.start)
    if monotonic() - began > _SECONDS:
        raise RefusedError(_TOO_MUCH)
    if refused is None:
        return replace(rule, rrule=text)
    wanted = refused.values.get("wanted") if isinstance(refused, Sentence) else None
    if wanted is None or "COUNT" in parts:
        raise RefusedError(
            Sentence("It repeats by a rule that cannot be kept here: %(rule)s", rule=text[:100])
        )
    first = datetime.combine(date.fromisoformat(wanted), rule.start.time())
    return replace(rule, rrule=text, start=first, added=(rule.start, *rule.added))


def _from(rule: Rule, first: datetime, midnight: datetime, passed: int) -> Rule:
    """The rule begun at `first`; what it had before is forgotten, and its COUNT is less by that."""
    rrule = rule.rrule
    count = rule_parts(rrule).get("COUNT") if rrule else None
    if rrule and count:
        rrule = with_parts(rrule, COUNT=str(int(count) - passed))
    return replace(
        rule,
        rrule=rrule,
        start=first,
        excluded=tuple(wall for wall in rule.excluded if wall >= midnight),
        added=tuple(wall for wall in rule.added if wall >= midnight),
    )


def _only_added(rule: Rule, midnight: datetime) -> Rule | None:
    """What is left where the rule is over: the dates that were added."""
    later = [wall for wall in rule.added if wall >= midnight and wall not in rule.excluded]
    if not later:
        return None
    return replace(rule, rrule=_ONCE, start=later[0], excluded=(), added=tuple(later[1:]))


def _last(rule: Rule) -> datetime | None:
    """Its last session; None where it goes on, as far as can be seen."""
    if rule.rrule and not {"COUNT", "UNTIL"} & rule_parts(rule.rrule).keys():
        return None
    last = None
    for number, wall in enumerate(rule.dates()):
        if number > _MOST_STEPS // 10:
            return None
        last = wall
    return last
