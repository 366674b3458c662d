"""What will be there once a draft is published: the same as what is there then, and nothing before."""

import json
import re

from bs4 import BeautifulSoup

from tests.web.served import Browser, Served
from tests.web.test_desk import EVENT, REFLECTION
from tests.web.test_drafts import saved

WORKSHOP = EVENT | {
    "registration_mode": "open",
    "price_model": "sliding_scale",
    "price_min": "0",
    "price_max": "40",
    "price_currency": "USD",
    "title_2": "Tetera y charla",
}
COUNTED = ("event", "reflection", "rsvp", "rsvp_email", "letter", "outbox_entry", "pending_change")


async def counted(served: Served) -> dict[str, int]:
    """How many rows there are of what a preview must not leave behind."""

    def count(session) -> dict[str, int]:
        return {table: session.value(f"SELECT count(*) FROM {table}") for table in COUNTED}

    return await served.node.database.read(count)


def article(page: str) -> str:
    """The words of the gathering or reflection on its page, but for the note that this is a preview."""
    found = BeautifulSoup(page, "html.parser").find("article")
    assert found is not None
    for banner in found.select(".banner"):
        banner.decompose()
    return " ".join(found.get_text(" ").split())


async def test_a_preview_leads_from_the_form_to_the_page_and_leaves_nothing(
    served: Served, steward: Browser
) -> None:
    before = await counted(served)
    answer = await steward.post("/desk/new-event", WORKSHOP | {"then": "preview"})
    assert re.fullmatch(r"/desk/drafts/[0-9a-z]{26}/preview", answer.headers["Location"])
    at = answer.headers["Location"].removesuffix("/preview")
    for part in ("preview", "page", "poster"):
        shown = await steward.get(f"{at}/{part}")
        assert shown.status == 200, part
        assert "Kettle and talk" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
    assert await counted(served) == before
    assert "Kettle" not in (await served.browser.get("/events")).text
    assert "Kettle and talk" in (await steward.get(at)).text


async def test_what_cannot_be_published_is_not_previewed_but_says_why(
    served: Served, steward: Browser
) -> None:
    late = WORKSHOP | {"end_time": "17:00", "then": "preview"}
    answer = await steward.post("/desk/new-event", late)
    assert answer.status == 422
    assert 'href="#end_time"' in answer.text
    draft_id = await saved(steward, late)
    assert (await steward.get(f"/desk/drafts/{draft_id}/preview")).status == 422
    assert (await steward.get(f"/desk/drafts/{draft_id}/page")).status == 422


async def test_page_post_and_poster_are_the_real_ones(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward, WORKSHOP)
    at = f"/desk/drafts/{draft_id}"
    page = article((await steward.get(f"{at}/page")).text)
    sheet = article((await steward.get(f"{at}/poster")).text)
    preview = (await steward.get(f"{at}/preview")).text
    await steward.post(f"{at}/publish")
    assert article((await steward.get("/events/kettle-and-talk")).text) == page
    assert article((await steward.get("/events/kettle-and-talk/poster")).text) == sheet
    sent = json.loads(
        (
            await served.browser.get("/events/kettle-and-talk", Accept="application/activity+json")
        ).text
    )
    post = BeautifulSoup(preview, "html.parser").select_one("article.post")
    assert post is not None
    words = " ".join(post.get_text(" ").split())
    assert f"{sent['name']} {sent['summary']} {sent['url']}" in words
    for part in ("1 May 2027", "18:00", "PDT", "Old mill", "0–", "40"):
        assert part in words


async def test_the_letter_is_the_real_one(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward, WORKSHOP)
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    shown = BeautifulSoup(preview, "html.parser").select_one("article.letter pre")
    assert shown is not None
    await steward.post(f"/desk/drafts/{draft_id}/publish")
    served.node.config.values.update({"mail.host": "127.0.0.1", "mail.from": "us@example.org"})
    answer = await served.browser.post(
        "/events/kettle-and-talk/come",
        {"name": "Robin", "guests": "0", "reach": "", "email": "robin@example.org", "website": ""},
    )
    assert answer.status == 303

    def letter(session) -> str:
        return session.value("SELECT words FROM letter WHERE recipient = 'robin@example.org'")

    words = await served.node.database.read(letter)
    assert words
    assert shown.text.startswith(words.replace("\r\n", "\n"))


async def test_where_nobody_registers_no_letter_is_shown(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward, WORKSHOP | {"registration_mode": "none"})
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    assert "To somebody who says on the page that they come" not in preview
    assert "To a friend" in preview


async def test_what_stays_here_has_no_post(served: Served, steward: Browser) -> None:
    draft_id = await saved(steward, WORKSHOP | {"not_federated": "on"})
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    assert "It stays on this site" in preview


