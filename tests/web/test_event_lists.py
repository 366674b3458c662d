"""What a gathering's form asks as lists: steps of a price, questions, hosts, siblings, dimensions."""

import pytest

from node.services.events import edit_event
from node.store import events
from tests.web.served import Browser, Served
from tests.web.test_desk import form_of

LISTS = {
    "price_tiers": ["Supporter: 60\nStandard: 40,5"],
    "questions": ["Do you eat meat?\n\nWho comes with you?"],
    "hosts": ["Friends of the River\nhttps://hills.example/"],
    "siblings": ["https://hills.example/events/evening"],
    "dimensions": ["holding_actions", "shift_in_perception"],
}


async def test_lists_are_kept_shown_and_come_back(served: Served, steward: Browser) -> None:
    fields = await form_of(steward, "/desk/events/spring-day")
    given = fields | LISTS | {"price_model": ["tiered_solidarity"], "price_currency": ["USD"]}
    answer = await steward.post("/desk/events/spring-day", given | {"then": "publish"})
    assert answer.status == 303, answer.text
    document = await served.node.database.read(
        lambda session: events.get_document(session, "spring-day")
    )
    assert document["price"]["tiers"] == [
        {"label": {"en": "Supporter"}, "amount": 60},
        {"label": {"en": "Standard"}, "amount": 40.5},
    ]
    assert document["registration"]["questions"] == [
        {"en": "Do you eat meat?"},
        {"en": "Who comes with you?"},
    ]
    assert document["hosts"] == ["Friends of the River", "https://hills.example/"]
    assert document["siblings"] == ["https://hills.example/events/evening"]
    assert document["great_turning_dimensions"] == LISTS["dimensions"]
    page = (await served.browser.get("/events/spring-day")).text
    for words in ("Supporter", "Do you eat meat?", "Friends of the River", "Holding actions"):
        assert words in page
    again = await form_of(steward, "/desk/events/spring-day")
    assert again["questions"] == ["Do you eat meat?\nWho comes with you?"]
    assert again["price_tiers"] == ["Supporter: 60\nStandard: 40.5"]


async def test_what_stays_keeps_its_other_languages(served: Served, steward: Browser) -> None:
    label, question = {"en": "Full", "es": "Completo"}, {"en": "Why?", "es": "¿Por qué?"}
    before = {
        "price": {"model": "tiered_solidarity", "tiers": [{"label": label, "amount": 9}]},
        "registration": {"mode": "open", "questions": [question]},
    }
    await served.node.database.write(
        lambda session: edit_event(session, "spring-day", before, now=served.clock.now())
    )
    fields = await form_of(steward, "/desk/events/spring-day")
    given = {"price_tiers": ["New: 3\nFull: 10"], "questions": ["When?\nWhy?"], "then": "publish"}
    answer = await steward.post("/desk/events/spring-day", fields | given)
    assert answer.status == 303, answer.text
    document = await served.node.database.read(
        lambda session: events.get_document(session, "spring-day")
    )
    assert document["price"]["tiers"][1] == {"label": label, "amount": 10}
    assert document["registration"]["questions"] == [{"en": "When?"}, question]


@pytest.mark.parametrize("wrong", ["Supporter", ": 40", "Full: nan", "Full: -1", "Full: many"])
async def test_a_step_without_an_amount_is_said_beside_the_field(
    steward: Browser, wrong: str
) -> None:
    fields = await form_of(steward, "/desk/events/spring-day")
    given = fields | {"price_model": ["tiered_solidarity"], "price_tiers": [f"Fine: 1\n{wrong}"]}
    answer = await steward.post("/desk/events/spring-day", given | {"then": "publish"})
    assert answer.status == 422
    assert 'id="wrong-price_tiers"' in answer.text
    assert wrong in answer.text
