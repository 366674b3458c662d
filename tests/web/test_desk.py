"""The desk without a browser: what forms do, and what they say when something is wrong."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from node.services.reflections import add_reflection
from node.store import events, follow_requests, followers, reflections, replies
from tests.federation.peer import Peer
from tests.federation.samples import a_reply
from tests.web import voices
from tests.web.served import PASSWORD, Browser, Served

EVENT = {
    "title": "Kettle and talk",
    "summary": "We sit by the fire.",
    "language": "en",
    "language_2": "es",
    "kind": "practice_circle",
    "start_date": "2027-05-01",
    "start_time": "18:00",
    "end_time": "20:00",
    "timezone": "America/Los_Angeles",
    "format": "in_person",
    "place_name": "Old mill",
    "place_visibility": "public",
    "registration_mode": "open",
    "visibility": "public",
    "languages": ["en"],
}
REFLECTION = {
    "kind": "poem",
    "spiral_stage": "gratitude",
    "language": "en",
    "title": "Morning",
    "body": "One line\nand another",
    "attribution": "first_name",
    "author": "Kaia",
    "consent_publish": "on",
    "consent_federate": "on",
    "consent_others": "on",
    "visibility": "public",
}

REEF = {
    "id": "reef",
    "kind": "testimony",
    "spiral_stage": "honoring_pain",
    "body": "I grieve the reef.",
    "consent": {"publish": True, "federate": True, "by": "author"},
}


async def stored(served: Served, slug: str) -> dict[str, Any]:
    return await served.node.database.read(lambda session: events.get_document(session, slug))


async def entries(served: Served) -> int:
    def count(session) -> int:
        return session.value("SELECT count(*) FROM outbox_entry")

    return await served.node.database.read(count)


async def test_nobody_gets_in_without_signing_in(served: Served) -> None:
    for path in (
        "/desk",
        "/desk/new-event",
        "/desk/events/spring-day",
        "/desk/group",
        "/desk/stewards",
    ):
        answer = await served.browser.get(path)
        assert answer.status == 303
        assert answer.headers["Location"] == f"/sign-in?next={path}"


async def test_publish_an_event(served: Served, steward: Browser) -> None:
    before = await entries(served)
    answer = await steward.post("/desk/new-event", EVENT)
    assert (answer.status, answer.headers["Location"]) == (
        303,
        "/desk/events/kettle-and-talk/people?done=published",
    )
    page = (await served.browser.get("/events/kettle-and-talk")).text
    assert "Saturday 1 May 2027" in page
    assert "18:00–20:00" in page
    assert "Old mill" in page
    assert "Kettle and talk" in (await served.browser.get("/feed.atom")).text
    assert await entries(served) == before + 1
    assert "Published." in (await steward.get(answer.headers["Location"])).text


async def test_the_first_language_may_be_sent_as_the_second_too(
    served: Served, steward: Browser
) -> None:
    """As browsers do by themselves where a group has one language only."""
    same = EVENT | {"language_2": "en"}
    answer = await steward.post("/desk/new-event", same)
    assert answer.status == 303, answer.text
    assert (await stored(served, "kettle-and-talk"))["title"] == {"en": "Kettle and talk"}

    for name in ("title_2", "summary_2", "description_2"):
        answer = await steward.post("/desk/events/kettle-and-talk", same | {name: "Tetera"})
        assert answer.status == 422
        assert "Both languages are the same" in answer.text


async def test_a_double_tap_makes_one_event(served: Served, steward: Browser) -> None:
    first = await steward.post("/desk/new-event", EVENT)
    count = await entries(served)
    second = await steward.post("/desk/new-event", EVENT)
    assert first.headers["Location"] == second.headers["Location"]
    assert await entries(served) == count
    other = await steward.post("/desk/new-event", EVENT | {"start_date": "2027-06-01"})
    assert "kettle-and-talk-2" in other.headers["Location"]


async def test_readers_get_a_text_in_their_language_whatever_the_group_writes_in(
    steward: Browser,
) -> None:
    german = EVENT | {"language_2": "de", "title_2": "Kessel und Gespräch"}
    await steward.post("/desk/new-event", german)
    page = await steward.get("/events/kettle-and-talk", **{"Accept-Language": "de-AT, en;q=0.5"})
    heading = BeautifulSoup(page.text, "html.parser").h1
    assert heading is not None
    assert heading.text == "Kessel und Gespräch"


async def test_two_languages_and_everything_else(served: Served, steward: Browser) -> None:
    more = {
        "title_2": "Tetera y charla",
        "summary_2": "Junto al fuego.",
        "price_model": "sliding_scale",
        "price_min": "0",
        "price_max": "12,50",
        "price_currency": "eur",
        "no_one_turned_away": "on",
        "capacity": "12",
        "access_step_free_entrance": "yes",
        "access_food": "soup",
        "access_contact": "a@b.example",
        "audience_scope": "affinity",
        "audience_statement": "For elders.",
        "facilitator_name_0": "Mo",
        "facilitator_pronouns_0": "they",
        "facilitator_role_0": "host",
        "spiral_stages": ["gratitude", "going_forth"],
        "full_spiral": "no",
        "content_notes": "grief, loss ",
        "tags": "#fire, tea",
        "series_note": "Every first Saturday.",
        "description": "A\n\nB",
    }
    await steward.post("/desk/new-event", EVENT | more)
    event = await stored(served, "kettle-and-talk")
    assert event["title"] == {"en": "Kettle and talk", "es": "Tetera y charla"}
    assert event["price"]["max"] == 12.5
    assert event["price"]["currency"] == "EUR"
    assert event["content_notes"] == ["grief", "loss"]
    assert event["tags"] == ["fire", "tea"]
    assert event["access"]["food"] == "soup"
    page = (await served.browser.get("/events/kettle-and-talk")).text
    for words in ("Tetera y charla", "For elders.", "(they)", "soup", "Every first Saturday."):
        assert words in page


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": ""}, "title", "missing"),
        ({"start_date": ""}, "start_date", "A date and a time are needed"),
        ({"end_time": "17:00"}, "end_time", "start"),
        (
            {"start_date": "2027-03-14", "start_time": "02:30", "end_time": ""},
            "start_date",
            "does not exist",
        ),
        ({"timezone": "Europe/Atlantis"}, "timezone", "Europe/Atl"),
        ({"price_model": "fixed", "price_fixed": "a lot"}, "price_fixed", "must be a number"),
        (
            {"price_model": "sliding_scale", "price_min": "9", "price_max": "3"},
            "price_min",
            "highest",
        ),
        ({"place_country": "USA"}, "place_country", "two capital letters"),
        ({"online_url": "javascript:alert(1)", "format": "online"}, "online_url", ""),
        ({"kind": "party"}, "kind", ""),
        ({"capacity": "1.5"}, "capacity", ""),
        ({"capacity": "nan"}, "capacity", "must be a number"),
        ({"title": "x" * 5000}, "title", ""),
        ({"start_date": "tomorrow"}, "start_date", "2027-04-17"),
        ({"start_date": "9999-12-31"}, "start_date", "2027-04-17"),
        ({"end_time": "at dusk"}, "end_time", "18:30"),
        ({"deadline_date": "soon", "deadline_time": "noon"}, "deadline_date", "18:30"),
        ({"title_2": "x", "language_2": "en"}, "language_2", "same"),
    ],
)
async def test_mistakes_are_told_beside_the_field_and_nothing_is_lost(
    served: Served, steward: Browser, change: dict[str, str], field: str, words: str
) -> None:
    before = await entries(served)
    answer = await steward.post("/desk/new-event", EVENT | change)
    assert answer.status == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    assert words in soup.find(id=f"wrong-{field}").text, soup.find(id=f"wrong-{field}")  # type: ignore[union-attr]
    told = soup.find(role="alert").find("a", href=f"#{field}")  # type: ignore[union-attr]
    label = soup.find("label", attrs={"for": field})
    assert label is not None
    assert told.text.startswith(label.text)  # type: ignore[union-attr]
    assert soup.find(id=field) is not None
    assert soup.find(id="summary").text.strip() == "We sit by the fire."  # type: ignore[union-attr]
    assert await entries(served) == before


async def test_a_browser_without_date_fields_may_leave_out_a_zero(steward: Browser) -> None:
    answer = await steward.post("/desk/new-event", EVENT | {"start_time": "9:30"})
    assert answer.status == 303
    assert "09:30" in (await steward.get("/events/kettle-and-talk")).text


async def test_an_hour_that_comes_twice_is_asked_back(served: Served, steward: Browser) -> None:
    twice = EVENT | {"start_date": "2027-11-07", "start_time": "01:30", "end_time": "04:00"}
    answer = await steward.post("/desk/new-event", twice)
    assert answer.status == 422
    offered = re.findall(r'name="start_which" value="([^"]+)"', answer.text)
    assert offered == ["2027-11-07T08:30:00Z", "2027-11-07T09:30:00Z"]
    answer = await steward.post("/desk/new-event", twice | {"start_which": offered[1]})
    assert answer.status == 303
    event = await stored(served, "kettle-and-talk")
    assert event["start_utc"] == "2027-11-07T09:30:00Z"


async def form_of(steward: Browser, path: str) -> dict[str, Any]:
    """What a browser would send back from a form that nobody touched."""
    soup = BeautifulSoup((await steward.get(path)).text, "html.parser")
    fields: dict[str, Any] = {}
    form = soup.main.form  # type: ignore[union-attr]
    for tag in form.find_all(["input", "textarea", "select"]):  # type: ignore[union-attr]
        name, kind = tag["name"], tag.get("type")
        if kind in ("checkbox", "radio") and not tag.has_attr("checked"):
            continue
        if tag.name == "select":
            chosen = tag.find("option", selected=True) or tag.find("option")
            value = chosen["value"]
        elif tag.name == "textarea":
            value = tag.text.lstrip("\n")
        else:
            value = tag.get("value", "on")
        fields.setdefault(name, []).append(value)
    fields.pop("csrf")
    return fields


@pytest.mark.parametrize(
    "slug",
    [
        "spring-day",
        "hidden-circle",
        "wednesdays",
        "moved-walk",
        "some-day",
        "overnight",
        "halqat-istima",
    ],
)
async def test_saving_an_untouched_form_changes_nothing(
    served: Served, steward: Browser, slug: str
) -> None:
    before, count = await stored(served, slug), await entries(served)
    fields = await form_of(steward, f"/desk/events/{slug}")
    answer = await steward.post(f"/desk/events/{slug}", fields)
    assert answer.headers.get("Location") == f"/desk/events/{slug}/people?done=same", answer.text
    assert await stored(served, slug) == before
    assert await entries(served) == count


async def test_moving_an_event_says_when_it_was(served: Served, steward: Browser) -> None:
    fields = await form_of(steward, "/desk/events/spring-day")
    fields |= {"start_date": ["2027-04-24"], "end_date": ["2027-04-24"], "reason": ["Rain"]}
    answer = await steward.post("/desk/events/spring-day", fields)
    assert answer.status == 303, answer.text
    page = (await served.browser.get("/events/spring-day")).text
    assert "New date." in page
    assert "<s>Saturday 17 April 2027, 10:00</s>" in page
    assert "Rain" in page
    event = await stored(served, "spring-day")
    assert event["location"]["lat"] == 38.069
    again = await form_of(steward, "/desk/events/spring-day")
    assert (
        (await steward.post("/desk/events/spring-day", again)).headers["Location"].endswith("same")
    )


async def test_cancelling(served: Served, steward: Browser) -> None:
    assert "This cannot be taken back" in (await steward.get("/desk/events/spring-day/cancel")).text
    answer = await steward.post("/desk/events/spring-day/cancel", {"reason": "Smoke in the valley"})
    assert answer.headers["Location"].endswith("done=cancelled")
    page = (await served.browser.get("/events/spring-day")).text
    assert "Cancelled." in page
    assert "Smoke in the valley" in page
    again = await steward.post("/desk/events/spring-day/cancel", {"reason": "again"})
    assert again.headers["Location"].endswith("done=same")


async def test_publish_a_reflection(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/new-reflection", REFLECTION)
    assert answer.headers["Location"] == "/desk/reflections?done=published"
    page = (await served.browser.get("/reflections/morning")).text
    assert "One line<br>\nand another" in page
    assert "Kaia" in page
    await steward.post("/desk/new-reflection", REFLECTION)
    assert (await served.browser.get("/reflections/morning-2")).status == 404


async def test_no_box_of_consent_is_ticked_beforehand(served: Served, steward: Browser) -> None:
    soup = BeautifulSoup((await steward.get("/desk/new-reflection")).text, "html.parser")
    boxes = soup.find_all("input", type="checkbox")
    assert len(boxes) >= 4
    assert not any(box.has_attr("checked") for box in boxes)


@pytest.mark.parametrize("box", ["consent_publish", "consent_others"])
async def test_nothing_is_published_without_consent(
    served: Served, steward: Browser, box: str
) -> None:
    fields = {name: value for name, value in REFLECTION.items() if name != box}
    answer = await steward.post("/desk/new-reflection", fields)
    assert answer.status == 422
    assert f'id="wrong-{box}"' in answer.text
    assert (await served.browser.get("/reflections/morning")).status == 404


async def test_an_anonymous_name_is_not_kept(served: Served, steward: Browser) -> None:
    await steward.post(
        "/desk/new-reflection", REFLECTION | {"attribution": "anonymous", "author": "Anonymouskaia"}
    )
    assert (await served.browser.get("/reflections/morning")).status == 200
    dump = b"".join(
        path.read_bytes() for path in served.node.database.path.parent.glob("node.sqlite3*")
    )
    assert b"Anonymouskaia" not in dump


async def test_without_consent_to_federate_it_stays_here(served: Served, steward: Browser) -> None:
    before = await entries(served)
    fields = {name: value for name, value in REFLECTION.items() if name != "consent_federate"}
    await steward.post("/desk/new-reflection", fields)
    assert (await served.browser.get("/reflections/morning")).status == 200
    assert await entries(served) == before


async def test_review(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/new-reflection", REFLECTION | {"review": "on"})
    assert answer.headers["Location"].endswith("done=waiting")
    steward_list = (await steward.get("/desk/reflections")).text
    assert "Pendingonly words." in steward_list
    await steward.post("/desk/reflections/waits", {"decision": "accept"})
    assert (await served.browser.get("/reflections/waits")).status == 200
    await steward.post("/desk/reflections/morning", {"decision": "decline"})
    assert (await served.browser.get("/reflections/morning")).status == 410


async def test_withdrawing(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/reflections/moss", {"decision": "withdraw"})
    assert answer.headers["Location"].endswith("done=withdrawn")
    assert (await served.browser.get("/reflections/moss")).status == 410
    again = await steward.post("/desk/reflections/moss", {"decision": "withdraw"})
    assert again.status == 303
    with pytest.raises(Exception, match="withdrawn"):
        await served.node.database.read(lambda session: reflections.get(session, "moss"))


async def test_what_was_typed_survives_a_session_that_ran_out(
    served: Served, steward: Browser
) -> None:
    served.clock.advance(days=15)
    answer = await steward.post("/desk/new-event", EVENT)
    assert answer.status == 401
    assert "what you typed is still here" in answer.text
    hidden = {
        tag["name"]: tag["value"]
        for tag in BeautifulSoup(answer.text, "html.parser").main.find_all("input", type="hidden")  # type: ignore[union-attr]
    }
    answer = await steward.post("/sign-in", hidden | {"name": "Ana", "password": PASSWORD})
    assert answer.status == 200
    assert "You are signed in again" in answer.text
    form = BeautifulSoup(answer.text, "html.parser").main.form  # type: ignore[union-attr]
    fields = {tag["name"]: tag["value"] for tag in form.find_all("input")}  # type: ignore[union-attr]
    steward.csrf = ""
    answer = await steward.post(form["action"], fields)  # type: ignore[index, arg-type]
    assert answer.headers["Location"].startswith("/desk/events/kettle-and-talk")


async def test_answering_on_the_page_and_the_list_of_the_hosts(
    served: Served, steward: Browser
) -> None:
    steward_csrf, steward.csrf = steward.csrf, ""
    first = await steward.post(
        "/events/spring-day/come", {"name": "Moss", "guests": "1", "reach": "a@b.c"}
    )
    assert first.headers["Location"].startswith("/rsvp/")
    assert "You have a place." in (await steward.get(first.headers["Location"])).text
    second = await steward.post("/events/spring-day/come", {"name": "Fern"})
    assert "on the waiting list" in (await steward.get(second.headers["Location"])).text
    again = await steward.post("/events/spring-day/come", {"name": "Moss"})
    assert again.headers["Location"].endswith("done=taken")
    steward.csrf = steward_csrf
    page = (await steward.get("/desk/events/spring-day/people")).text
    assert "Moss" in page
    assert "+1" in page
    assert "a@b.c" in page
    assert "on the waiting list" in page
    off = await steward.post(
        "/desk/events/spring-day/people", {"who": "Moss", "decision": "decline"}
    )
    assert off.headers["Location"].endswith("done=no-place")
    page = (await steward.get("/desk/events/spring-day/people")).text
    assert "Moss" not in page
    assert "a place is kept for them" in page
    steward.http.cookie_jar.clear()
    for path in ("/events/spring-day", "/", "/events", "/calendar.ics", "/feed.json"):
        assert "Fern" not in (await served.browser.get(path)).text


@pytest.mark.parametrize(
    ("slug", "fields", "status"),
    [
        ("spring-day", {"name": ""}, 422),
        ("spring-day", {"name": "x" * 81}, 422),
        ("spring-day", {"name": "https://spam.example"}, 422),
        ("spring-day", {"name": "Ok", "guests": "21"}, 422),
        ("spring-day", {"name": "Ok", "guests": "²"}, 422),
        ("called-off", {"name": "Ok"}, 422),
        ("last-winter", {"name": "Ok"}, 422),
        ("only-here", {"name": "Ok"}, 404),
        ("never-was", {"name": "Ok"}, 404),
    ],
)
async def test_answers_that_cannot_be(
    served: Served, slug: str, fields: dict[str, str], status: int
) -> None:
    assert (await served.browser.post(f"/events/{slug}/come", fields)).status == status


async def test_an_answer_that_cannot_be_read_keeps_what_was_typed(served: Served) -> None:
    typed = {"name": " ", "reach": "Steps are <hard>", "guests": "21"}
    page = (await served.browser.post("/events/spring-day/come", typed)).text
    assert '<a href="#name">A name has 1 to 80 letters.</a>' in page
    assert 'id="wrong-guests">One person can bring 0 to 20 others.' in page
    assert "Steps are &lt;hard&gt;</textarea>" in page
    assert 'value="21"' in page
    assert "hard" not in (await served.browser.get("/events/spring-day")).text


async def test_a_program_that_fills_every_field_changes_nothing(served: Served) -> None:
    answer = await served.browser.post("/events/spring-day/come", {"name": "Bot", "website": "x"})
    assert answer.status == 303
    rows = await served.node.database.read(
        lambda session: session.value("SELECT count(*) FROM rsvp")
    )
    assert rows == 0


async def test_answers_are_counted_per_address(served: Served) -> None:
    statuses = [
        (await served.browser.post("/events/spring-day/come", {"name": f"N{i}"})).status
        for i in range(11)
    ]
    assert statuses == [303] * 10 + [429]


async def test_the_group_changes_what_it_says(served: Served, steward: Browser) -> None:
    fields = await form_of(steward, "/desk/group")
    same = await steward.post("/desk/group", fields)
    assert same.headers["Location"].endswith("done=same")
    answer = await steward.post("/desk/group", fields | {"about": ["By the fire now."]})
    assert answer.headers["Location"].endswith("done=group")
    page = (await served.browser.get("/about")).text
    assert "By the fire now." in page
    bad = await steward.post(
        "/desk/group", fields | {"name": [""], "name_2": [""], "country": ["Nowhere"]}
    )
    assert bad.status == 422
    assert 'id="wrong-country"' in bad.text
    assert 'id="wrong-name"' in bad.text
    assert (await steward.post("/desk/group", fields | {"name": [""]})).status == 422

    def told(session) -> int:
        return session.value("SELECT count(*) FROM outbox_entry WHERE kind = 'update_group'")

    assert await served.node.database.read(told) == 1


async def test_following_somebody_who_is_not_there_says_so(
    served: Served, steward: Browser
) -> None:
    for target in ("", "nonsense", "@group@127.0.0.1:9"):
        answer = await steward.post("/desk/neighbours/follow", {"target": target})
        assert answer.status == 422, target
        assert 'id="wrong-target"' in answer.text


async def test_inviting_a_steward_shows_the_link_once(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/stewards", {"name": "Bo", "current": PASSWORD})
    [link] = re.findall(r"/sign-in/[\w-]{43}", answer.text)
    assert link not in (await steward.get("/desk/stewards")).text
    steward.http.cookie_jar.clear()
    assert "Welcome, Bo" in (await steward.get(link)).text


async def test_the_desk_is_kept_by_nobody(served: Served, steward: Browser) -> None:
    for path in ("/desk", "/desk/events", "/desk/new-event", "/desk/events/hidden-circle"):
        headers = (await steward.get(path)).headers
        assert headers["Cache-Control"] == "no-store"


async def test_followers_are_let_in_one_by_one(served: Served, steward: Browser) -> None:
    form = {"name": "Circle", "languages": "en", "timezone": "UTC", "approves_followers": "on"}
    await steward.post("/desk/group", form)
    assert "checked" in (await steward.get("/desk/group")).text
    ann = "https://hills.example/users/ann"
    asked = {
        "actor_id": ann,
        "inbox": ann + "/inbox",
        "shared_inbox": None,
        "host": "hills.example",
        "follow_id": ann + "/follow",
        "follow": {"id": ann + "/follow", "type": "Follow"},
        "now": served.clock.now(),
    }
    await served.node.database.write(lambda session: follow_requests.put(session, **asked))
    assert "1 asks to follow you" in (await steward.get("/desk")).text
    assert ann in (await steward.get("/desk/followers")).text

    let_in = await steward.post("/desk/followers", {"id": ann, "decision": "accept"})
    twice = await steward.post("/desk/followers", {"id": ann, "decision": "accept"})
    page = (await steward.get(let_in.headers["Location"])).text

    assert twice.headers["Location"].endswith("done=same")
    assert "They follow you now." in page
    assert "Nobody waits." in page
    assert await served.node.database.read(lambda session: followers.find(session, ann)) is not None
    await steward.post("/desk/followers", {"id": ann, "decision": "decline"})
    assert await served.node.database.read(lambda session: followers.find(session, ann)) is None


async def test_inviting_at_the_desk_and_the_list_on_paper(served: Served, steward: Browser) -> None:
    path = "/desk/events/spring-day"
    async with Peer.start(clock=served.clock.now) as peer:
        ann = peer.actor("ann")
        wrong = await steward.post(f"{path}/invite", {"target": "", "decision": "invite"})
        assert wrong.status == 422
        unknown = {"target": f"@nobody@{peer.host}", "decision": "invite"}
        assert (await steward.post(f"{path}/invite", unknown)).status == 422

        fields = {"target": f"@{ann.handle}", "decision": "invite"}
        done = await steward.post(f"{path}/invite", fields)
        assert done.headers["Location"] == f"{path}/people?done=invited"
        assert f"@{ann.handle}" in (await steward.get(f"{path}/people")).text
        assert (await steward.post(f"{path}/invite", fields)).status == 422
        fields = {"target": ann.id, "decision": "withdraw"}
        assert (await steward.post(f"{path}/invite", fields)).status == 303
        assert f"@{ann.handle}" not in (await steward.get(f"{path}/people")).text
    note = {"who": "Old Reed", "guests": "1", "via": "paper", "decision": "add"}
    await steward.post(f"{path}/people", note)
    assert "on paper" in (await steward.get(f"{path}/people")).text
    paper = await steward.get(f"{path}/list")
    assert "Old Reed" in paper.text
    assert paper.text.count("☐") == 11


async def test_numbers_are_public_only_where_the_hosts_say_so(
    served: Served, steward: Browser
) -> None:
    """For one gathering, one reflection, or for everything; never by accident."""
    await steward.post("/desk/new-event", EVENT)
    assert "witness_count_public" not in await stored(served, "kettle-and-talk")
    await steward.post("/desk/events/kettle-and-talk", EVENT | {"numbers": "yes"})
    assert (await stored(served, "kettle-and-talk"))["witness_count_public"] is True
    page = (await steward.get("/desk/events/kettle-and-talk")).text
    assert BeautifulSoup(page, "html.parser").select_one('#numbers option[value="yes"][selected]')
    await steward.post("/desk/new-reflection", REFLECTION | {"numbers": "no"})

    def document(session: Any) -> dict[str, Any]:
        return reflections.get_document(session, "morning")

    assert (await served.node.database.read(document))["witness_count_public"] is False


async def test_a_reflection_without_a_title_is_called_by_its_kind(
    served: Served, steward: Browser
) -> None:
    def answered(session: Any) -> None:
        now = served.clock.now()
        add_reflection(session, REEF, now=now)
        voices.fill(session, served.url)
        reply = a_reply(f"{voices.ANA}/n/reef", f"{served.url}/reflections/reef")
        replies.add(session, reply, now=now)

    await served.node.database.write(answered)
    page = BeautifulSoup((await steward.get("/desk/replies")).text, "html.parser")
    [about] = page.select('main a[href$="/reflections/reef"]')
    assert about.get_text() == "Testimony"
