"""Who holds an event and how one says “I am coming”, as far as everyone may know. Nobody who comes is named."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from federation.render.encode import Document
from federation.render.links import absolute
from federation.render.text import one_line
from node.domain.cohost import Cohost
from node.domain.event import Event, EventStatus, RegistrationMode
from node.domain.group import Group
from node.urls import Urls

_LONGEST_NAME: Final = 200

# Never “none”, which FEP-8a8e asks for: Mobilizon refuses the whole event over it.
_JOIN_MODE: Final = {
    RegistrationMode.NONE: "external",
    RegistrationMode.OPEN: "free",
    RegistrationMode.APPROVAL: "restricted",
    RegistrationMode.INVITE: "invite",
    RegistrationMode.EXTERNAL: "external",
    RegistrationMode.PHONE: "external",
}
_ANSWERED_HERE: Final = frozenset(
    {RegistrationMode.OPEN, RegistrationMode.APPROVAL, RegistrationMode.INVITE}
)


def organizers(one: Event, group: Group, urls: Urls, agreed: Sequence[Cohost] = ()) -> Document:
    """FEP-8a8e `organizers`: the group, those that agreed to hold it together, then those only named.

    Those only named are known by name or web address, so no actor of theirs is
    claimed to have agreed. With others, each has its name, so that everybody can show it.
    """
    together = (host for host in one.hosts if host != group.slug)
    home = {"type": "Group", "id": urls.group, "name": one_line(group.name.text, _LONGEST_NAME)}
    others = [
        {"type": "Group", "id": one.id, "name": one_line(one.name, _LONGEST_NAME)} for one in agreed
    ]
    items: list[object] = [home if others else urls.group, *others]
    items += [_co_host(host, urls) for host in together]
    return {"type": "Collection", "totalItems": len(items), "items": items}


def _co_host(host: str, urls: Urls) -> Document:
    address = absolute(host, urls) if host.startswith(("http://", "https://")) else None
    if address is not None:
        return {"type": "Link", "mediaType": "text/html", "href": address, "name": address}
    return {"type": "Organization", "name": one_line(host, _LONGEST_NAME)}


def joining(one: Event, urls: Urls, now: datetime) -> Document:
    """How one says “I am coming”. Once that is over our page says so, and no Join is invited."""
    registration = one.registration
    mode = "external" if _closed(one, now) else _JOIN_MODE[registration.mode]
    joining: Document = {"joinMode": mode}
    if mode == "external":
        own = registration.mode is RegistrationMode.EXTERNAL and not _closed(one, now)
        elsewhere = absolute(registration.url, urls) if own else None
        joining["externalParticipationUrl"] = elsewhere or urls.event(one.slug)
    if registration.capacity:
        joining["maximumAttendeeCapacity"] = registration.capacity
    if registration.mode in _ANSWERED_HERE:
        joining["attendees"] = f"{urls.event(one.slug)}/attendees"
        # Whoever asks to come need tell nobody but the group.
        joining["requiredJoinVisibility"] = [urls.group]
    return joining


def _closed(one: Event, now: datetime) -> bool:
    if one.status is EventStatus.CANCELLED or one.registration.with_first_session:
        return True
    deadline = one.registration.deadline or one.ends
    return deadline is not None and deadline.utc <= now


def attended(document: Mapping[str, Any], one: Event, taken: int) -> Document:
    """The event with how many come, where the hosts show that: `taken` places, guests included."""
    counts: Document = {
        "attendees": {"id": document["attendees"], "type": "Collection", "totalItems": taken},
        "participantCount": taken,
    }
    if one.registration.capacity:
        counts["remainingAttendeeCapacity"] = max(0, one.registration.capacity - taken)
    return dict(document) | counts
