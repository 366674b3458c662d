"""Asking WebFinger about people elsewhere (RFC 7033): who is `name@host`, purely."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote

from federation.addresses import InvalidUrl, canonical, is_local_name, origin
from federation.media_types import is_activity_json
from node.errors import MalformedError, NotFoundError

ACCEPT: Final = "application/jrd+json, application/json"
_HANDLE: Final = re.compile(r"(?:acct:)?@?([^\s@/:?#\\<>\"&]{1,64})@([^\s@/?#\\<>\"&]{1,300})")
_MOST_LINKS: Final = 64


@dataclass(frozen=True, slots=True)
class Account:
    """`name@host`; `host` is canonical and carries a port only where it is not the usual one."""

    name: str
    host: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From `@name@host`, `name@host` or `acct:name@host`; None for anything else."""
        match = _HANDLE.fullmatch(text.strip())
        if match is None or not match[1].isprintable():
            return None
        try:
            return cls(match[1], origin(f"https://{match[2]}/").netloc)
        except InvalidUrl:
            return None

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"

    def same(self, other: "Account") -> bool:
        """Whether both are one account: case does not count, anywhere."""
        return self.host == other.host and self.name.lower() == other.name.lower()

    def urls(self, *, private: bool) -> tuple[str, ...]:
        """Where to ask about it: https, and where private networks are allowed plain http too.

        A local name, an address or a port points at a network without certificates: http goes first.
        """
        rest = f"://{self.host}/.well-known/webfinger?resource={quote(f'acct:{self}', safe='')}"
        if not private:
            return ("https" + rest,)
        local = ":" in self.host or is_local_name(self.host) or self.host[-1].isdigit()
        return ("http" + rest, "https" + rest) if local else ("https" + rest, "http" + rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a server says of an account: its proper name, as far as it says so, and the actor's id."""

    subject: Account | None
    actor_id: str


def read_jrd(document: Mapping[str, Any]) -> Found:
    """The actor a WebFinger answer leads to; NotFoundError if to none."""
    links = document.get("links")
    for link in links[:_MOST_LINKS] if isinstance(links, list) else ():
        if isinstance(link, Mapping) and link.get("rel") == "self" and _is_actor(link.get("type")):
            try:
                actor_id = canonical(str(link.get("href")))
            except MalformedError:
                continue
            subject = document.get("subject")
            named = Account.parse(subject) if isinstance(subject, str) else None
            return Found(subject=named, actor_id=actor_id)
    raise NotFoundError("That account has no ActivityPub actor.")


def _is_actor(content_type: object) -> bool:
    return isinstance(content_type, str) and is_activity_json(content_type)
