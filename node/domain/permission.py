"""What others may do with something of ours: like it, answer it, pass it on, quote it.

By its audience, by the author's consent and by the stage of the Spiral it belongs to; quoting also by
what the group wishes. The same answer goes out with the object and decides when somebody asks.
"""

from dataclasses import dataclass
from enum import StrEnum

from node.domain.event import Event
from node.domain.group import Group, Quotes
from node.domain.reflection import Reflection, SpiralStage


class Approval(StrEnum):
    """Whether somebody who asks is told yes at once, has to wait for a steward, or is told no."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """One answer for each thing that other servers ask about."""

    like: Approval
    reply: Approval
    announce: Approval
    quote: Approval


_QUOTES = {
    Quotes.EVERYONE: Approval.AUTOMATIC,
    Quotes.ASK: Approval.MANUAL,
    Quotes.NOBODY: Approval.NOBODY,
}


def of_event(event: Event, group: Group) -> Permissions:
    """A gathering and the notices of its changes: open, as far as it is for everyone."""
    return _permissions(listed=event.listed, reply=Approval.AUTOMATIC, quote=_QUOTES[group.quotes])


def of_the_group(group: Group) -> Permissions:
    """What the group says to everyone beside its gatherings."""
    return _permissions(listed=True, reply=Approval.AUTOMATIC, quote=_QUOTES[group.quotes])


def of_reflection(reflection: Reflection, group: Group) -> Permissions:
    """A reflection: quoted as its author agreed to; replies to pain wait for a steward."""
    tender = reflection.spiral_stage is SpiralStage.HONORING_PAIN
    return _permissions(
        listed=reflection.listed,
        reply=Approval.MANUAL if tender else Approval.AUTOMATIC,
        quote=_quote(reflection, group, tender=tender),
    )


def _permissions(*, listed: bool, reply: Approval, quote: Approval) -> Permissions:
    return Permissions(
        like=Approval.AUTOMATIC,
        reply=reply,
        announce=Approval.AUTOMATIC if listed else Approval.NOBODY,
        quote=quote if listed else Approval.NOBODY,
    )


def _quote(reflection: Reflection, group: Group, *, tender: bool) -> Approval:
    """Who did not say whether the words may be used elsewhere is asked first; a no, and pain, stand."""
    if tender or reflection.consent.reuse is False or group.quotes is Quotes.NOBODY:
        return Approval.NOBODY
    return _QUOTES[group.quotes] if reflection.consent.reuse else Approval.MANUAL
