"""The colour a group chooses: legible whatever it is, and the only thing that changes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.store import groups
from tests.web.served import Browser, Served
from tests.web.test_desk import form_of
from web.accent import SWATCHES, contrast, legible

DAY = ("#fbf7ee", "#ffffff", "#f1e9d8")
NIGHT = ("#16201a", "#1f2b23", "#2a382e")
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours, st.sampled_from([4.5, 7.0]))
@example("#ffff00", 4.5)
@example("#000000", 7.0)
def test_every_colour_is_legible_by_day_and_by_night(colour: str, least: float) -> None:
    by_day = legible(colour, night=False, least=least)
    by_night = legible(colour, night=True, least=least)
    assert all(contrast(by_day, under) >= least for under in DAY)
    assert all(contrast(by_night, under) >= least for under in NIGHT)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_colour_that_is_legible_stays_as_it_is() -> None:
    assert legible("#9a3f1d", night=False) == "#9a3f1d"


@pytest.mark.parametrize("colour", [colour for colour in SWATCHES if colour])
def test_colours_on_offer_need_no_change_by_day(colour: str) -> None:
    assert legible(colour, night=False) == colour


async def test_the_group_chooses_its_colour_at_the_desk(served: Served, steward: Browser) -> None:
    before = (await steward.get("/")).text
    assert "/static/accent/" not in before
    fields = await form_of(steward, "/desk/group")
    answer = await steward.post("/desk/group", fields | {"accent": "own", "accent_own": "#FFEE00"})
    assert answer.headers["Location"].endswith("done=group")
    page = (await steward.get("/")).text
    sheet = re.search(r'href="(/static/accent/ffee00\.css)" media="screen"', page)
    assert sheet
    css = await steward.get(sheet[1])
    assert css.status == 200
    assert css.headers["Content-Type"].startswith("text/css")
    assert f"--forest:{legible('#ffee00', night=False)}" in css.text
    shown = await form_of(steward, "/desk/group")
    assert (shown["accent"], shown["accent_own"]) == (["own"], ["#ffee00"])

    refused = await steward.post(
        "/desk/group", fields | {"accent": "own", "accent_own": "url(https://evil.example)"}
    )
    assert refused.status == 422
    assert "Must be a colour of six hexadecimal digits" in refused.text
    document = await served.node.database.read(groups.get_document)
    assert document["accent"] == "#FFEE00"

    await steward.post("/desk/group", fields | {"accent": ""})
    assert "/static/accent/" not in (await steward.get("/")).text


@pytest.mark.parametrize("name", ["zzzzzz", "fff", "FFEE00", "ffee00;", "%7D%7B"])
async def test_what_is_no_colour_has_no_stylesheet(steward: Browser, name: str) -> None:
    assert (await steward.get(f"/static/accent/{name}.css")).status == 404
