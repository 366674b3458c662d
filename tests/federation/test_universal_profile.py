"""The universal profile of an Event, rule by rule: each golden file is what one rule says of one gathering.

The rules are those of docs/federation-events.md; `universal_event.check` holds every document to all of them.
"""

from typing import Any

import pytest

from federation.render import activity
from federation.render.event import event
from tests.federation import samples, universal_event
from tests.federation.conftest import Golden
from tests.federation.samples import NOW, URLS

NIGHT = samples.IN_PERSON | {
    "id": "night-walk",
    "start_local": "2031-10-25T22:00:00",
    "end_local": "2031-10-26T06:00:00",
    "timezone": "Europe/Berlin",
    "registration": {"mode": "none"},
    "image": None,
}
ONLINE = samples.ONLINE_HIDDEN | {
    "id": "open-room",
    "online": {"url_visibility": "public", "url": "https://meet.example/open"},
}
TOGETHER = samples.HYBRID | {"id": "together", "hosts": ["hills", "Círculo de la Bahía"]}
TIMES = ("startTime", "endTime", "displayEndTime", "timezone", "previousStartTime")
STATUS = ("eventStatus", "status", "joinMode", "externalParticipationUrl", "summary")
JOINING = (
    "joinMode",
    "externalParticipationUrl",
    "maximumAttendeeCapacity",
    "attendees",
    "requiredJoinVisibility",
)

RULES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "one-author-on-one-host": (
        samples.IN_PERSON,
        ("id", "type", "attributedTo", "to", "cc", "url", "context"),
    ),
    "followers-only": (samples.FOLLOWERS_ONLY, ("id", "to", "cc", "interactionPolicy")),
    "words-say-when-and-where-first": (samples.IN_PERSON, ("name", "summary", "content")),
    "main-language-first": (
        samples.HYBRID,
        ("inLanguage", "name", "nameMap", "summary", "summaryMap", "content", "contentMap"),
    ),
    "right-to-left": (samples.ARABIC, ("name", "summary")),
    "times-with-offset": (samples.IN_PERSON, TIMES),
    "times-over-night-and-clock-change": (NIGHT, (*TIMES, "summary")),
    "open-end": (samples.HYBRID, TIMES),
    "place-is-one-object": (samples.IN_PERSON, ("location", "isOnline")),
    "place-told-later": (samples.HIDDEN_PLACE, ("location", "isOnline", "summary")),
    "hybrid-is-a-place-and-a-link": (samples.HYBRID, ("location", "isOnline", "attachment")),
    "online-has-name-and-url": (ONLINE, ("location", "isOnline", "attachment")),
    "online-link-told-later": (samples.ONLINE_HIDDEN, ("location", "isOnline", "attachment")),
    "picture-first-then-links": (
        samples.ARABIC | {"id": "with-picture", "image": samples.IN_PERSON["image"]},
        ("image", "attachment"),
    ),
    "no-attachment-is-a-list": (NIGHT, ("attachment",)),
    "one-category-others-as-tags": (samples.IN_PERSON, ("category", "tag")),
    "join-here": (samples.IN_PERSON, JOINING),
    "join-with-approval": (samples.ONLINE_HIDDEN, JOINING),
    "join-elsewhere": (samples.ARABIC, JOINING),
    "no-registration": (NIGHT, JOINING),
    "status-cancelled": (samples.CANCELLED, (*STATUS, *TIMES)),
    "status-postponed": (samples.POSTPONED, (*STATUS, *TIMES)),
    "status-rescheduled": (samples.RESCHEDULED, (*STATUS, *TIMES)),
    "status-moved-online": (samples.MOVED_ONLINE, (*STATUS, "location", "isOnline")),
    "organizers-together": (TOGETHER, ("attributedTo", "organizers")),
    "conversation-is-addresses": (
        samples.IN_PERSON,
        ("replies", "likes", "shares", "context", "repliesModerationOption"),
    ),
}


def _rendered(document: dict[str, Any]) -> dict[str, Any]:
    return event(samples.a_stored_event(document), samples.a_group(), URLS, NOW)


@pytest.mark.parametrize("rule", RULES)
def test_rule(golden: Golden, rule: str) -> None:
    document, keys = RULES[rule]
    sent = _rendered(document)
    universal_event.check(sent)
    golden(f"universal-{rule}.json", {key: sent[key] for key in keys if key in sent})


def test_create_says_the_same_as_its_object(golden: Golden) -> None:
    create = activity.create(URLS.activity("01kg60"), _rendered(samples.IN_PERSON))
    told = {key: create[key] for key in ("id", "type", "actor", "published", "to", "cc")}
    inner = {key: create["object"][key] for key in ("id", "attributedTo", "published", "to", "cc")}
    golden("universal-create-and-its-object.json", told | {"object": inner})


def test_every_update_has_an_id_of_its_own_and_looks_newer(golden: Golden) -> None:
    update = activity.update(URLS.activity("01kg61"), _rendered(samples.IN_PERSON), NOW)
    told = {key: update[key] for key in ("id", "type", "actor", "published")}
    inner = {key: update["object"][key] for key in ("id", "published", "updated")}
    golden("universal-update-looks-newer.json", told | {"object": inner})


@pytest.mark.parametrize("name", samples.EVENTS)
def test_no_property_has_a_prefix_or_is_null(name: str) -> None:
    """`mz:` and its like are what a reader without JSON-LD never finds."""

    def walk(value: Any) -> None:
        assert value is not None
        for key, inner in value.items() if isinstance(value, dict) else ():
            assert ":" not in key, key
            walk(inner)
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    walk(
        {key: value for key, value in _rendered(samples.EVENTS[name]).items() if key != "@context"}
    )
