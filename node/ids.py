"""Identifiers: sortable ones for what we publish, unguessable ones for links and sessions."""

import secrets
from datetime import datetime

from node.clock import to_ms

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_LENGTH = 26


def new_id(now: datetime) -> str:
    """A ULID in lower case: 26 characters, sorts by time, unique without asking the database."""
    number = (to_ms(now) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 32)
        digits.append(_CROCKFORD[digit])
    return "".join(reversed(digits))


def new_token() -> str:
    """256 unguessable bits, safe in a URL; only its hash is ever stored."""
    return secrets.token_urlsafe(32)
