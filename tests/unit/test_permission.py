"""What others may do with something of ours, by audience, consent, stage and the group's wish."""

from typing import Any

import pytest

from federation.render.audience import interaction_policy
from node.domain.group import Group
from node.domain.permission import Approval, of_event, of_reflection, of_the_group
from node.domain.reflection import Reflection
from tests.federation import samples
from tests.federation.samples import URLS

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def group(quotes: str | None) -> Group:
    return Group.from_document("hills", samples.GROUP | {"quotes": quotes})


def reflection(reuse: bool | None, **more: Any) -> Reflection:
    return Reflection.from_document(samples.POEM | {"consent": {"reuse": reuse}} | more, "en")


@pytest.mark.parametrize(
    ("quotes", "event", "agreed", "unsaid"),
    [
        (None, "automatic", "automatic", "manual"),
        ("everyone", "automatic", "automatic", "manual"),
        ("ask", "manual", "manual", "manual"),
        ("nobody", "nobody", "nobody", "nobody"),
    ],
)
def test_quoting_follows_the_group_and_the_authors_consent(
    quotes: str | None, event: str, agreed: str, unsaid: str
) -> None:
    one = samples.a_stored_event(samples.IN_PERSON).event
    assert of_event(one, group(quotes)).quote == event
    assert of_the_group(group(quotes)).quote == event
    assert of_reflection(reflection(True), group(quotes)).quote == agreed
    assert of_reflection(reflection(None), group(quotes)).quote == unsaid
    assert of_reflection(reflection(False), group(quotes)).quote == Approval.NOBODY


def test_pain_is_quoted_by_nobody_and_answered_once_a_steward_agrees() -> None:
    allowed = of_reflection(reflection(True, spiral_stage="honoring_pain"), group("everyone"))
    assert (allowed.quote, allowed.reply, allowed.like) == ("nobody", "manual", "automatic")


def test_what_is_for_followers_is_neither_passed_on_nor_quoted() -> None:
    one = samples.a_stored_event(samples.FOLLOWERS_ONLY).event
    allowed = of_event(one, group("everyone"))
    assert (allowed.announce, allowed.quote, allowed.reply) == ("nobody", "nobody", "automatic")


def test_the_policy_is_told_in_both_spellings() -> None:
    allowed = of_reflection(reflection(None, spiral_stage="honoring_pain"), group("everyone"))
    policy = interaction_policy(allowed, URLS)
    assert policy["canLike"] == {"always": [PUBLIC], "automaticApproval": [PUBLIC]}
    assert policy["canReply"] == {
        "always": [URLS.group],
        "automaticApproval": [URLS.group],
        "approvalRequired": [PUBLIC],
        "manualApproval": [PUBLIC],
    }
    assert policy["canQuote"] == {"automaticApproval": [URLS.group]}
