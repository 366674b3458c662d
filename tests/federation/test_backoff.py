"""The schedule of retries: it never shortens, never stops early, never asks too often."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.backoff import (
    JITTER,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    Fate,
    breaker_pause,
    classify,
    delay,
)

BASES = st.floats(0.001, 3600).map(lambda seconds: timedelta(seconds=seconds))
ATTEMPTS = st.integers(1, MOST_ATTEMPTS + 5)
STATUSES = st.none() | st.integers(100, 599)
CHANCES = st.floats(0, 1)


@given(BASES, st.integers(1, MOST_ATTEMPTS))
def test_each_wait_is_at_least_as_long_as_the_one_before(base: timedelta, attempts: int) -> None:
    assert delay(attempts, base) <= delay(attempts + 1, base) <= LONGEST_WAIT


@given(BASES, ATTEMPTS, STATUSES, CHANCES, st.none() | st.timedeltas(timedelta(0)))
def test_every_answer_leads_somewhere_within_bounds(
    base: timedelta,
    attempts: int,
    status: int | None,
    chance: float,
    retry_after: timedelta | None,
) -> None:
    verdict = classify(status, attempts, base=base, retry_after=retry_after, chance=chance)
    longest = max(LONGEST_WAIT, timedelta(hours=12) * (base / timedelta(seconds=30)))
    assert timedelta(0) <= verdict.wait <= longest * (1 + JITTER)
    if verdict.fate is not Fate.RETRY:
        assert verdict.wait == timedelta(0)


@given(st.integers(200, 299), ATTEMPTS)
def test_every_2xx_is_delivered(status: int, attempts: int) -> None:
    assert classify(status, attempts).fate is Fate.DELIVERED


@pytest.mark.parametrize("status", [401, 403, 404, 408, 425, 429])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert classify(status, 1).fate is Fate.RETRY


@given(
    st.integers(400, 499).filter(lambda status: status not in {401, 403, 404, 408, 425, 429}),
    ATTEMPTS,
)
def test_every_other_4xx_is_final(status: int, attempts: int) -> None:
    assert classify(status, attempts).fate is Fate.DEAD


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_tried_three_times(status: int) -> None:
    fates = [classify(status, attempts).fate for attempts in (1, 2, 3)]
    assert fates == [Fate.RETRY, Fate.RETRY, Fate.DEAD]


@pytest.mark.parametrize("status", [None, 408, 425, 429, 500, 502, 503, 599])
def test_trouble_is_borne_for_about_a_month(status: int | None) -> None:
    waits = [classify(status, attempts).wait for attempts in range(1, MOST_ATTEMPTS)]
    assert timedelta(days=29) < sum(waits, timedelta(0)) < timedelta(days=31)
    assert classify(status, MOST_ATTEMPTS).fate is Fate.DEAD


def test_the_documented_schedule() -> None:
    minutes = [delay(attempts) / timedelta(minutes=1) for attempts in range(1, 11)]
    assert minutes == [0.5, 2, 10, 30, 60, 180, 360, 720, 1440, 1440]


@given(CHANCES)
def test_the_spread_is_a_fifth_either_way(chance: float) -> None:
    seconds = classify(503, 1, chance=chance).wait.total_seconds()
    assert 23.9 <= seconds <= 36.1


def test_a_small_base_shrinks_the_first_steps_only() -> None:
    base = timedelta(seconds=0.3)
    assert delay(1, base) == timedelta(seconds=0.3)
    assert delay(4, base) == timedelta(seconds=18)
    assert delay(5, base) == timedelta(hours=1)


@pytest.mark.parametrize(("asked", "given"), [(600, 600), (1, 30), (10**6, 86_400)])
def test_retry_after_is_the_least_we_wait_but_no_more_than_a_day(asked: int, given: int) -> None:
    verdict = classify(429, 1, retry_after=timedelta(seconds=asked))
    assert verdict.wait == timedelta(seconds=given)


@given(st.integers(0, 5000), BASES)
def test_the_breaker_closes_at_five_and_rests_longer_each_time(
    failures: int, base: timedelta
) -> None:
    pause, longer = breaker_pause(failures, base), breaker_pause(failures + 1, base)
    assert (pause is None) == (failures < 5)
    if pause is not None:
        assert longer is not None
        assert pause <= longer <= timedelta(hours=6) * (base / timedelta(seconds=30))


def test_the_breaker_rests_ten_minutes_first_and_six_hours_at_most() -> None:
    assert breaker_pause(5) == timedelta(minutes=10)
    assert breaker_pause(6) == timedelta(minutes=20)
    assert breaker_pause(50) == timedelta(hours=6)
