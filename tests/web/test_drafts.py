"""Drafts: kept on the server, for one pair of eyes, until they are published, discarded or forgotten."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from node import upkeep
from node.domain.role import Role
from node.services import drafts as service
from node.services.reflections import withdraw_reflection
from node.services.transfer import export_document
from node.store import events, pictures
from node.store import stewards as steward_store
from tests.pictures import photo
from tests.web.served import PASSWORD, Browser, Served
from tests.web.test_desk import EVENT, REFLECTION, entries, stored

HALF = {"title": "Half a thought", "language": "en", "start_date": "2027-05-01"}


async def saved(steward: Browser, fields=HALF, path: str = "/desk/new-event") -> str:
    """The id of a draft that was kept."""
    answer = await steward.post(path, dict(fields) | {"then": "draft"})
    assert answer.status == 303, answer.text
    found = re.fullmatch(r"/desk/drafts/([0-9a-z]{26})\?done=draft", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return found[1]


async def kept(served: Served, draft_id: str) -> dict[str, str] | None:
    def look(session):
        row = session.row("SELECT fields FROM draft WHERE id = :id", {"id": draft_id})
        return None if row is None else row["fields"]

    text = await served.node.database.read(look)
    return dict(json.loads(text)) if text else None


async def test_half_a_form_is_kept_and_gone_on_with(served: Served, steward: Browser) -> None:
    before = await entries(served)
    draft_id = await saved(steward)
    page = (await steward.get(f"/desk/drafts/{draft_id}?done=draft")).text
    assert "nothing is published" in page
    assert 'value="Half a thought"' in page
    assert 'action="/desk/new-event?form=' in page
    assert f'name="draft" value="{draft_id}"' in page
    assert "Half a thought" in (await steward.get("/desk/drafts")).text
    assert await entries(served) == before

    again = await saved(steward, HALF | {"title": "A whole one", "draft": draft_id})
    assert again == draft_id
    assert (await kept(served, draft_id))["title"] == "A whole one"


async def test_publishing_closes_the_draft_and_a_double_tap_makes_one(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward, EVENT)
    before = await entries(served)
    first = await steward.post(f"/desk/drafts/{draft_id}/publish")
    second = await steward.post(f"/desk/drafts/{draft_id}/publish")
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["Location"] == "/desk/events/kettle-and-talk/people?done=published"
    assert await entries(served) == before + 1
    assert await kept(served, draft_id) is None
    assert "Kettle" not in (await steward.get("/desk/drafts")).text
    # Whoever comes back to the draft by its old address is led to what it became.
    back = await steward.get(f"/desk/drafts/{draft_id}")
    assert back.headers["Location"] == "/desk/events/kettle-and-talk/people"


async def test_a_second_tap_on_the_form_of_a_draft_makes_one_even_if_it_was_changed_since(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward, EVENT)
    form = EVENT | {"draft": draft_id, "then": "publish", "summary": "Changed at the last moment."}
    first = await steward.post("/desk/new-event", form)
    await steward.post("/desk/events/kettle-and-talk", EVENT | {"summary": "And changed again."})
    second = await steward.post("/desk/new-event", form)
    assert second.headers["Location"] == first.headers["Location"]
    found = await served.node.database.read(events.gatherings)
    assert sum("kettle" in one.event.slug for one in found) == 1


async def test_a_draft_that_is_not_ready_comes_back_as_a_form_that_says_why(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward)
    answer = await steward.post(f"/desk/drafts/{draft_id}/publish")
    assert answer.status == 422
    assert "When does it begin?" in answer.text
    assert 'value="Half a thought"' in answer.text
    assert await kept(served, draft_id)


async def test_nobody_else_sees_a_draft_not_even_another_steward(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward, HALF | {"summary": "Words that nobody agreed to yet"})
    for path in ("/", "/events", "/search?q=half+thought", "/feed.atom", "/calendar.ics"):
        page = (await served.browser.get(path)).text
        assert "Half a thought" not in page, path
    document = await served.node.database.read(export_document)
    assert "Half a thought" not in json.dumps(document)

    def to_another(session) -> None:
        other = steward_store.add(session, "Other", Role.STEWARD, served.clock.now())
        session.run("UPDATE draft SET steward_id = :other", {"other": other.id})

    await served.node.database.write(to_another)
    assert (await steward.get(f"/desk/drafts/{draft_id}")).status == 404
    assert (await steward.get("/desk/drafts")).text.count("Half a thought") == 0
    assert (await steward.post(f"/desk/drafts/{draft_id}/publish")).status == 404
    await steward.post(f"/desk/drafts/{draft_id}/discard")
    assert await kept(served, draft_id)
    # A form that names somebody else's draft makes one of its own.
    assert await saved(steward, HALF | {"draft": draft_id}) != draft_id


async def test_drafts_are_bounded_in_number_and_size(served: Served, steward: Browser) -> None:
    for number in range(service.MOST):
        await saved(steward, HALF | {"title": f"Thought {number}"})
    answer = await steward.post("/desk/new-event", HALF | {"then": "draft"})
    assert answer.status == 422
    assert "20 drafts already" in answer.text
    assert 'value="Half a thought"' in answer.text
    first = await served.node.database.read(lambda session: session.value("SELECT id FROM draft"))
    await steward.post(f"/desk/drafts/{first}/discard")
    await saved(steward)
    await steward.post(f"/desk/drafts/{first}/discard")  # twice does no harm
    too_long = HALF | {"description": "x" * (service.LONGEST + 1), "then": "draft"}
    answer = await steward.post("/desk/new-event", too_long)
    assert answer.status == 422
    assert "too long" in answer.text


async def test_drafts_are_forgotten_after_ninety_days_and_say_so_before(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward)
    assert "forgotten on" in (await steward.get("/desk/drafts")).text
    later = served.clock.now() + service.KEPT
    await served.node.database.write(lambda session: upkeep.forget(session, later))
    assert await kept(served, draft_id)
    later += timedelta(seconds=1)
    await served.node.database.write(lambda session: upkeep.forget(session, later))
    assert await kept(served, draft_id) is None


async def test_a_draft_that_will_soon_be_forgotten_is_named_on_the_desk(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward)
    assert "will soon be forgotten" not in (await steward.get("/desk")).text

    def age(session) -> None:
        session.run("UPDATE draft SET saved_at = saved_at - 85 * 86400000")

    await served.node.database.write(age)
    page = (await steward.get("/desk")).text
    assert "will soon be forgotten" in page
    assert f"/desk/drafts/{draft_id}" in page


async def test_the_picture_of_a_draft_waits_with_it(served: Served, steward: Browser) -> None:
    fields = HALF | {"then": "draft", "picture_alt": "Moss"}
    answer = await steward.give("/desk/new-event", fields, photo())
    draft_id = answer.headers["Location"].removeprefix("/desk/drafts/").partition("?")[0]
    file = (await kept(served, draft_id))["picture_file"]
    assert file
    served.clock.advance(days=30)
    await served.node.pictures.sweep()
    picture = await served.node.database.read(
        lambda session: pictures.get(session, file.partition("-")[0])
    )
    assert picture is not None
    await served.node.database.write(lambda session: session.run("DELETE FROM draft"))
    await served.node.pictures.sweep()
    assert not list(served.node.pictures.folder.glob("*.jpg"))


async def test_a_picture_that_is_none_is_refused_and_the_rest_is_kept(
    served: Served, steward: Browser
) -> None:
    answer = await steward.give("/desk/new-event", HALF | {"then": "draft"}, b"%PDF-1.7 no picture")
    assert answer.status == 415
    assert "This is no picture" in answer.text
    assert 'value="Half a thought"' in answer.text
    found = re.search(r'name="draft" value="([0-9a-z]{26})"', answer.text)
    assert found
    assert (await kept(served, found[1]))["title"] == "Half a thought"


async def test_the_name_of_somebody_anonymous_is_not_kept_in_a_draft_either(
    served: Served, steward: Browser
) -> None:
    fields = REFLECTION | {"attribution": "anonymous", "author": "Kaia"}
    draft_id = await saved(steward, fields, "/desk/new-reflection")
    assert "author" not in await kept(served, draft_id)


async def test_what_is_taken_back_goes_from_drafts_too(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward, REFLECTION, "/desk/reflections/moss/change")
    await served.node.database.write(
        lambda session: withdraw_reflection(session, "moss", now=served.clock.now())
    )
    assert await kept(served, draft_id) is None
    assert (await steward.get(f"/desk/drafts/{draft_id}")).status == 404


async def test_a_draft_of_a_change_leaves_the_gathering_as_it_is(
    served: Served, steward: Browser
) -> None:
    before = await stored(served, "spring-day")
    draft_id = await saved(steward, EVENT, "/desk/events/spring-day")
    assert await stored(served, "spring-day") == before
    page = (await steward.get(f"/desk/drafts/{draft_id}")).text
    assert 'action="/desk/events/spring-day?form=' in page
    await steward.post(f"/desk/drafts/{draft_id}/publish")
    assert (await stored(served, "spring-day"))["title"]["en"] == "Kettle and talk"


async def test_drafts_go_with_their_steward(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward)

    def part(session) -> None:
        found = steward_store.by_name(session, "Ana")
        steward_store.remove(session, found.id)

    await served.node.database.write(part)
    assert await kept(served, draft_id) is None


async def test_who_only_cares_now_has_no_drafts_of_gatherings(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward)
    await served.node.database.write(
        lambda session: session.run("UPDATE steward SET role = 'care'")
    )
    assert (await steward.get(f"/desk/drafts/{draft_id}")).status == 403
    assert (await steward.post(f"/desk/drafts/{draft_id}/publish")).status == 403
    assert (await steward.get("/desk/drafts")).status == 200


async def test_the_whole_form_survives_a_session_that_ran_out(
    served: Served, steward: Browser
) -> None:
    """Also the picture that was given before; one that only now came along is asked for again."""
    first = await steward.give(
        "/desk/new-event", EVENT | {"then": "draft", "picture_alt": "Moss"}, photo()
    )
    draft_id = first.headers["Location"].removeprefix("/desk/drafts/").partition("?")[0]
    form = await kept(served, draft_id)
    sent = form | {
        "draft": draft_id,
        "then": "draft",
        "title": "Typed long after",
        "languages": ["en", "es"],
    }
    await served.node.database.write(lambda session: session.run("DELETE FROM session"))
    answer = await steward.post("/desk/new-event", sent)
    assert answer.status == 401
    field = re.search(r'name="kept" value="([^"]*)"', answer.text)
    assert field
    pairs = json.loads(unescape(field[1]))
    assert {(name, text) for name, text in pairs} >= {
        ("picture_file", form["picture_file"]),
        ("title", "Typed long after"),
        ("languages", "es"),
        ("then", "draft"),
        ("draft", draft_id),
    }
    served.clock.advance(minutes=2)
    fields = {"kept": unescape(field[1]), "kept_path": "/desk/new-event", "name": "Ana"}
    answer = await steward.post("/sign-in", fields | {"password": PASSWORD})
    assert "You are signed in again" in answer.text
    assert 'name="title" value="Typed long after"' in answer.text
    assert '<button class="quiet" name="then" value="draft">' in answer.text
    assert '<button name="then" value="form">' in answer.text
    token = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert token
    steward.csrf = token[1]
    answer = await steward.post("/desk/new-event", sent | {"then": "form"})
    assert answer.status == 200
    assert 'value="Typed long after"' in answer.text
    assert f'src="/media/{form["picture_file"][:26]}' in answer.text


async def test_a_picture_that_came_after_the_session_ran_out_is_asked_for_again(
    served: Served, steward: Browser
) -> None:
    await served.node.database.write(lambda session: session.run("DELETE FROM session"))
    answer = await steward.give("/desk/new-event", EVENT | {"then": "publish"}, photo())
    assert answer.status == 401
    assert "picture_lost" in answer.text
    assert not list(served.node.pictures.folder.glob("*.jpg"))


@pytest.mark.parametrize(
    ("path", "then", "buttons"),
    [("/desk/new-event", "publish", ["Back to the form"]), ("/desk/group", "", ["Send it now"])],
)
async def test_without_its_picture_a_form_is_looked_at_again_where_it_can_be(
    served: Served, steward: Browser, path: str, then: str, buttons: list[str]
) -> None:
    await served.node.database.write(lambda session: session.run("DELETE FROM session"))
    fields = {"title": "Moss", **({"then": then} if then else {})}
    answer = await steward.give(path, fields, photo())
    field = re.search(r'name="kept" value="([^"]*)"', answer.text)
    assert field
    sent = {"kept": unescape(field[1]), "kept_path": path, "name": "Ana", "password": PASSWORD}
    page = (await steward.post("/sign-in", sent)).text
    assert "The picture did not come along" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r"<button[^>]*>([^<]+)<", main) == buttons
