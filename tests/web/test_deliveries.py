"""Where a gathering went: what hosts are told of each server, and another try."""

from datetime import timedelta
from typing import Any

import pytest

from node.clock import to_ms
from node.services.events import add_event
from node.store.database import Session
from tests.conftest import NOW
from tests.web.served import Browser, Served
from tests.web.test_desk import REFLECTION

SERVERS: dict[str, dict[str, Any]] = {
    "well.example": {"state": "delivered", "finished_at": to_ms(NOW)},
    "gone.example": {
        "state": "dead",
        "last_status": 401,
        "last_error": "<b>no</b> key",
        "attempts": 3,
        "finished_at": to_ms(NOW),
    },
    "silent.example": {
        "state": "pending",
        "attempts": 4,
        "last_error": "The server does not answer.",
    },
    "ill.example": {"state": "pending", "attempts": 2, "last_status": 503, "last_error": "busy"},
}


def sent(session: Session, object_id: str) -> None:
    """Something was sent about an object of ours, to four servers, with four outcomes."""
    session.run(
        "INSERT INTO activity (id, type, object_id, body, digest, signer, public, published_at)"
        " VALUES (:id, 'Create', :object, x'7b7d', '', 'group', 1, :now)",
        {"id": f"{object_id}#create", "object": object_id, "now": to_ms(NOW)},
    )
    activity = session.value("SELECT max(seq) FROM activity")
    blank = dict.fromkeys(("last_status", "last_error", "finished_at"))
    for host, how in SERVERS.items():
        session.run(
            "INSERT INTO delivery (activity, host, inbox, order_key, state, attempts, not_before, last_status,"
            " last_error, created_at, finished_at) VALUES (:activity, :host, :inbox, 'x', :state, :attempts,"
            " :later, :last_status, :last_error, :now, :finished_at)",
            {"attempts": 0, **blank, **how}
            | {"activity": activity, "host": host, "inbox": f"https://{host}/inbox"}
            | {"now": to_ms(NOW), "later": to_ms(NOW + timedelta(hours=3))},
        )
    session.run(
        "INSERT INTO host_state (host, failures, closed_until) VALUES ('silent.example', 9, :later)",
        {"later": to_ms(NOW + timedelta(hours=6))},
    )


@pytest.fixture
async def told(served: Served) -> Served:
    urls = served.node.urls

    def fill(session: Session) -> None:
        add_event(
            session,
            {
                "id": "kettle",
                "title": "Kettle",
                "start_local": "2027-05-01T18:00:00",
                "timezone": "Europe/Berlin",
            },
            now=NOW,
        )
        sent(session, urls.event("kettle"))

    await served.node.database.write(fill)
    return served


async def rows(served: Served) -> dict[str, tuple[str, int, int]]:
    def read(session: Session) -> dict[str, tuple[str, int, int]]:
        found = session.rows("SELECT host, state, attempts, not_before FROM delivery")
        return {row["host"]: (row["state"], row["attempts"], row["not_before"]) for row in found}

    return await served.node.database.read(read)


async def test_each_server_is_told_of_in_words(told: Served, steward: Browser) -> None:
    assert (
        "/desk/events/kettle/deliveries" in (await steward.get("/desk/events/kettle/people")).text
    )
    page = (await steward.get("/desk/events/kettle/deliveries")).text
    assert "1 of 4 servers have all of it." in page
    for words in (
        "They do not accept our signature.",
        "Their server does not answer.",
        "Their server is in trouble.",
        "Tried 4 times. Next try: 14 March 2027, 19:00 UTC.",
    ):
        assert words in page
    assert "&lt;b&gt;no&lt;/b&gt; key" in page
    assert page.index("gone.example") < page.index("ill.example") < page.index("well.example")


async def test_another_try_at_one_server_leaves_the_others_alone(
    told: Served, steward: Browser
) -> None:
    before = await rows(told)
    answer = await steward.post("/desk/events/kettle/deliveries", {"host": "gone.example"})
    assert answer.headers["Location"].endswith("done=trying")
    after = await rows(told)
    assert after.pop("gone.example") == ("pending", 0, to_ms(NOW))
    before.pop("gone.example")
    assert after == before


async def test_another_try_everywhere_opens_closed_doors(told: Served, steward: Browser) -> None:
    await steward.post("/desk/events/kettle/deliveries")
    after = await rows(told)
    assert {state for state, _, _ in after.values()} == {"pending", "delivered"}
    assert {due for state, _, due in after.values() if state == "pending"} == {to_ms(NOW)}
    closed = await told.node.database.read(
        lambda session: session.value("SELECT max(closed_until) FROM host_state")
    )
    assert closed == 0
    again = await steward.post("/desk/events/kettle/deliveries", {"host": "well.example"})
    assert again.headers["Location"].endswith("done=nothing-waits")


async def test_what_was_not_sent_says_so_and_what_is_not_there_is_404(
    served: Served, steward: Browser
) -> None:
    await steward.post("/desk/new-reflection", REFLECTION)
    page = await steward.get("/desk/reflections/morning/deliveries")
    assert "It was sent to no other server yet." in page.text
    for path in ("/desk/events/nothing/deliveries", "/desk/reflections/nothing/deliveries"):
        assert (await steward.get(path)).status == 404
        assert (await steward.post(path)).status == 404


async def test_what_a_fault_of_ours_kept_back_is_shown_and_tried_again(
    served: Served, steward: Browser
) -> None:
    await served.node.database.write(
        lambda session: session.run(
            "INSERT INTO outbox_entry (kind, subject, created_at, attempts, error, parked)"
            " VALUES ('create_event', 'x', :now, 5, 'KeyError', 1)",
            {"now": to_ms(NOW)},
        )
    )
    page = (await steward.get("/desk")).text
    assert "1 message could not be worked on because of a fault in the program" in page
    answer = await steward.post("/desk/try-again")
    assert answer.headers["Location"].endswith("done=trying-all")
    assert "fault in the program" not in (await steward.get("/desk")).text


async def test_the_desk_says_when_the_last_backup_is_old(served: Served, steward: Browser) -> None:
    assert "last backup" not in (await steward.get("/desk")).text
    (served.node.config.data / "last-backup").write_text("2027-03-01T00:00:00Z\n")
    assert "The last backup of this node is 13 days old." in (await steward.get("/desk")).text
