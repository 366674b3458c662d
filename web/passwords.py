"""Passwords of stewards: argon2id, off the event loop, two at a time."""

import asyncio
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from aiohttp import web

from web.labels import N_

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST_BYTES = 1024
TOO_SHORT = N_("A password has at least 12 characters. A sentence you like is easy to remember.")
TOO_PLAIN = N_(
    "Many people would guess this one. Four or five words that do not belong together are better."
)
TOO_LONG = N_("This password is too long: 1024 bytes are the most we take.")
# Below this many different characters it is a pattern: aaaabbbbcccc, 121212121212.
_FEWEST_DIFFERENT = 5
# What lists of stolen passwords are full of, without the digits and signs that people put around it.
# fmt: off
_COMMON = frozenset((
    "abc", "abcd", "abcdef", "abcdefgh", "abcdefghijkl", "admin", "administrator", "asdfgh",
    "asdfghjkl", "azerty", "azertyuiop", "baseball", "bienvenido", "bienvenue", "changeme",
    "contrasena", "contraseña", "correcthorsebatterystaple", "default", "dragon", "football",
    "hallo", "hello", "ichliebedich", "iloveyou", "jennifer", "jetaime", "kennwort", "letmein",
    "master", "michael", "monkey", "motdepasse", "mypassword", "parola", "password", "passwords",
    "passwort", "princess", "qwerty", "qwertyuiop", "qwertz", "qwertzuiop", "root",
    "roughweather", "secret", "senha", "shadow", "starwars", "steward", "sunshine", "superuser",
    "teamo", "test", "testtest", "trustno", "welcome", "willkommen", "yxcvbnm", "zxcvbnm",
))
# fmt: on
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
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

    async def renewed(self, kept: str | None, password: str) -> str | None:
        """A new hash of a password that fits, where `kept` was made with less than we ask today."""
        if kept is None or not _hasher().check_needs_rehash(kept):
            return None
        return await self.hashed(password)


PASSWORDS = web.AppKey("PASSWORDS", Passwords)


def problem(password: str, name: str = "") -> str | None:
    """Why this cannot be the password of `name`, as a message to translate; None where it can."""
    if len(_normal(password)) < SHORTEST:
        return TOO_SHORT
    if is_too_long(password):
        return TOO_LONG
    return TOO_PLAIN if _is_plain(_normal(password).casefold(), name.casefold()) else None


def _is_plain(password: str, name: str) -> bool:
    """Whether it is one common word, a row of the keyboard or the steward's own name, dressed up."""
    if len(set(password)) < _FEWEST_DIFFERENT:
        return True
    core = re.sub(r"[\W\d_]+", "", password)
    if core in _COMMON or core == re.sub(r"[\W\d_]+", "", name):
        return True
    halves = {core[: len(core) // 2], core[len(core) // 2 :]}
    if len(halves) == 1 and halves <= _COMMON:
        return True
    return not core.strip() or any(
        password in row * 4 or password in row[::-1] * 4 for row in _ROWS
    )


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
