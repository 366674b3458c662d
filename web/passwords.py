"""Passwords of stewards: argon2id, off the event loop, two at a time."""

import asyncio
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from web.labels import N_

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST_BYTES = 1024
TOO_SHORT = N_("A password has at least 10 characters. A sentence you like is easy to remember.")
TOO_LONG = N_("This password is too long: 1024 bytes are the most we take.")
# Two at 19 MiB each are all the memory that signing in may take.
_AT_ONCE = 2


class Passwords:
    """Hashing and checking; one per application."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """The argon2id hash to keep (about 30 ms)."""
        async with self._turns:
            return await asyncio.to_thread(_hasher().hash, _normal(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one whose hash was kept.

        Without a hash it takes the same time and is False, so that nobody learns who exists.
        """
        async with self._turns:
            return await asyncio.to_thread(_fits, kept, _normal(password))


def problem(password: str) -> str | None:
    """Why this cannot be a password, as a message to translate; None where it can."""
    if len(_normal(password)) < SHORTEST:
        return TOO_SHORT
    return TOO_LONG if is_too_long(password) else None


def is_too_long(password: str) -> bool:
    """Whether hashing it would be work that nobody honest asks for."""
    return len(_normal(password).encode("utf-8", "replace")) > LONGEST_BYTES


def _fits(kept: str | None, password: str) -> bool:
    # Imported here because it loads a C library that only signing in needs.
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415 - lazy on purpose

    try:
        _hasher().verify(kept or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to check against where there is no steward of that name."""
    return _hasher().hash("nobody has this password")


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    # Imported here because it loads a C library that only signing in needs.
    from argon2 import PasswordHasher  # noqa: PLC0415 - lazy on purpose

    # The OWASP floor for argon2id: a small machine can afford it (29 ms).
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password[: LONGEST_BYTES + 1])
