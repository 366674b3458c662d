"""From a name or an address to an actor of another server, with a cache of a day.

A handle is shown only if its own host's WebFinger leads to the actor (J1): for `name@example.org` whose
actor lives on `social.example.org`, both servers must agree. What a person pastes may be the page of a
profile; the page then names the document behind it.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from federation.addresses import canonical, origin
from federation.answers import Fetched
from federation.client import Client, Unreachable
from federation.gate import parse_json
from federation.keyring import Keyring
from federation.media_types import ACCEPT, is_activity_json
from federation.page_link import alternate_link
from federation.read_actor import advertises_rfc9421, key_ids, keys_to_keep, read_actor, read_keys
from federation.signing import REMEMBERED
from federation.single_flight import SingleFlight
from federation.webfinger import ACCEPT as ACCEPT_JRD
from federation.webfinger import Account, Found, read_jrd
from node.clock import Clock
from node.errors import GoneError, MalformedError, NotFoundError, RefusedError
from node.ports import RemoteActor
from node.store import actors, hosts
from node.store.database import Database, Session
from node.urls import Urls

ONE_DAY: Final = timedelta(days=1)
_LONGEST_TARGET: Final = 2048
_SECONDS: Final = 20.0
_ACCEPT_PAGE: Final = f"{ACCEPT}, text/html;q=0.1"


class Resolver:
    """Finds actors; implements `node.ports.ActorFinder`. `keyring` hears of changed keys."""

    def __init__(
        self,
        database: Database,
        client: Client,
        clock: Clock,
        urls: Urls,
        keyring: Keyring | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._urls = urls
        self._keyring = keyring
        self._flights: SingleFlight[RemoteActor] = SingleFlight()

    async def find(self, target: str) -> RemoteActor:
        """By `@name@host`, actor URL or profile page URL.

        The network is asked, because names change hands; where the server is in trouble, somebody
        known from earlier under just that name or address is given (to unfollow, to block).
        Raises NotFoundError when nobody answers to it, RefusedError when it may not be asked or
        what answers is no actor, TryLaterError when its server is in trouble.
        """
        target = target.strip()
        if len(target) > _LONGEST_TARGET:
            raise RefusedError("That is too long to be a name or an address.")
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._find(target)
        except GoneError as error:
            raise NotFoundError("Nobody is there any more.") from error
        except MalformedError as error:
            raise RefusedError(str(error)) from error
        except (Unreachable, TimeoutError) as error:
            known = await self._database.read(lambda session: actors.find_by_name(session, target))
            if known is not None:
                return known.actor
            raise Unreachable("The other server does not answer at the moment.") from error

    async def actor(self, actor_id: str, *, max_age: timedelta = ONE_DAY) -> RemoteActor:
        """The actor with this id, from the cache if it was fetched less than `max_age` ago.

        A copy that is too old is still given where its server is in trouble (unless `max_age` is
        zero). Raises NotFoundError, GoneError (and forgets it), RefusedError, and TryLaterError.
        """
        try:
            wanted = canonical(actor_id)
        except MalformedError as error:
            raise RefusedError(str(error)) from error
        stored = self._database.peek(lambda session: actors.find(session, wanted))
        if stored is not None and self._clock.now() - stored.fetched < max_age:
            return stored.actor
        try:
            return await self._flights.run(
                wanted, lambda: self._fetch(wanted), share=origin(wanted).netloc
            )
        except (NotFoundError, GoneError):
            if stored is not None:
                await self.forget(wanted)
            raise
        except Unreachable:
            if stored is None or not max_age:
                raise
            return stored.actor

    def at_hand(self, actor_id: str) -> RemoteActor | None:
        """What `actor` would give without asking anybody; None where it would ask."""
        stored = self._database.peek(lambda session: actors.find(session, actor_id))
        fresh = stored is not None and self._clock.now() - stored.fetched < ONE_DAY
        return stored.actor if stored is not None and fresh else None

    async def forget(self, actor_id: str) -> None:
        """Drop an actor and its keys from the cache."""
        await self._database.write(lambda session: actors.delete(session, actor_id))
        if self._keyring is not None:
            self._keyring.forget(actor_id)

    async def jrd(self, account: Account) -> dict[str, Any]:
        """What WebFinger answers for an account, as it stands; NotFoundError where it is no JSON."""
        fetched = await self._get_jrd(account)
        try:
            return parse_json(fetched.body)
        except MalformedError as error:
            raise NotFoundError("The other server answers no WebFinger.") from error

    async def close(self) -> None:
        """Stop what is being fetched."""
        await self._flights.close()

    async def _find(self, target: str) -> RemoteActor:
        if target.startswith(("http://", "https://")):
            document = await self._document_at(target)
            return await self._confirmed(document, None)
        account = Account.parse(target)
        if account is None:
            raise RefusedError("That is no name like @group@host and no web address.")
        if account.host == self._urls.host:
            raise RefusedError("That is this node itself.")
        found = await self._webfinger(account)
        document = await self._client.get_json(found.actor_id)
        return await self._confirmed(document, (account, found))

    async def _document_at(self, url: str) -> dict[str, Any]:
        """The document at an address, or the one that the page there names."""
        page = await self._client.get(url, accept=_ACCEPT_PAGE)
        if is_activity_json(page.content_type):
            return await self._client.document(page, url)
        link = alternate_link(page.body, page.url)
        if link is None:
            raise RefusedError("There is no ActivityPub actor behind that page.")
        return await self._client.get_json(link)

    async def _confirmed(
        self, document: dict[str, Any], asked: tuple[Account, Found] | None
    ) -> RemoteActor:
        """The actor in a document under the handle its servers agree on; stored."""
        actor = read_actor(document)
        preferred = await self._preferred(document, actor, asked)
        if preferred is not None:
            actor = replace(actor, handle=str(preferred))
            return await self._store(actor, document, confirmed=True)
        own = Account(actor.handle.partition("@")[0], origin(actor.id).netloc)
        answer = await self._ask(own, asked)
        if answer is not None and answer.actor_id != actor.id:
            raise RefusedError("The actor's name belongs to somebody else on its server.")
        handle = own
        if answer is not None and answer.subject is not None and not answer.subject.same(own):
            # A split domain: the other host must lead here, too, or the name is not shown.
            handle = answer.subject
            there = await self._ask(handle, asked)
            if there is None or there.actor_id != actor.id:
                raise RefusedError("The actor claims a name that its host does not give it.")
        actor = replace(actor, handle=str(handle))
        await self._store(actor, document, confirmed=True)
        return actor

    async def _preferred(
        self, document: dict[str, Any], actor: RemoteActor, asked: tuple[Account, Found] | None
    ) -> Account | None:
        """The address an actor prefers (FEP-2c59), where WebFinger of its host leads straight to the actor."""
        named = document.get("webfinger")
        account = Account.parse(named) if isinstance(named, str) else None
        if account is None:
            return None
        try:
            there = await self._ask(account, asked)
        except (RefusedError, Unreachable):
            return None
        return account if there is not None and there.actor_id == actor.id else None

    async def _ask(self, account: Account, asked: tuple[Account, Found] | None) -> Found | None:
        """What WebFinger says of an account; `asked` was asked before. None if nobody knows of it."""
        if asked is not None and asked[0].same(account):
            return asked[1]
        try:
            return await self._webfinger(account)
        except (NotFoundError, GoneError):
            return None

    async def _webfinger(self, account: Account) -> Found:
        return read_jrd(await self.jrd(account))

    async def _get_jrd(self, account: Account) -> Fetched:
        *others, last = account.urls(private=self._client.allow_private)
        for url in others:
            try:
                return await self._client.get(url, accept=ACCEPT_JRD, signed=False)
            except Unreachable:
                continue
        return await self._client.get(last, accept=ACCEPT_JRD, signed=False)

    async def _fetch(self, actor_id: str) -> RemoteActor:
        document = await self._client.get_json(actor_id)
        try:
            actor = read_actor(document)
        except MalformedError as error:
            raise RefusedError(str(error)) from error
        if actor.id != actor_id:
            raise RefusedError("The actor has another id than the one asked for.")
        return await self._store(actor, document, confirmed=False)

    async def _store(
        self, actor: RemoteActor, document: dict[str, Any], *, confirmed: bool
    ) -> RemoteActor:
        """Keep an actor and the keys in its document; as it now stands in the cache."""
        now = self._clock.now()
        keys, listed = keys_to_keep(read_keys(document), actor.id), key_ids(document)
        newer = advertises_rfc9421(document)

        def put(session: Session) -> RemoteActor:
            actors.put(session, actor, now, confirmed=confirmed)
            actors.put_keys(session, actor.id, keys, now, listed=listed)
            if newer:
                hosts.reads_rfc9421(session, origin(actor.id).netloc, now + REMEMBERED)
            return actors.get(session, actor.id).actor

        stored = await self._database.write(put)
        if self._keyring is not None:
            self._keyring.forget(actor.id)
        return stored
