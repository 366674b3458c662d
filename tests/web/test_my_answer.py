"""The private page of one's own answer: seen, changed, taken back, erased; and what only guests are told."""

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from node.services import events as event_service
from node.services import rsvps as service
from node.store import rsvps
from node.store.database import Session
from tests.web.served import Answer, Browser, Served

HIDDEN = {
    "id": "hidden",
    "format": "hybrid",
    "title": "Talking circle",
    "start_local": "2027-04-20T19:00:00",
    "end_local": "2027-04-20T21:00:00",
    "timezone": "America/Los_Angeles",
    "location": {
        "visibility": "on_registration",
        "public_area": "By the river",
        "private": {"name": "Under the old oak", "address": "Hollow Lane 7"},
    },
    "online": {"url": "https://meet.example/oak-room"},
    "registration": {"mode": "approval"},
}


async def come(served: Served, slug: str = "spring-day", **fields: str) -> str:
    """Answer on the page of a gathering; the path of the private page."""
    answer = await served.browser.post(f"/events/{slug}/come", {"name": "Moss"} | fields)
    assert answer.status == 303, answer.text
    path = answer.headers["Location"]
    assert re.fullmatch(r"/rsvp/[\w-]{22,}", path)
    return path


async def write(served: Served, work: Any) -> Any:
    return await served.node.database.write(work)


async def listed(served: Served, slug: str = "spring-day") -> list[tuple[str, str, str, int]]:
    found = await served.node.database.read(lambda session: rsvps.of_event(session, slug))
    return [(one.who, one.answer, one.state, one.guests) for one in found]


def words(answer: Answer) -> str:
    return BeautifulSoup(answer.text, "html.parser").main.get_text(" ", strip=True)  # type: ignore[union-attr]


def code_on(answer: Answer) -> str:
    found = re.search(r"\b[0-9a-z]{5}-[0-9a-z]{5}\b", words(answer))
    assert found
    return found[0]


async def test_answering_leads_to_a_page_that_no_cache_index_or_other_site_learns_of(
    served: Served,
) -> None:
    path = await come(served, reach="a@b.example, no stairs please")

    page = await served.browser.get(path)

    assert page.status == 200
    assert "You have a place." in page.text
    assert served.url + path in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    for private in ("Moss", "a@b.example", "stairs"):
        assert private not in page.text, "whoever the link was passed on to"
    assert "Disallow: /rsvp" in (await served.browser.get("/robots.txt")).text


async def test_changing_and_taking_back(served: Served) -> None:
    path = await come(served, guests="1")

    for fields, kept in (
        ({"answer": "maybe", "guests": "0"}, ("Moss", "maybe", "confirmed", 0)),
        ({"answer": "not_going"}, ("Moss", "not_going", "confirmed", 0)),
        ({"answer": "going", "guests": "1"}, ("Moss", "going", "confirmed", 1)),
    ):
        answer = await served.browser.post(path, fields | {"do": "save"})
        assert answer.headers["Location"] == f"{path}?done=saved"
        assert await listed(served) == [kept]


@pytest.mark.parametrize(
    "fields",
    [
        {"answer": "certainly"},
        {"answer": "going", "guests": "21"},
        {"answer": "going", "guests": "9"},
        {},
    ],
)
async def test_what_cannot_be_changes_nothing(served: Served, fields: dict[str, str]) -> None:
    path = await come(served)
    before = await listed(served)

    assert (await served.browser.post(path, fields | {"do": "save"})).status == 422

    assert await listed(served) == before


async def test_more_guests_than_there_is_room_for_do_not_cost_the_place(served: Served) -> None:
    path = await come(served)
    await served.browser.post("/events/spring-day/come", {"name": "Fern"})

    answer = await served.browser.post(path, {"do": "save", "answer": "going", "guests": "2"})

    assert answer.status == 422
    assert (await listed(served))[0] == ("Moss", "going", "confirmed", 0)


