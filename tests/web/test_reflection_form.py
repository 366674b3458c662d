"""Changing a reflection at the desk: its words, its picture, what was agreed to."""

from typing import Any

import pytest

from node.store import reflections
from tests.pictures import photo
from tests.web.served import Browser, Served
from tests.web.test_desk import form_of

MOSS = "/desk/reflections/moss/change"


async def stored(served: Served, slug: str = "moss") -> dict[str, Any]:
    return await served.node.database.read(lambda session: reflections.get_document(session, slug))


async def told(served: Served) -> list[str]:
    """What the outbox was given to tell, in order."""

    def look(session) -> list[str]:
        return [row["kind"] for row in session.rows("SELECT kind FROM outbox_entry ORDER BY seq")]

    return await served.node.database.read(look)


@pytest.fixture
async def form(steward: Browser) -> dict[str, Any]:
    """The form of a poem as a browser would send it back, with the box ticked that must be looked at."""
    return await form_of(steward, MOSS) | {"consent_others": ["on"]}


async def test_a_form_that_nobody_touched_changes_no_word(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    before = await stored(served)
    await steward.post(MOSS, form)
    after = await stored(served)
    assert {key: value for key, value in after.items() if key != "consent"} == {
        key: value for key, value in before.items() if key != "consent"
    }
    count = await told(served)
    answer = await steward.post(MOSS, form)
    assert answer.headers["Location"] == "/desk/reflections?done=same"
    assert await told(served) == count


async def test_words_change_and_every_server_is_told(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    before = await told(served)
    form |= {"body": ["Another line"], "title": ["Moss, again"]}
    answer = await steward.post(MOSS, form)
    assert answer.headers["Location"] == "/desk/reflections?done=changed"
    assert "Another line" in (await served.browser.get("/reflections/moss")).text
    assert await told(served) == [*before, "update_reflection"]
    assert "changed a reflection" in (await steward.get("/desk/log")).text


async def test_translations_stand_beside_each_other_and_can_be_exchanged(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    form |= {"language_2": ["de"], "body_2": ["Moos"], "language_3": ["es"], "body_3": ["Musgo"]}
    await steward.post(MOSS, form)
    assert {tag: text["body"] for tag, text in (await stored(served))["translations"].items()} == {
        "de": "Moos",
        "es": "Musgo",
    }
    form = await form_of(steward, MOSS)
    assert form["body_3"] == ["Musgo"]
    await steward.post(MOSS, form | {"language_3": ["pt-BR"], "body_3": ["Musgo"]})
    assert set((await stored(served))["translations"]) == {"de", "pt-BR"}


async def test_without_consent_to_send_it_is_called_back_and_stays_here(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    form.pop("consent_federate")
    await steward.post(MOSS, form)
    assert (await told(served))[-1] == "delete_reflection"
    assert (await served.browser.get("/reflections/moss")).status == 200
    consent = (await stored(served))["consent"]
    assert consent["federate"] is False
    assert consent["on"] == served.clock.now().date().isoformat()


async def test_without_consent_to_publish_nothing_changes_and_it_can_be_taken_back(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    before = await stored(served)
    form.pop("consent_publish")
    answer = await steward.post(MOSS, form)
    assert answer.status == 422
    assert "Nothing is published without the consent" in answer.text
    assert 'name="decision" value="withdraw"' in answer.text
    assert await stored(served) == before


async def test_a_name_goes_when_its_author_wishes_to_be_anonymous(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    await steward.post(MOSS, form | {"attribution": ["first_name"], "author": ["Kaia"]})
    assert (await stored(served))["attribution"]["display"] == "Kaia"
    await steward.post(MOSS, form | {"attribution": ["anonymous"], "author": ["Kaia"]})
    assert "Kaia" not in str(await stored(served))
    assert "Kaia" not in (await served.browser.get("/reflections/moss")).text


async def test_a_picture_is_given_turned_and_taken_away(
    served: Served, steward: Browser, form: dict[str, Any]
) -> None:
    fields = form | {"picture_alt": ["Moss on a stone"], "picture_focus": ["tl"]}
    answer = await steward.give(MOSS, fields, photo())
    assert answer.status == 303, answer.text
    (medium,) = (await stored(served))["media"]
    assert medium["alt"] == "Moss on a stone"
    assert medium["focal_point"] == [-0.66, 0.66]

    fields = await form_of(steward, MOSS)
    assert fields["picture_focus"] == ["tl"]
    answer = await steward.post(MOSS, fields | {"picture_alt": [""]})
    assert answer.status == 422
    assert "Say in words what the picture shows" in answer.text
    await steward.post(MOSS, fields | {"picture_alt": ["Wet moss"], "picture_focus": ["cc"]})
    (medium,) = (await stored(served))["media"]
    assert medium["alt"] == "Wet moss"
    assert "focal_point" not in medium

    await steward.post(MOSS, fields | {"picture_remove": ["on"]})
    assert not (await stored(served)).get("media")


async def test_other_media_stay_when_the_picture_changes(served: Served, steward: Browser) -> None:
    path = "/desk/reflections/echo/change"
    fields = await form_of(steward, path) | {"consent_others": ["on"], "picture_alt": ["A spring"]}
    await steward.give(path, fields, photo())
    kinds = [one["type"] for one in (await stored(served, "echo"))["media"]]
    assert kinds == ["image", "audio"]


async def test_what_waits_goes_on_waiting(served: Served, steward: Browser) -> None:
    path = "/desk/reflections/waits/change"
    fields = await form_of(steward, path) | {"consent_others": ["on"], "title": ["Shorter"]}
    await steward.post(path, fields)
    assert (await stored(served, "waits"))["status"] == "pending_review"
    assert "Pendingonly" not in (await served.browser.get("/reflections")).text


async def test_what_was_taken_back_cannot_be_changed(served: Served, steward: Browser) -> None:
    await steward.post("/desk/reflections/moss", {"decision": "withdraw"})
    assert (await steward.get(MOSS)).status == 410
    assert (await steward.post(MOSS, {"body": "Back again"})).status == 410