async def test_a_hidden_place_is_in_no_preview(served: Served, steward: Browser) -> None:
    fields = WORKSHOP | {"place_visibility": "on_registration", "place_area": "North of the river"}
    draft_id = await saved(steward, fields)
    for part in ("preview", "page", "poster"):
        text = (await steward.get(f"/desk/drafts/{draft_id}/{part}")).text
        assert "Old mill" not in text, part
        assert "North of the river" in text, part


async def test_a_change_shows_what_everyone_will_be_told(served: Served, steward: Browser) -> None:
    await steward.post("/desk/new-event", WORKSHOP)
    path = "/desk/events/kettle-and-talk"
    moved = WORKSHOP | {"start_date": "2027-05-08", "status": "scheduled", "reason": "Rain"}
    draft_id = await saved(steward, moved, path)
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    assert "What everyone is told of the change" in preview
    assert "Sat 8 May 2027" in preview
    assert "was Sat 1 May 2027" in preview
    assert "Saturday 1 May 2027" in (await served.browser.get("/events/kettle-and-talk")).text

    small = await saved(steward, WORKSHOP | {"status": "scheduled", "tags": "fire"}, path)
    preview = (await steward.get(f"/desk/drafts/{small}/preview")).text
    assert "What everyone is told of the change" not in preview


async def test_a_series_is_previewed_with_the_session_that_goes_out_first(
    served: Served, steward: Browser
) -> None:
    fields = WORKSHOP | {"repeat": "weekly", "repeat_count": "4"}
    draft_id = await saved(steward, fields)
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    assert "Sat 1 May 2027" in preview
    assert "Every week" in (await steward.get(f"/desk/drafts/{draft_id}/page")).text


async def test_preview_then_publish_twice_makes_one(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/new-event", WORKSHOP | {"then": "preview"})
    publish = answer.headers["Location"].replace("/preview", "/publish")
    first, second = await steward.post(publish), await steward.post(publish)
    assert first.headers["Location"] == second.headers["Location"]
    assert first.status == second.status == 303
    found = await counted(served)
    await steward.post(publish)
    assert await counted(served) == found


async def test_a_reflection_is_previewed_as_page_post_and_zine(
    served: Served, steward: Browser
) -> None:
    fields = REFLECTION | {"consent_reuse": "on", "content_notes": "loss"}
    draft_id = await saved(steward, fields, "/desk/new-reflection")
    at = f"/desk/drafts/{draft_id}"
    page = article((await steward.get(f"{at}/page")).text)
    preview = BeautifulSoup((await steward.get(f"{at}/preview")).text, "html.parser")
    zine = (await steward.get(f"{at}/zine")).text
    assert "One line" in zine
    assert "One line" in preview.select_one("article.post").text  # type: ignore[union-attr]
    assert preview.select_one("article.post .note").text == "loss"  # type: ignore[union-attr]
    assert (await steward.get(f"{at}/poster")).status == 404
    await steward.post(f"{at}/publish")
    assert article((await steward.get("/reflections/morning")).text) == page


async def test_without_consent_to_print_there_is_no_zine_to_look_at(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward, REFLECTION, "/desk/new-reflection")
    assert "It stands in no zine" in (await steward.get(f"/desk/drafts/{draft_id}/preview")).text


async def test_advice_names_what_is_not_said_and_never_stands_in_the_way(
    served: Served, steward: Browser
) -> None:
    draft_id = await saved(steward, WORKSHOP)
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    at = f"/desk/drafts/{draft_id}"
    for field in ("land", "no_one_turned_away", "full_spiral", "facilitator_name_0", "price_note"):
        assert f'href="{at}#{field}"' in preview, field
    form = (await steward.get(at)).text
    ids = {tag["id"] for tag in BeautifulSoup(form, "html.parser").select("[id]")}
    asked = set(re.findall(rf'href="{at}#([^"]+)"', preview))
    assert asked <= ids
    assert "could still be said" in form
    answer = await steward.post(f"{at}/publish")
    assert answer.status == 303


async def test_advice_falls_silent_once_all_is_said(served: Served, steward: Browser) -> None:
    said = {
        "land": "On the land of the Miwok.",
        "no_one_turned_away": "on",
        "price_note": "Cash; we give it back.",
        "full_spiral": "yes",
        "facilitator_name_0": "Mo",
        "facilitator_name_1": "Ida",
        "access_contact": "a@b.example",
        "access_step_free_entrance": "yes",
        "access_accessible_toilet": "no",
        "access_quiet_room": "no",
        "access_food": "soup",
        "access_sign_language": "no",
    }
    draft_id = await saved(steward, WORKSHOP | said)
    preview = (await steward.get(f"/desk/drafts/{draft_id}/preview")).text
    assert "All that the Network’s best practices ask" in preview.replace("'", "’").replace(
        "&#39;", "’"
    )
