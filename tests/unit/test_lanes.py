"""The road to other servers: full, fair, and never fuller than it may be."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from federation.lanes import PER_HOST, TOTAL, Lanes, Parcel
from node.store.activities import StoredActivity
from node.store.delivery_queue import Leased

ACTIVITY = StoredActivity(
    seq=1,
    id="https://a.example/1",
    body=b"{}",
    digest="",
    signer="group",
    public=True,
    published=datetime(2027, 3, 14, tzinfo=UTC),
)


def parcel(seq: int, host: str, *, failing: bool = False) -> Parcel:
    row = Leased(
        seq=seq, activity=1, host=host, inbox=f"https://{host}/", attempts=0, failing=failing
    )
    return Parcel(row, ACTIVITY)


def parcels(hosts: list[int]) -> list[Parcel]:
    """One for each number; hosts with an odd number are failing."""
    return [parcel(seq, f"h{host}", failing=host % 2 == 1) for seq, host in enumerate(hosts)]


@given(st.lists(st.integers(0, 60), max_size=300), st.randoms(use_true_random=False))
def test_nothing_is_lost_sent_twice_or_sent_too_much_at_once(
    hosts: list[int], random: object
) -> None:
    lanes = Lanes()
    lanes.add(parcels(hosts))
    on_the_way: list[Parcel] = []
    finished: list[int] = []
    while lanes.waiting or lanes.sending:
        on_the_way += lanes.take()
        busy = Counter(one.row.host for one in on_the_way)
        assert len(on_the_way) == lanes.sending <= TOTAL
        assert sum(one.row.failing for one in on_the_way) <= TOTAL // 3
        assert all(n <= (1 if int(host[1:]) % 2 else PER_HOST) for host, n in busy.items())
        assert on_the_way, "something waits and nothing goes"
        done = on_the_way.pop(random.randrange(len(on_the_way)))  # type: ignore[attr-defined]
        lanes.done(done.row)
        finished.append(done.row.seq)
    assert sorted(finished) == list(range(len(hosts)))
    assert lanes.busy(1) == []


@given(st.lists(st.integers(0, 5), max_size=60))
def test_what_is_dropped_is_what_waited(hosts: list[int]) -> None:
    lanes = Lanes()
    lanes.add(parcels(hosts))
    taken = lanes.take()
    dropped = lanes.drop("h2") + lanes.drop_all()
    assert sorted([one.row.seq for one in taken] + [row.seq for row in dropped]) == list(
        range(len(hosts))
    )
    assert (lanes.waiting, lanes.take()) == (0, [])
    for one in taken:
        lanes.done(one.row)
    assert lanes.sending == 0


def test_hosts_take_turns() -> None:
    lanes = Lanes()
    lanes.add([parcel(seq, "big") for seq in range(40)] + [parcel(99, "small")])
    assert Counter(one.row.host for one in lanes.take()) == {"big": 2, "small": 1}


def test_failing_hosts_leave_most_of_the_road_free() -> None:
    lanes = Lanes()
    lanes.add([parcel(seq, f"failing-{seq}", failing=True) for seq in range(100)])
    assert len(lanes.take()) == TOTAL // 3
    lanes.add([parcel(200 + seq, f"sound-{seq}") for seq in range(100)])
    assert len(lanes.take()) == TOTAL - TOTAL // 3
