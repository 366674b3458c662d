"""From what a person types or pastes to an actor."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from federation.keyring import Keyring
from federation.page_link import alternate_link
from federation.resolve import Resolver
from federation.signatures import SigningKey
from federation.signing import HostStyles
from federation.webfinger import Account
from node.errors import GoneError, NotFoundError, RefusedError, TryLaterError
from node.store import actors
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.asking import URLS, FakeResolver, asking
from tests.federation.peer import Peer, Reply

ZERO = timedelta(0)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer.start() as started:
        yield started


@pytest.fixture
async def resolver(database: Database, clock: TurnableClock) -> AsyncIterator[Resolver]:
    async with asking(clock) as client:
        keyring = Keyring(database, client, clock, URLS)
        made = Resolver(database, client, clock, URLS, keyring)
        yield made
        await made.close()
        await keyring.close()


@pytest.mark.parametrize("prefix", ["@", "", "acct:", "  @"])
async def test_a_handle_leads_to_its_actor(resolver: Resolver, peer: Peer, prefix: str) -> None:
    alice = peer.actor("alice", type="Group")
    found = await resolver.find(prefix + alice.handle)
    assert (found.id, found.handle, found.type) == (alice.id, alice.handle, "Group")
    assert [request.path for request in peer.requests] == ["/.well-known/webfinger", "/users/alice"]
    assert peer.requests[0].target.endswith(
        f"?resource=acct%3Aalice%40{peer.host.replace(':', '%3A')}"
    )


async def test_a_handle_in_any_case_is_the_same_actor(resolver: Resolver, peer: Peer) -> None:
    alice = peer.actor("alice")
    found = await resolver.find(f"@ALICE@{peer.host}")
    assert (found.id, found.handle) == (alice.id, alice.handle)


async def test_an_actor_url_a_page_that_answers_json_and_a_page_with_a_link(
    resolver: Resolver, peer: Peer
) -> None:
    alice = peer.actor("alice")
    peer.serve("/@alice", alice.document)
    page = f'<!doctype html><html><head><link href="{alice.id}" type="application/activity+json" rel="alternate">'
    peer.serve("/group/alice", page, content_type="text/html; charset=utf-8")
    for path in ("/users/alice", "/@alice", "/group/alice"):
        found = await resolver.find(peer.url(path))
        assert (found.id, found.handle) == (alice.id, alice.handle)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html>no link</html>", "text/html"),
        ("GIF89a", "image/gif"),
        ('{"id":"x"}', "application/json"),
    ],
)
async def test_a_page_without_an_actor_is_refused(
    resolver: Resolver, peer: Peer, body: str, content_type: str
) -> None:
    with pytest.raises(RefusedError):
        await resolver.find(peer.serve("/page", body, content_type=content_type))


async def test_a_post_is_no_actor(resolver: Resolver, peer: Peer) -> None:
    with pytest.raises(RefusedError, match="no actor"):
        await resolver.find(peer.serve("/note", {"id": peer.url("/note"), "type": "Note"}))


@pytest.mark.parametrize(
    "target",
    [
        "",
        "alice",
        "@alice",
        "alice@",
        "@@x",
        "a b@c.example",
        "ftp://x.example",
        "x" * 5000,
        "@a@b@c",
        "https://",
        "http://169.254.169.254/",
        "@alice@user:pass@x.example",
        "javascript:alert(1)",
        "@a\x00b@c.example",
    ],
)
async def test_what_is_no_name_and_no_address_is_refused(resolver: Resolver, target: str) -> None:
    with pytest.raises(RefusedError):
        await resolver.find(target)


@pytest.mark.parametrize("target", ["@norcal@norcal.example", "https://norcal.example/group"])
async def test_we_do_not_look_for_ourselves(resolver: Resolver, target: str) -> None:
    with pytest.raises(RefusedError):
        await resolver.find(target)


async def test_nobody_and_nobody_any_more(resolver: Resolver, peer: Peer) -> None:
    for target in (f"@nobody@{peer.host}", peer.url("/nobody"), peer.serve("/gone", status=410)):
        with pytest.raises(NotFoundError):
            await resolver.find(target)
    peer.serve("/.well-known/webfinger", "<html>", content_type="text/html")
    with pytest.raises(NotFoundError):
        await resolver.find(f"@alice@{peer.host}")


async def test_a_server_in_trouble_is_to_be_asked_later(resolver: Resolver, peer: Peer) -> None:
    peer.serve("/.well-known/webfinger", status=500)
    for target in (
        f"@alice@{peer.host}",
        peer.serve("/users/alice", status=503),
        "@alice@no-such-host.invalid",
    ):
        with pytest.raises(TryLaterError):
            await resolver.find(target)


async def test_somebody_known_is_found_while_their_server_is_down(
    resolver: Resolver, peer: Peer
) -> None:
    alice = peer.actor("alice")
    await resolver.find(alice.id)
    peer.serve("/.well-known/webfinger", status=500)
    peer.serve("/users/alice", status=500)
    for target in (alice.id, "@" + alice.handle, alice.handle.upper()):
        assert (await resolver.find(target)).id == alice.id


async def test_in_public_only_https_is_asked(database: Database, clock: TurnableClock) -> None:
    names = FakeResolver({"good.test": [["127.0.0.1"]]})
    async with asking(clock, allow_private=False, resolver=names) as client:
        resolver = Resolver(database, client, clock, URLS)
        for target in (
            "@alice@good.test:8080",
            "@alice@127.0.0.1",
            "@alice@printer.local",
            "http://good.test/",
        ):
            with pytest.raises(RefusedError):
                await resolver.find(target)
    assert names.asked == []
    account = Account("alice", "good.test")
    assert [url[:17] for url in account.urls(private=False)] == ["https://good.test"]


# Who may bear a name.


async def test_a_split_domain_where_both_servers_agree(resolver: Resolver, peer: Peer) -> None:
    async with Peer.start() as front:
        alice = peer.actor("alice")
        shown = f"alice@{front.host}"
        front.webfinger(f"acct:{shown}", alice.id)
        peer.webfinger(f"acct:{alice.handle}", alice.id, subject=f"acct:{shown}")

        for target in (f"@{shown}", f"@{alice.handle}", alice.id):
            found = await resolver.find(target)
            assert (found.id, found.handle) == (alice.id, shown)
        assert (await resolver.actor(alice.id, max_age=ZERO)).handle == shown


async def test_a_split_domain_by_redirect(resolver: Resolver, peer: Peer) -> None:
    async with Peer.start() as front:
        alice = peer.actor("alice")
        shown = f"alice@{front.host}"
        peer.webfinger(f"acct:{shown}", alice.id)
        peer.webfinger(f"acct:{alice.handle}", alice.id, subject=f"acct:{shown}")
        query = f"?resource=acct%3Aalice%40{front.host.replace(':', '%3A')}"
        front.redirect("/.well-known/webfinger", peer.url("/.well-known/webfinger") + query)

        assert (await resolver.find(f"@{shown}")).handle == shown


async def test_a_server_cannot_take_a_name_on_another(resolver: Resolver, peer: Peer) -> None:
    async with Peer.start() as evil:
        alice = peer.actor("alice")
        mallory = evil.actor("alice")
        evil.webfinger(f"acct:{mallory.handle}", mallory.id, subject=f"acct:{alice.handle}")
        for target in (mallory.id, f"@{mallory.handle}"):
            with pytest.raises(RefusedError, match="claims a name"):
                await resolver.find(target)


async def test_a_handle_that_leads_elsewhere_shows_the_name_from_there(
    resolver: Resolver, peer: Peer
) -> None:
    async with Peer.start() as evil:
        alice = peer.actor("alice")
        evil.webfinger(f"acct:bank@{evil.host}", alice.id)
        found = await resolver.find(f"@bank@{evil.host}")
        assert (found.id, found.handle) == (alice.id, alice.handle)


async def test_a_name_that_belongs_to_somebody_else_on_the_same_server(
    resolver: Resolver, peer: Peer
) -> None:
    peer.actor("alice")
    mallory = peer.actor("mallory", preferredUsername="alice")
    with pytest.raises(RefusedError, match="somebody else"):
        await resolver.find(mallory.id)


async def test_a_server_without_webfinger_names_its_own_actors(
    resolver: Resolver, peer: Peer
) -> None:
    alice = peer.actor("alice")
    peer.serve("/.well-known/webfinger", status=404)
    assert (await resolver.find(alice.id)).handle == alice.handle


# The cache.


async def test_an_actor_is_fetched_once_a_day(
    resolver: Resolver, peer: Peer, clock: TurnableClock
) -> None:
    alice = peer.actor("alice")
    for _ in range(3):
        assert (await resolver.actor(alice.id)).name == "Alice"
    alice.document["name"] = "Alicia"
    assert (await resolver.actor(alice.id)).name == "Alice"
    assert (await resolver.actor(alice.id, max_age=ZERO)).name == "Alicia"
    clock.advance(hours=25)
    assert (await resolver.actor(alice.id)).name == "Alicia"
    assert len(peer.requests) == 3


async def test_an_old_copy_serves_while_the_server_is_down(
    resolver: Resolver, peer: Peer, clock: TurnableClock
) -> None:
    alice = peer.actor("alice")
    await resolver.actor(alice.id)
    clock.advance(days=3)
    peer.serve("/users/alice", status=502)
    assert (await resolver.actor(alice.id)).id == alice.id
    with pytest.raises(TryLaterError):
        await resolver.actor(alice.id, max_age=ZERO)


@pytest.mark.parametrize(("status", "error"), [(404, NotFoundError), (410, GoneError)])
async def test_an_actor_who_is_gone_is_forgotten(
    resolver: Resolver, peer: Peer, database: Database, status: int, error: type[Exception]
) -> None:
    alice = peer.actor("alice")
    await resolver.actor(alice.id)
    peer.serve("/users/alice", status=status)
    with pytest.raises(error):
        await resolver.actor(alice.id, max_age=ZERO)
    assert database.peek(lambda session: actors.find(session, alice.id)) is None
    assert database.peek(lambda session: actors.find_key(session, alice.key_id)) is None


async def test_an_actor_under_another_id_is_not_the_one_asked_for(
    resolver: Resolver, peer: Peer
) -> None:
    alice = peer.actor("alice")
    peer.serve("/users/mallory", alice.document)
    with pytest.raises(RefusedError):
        await resolver.actor(peer.url("/users/mallory"))
    for actor_id in ("", "acct:a@b", "https://norcal.example/group"):
        with pytest.raises(RefusedError):
            await resolver.actor(actor_id)


async def test_new_keys_in_an_actors_document_reach_the_keyring(
    database: Database, clock: TurnableClock, peer: Peer, rsa_keys: tuple[SigningKey, ...]
) -> None:
    alice = peer.actor("alice")
    async with asking(clock) as client:
        keyring = Keyring(database, client, clock, URLS)
        resolver = Resolver(database, client, clock, URLS, keyring)
        await keyring.find(alice.key_id)
        alice.document["publicKey"]["publicKeyPem"] = rsa_keys[0].public_pem()
        await resolver.actor(alice.id, max_age=ZERO)
        assert (await keyring.find(alice.key_id)).key.pem() == rsa_keys[0].public_pem()


async def test_the_second_try_of_webfinger_is_plain_http_on_a_local_network(
    resolver: Resolver, peer: Peer
) -> None:
    alice = peer.actor("alice")
    peer.script("/.well-known/webfinger", Reply(status=404))
    with pytest.raises(NotFoundError):
        await resolver.find(alice.handle)
    schemes = [url.partition(":")[0] for url in Account("a", "norcal.lan").urls(private=True)]
    assert schemes == ["https", "http"]


# The link in a page.


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (
            '<link rel="alternate" type="application/activity+json" href="/u/a">',
            "https://x.example/u/a",
        ),
        (
            "<LINK HREF=https://y.example/a REL='me Alternate' TYPE=application/activity+json/>",
            None,
        ),
        (
            "<LINK HREF=https://y.example/a REL='me Alternate' TYPE=application/activity+json />",
            "https://y.example/a",
        ),
        (
            '<link rel=alternate type="application/activity+json" href="/a?b&amp;c">',
            "https://x.example/a?b&c",
        ),
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', None),
        ('<link rel="stylesheet" type="application/activity+json" href="/a">', None),
        ('<link rel="alternate" type="application/activity+json" href="javascript:x">', None),
        ('<link rel="alternate" type="application/activity+json">', None),
        ("<link", None),
        ("İ<link rel=alternate type=application/activity+json href=/a>", "https://x.example/a"),
        ("", None),
    ],
)
def test_the_alternate_link(page: str, found: str | None) -> None:
    assert alternate_link(page.encode(), "https://x.example/page") == found


@pytest.mark.parametrize(
    "bait", ["<a", "<link", "<link ", "<link a='", "<!--", "<link rel=alternate href=/>"]
)
def test_a_hostile_page_is_read_in_no_time(bait: str) -> None:
    page = (bait * (1_000_000 // len(bait))).encode()
    start = time.process_time()
    assert alternate_link(page, "https://x.example/") is None
    assert time.process_time() - start < 0.2  # some 10 ms on an idle machine


RFC9421 = {"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC 9421"}


@pytest.mark.parametrize(
    ("more", "newer"),
    [
        ({"generator": {"type": "Application", "implements": [RFC9421]}}, True),
        ({"implements": RFC9421}, True),
        ({"generator": {"implements": [RFC9421["href"]]}}, True),
        ({"generator": "https://social.example/instance"}, False),
        ({"generator": {"implements": [{"href": "https://example.org/other"}, None, 1]}}, False),
        ({}, False),
    ],
)
async def test_fep_844e_a_server_that_advertises_the_newer_signatures_gets_them(
    resolver: Resolver,
    peer: Peer,
    database: Database,
    clock: TurnableClock,
    more: dict[str, object],
    newer: bool,
) -> None:
    await resolver.actor(peer.actor("alice", **more).id)
    assert HostStyles(database, clock).reads_rfc9421(peer.origin) is newer


async def test_fep_2c59_an_actor_is_known_by_the_address_it_prefers(
    resolver: Resolver, peer: Peer
) -> None:
    """Also without `preferredUsername`; only where WebFinger of that address leads straight to it."""
    alice = peer.actor("a1b2", preferredUsername=None, webfinger=f"acct:alice@{peer.host}")
    peer.webfinger(f"acct:alice@{peer.host}", alice.id)
    assert (await resolver.find(alice.id)).handle == f"alice@{peer.host}"

    bob = peer.actor("bob", webfinger=f"alice@{peer.host}")
    assert (await resolver.find(bob.id)).handle == f"bob@{peer.host}"

    carol = peer.actor("carol", webfinger=["x"])
    assert (await resolver.find(carol.id)).handle == f"carol@{peer.host}"
