"""Templates of other servers: what they make of our ids, and what is never made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.intents import fill

THING = "https://hills.example/events/spring day?x=1&y=2"
VALUES = {"object": THING, "uri": THING, "content": "Spring day", "name": "Spring day"}


@pytest.mark.parametrize(
    ("template", "made"),
    [
        (
            "https://home.example/authorize_interaction?uri={uri}",
            "https://home.example/authorize_interaction?uri="
            "https%3A%2F%2Fhills.example%2Fevents%2Fspring%20day%3Fx%3D1%26y%3D2",
        ),
        (
            "https://home.example/share?t={type}&c={content}&after={on-success}",
            "https://home.example/share?t=&c=Spring%20day&after=",
        ),
        ("https://Home.Example:443/{name}/{object}#x", None),
        ("https://home.example/follow", None),
        ("https://home.example/{other}", None),
        ("javascript:alert({uri})", None),
        ("//home.example/{uri}", None),
        ("/follow?uri={uri}", None),
        ("https://home.example@evil.example/{uri}", None),
        ("https://{uri}/", None),
        ("https://home.example/{uri}" + "x" * 1024, None),
        ("https://home.example/\r\nSet-Cookie: {uri}", None),
    ],
)
def test_what_a_template_makes(template: str, made: str | None) -> None:
    if "Home.Example" in template:
        made = "https://home.example/Spring%20day/" + "https%3A%2F%2Fhills.example%2Fevents"
        assert (fill(template, VALUES) or "").startswith(made)
        return
    assert fill(template, VALUES) == made


@given(st.text(max_size=200))
def test_no_template_is_too_odd(template: str) -> None:
    made = fill(template, VALUES)
    assert made is None or made.startswith(("https://", "http://"))
