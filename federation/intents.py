"""The way from our pages to the reader's own server (FEP-3b86), where they follow, join or pass on.

Their server's WebFinger says where: in an intent for just that, in one for any object, or as the older
OStatus template that Mastodon, Friendica, Mobilizon and others have. What it says is used for one thing
only: a redirect to an address on that very server.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from federation.addresses import canonical, fetchable, host_of
from federation.resolve import Resolver
from federation.vocab import REL_INTENT, REL_SUBSCRIBE
from federation.webfinger import Account
from node.errors import (
    GoneError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RoughweatherError,
    TryLaterError,
)
from node.ports import Deed, Way

# In the order they are tried. `Object` shows a thing, and whoever sees it can do the rest from there.
_RELATIONS: Final[Mapping[Deed, Sequence[str]]] = {
    Deed.FOLLOW: (REL_INTENT + "Follow", REL_INTENT + "Object", REL_SUBSCRIBE),
    Deed.JOIN: (
        REL_INTENT + "Join",
        REL_INTENT + "Accept",
        REL_INTENT + "Object",
        REL_SUBSCRIBE,
    ),
    Deed.SHARE: (
        REL_INTENT + "Announce",
        REL_INTENT + "Object",
        REL_INTENT + "Create",
        REL_SUBSCRIBE,
    ),
}
_VARIABLE: Final = re.compile(r"\{([^{}]{0,64})\}")
_NAMES_THE_THING: Final = frozenset({"object", "uri", "content"})
_LONGEST_TEMPLATE: Final = 1024
_MOST_LINKS: Final = 64
_SECONDS: Final = 8.0


class Intents:
    """Finds ways; implements `node.ports.WayFinder`."""

    def __init__(self, resolver: Resolver, *, allow_private: bool) -> None:
        self._resolver = resolver
        self._allow_private = allow_private

    async def way(self, home: str, deed: Deed, thing: str, words: str) -> Way:
        """Where somebody from `home`, `@name@host` or a host alone, does `deed` with `thing`.

        One WebFinger question, eight seconds at most. Raises RefusedError where `home` is no such
        address or may not be asked, TryLaterError where it does not answer.
        """
        account = Account.parse(home) or Account.parse(_of_host(home))
        if account is None:
            raise RefusedError("That is no address like @name@host and no name of a server.")
        try:
            async with asyncio.timeout(_SECONDS):
                document = await self._resolver.jrd(account)
        except (NotFoundError, GoneError):
            return Way(host=account.host)
        except TimeoutError as error:
            raise TryLaterError("The other server does not answer at the moment.") from error
        values = {"object": thing, "uri": thing, "content": f"{words} {thing}", "name": words}
        for template in _templates(document, _RELATIONS[deed]):
            url = fill(template, values)
            if url is not None and self._is_theirs(url, account):
                return Way(host=account.host, url=url)
        return Way(host=account.host)

    def _is_theirs(self, url: str, account: Account) -> bool:
        """Whether an address is one to send people to: on the server they named, or under its name."""
        try:
            fetchable(url, private=self._allow_private)
            host, named = host_of(url), host_of(f"https://{account.host}/")
        except RoughweatherError:
            return False
        return host == named or host.endswith(f".{named}")


def fill(template: str, values: Mapping[str, str]) -> str | None:
    """The canonical address a template makes; None if it names nothing of ours, or makes none.

    Values are percent-encoded, unknown variables become empty (FEP-3b86 §3.2, §3.3).
    """
    if len(template) > _LONGEST_TEMPLATE:
        return None
    if _NAMES_THE_THING.isdisjoint(_VARIABLE.findall(template)):
        return None
    filled = _VARIABLE.sub(lambda found: quote(values.get(found[1], ""), safe=""), template)
    try:
        return canonical(filled)
    except MalformedError:
        return None


def _templates(document: Mapping[str, Any], relations: Sequence[str]) -> Iterator[str]:
    links = document.get("links")
    found: dict[str, str] = {}
    for link in links[:_MOST_LINKS] if isinstance(links, list) else ():
        if isinstance(link, Mapping):
            relation, template = link.get("rel"), link.get("template")
            if isinstance(relation, str) and isinstance(template, str):
                found.setdefault(relation, template)
    return (found[relation] for relation in relations if relation in found)


def _of_host(text: str) -> str:
    """A bare host, or its front page, as the account that stands for the server (FEP-d556)."""
    host = text.strip().removeprefix("https://").removeprefix("http://").rstrip("/")
    return f"{host.partition(':')[0]}@{host}" if "." in host else ""
