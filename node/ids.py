"""Identifiers: sortable ones for what we publish, unguessable ones for links and sessions."""

import hashlib
import secrets
from datetime import datetime

from node.clock import to_ms

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_LENGTH = 26
_CODE_LENGTH = 10
# Letters that people take for digits when they copy a code from paper.
_MISREAD = str.maketrans("oil", "011", "- ")


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


def short_code(token: str) -> str:
    """What can be typed instead of a link with this token: `7k3qd-0xv9m`, 50 bits that follow from it."""
    number = int.from_bytes(hashlib.sha256(b"code of " + token.encode()).digest())
    digits = "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(_CODE_LENGTH))
    return f"{digits[:5]}-{digits[5:]}"


def read_code(text: str) -> str:
    """A code as it is kept, however it was typed: without hyphens and spaces, in small letters."""
    return text.strip().lower().translate(_MISREAD)[: 2 * _CODE_LENGTH]
