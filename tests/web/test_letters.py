"""Letters by e-mail: who answers on the page and gives an address, what they get, and how it ends."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from node.letters import LetterWorker
from node.services import event_news
from node.services import events as event_service
from node.services import rsvps as service
from node.store import letters as store
from node.store import rsvps
from node.upkeep import RSVPS, forget
from tests.conftest import TurnableClock
from tests.mail_server import MailServer, mail_server
from tests.web.served import Keys, Served, serve
from tests.web.test_my_answer import HIDDEN

ADDRESS = "moss@post.example"


@pytest.fixture
async def post() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as running:
        yield running


@pytest.fixture
async def writing(
    tmp_path: Path, node_keys: Keys, clock: TurnableClock, post: MailServer
) -> AsyncIterator[Served]:
    """A node that may send letters."""
    settings = {
        "mail.host": "127.0.0.1",
        "mail.port": post.port,
        "mail.from": "River Circle <hello@rivercircle.example>",
        "mail.starttls": False,
    }
    async with serve(tmp_path, node_keys, clock, settings=settings) as running:
        yield running


async def come(
    served: Served, slug: str = "spring-day", name: str = "Moss", **fields: str
) -> tuple[int, str]:
    given = {"name": name, "email": ADDRESS} | fields
    language = given.pop("language", "en")
    answer = await served.browser.post(
        f"/events/{slug}/come", given, **{"Accept-Language": language}
    )
    return answer.status, answer.headers.get("Location", "")


async def send_all(served: Served) -> None:
    worker = LetterWorker(served.node.database, served.clock, served.node.config)
    while await worker.step():
        pass


async def write(served: Served, work: Any) -> Any:
    return await served.node.database.write(work)


async def kept(served: Served) -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in await served.node.database.read(
            lambda session: session.rows("SELECT state, recipient, words, token FROM letter")
        )
    ]


async def test_a_letter_says_what_was_answered_and_how_to_change_it(
    writing: Served, post: MailServer
) -> None:
    status, page = await come(writing, reach="no stairs please")
    assert (status, page[:6]) == (303, "/rsvp/")

    await send_all(writing)

    [letter] = post.got
    assert post.recipients == [f"rcpt TO:<{ADDRESS}>"]
    assert letter["To"] == ADDRESS
    assert letter["Subject"] == "Spring Spiral: a day of practice"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    text = letter.get_content()
    assert "You have a place at “Spring Spiral: a day of practice”" in text
    assert writing.url + page in text
    assert re.search(r"\b[0-9a-z]{5}-[0-9a-z]{5}\b", text)
    for typed_by_somebody in ("Moss", "stairs"):
        assert typed_by_somebody not in text
    assert await kept(writing) == [("sent", "", "", "")]


async def test_it_speaks_the_language_of_the_page(writing: Served, post: MailServer) -> None:
    await come(writing, language="es")
    await send_all(writing)
    assert post.got[0]["Content-Language"] == "es"
    assert "Tienes una plaza en «Espiral de primavera»" in post.got[0].get_content()


@pytest.mark.parametrize(
    "address",
    ["moss", "a@b", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>", "a" * 300],
)
async def test_what_is_no_address_changes_nothing(writing: Served, address: str) -> None:
    status, _ = await come(writing, email=address)
    assert status == 422
    assert await kept(writing) == []
    assert not await write(writing, lambda session: rsvps.of_event(session, "spring-day"))


async def test_hosts_decisions_are_told_once_each(writing: Served, post: MailServer) -> None:
    await write(writing, lambda s: event_service.add_event(s, HIDDEN, now=writing.clock.now()))
    await come(writing, "hidden")
    await come(writing, "hidden", "Fern", email="fern@post.example")
    now = writing.clock.now()
    for name, decide in (("Moss", service.confirm), ("Fern", service.decline)):
        await write(
            writing,
            lambda s, name=name, decide=decide: decide(s, rsvps.find(s, "hidden", name), now=now),
        )

    await send_all(writing)

    texts = [(one["To"], one.get_content()) for one in post.got]
    assert ["decide soon" in text for _, text in texts] == [True, True, False, False]
    assert texts[2][0] == ADDRESS
    assert "You have a place" in texts[2][1]
    assert "Hollow Lane" not in texts[2][1]
    assert "no place for you" in texts[3][1]


async def test_a_change_is_told_to_guests_also_of_what_other_servers_never_heard_of(
    writing: Served, post: MailServer
) -> None:
    document = HIDDEN | {"id": "quiet", "federate": False, "registration": {"mode": "open"}}
    await write(writing, lambda s: event_service.add_event(s, document, now=writing.clock.now()))
    _, page = await come(writing, "quiet")
    await come(writing, "quiet", "Fern", email="fern@post.example")
    _, no = await come(writing, "quiet", "Birch", email="birch@post.example")
    await writing.browser.post(no, {"do": "save", "answer": "not_going"})
    for hour in ("18", "20"):
        change = {"start_local": f"2027-04-20T{hour}:00:00"}
        await write(
            writing,
            lambda s, change=change: event_service.edit_event(
                s, "quiet", change, now=writing.clock.now()
            ),
        )
    writing.clock.advance(minutes=5)
    later = writing.clock.now()
    while await write(writing, lambda s: event_news.tell_next_change(s, since=later, now=later)):
        pass

    await send_all(writing)

    changed = [one for one in post.got if "has changed" in one.get_content()]
    assert [one["To"] for one in changed] == [ADDRESS, "fern@post.example"]
    assert "20:00" in changed[0].get_content()
    assert page.removeprefix("/rsvp/") not in changed[0].get_content(), "each has a link of its own"


async def test_who_never_gave_the_address_is_left_alone(writing: Served, post: MailServer) -> None:
    _, page = await come(writing)
    await send_all(writing)
    assert f"{page}/not-me" in post.got[0].get_content()

    shown = await writing.browser.get(f"{page}/not-me")
    assert shown.status == 200
    assert ADDRESS not in shown.text
    assert await write(writing, lambda s: rsvps.find(s, "spring-day", "Moss")), "looking is nothing"
    answer = await writing.browser.post(page, {"do": "not_me"})

    assert answer.status == 303
    assert await write(writing, lambda s: rsvps.find(s, "spring-day", "Moss")) is None
    assert await write(writing, lambda s: store.reader(s, "spring-day", "Moss")) is None
    status, _ = await come(writing, name="Somebody", email=ADDRESS.upper())
    assert status == 303
    await send_all(writing)
    assert len(post.got) == 1


async def test_strangers_cannot_fill_a_letter_box(writing: Served, post: MailServer) -> None:
    for name in ("One", "Two", "Three", "Four"):
        _, page = await come(writing, "spring-day", name, guests="0")
        await writing.browser.post(page, {"do": "erase"})
    counted = await kept(writing)
    assert len(counted) == 3
    assert {one[0] for one in counted} == {"erased"}, "and what was not sent yet never is"
    await send_all(writing)
    assert post.got == []


async def test_a_server_that_is_away_is_asked_again_and_a_wrong_address_is_shown_to_the_hosts(
    writing: Served, post: MailServer
) -> None:
    post.answers["RCPT"] = "451 later"
    _, page = await come(writing)
    await send_all(writing)
    assert (await kept(writing))[0][0] == "pending"
    assert (await writing.browser.get(page)).status == 200, "link and code are shown anyway"

    post.answers["RCPT"] = "550 nobody here"
    writing.clock.advance(minutes=2)
    await send_all(writing)

    assert [one[:2] for one in await kept(writing)] == [("parked", "")]
    steward = await writing.browser.sign_in(writing.node)
    assert "could not be delivered" in (await steward.get("/desk/events/spring-day/people")).text


async def test_after_two_days_a_letter_is_given_up(writing: Served, post: MailServer) -> None:
    post.answers["EHLO"] = post.answers["HELO"] = "421 busy"
    await come(writing)
    writing.clock.advance(days=2)
    await send_all(writing)
    assert [one[0] for one in await kept(writing)] == ["parked"]


async def test_without_a_mail_server_no_address_is_asked_for_or_kept(served: Served) -> None:
    assert 'name="email"' not in (await served.browser.get("/events/spring-day")).text
    assert (await come(served))[0] == 303
    assert await kept(served) == []
    assert await write(served, lambda s: store.reader(s, "spring-day", "Moss")) is None


async def test_only_the_private_page_shows_the_address_and_it_goes_with_the_answer(
    writing: Served,
) -> None:
    assert 'name="email"' in (await writing.browser.get("/events/spring-day")).text
    _, page = await come(writing)
    assert ADDRESS not in (await writing.browser.get(page)).text
    assert ADDRESS in (await writing.browser.get(f"{page}/data")).text
    assert f'"email": "{ADDRESS}"' in (await writing.browser.get(f"{page}/data.json")).text
    writing.clock.advance(days=365 + RSVPS.days)
    await write(writing, lambda s: forget(s, writing.clock.now()))
    assert await write(writing, lambda s: store.reader(s, "spring-day", "Moss")) is None
    assert await kept(writing) == []
