"""Is it them or us?"""

from datetime import UTC, datetime, timedelta

from federation.uplink import Uplink

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)


def silence(uplink: Uplink, hosts: int, now: datetime, *, failed_before: bool = False) -> bool:
    told = [uplink.silent(f"h{at}", now, failed_before=failed_before) for at in range(hosts)]
    return any(told)


def test_five_hosts_that_fall_silent_and_a_minute_without_success_mean_us() -> None:
    uplink = Uplink(NOW)
    assert silence(uplink, 5, LATER)
    assert uplink.offline


def test_four_hosts_or_half_a_minute_do_not() -> None:
    uplink = Uplink(NOW)
    assert not silence(uplink, 4, LATER)
    assert not silence(Uplink(NOW), 9, NOW + timedelta(seconds=30))


def test_hosts_that_had_failed_before_are_no_evidence() -> None:
    assert not silence(Uplink(NOW), 50, LATER, failed_before=True)


def test_one_answer_ends_it() -> None:
    uplink = Uplink(NOW)
    silence(uplink, 5, LATER)
    assert uplink.answered(LATER)
    assert not uplink.offline
    assert not uplink.answered(LATER)
    assert not silence(uplink, 4, LATER + timedelta(hours=1))
