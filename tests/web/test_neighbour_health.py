"""How each neighbour is doing, at the desk: last contact, what went wrong in words, and another try."""

import re
from datetime import timedelta

from bs4 import BeautifulSoup

from node.services import neighbour_health
from node.services.neighbour_health import Condition
from node.store import hosts
from node.store.database import Session
from tests.conftest import NOW
from tests.web.served import Browser, Served
from tests.web.test_groups import BERLIN, know


async def follow(served: Served) -> None:
    await served.node.database.write(lambda session: know(session, BERLIN, followed=True))


async def deliver(served: Served, state: str, *, attempts: int, status: int | None) -> None:
    """Something we sent to Berlin three days ago, as it stands now."""

    def work(session: Session) -> None:
        session.run(
            "INSERT INTO activity (id, type, object_id, body, digest, signer, public, published_at)"
            " VALUES ('a', 'Create', 'o', x'7b7d', 'd', 'group', 1, 1) ON CONFLICT DO NOTHING"
        )
        then = int((NOW - timedelta(days=3)).timestamp() * 1000)
        session.run(
            "INSERT INTO delivery (activity, host, inbox, order_key, state, attempts, not_before,"
            " last_status, last_error, created_at, finished_at) SELECT seq, 'berlin.example',"
            " :inbox, 'k', :state, :attempts, :later, :status, 'connection refused', :then,"
            " CASE WHEN :state = 'dead' THEN :then END FROM activity WHERE id = 'a'",
            {
                "inbox": BERLIN.id + "/inbox",
                "state": state,
                "attempts": attempts,
                "status": status,
                "then": then,
                "later": int((NOW + timedelta(hours=3)).timestamp() * 1000),
            },
        )

    await served.node.database.write(work)


async def shown(steward: Browser) -> str:
    main = BeautifulSoup((await steward.get("/desk/neighbours")).text, "html.parser").main
    assert main is not None
    return re.sub(r"\s+", " ", main.get_text(" "))


async def condition(served: Served) -> Condition:
    found = await served.node.database.read(
        lambda session: neighbour_health.conditions(session, served.clock.now())
    )
    return found[0][1]


async def test_a_neighbour_that_is_well_shows_its_last_contact_only(
    served: Served, steward: Browser
) -> None:
    await follow(served)
    text = await shown(steward)
    assert "Last contact: 14 March 2027." in text
    assert "Try again now" not in text
    assert await condition(served) is Condition.WELL


async def test_what_went_wrong_is_said_in_words_with_the_next_try(
    served: Served, steward: Browser
) -> None:
    await follow(served)
    await deliver(served, "pending", attempts=4, status=None)
    text = await shown(steward)
    assert "They have not taken what we sent since 11 March 2027." in text
    assert "Their server does not answer." in text
    assert "Next try: 14 March 2027, 19:00 UTC." in text
    assert "1 message waits for them." in text
    assert "connection refused" in text
    assert await condition(served) is Condition.FAILING


async def test_one_press_tries_all_of_it_again_also_while_the_server_was_left_alone(
    served: Served, steward: Browser
) -> None:
    await follow(served)
    await deliver(served, "pending", attempts=4, status=503)
    now = served.clock.now()
    await served.node.database.write(
        lambda session: hosts.close(session, "berlin.example", now + timedelta(hours=6))
    )
    answer = await steward.post("/desk/neighbours/try-again", {"id": BERLIN.id})
    assert answer.status == 303
    assert answer.headers["Location"].endswith("done=trying")
    due = await served.node.database.read(
        lambda session: session.value("SELECT not_before FROM delivery")
    )
    assert due <= int(served.clock.now().timestamp() * 1000)
    again = await steward.post("/desk/neighbours/try-again", {"id": "https://no.example/"})
    assert again.status == 404


async def test_a_server_that_says_nobody_is_there_is_gone(served: Served, steward: Browser) -> None:
    await follow(served)
    await deliver(served, "dead", attempts=1, status=410)
    assert "Their server seems to be gone." in await shown(steward)
    assert await condition(served) is Condition.GONE


async def test_a_server_that_fails_for_a_month_seems_gone(served: Served) -> None:
    await follow(served)
    await deliver(served, "pending", attempts=9, status=404)
    assert await condition(served) is Condition.FAILING
    served.clock.advance(days=31)
    assert await condition(served) is Condition.GONE


async def test_who_says_that_it_moved_can_be_followed_there(
    served: Served, steward: Browser
) -> None:
    await follow(served)
    await served.node.database.write(
        lambda session: session.run("UPDATE actor SET moved_to = 'https://new.example/group'")
    )
    answer = await steward.get("/desk/neighbours")
    assert "They say that they live elsewhere now: https://new.example/group" in answer.text
    page = BeautifulSoup(answer.text, "html.parser")
    there = page.select_one("input[name=target][type=hidden]")
    assert there is not None
    assert there["value"] == "https://new.example/group"
    old = page.select_one("input[name=instead_of]")
    assert old is not None
    assert old["value"] == BERLIN.id
