"""What somebody who signs in at the desk may do there.

A group of two or three needs no roles: everybody is a full steward unless said otherwise. A larger one can share
the load without sharing everything: `organiser` publishes and keeps the lists of who comes, `care` hears concerns,
decides on replies and closes doors.
"""

from enum import StrEnum


class Role(StrEnum):
    """One of three; what each may do is said by the sets below."""

    STEWARD = "steward"
    ORGANISER = "organiser"
    CARE = "care"


ANYONE = frozenset(Role)
HOSTS = frozenset({Role.STEWARD, Role.ORGANISER})
CARERS = frozenset({Role.STEWARD, Role.CARE})
STEWARDS = frozenset({Role.STEWARD})
