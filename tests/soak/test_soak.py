"""A few seconds of what `make soak` does for minutes: nobody who wishes well is refused, nothing leaks."""

from pathlib import Path

import pytest

from tests.running_node import eventually
from tests.soak.life import soaking

_SECONDS = 8.0
_SOCKETS = 512


@pytest.mark.timeout(120)
async def test_friends_are_served_while_others_do_their_worst(tmp_path: Path) -> None:
    async with soaking(tmp_path, sockets=_SOCKETS, forged_per_second=100) as soak:
        before = len(list(Path(f"/proc/{soak.node.process.pid}/fd").iterdir()))
        await soak.run(_SECONDS)
        record, hostile = soak.record, soak.hostile
        assert set(record.statuses) == {("page", 200), ("inbox", 202), ("publish", 0)}
        assert hostile.opened >= _SOCKETS
        assert sum(hostile.answers.values()) > 50
        assert [status for status in hostile.answers if status >= 500 and status != 503] == []
        assert max(one.files for one in record.samples) < before + 2 * _SOCKETS + 300
        assert max(one.resident for one in record.samples) < 300
        assert max(one.wal for one in record.samples) < 64 * 1024 * 1024

        async def let_go() -> bool:
            return len(list(Path(f"/proc/{soak.node.process.pid}/fd").iterdir())) < before + 100

        await eventually(let_go, seconds=30)
        published = record.statuses["publish", 0]
        assert published >= 2
