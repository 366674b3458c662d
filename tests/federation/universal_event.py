"""The narrow profile of `Event` that every peer accepts, and readers that mimic what each peer does.

Each reader follows what its namesake's source does with a document; it returns what people would see,
or fails where the namesake would refuse, crash or drop the event.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from federation.render.encode import encode

Document = dict[str, Any]

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_ZONES = available_timezones()
_EVENT_BRIDGE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_STATUSES = {
    "EventScheduled": {"CONFIRMED"},
    "EventTentative": {"TENTATIVE"},
    "EventPostponed": {"TENTATIVE"},
    "EventRescheduled": {"CONFIRMED"},
    "EventMovedOnline": {"CONFIRMED"},
    "EventCancelled": {"CANCELLED"},
}
_KEPT_TAGS = re.compile(r"</?(?:p|br|a|strong)(?: [^<>]*)?>")


def check(document: Document) -> None:
    """Fail with the rule that `document`, as we send it, breaks."""
    for rule in (_identity, _words, _times, _place, _extras, _json):
        rule(document)
    for reader in READERS.values():
        reader(document)


def _identity(document: Document) -> None:
    assert document["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert document["type"] == "Event"
    assert isinstance(document["attributedTo"], str)
    assert document.get("actor", document["attributedTo"]) == document["attributedTo"]
    host = urlsplit(document["id"]).netloc
    assert urlsplit(document["attributedTo"]).netloc == host
    assert isinstance(document["url"], str)
    for address in (document["id"], document["url"], document["attributedTo"]):
        assert "#" not in address
        assert len(address) <= 512
    assert isinstance(document["to"], list)
    assert isinstance(document["cc"], list)
    followers = document["attributedTo"] + "/followers"
    assert (document["to"], document["cc"]) in (([PUBLIC], [followers]), ([followers], []))


def _words(document: Document) -> None:
    name, summary, content = document["name"], document["summary"], document["content"]
    assert 3 <= len(name) <= 200
    for line in (name, summary):
        assert line == " ".join(line.split())
    assert 0 < len(summary) <= 400
    assert content.startswith("<p><strong>")
    assert "<" not in _KEPT_TAGS.sub("", content)
    for key, text in (("nameMap", name), ("summaryMap", summary), ("contentMap", content)):
        first, said = next(iter(document[key].items()))
        assert first == document["inLanguage"]
        assert said == text
    assert "language" not in document
    assert isinstance(document.get("context", ""), str)


def _times(document: Document) -> None:
    for key in ("startTime", "endTime", "previousStartTime"):
        if key in document:
            assert _EVENT_BRIDGE_TIME.fullmatch(document[key]), document[key]
    assert _moment(document["endTime"]) > _moment(document["startTime"])
    assert document.get("displayEndTime", False) is False
    assert document["timezone"] in _ZONES
    assert _moment(document["updated"]) >= _moment(document["published"])


def _place(document: Document) -> None:
    location = document["location"]
    assert isinstance(location, dict)
    assert location["type"] in ("Place", "VirtualLocation")
    assert "id" not in location
    assert location["name"]
    if location["type"] == "VirtualLocation":
        assert location["url"].startswith(("http://", "https://"))
        assert document["isOnline"] is True
    if "latitude" in location:
        assert isinstance(location["latitude"], float)
        assert isinstance(location["longitude"], float)
    if "address" in location:
        assert location["address"]["type"] == "PostalAddress"
        assert all(isinstance(value, str) and value for value in location["address"].values())


def _extras(document: Document) -> None:
    assert isinstance(document["attachment"], list)
    kinds = [one["type"] for one in document["attachment"]]
    assert set(kinds) <= {"Document", "Link"}
    assert "Document" not in kinds[1:]
    assert all(one["mediaType"] and isinstance(one["name"], str) for one in document["attachment"])
    assert isinstance(document["tag"], list)
    assert all(
        one["type"] == "Hashtag" and one["name"][1:] and one["href"].startswith("http")
        for one in document["tag"]
    )
    assert document["joinMode"] in ("free", "restricted", "external", "invite")
    assert ("externalParticipationUrl" in document) == (document["joinMode"] == "external")
    assert document["status"] in _STATUSES[document["eventStatus"]]
    organizers = document["organizers"]
    assert organizers["type"] == "Collection"
    assert organizers["totalItems"] == len(organizers["items"])
    policy = document["interactionPolicy"]
    assert all(PUBLIC in policy[one]["always"] for one in ("canLike", "canReply"))
    # What is for followers only is nothing to pass on.
    assert (PUBLIC in policy["canAnnounce"]["always"]) == (PUBLIC in document["to"])
    assert isinstance(policy["canQuote"]["automaticApproval"], list)


def _json(document: Document) -> None:
    assert len(encode(document)) <= 58 * 1024
    for value in _leaves(document):
        assert value is not None
    assert _depth(document) <= 8


def as_mastodon(document: Document) -> str:
    """`<h2>name</h2>` + summary + link + pictures; content and location are never read."""
    assert isinstance(document["url"], str)
    assert document["to"]
    assert "published" in document
    pictures = [one["url"] for one in document["attachment"] if one["type"] != "Link"]
    language = next(iter(document["contentMap"]))
    seen = (
        f"<h2>{document['name']}</h2>{document['summary']} {document['url']} {pictures} {language}"
    )
    assert document["summary"]
    return seen


def as_gotosocial(document: Document) -> tuple[str, str]:
    """Content warning and body."""
    return document["summary"] or document["name"], document["content"]


def as_misskey(document: Document) -> tuple[str, str]:
    """Content warning and text; the name is lost, so the text must say it."""
    assert len(encode(document)) <= 64 * 1024
    return document["summary"], document["content"]


def as_pleroma(document: Document) -> None:
    """Strict schemas: no foreign attachment, content under 100 000 characters, to and cc there."""
    assert document.get("actor", document["attributedTo"]) == document["attributedTo"]
    assert len(document["content"]) < 100_000
    for one in document["attachment"]:
        assert one["type"] in ("Document", "Image", "Audio", "Video", "Link")
        assert one.get("url") or one.get("href")


def as_mobilizon(document: Document) -> Document:
    """Its enums, `String.downcase(status)`, a location that is one map, floats only."""
    location = document["location"]
    assert isinstance(location, dict)
    assert document["joinMode"] in ("free", "restricted", "invite", "external")
    assert document["status"].lower() in ("tentative", "confirmed", "cancelled")
    assert isinstance(document["category"], str)
    assert document["repliesModerationOption"] in ("allow_all", "moderated", "closed")
    assert "uuid" not in document
    assert 3 <= len(document["name"]) <= 200
    assert all(isinstance(one, dict) for one in document["attachment"])
    return {
        "title": document["name"],
        "begins_on": _moment(document["startTime"]),
        "timezone": document["timezone"],
        "online": next(
            (one["href"] for one in document["attachment"] if one.get("name") == "Website"), None
        ),
        "place": location["name"],
    }


def as_gancio(document: Document) -> tuple[str, str]:
    """Reads `attachment[].mediaType`, `location.name`, every tag's name."""
    for one in document["attachment"]:
        one["mediaType"].startswith("image")
    for tag in document["tag"]:
        assert tag["name"][1:]
    assert document["name"].strip()
    return document["name"], document["location"]["name"]