async def test_the_code_leads_back_however_it_is_typed(served: Served) -> None:
    code = code_on(await served.browser.get(await come(served)))

    for typed in (code, code.upper().replace("-", " "), code.replace("0", "o").replace("1", "l")):
        answer = await served.browser.post("/rsvp", {"code": typed})
        assert answer.status == 303
        assert "You have a place." in (await served.browser.get(answer.headers["Location"])).text
    wrong = await served.browser.post("/rsvp", {"code": "22222-22222"})
    assert wrong.status == 422
    assert "letter by letter" in wrong.text


async def test_codes_cannot_be_guessed_at_leisure(served: Served) -> None:
    statuses = [(await served.browser.post("/rsvp", {"code": f"{n}"})).status for n in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_a_link_that_got_into_other_hands_is_made_worthless(served: Served) -> None:
    path = await come(served)
    code = code_on(await served.browser.get(path))

    answer = await served.browser.post(path, {"do": "renew"})

    new = answer.headers["Location"].partition("?")[0]
    assert new != path
    assert (await served.browser.get(new)).status == 200
    for request in (served.browser.get(path), served.browser.post(path, {"do": "erase"})):
        old = await request
        assert old.status == 404
        assert old.headers["Referrer-Policy"] == "no-referrer"
    assert (await served.browser.post("/rsvp", {"code": code})).status == 422
    assert await listed(served)


async def test_what_is_kept_is_told_exported_and_erased(served: Served) -> None:
    path = await come(served, reach="a@b.example")

    data = await served.browser.get(path + "/data")
    assert {"Moss", "a@b.example"} <= set(words(data).split())
    exported = await served.browser.get(path + "/data.json")
    kept = json.loads(exported.text)
    assert (kept["who"], kept["answer"], kept["message"]) == ("Moss", "going", "a@b.example")
    assert exported.headers["Cache-Control"] == "no-store"

    erased = await served.browser.post(path, {"do": "erase"})
    assert (
        "Nothing is kept about you" in (await served.browser.get(erased.headers["Location"])).text
    )
    assert await listed(served) == []
    for suffix in ("", "/data", "/data.json"):
        gone = await served.browser.get(path + suffix)
        assert gone.status == 404
        assert "Moss" not in gone.text
    assert "30 days after a gathering" in (await served.browser.get(path)).text


async def test_the_hidden_place_is_told_to_those_who_have_a_place_and_to_nobody_else(
    served: Served,
) -> None:
    secrets = ("old oak", "Hollow Lane", "oak-room")
    now = served.clock.now()
    await write(served, lambda session: event_service.add_event(session, HIDDEN, now=now))
    path = await come(served, "hidden")
    for page in (await served.browser.get(path), await served.browser.get("/events/hidden")):
        assert not [secret for secret in secrets if secret in page.text]

    def confirm(session: Session) -> None:
        [asked] = rsvps.of_event(session, "hidden")
        service.confirm(session, asked, now=now)

    await write(served, confirm)
    page = await served.browser.get(path)
    assert [secret for secret in secrets if secret in page.text] == list(secrets)
    for other in ("/events/hidden", "/events/hidden.ics", "/calendar.ics", path + "/data.json"):
        assert not [s for s in secrets if s in (await served.browser.get(other)).text]

    await served.browser.post(path, {"do": "save", "answer": "maybe"})
    assert not [s for s in secrets if s in (await served.browser.get(path)).text]


async def test_who_cannot_come_is_not_said_to_have_a_place(
    served: Served, steward: Browser
) -> None:
    csrf, steward.csrf = steward.csrf, ""
    path = await come(served, guests="1")
    assert "is coming · has a place" in words(await served.browser.get(path + "/data"))
    await served.browser.post(path, {"do": "save", "answer": "not_going"})

    assert "Others you bring" not in words(await served.browser.get(path))
    steward.csrf = csrf
    for page in (path + "/data", "/desk/events/spring-day/people"):
        shown = words(await steward.get(page))
        assert "is not coming" in shown
        assert "has a place" not in shown


async def test_the_desk_says_first_who_asks_for_a_place(served: Served, steward: Browser) -> None:
    now, csrf = served.clock.now(), steward.csrf
    await write(served, lambda session: event_service.add_event(session, HIDDEN, now=now))
    steward.csrf = ""
    await come(served, "hidden")
    steward.csrf = csrf

    assert "1 person asks for a place" in (await steward.get("/desk")).text


async def test_a_place_that_comes_free_is_offered_on_the_page(served: Served) -> None:
    first = await come(served, guests="1")
    waiting = await come(served, name="Fern")
    await served.browser.post(first, {"do": "save", "answer": "not_going"})

    page = await served.browser.get(waiting)
    assert "A place is kept for you" in page.text
    assert ("Fern", "going", "waiting", 0) in await listed(served)
    taken = await served.browser.post("/events/spring-day/come", {"name": "Reed", "guests": "1"})
    assert "waiting list" in (await served.browser.get(taken.headers["Location"])).text

    await served.browser.post(waiting, {"do": "save", "answer": "going"})
    assert ("Fern", "going", "confirmed", 0) in await listed(served)


async def test_more_guests_than_were_offered_do_not_overfill_it(served: Served) -> None:
    first = await come(served)
    await come(served, name="Reed")
    waiting = await come(served, name="Fern")
    await served.browser.post(first, {"do": "save", "answer": "not_going"})
    assert "A place is kept for you" in (await served.browser.get(waiting)).text

    greedy = await served.browser.post(waiting, {"do": "save", "answer": "going", "guests": "5"})

    assert greedy.status == 422
    await served.browser.post(waiting, {"do": "save", "answer": "going", "guests": "0"})
    places = [
        1 + guests
        for _, answer, state, guests in await listed(served)
        if (answer, state) == ("going", "confirmed")
    ]
    assert sum(places) == 2


async def test_who_first_said_maybe_does_not_overtake_who_waits(served: Served) -> None:
    early = await come(served)
    await served.browser.post(early, {"do": "save", "answer": "maybe"})
    first = await come(served, name="Reed", guests="1")
    served.clock.advance(minutes=1)
    await come(served, name="Fern")
    served.clock.advance(minutes=1)
    await served.browser.post(early, {"do": "save", "answer": "going"})

    await served.browser.post(first, {"do": "save", "answer": "going", "guests": "0"})

    offered = await served.node.database.read(lambda session: rsvps.of_event(session, "spring-day"))
    assert [one.who for one in offered if one.offered_until] == ["Fern"]


async def test_forms_of_the_private_pages_work_where_no_origin_is_sent(served: Served) -> None:
    """On a local network without TLS: no Sec-Fetch-Site, and no-referrer makes the origin null."""
    path = await come(served)
    page = await served.browser.get(path)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    fields = {"do": "save", "answer": "maybe"}
    async with served.browser.http.post(
        served.url + path, data=fields, headers={"Origin": "null"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_the_form_for_a_code_says_where_it_comes_from(served: Served) -> None:
    """Its address is no secret: another site must not send it."""
    code = code_on(await served.browser.get(await come(served)))
    page = await served.browser.get("/rsvp")
    assert page.headers["Referrer-Policy"] == "same-origin"
    for origin, status in ((served.url, 303), ("null", 403), ("https://evil.example", 403)):
        async with served.browser.http.post(
            served.url + "/rsvp",
            data={"code": code},
            headers={"Origin": origin},
            allow_redirects=False,
        ) as answer:
            assert answer.status == status, origin


async def test_a_name_is_not_given_to_somebody_else_while_a_link_leads_to_it(
    served: Served, steward: Browser
) -> None:
    csrf, steward.csrf = steward.csrf, ""
    path = await come(served)
    steward.csrf = csrf
    await steward.post("/desk/events/spring-day/people", {"who": "Moss", "decision": "decline"})
    steward.csrf = ""

    assert "You are not on the list" in (await served.browser.get(path)).text
    again = await served.browser.post("/events/spring-day/come", {"name": "Moss"})
    assert again.headers["Location"].endswith("done=taken")


@pytest.mark.parametrize("path", ["/rsvp/" + "x" * 43, "/rsvp/%00", "/rsvp/x/data"])
async def test_a_link_that_leads_nowhere_says_so_kindly(served: Served, path: str) -> None:
    answer = await served.browser.get(path)
    assert answer.status == 404
    assert "Nothing is kept here" in answer.text
