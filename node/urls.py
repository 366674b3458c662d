"""The one map between what we have and where it is on the web, both ways.

Everything that needs an address of ours (routes, templates, federated documents) asks here, so that
an id can never be spelled two ways. Ids are permanent: changing a path in this file breaks every
copy of it on other servers.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

Kind = Literal[
    "event",
    "event_note",
    "reflection",
    "practice",
    "notice",
    "notice_note",
    "comment",
    "message",
    "stamp",
    "activity",
    "group",
    "instance",
]

_SECTIONS: dict[str, Kind] = {
    "events": "event",
    "reflections": "reflection",
    "practices": "practice",
    "notices": "notice",
    "comments": "comment",
    "stamps": "stamp",
    "messages": "message",
    "activities": "activity",
}
_COMPANIONS: dict[str, Kind] = {"events": "event_note", "notices": "notice_note"}
_COMPANION = "note"


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses under one public origin such as `https://norcal.example` (no slash at the end)."""

    origin: str

    @property
    def host(self) -> str:
        """Host and, where it is not the default, port: `norcal.example`, `127.0.0.1:8080`."""
        return urlsplit(self.origin).netloc

    @property
    def secure(self) -> bool:
        """Whether the public origin is https."""
        return self.origin.startswith("https://")

    @property
    def home(self) -> str:
        """The front page."""
        return self.origin + "/"

    @property
    def group(self) -> str:
        """The id of the group's `Group` actor."""
        return self.origin + "/group"

    @property
    def instance(self) -> str:
        """The id of the node's own `Application` actor, which signs fetches."""
        return self.origin + "/instance"

    @property
    def shared_inbox(self) -> str:
        """Where other servers may leave one copy for everyone here."""
        return self.origin + "/inbox"

    @property
    def followers(self) -> str:
        """The group's followers collection; also an audience in `to` and `cc`."""
        return self.group + "/followers"

    def collection(self, name: str) -> str:
        """A collection of the group: inbox, outbox, following, featured, upcoming."""
        return f"{self.group}/{name}"

    def event(self, slug: str) -> str:
        """Id and page of an event."""
        return f"{self.origin}/events/{slug}"

    def reflection(self, slug: str) -> str:
        """Id and page of a reflection."""
        return f"{self.origin}/reflections/{slug}"

    def practice(self, slug: str) -> str:
        """Page of a practice."""
        return f"{self.origin}/practices/{slug}"

    def tag(self, name: str) -> str:
        """Page of the events under a hashtag (`name` without its #)."""
        return f"{self.origin}/events?tag={quote(name)}"

    def notice(self, notice_id: str) -> str:
        """Id of a short note that tells followers of a change."""
        return f"{self.origin}/notices/{notice_id}"

    def companion(self, address: str) -> str:
        """Id of the Note that stands for an event, or a notice about it, where Events are dropped."""
        return f"{address}/{_COMPANION}"

    def original(self, address: str) -> str:
        """What a companion Note stands for; any other address as it is."""
        found = self.identify(address)
        if found is None or found[0] not in _COMPANIONS.values():
            return address
        return address.removesuffix(f"/{_COMPANION}")

    def comment(self, comment_id: str) -> str:
        """Id of what the group answered to somebody's reply."""
        return f"{self.origin}/comments/{comment_id}"

    def stamp(self, stamp_id: str) -> str:
        """Id of a stamp: leave to quote, to answer, to like or to pass on something of ours."""
        return f"{self.origin}/stamps/{stamp_id}"

    def message(self, message_id: str) -> str:
        """Id of what we wrote to one person alone."""
        return f"{self.origin}/messages/{message_id}"

    @property
    def webmention(self) -> str:
        """Where other websites say that a page of theirs answers an event."""
        return f"{self.origin}/webmention"

    def rsvp(self, token: str) -> str:
        """The private page of one person's answer to one event."""
        return f"{self.origin}/rsvp/{token}"

    def activity(self, activity_id: str) -> str:
        """Id of an activity we sent."""
        return f"{self.origin}/activities/{activity_id}"

    def is_ours(self, url: str) -> bool:
        """Whether `url` lies under our origin (scheme, host and port all equal)."""
        return url == self.origin or url.startswith(self.origin + "/")

    def full(self, address: str) -> str:
        """An address with our origin in front, where it is a path (`/media/…`)."""
        return self.origin + address if address.startswith("/") else address

    def identify(self, url: str) -> tuple[Kind, str] | None:
        """What one of our addresses names, `("event", "spring-spiral-day")`; None if nothing."""
        if not self.is_ours(url):
            return None
        parts = url[len(self.origin) + 1 :].split("/")
        if parts == ["group"]:
            return ("group", "")
        if parts == ["instance"]:
            return ("instance", "")
        if len(parts) == 2 and parts[0] in _SECTIONS and parts[1]:
            return (_SECTIONS[parts[0]], parts[1])
        if len(parts) == 3 and parts[0] in _COMPANIONS and parts[1] and parts[2] == _COMPANION:
            return (_COMPANIONS[parts[0]], parts[1])
        return None
