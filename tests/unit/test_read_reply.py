"""Quotes in six spellings, and whether somebody lets their post be passed on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.read_reply import may_be_passed_on, quoted_in

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
OURS = "https://hills.example/events/spring-day"
GROUP = "https://hills.example/group"
LINK = {"type": "Link", "rel": "https://misskey-hub.net/ns#_misskey_quote", "href": OURS}
SPELLINGS: list[dict[str, Any]] = [
    {"quote": OURS},
    {"quote": {"type": "Event", "id": OURS}},
    {"quoteUrl": OURS},
    {"quoteURL": OURS},
    {"quoteUri": OURS},
    {"_misskey_quote": OURS, "quoteUrl": OURS},
    {"tag": LINK},
    {"tag": [{"type": "Hashtag"}, LINK | {"rel": ["x", "https://w3id.org/fep/044f#quote"]}]},
]


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_quote_is_found_in_every_spelling(spelled: dict[str, Any]) -> None:
    assert quoted_in({"type": "Note"} | spelled) == (OURS,)


@pytest.mark.parametrize(
    "spelled",
    [
        {"quote": None},
        {"quote": 7, "quoteUrl": [], "quoteUri": {}},
        {"quote": "not an address"},
        {"tag": {"type": "Link", "href": OURS}},
        {"tag": {"type": "Mention", "rel": LINK["rel"], "href": OURS}},
        {"tag": [None, 3, "x", LINK | {"href": None}, LINK | {"rel": 5}]},
    ],
)
def test_what_is_no_quote_is_none(spelled: dict[str, Any]) -> None:
    assert quoted_in({"type": "Note"} | spelled) == ()


def test_mismatched_spellings_are_all_told() -> None:
    other = "https://hills.example/reflections/moss"
    assert quoted_in({"quoteUri": OURS, "_misskey_quote": other}) == (OURS, other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(OURS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "rel", "href", "id", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["quote", "quoteUrl", "quoteUri", "_misskey_quote", "tag", "to", "cc", "interactionPolicy"]
)


@given(st.dictionaries(NAMES, JSON))
def test_reading_never_fails(document: dict[str, Any]) -> None:
    assert all(isinstance(one, str) for one in quoted_in(document))
    assert may_be_passed_on(document, {}, GROUP) in (True, False)


@pytest.mark.parametrize(
    ("document", "allowed"),
    [
        ({"to": [PUBLIC]}, True),
        ({"to": "as:Public"}, True),
        ({"to": [], "cc": [PUBLIC]}, False),
        ({"to": [GROUP]}, False),
        ({"to": [PUBLIC], "interactionPolicy": None}, True),
        ({"to": [PUBLIC], "interactionPolicy": {"canAnnounce": {}}}, True),
        ({"to": [PUBLIC], "interactionPolicy": {"canAnnounce": {"always": PUBLIC}}}, True),
        (
            {
                "to": [PUBLIC],
                "interactionPolicy": {"canAnnounce": {"automaticApproval": [GROUP]}},
            },
            True,
        ),
        (
            {
                "to": [PUBLIC],
                "interactionPolicy": {
                    "canAnnounce": {
                        "automaticApproval": ["https://peer.example/u/ana"],
                        "manualApproval": [PUBLIC],
                    }
                },
            },
            False,
        ),
    ],
)
def test_who_asks_to_be_asked_is_not_passed_on(document: dict[str, Any], allowed: bool) -> None:
    assert may_be_passed_on(document, {}, GROUP) is allowed