def as_lemmy(document: Document) -> str:
    """A title of 3 to 200 characters; attachments it knows; `language`, if there, an object."""
    assert 3 <= len(document["name"]) <= 200
    assert not isinstance(document.get("language"), str)
    assert all(one["type"] in ("Link", "Image", "Document") for one in document["attachment"])
    return document["name"]


def as_piefed(document: Document) -> tuple[str, str]:
    """What it reads by key of a post it takes; the rest it asks only of posts to its communities."""
    return document["startTime"], document["endTime"] + document["timezone"] + document["joinMode"]


def as_event_bridge(document: Document) -> str:
    """Times by regular expression; the first attachment with an image type is the picture."""
    assert _EVENT_BRIDGE_TIME.fullmatch(document["startTime"])
    assert urlsplit(document["id"]).netloc == urlsplit(document["attributedTo"]).netloc
    return document["name"]


READERS: dict[str, Callable[[Document], Any]] = {
    "Mastodon": as_mastodon,
    "GoToSocial": as_gotosocial,
    "Misskey": as_misskey,
    "Pleroma": as_pleroma,
    "Mobilizon": as_mobilizon,
    "gancio": as_gancio,
    "Lemmy": as_lemmy,
    "PieFed": as_piefed,
    "Event Bridge": as_event_bridge,
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(one) for one in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(one) for one in value), default=0)
    return 0
