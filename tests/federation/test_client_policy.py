"""Where the client does not go: private networks, odd URLs, itself, blocked servers."""

import pytest

from federation.addresses import allowed_ip
from federation.client import BlockedAddress, Client, Unreachable
from node.urls import Urls
from tests.conftest import TurnableClock
from tests.federation.asking import FakeResolver, asking
from tests.federation.peer import ACTIVITY_JSON, Peer


def only_first_loopback(address: str) -> bool:
    """A policy for which 127.0.0.1 is a public server and all else is not."""
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://127.0.0.1./",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://good.test/",
        "ws://good.test/",
        "HTTP://good.test/",
        "http://good.test/",
        "https://good.test:22/",
        "https://good.test:6379/",
        "https://good.test:0/",
        "https://x.onion/",
        "https://x.i2p/",
        "https://printer.local/",
        "https://x.internal/",
        "https://localhost/",
        "https://app.localhost/",
        "https://intranet/",
        "https://good.test./",
        "https://user@good.test/",
        "https://user:word@good.test/",
        "https://good.test\\@evil.test/",
        "https://good.test/\r\nHost: x",
        "https://good.test/ x",
        "https://" + "a" * 2048 + ".test/",
        "",
    ],
)
async def test_urls_that_lead_nowhere_public_are_refused_unasked(
    clock: TurnableClock, url: str
) -> None:
    resolver = FakeResolver({"good.test": [["127.0.0.1"]]})
    async with asking(clock, allow_private=False, resolver=resolver) as client:
        with pytest.raises(BlockedAddress):
            await client.get(url, accept="*/*")
    assert resolver.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fd00::1"])
async def test_names_that_point_into_private_networks_are_refused_at_the_socket(
    clock: TurnableClock, address: str
) -> None:
    resolver = FakeResolver({"evil.test": [[address]]})
    async with asking(clock, allow_private=False, resolver=resolver) as client:
        with pytest.raises(BlockedAddress):
            await client.get("https://evil.test/", accept="*/*")
        with pytest.raises(Unreachable):
            await client.post("https://evil.test/inbox", b"{}", {})
    assert resolver.asked[0] == "evil.test"


async def test_a_name_that_changes_its_mind_is_refused_when_it_does(clock: TurnableClock) -> None:
    resolver = FakeResolver({"rebind.test": [["127.0.0.1"], ["127.0.0.2"]]})
    async with (
        Peer.start() as peer,
        asking(clock, address_rule=only_first_loopback, resolver=resolver) as client,
    ):
        peer.serve("/a", "hello", Connection="close")
        url = f"http://rebind.test:{peer.host.partition(':')[2]}/a"
        assert (await client.get(url, accept="*/*")).body == b"hello"

        _forget_names(client)
        with pytest.raises(BlockedAddress):
            await client.get(url, accept="*/*")
        assert len(peer.requests) == 1


async def test_of_mixed_addresses_only_the_public_one_is_tried(clock: TurnableClock) -> None:
    tried: list[str] = []

    def rule(address: str) -> bool:
        tried.append(address)
        return address == "127.0.0.1"

    resolver = FakeResolver({"mixed.test": [["10.0.0.1", "127.0.0.1"]]})
    async with Peer.start() as peer, asking(clock, address_rule=rule, resolver=resolver) as client:
        peer.serve("/a", "hello")
        url = f"http://mixed.test:{peer.host.partition(':')[2]}/a"
        assert (await client.get(url, accept="*/*")).body == b"hello"
    assert tried == ["10.0.0.1", "127.0.0.1"]


async def test_a_redirect_into_a_private_network_is_refused(clock: TurnableClock) -> None:
    async with (
        Peer.start() as public,
        Peer.start(host="127.0.0.2") as private,
        asking(clock, address_rule=only_first_loopback) as client,
    ):
        private.serve("/secret", {"id": private.url("/secret")})
        for signed in (True, False):
            with pytest.raises(BlockedAddress):
                await client.get(
                    public.redirect("/a", private.url("/secret")),
                    accept=ACTIVITY_JSON,
                    signed=signed,
                )
        assert private.requests == []


async def test_an_id_in_a_private_network_is_not_looked_up(clock: TurnableClock) -> None:
    async with (
        Peer.start() as public,
        Peer.start(host="127.0.0.2") as private,
        asking(clock, address_rule=only_first_loopback) as client,
    ):
        with pytest.raises(BlockedAddress):
            await client.get_json(public.serve("/a", {"id": private.url("/a")}))
        assert private.requests == []


@pytest.mark.parametrize(
    "url",
    ["https://norcal.example/", "https://NORCAL.example:443/group", "https://norcal.example/?x#y"],
)
async def test_we_never_ask_ourselves(clock: TurnableClock, url: str) -> None:
    resolver = FakeResolver({})
    async with asking(clock, resolver=resolver) as client:
        with pytest.raises(BlockedAddress, match="own"):
            await client.get(url, accept="*/*")
    assert resolver.asked == []


async def test_we_never_ask_ourselves_on_another_port_of_loopback_either(
    clock: TurnableClock,
) -> None:
    async with Peer.start() as us, asking(clock, urls=Urls(us.origin)) as client:
        with pytest.raises(BlockedAddress):
            await client.get(us.url("/"), accept="*/*")
        assert us.requests == []


async def test_blocked_servers_are_not_asked_even_by_redirect(clock: TurnableClock) -> None:
    async with (
        Peer.start() as good,
        Peer.start(host="127.0.0.3") as bad,
        asking(clock, blocked=lambda host: host.startswith("127.0.0.3:")) as client,
    ):
        for url in (bad.url("/"), good.redirect("/a", bad.url("/"))):
            with pytest.raises(BlockedAddress):
                await client.get(url, accept="*/*")
        with pytest.raises(Unreachable):
            await client.post(bad.url("/inbox"), b"{}", {})
        assert bad.requests == []


async def test_secrets_of_clouds_are_out_of_reach_even_in_private_networks(
    clock: TurnableClock,
) -> None:
    async with asking(clock) as client:
        with pytest.raises(BlockedAddress):
            await client.get("http://169.254.169.254/latest/meta-data/", accept="*/*")
    assert allowed_ip("192.168.1.5", private=True)


def _forget_names(client: Client) -> None:
    connector = client._open.connector  # time passes, as far as the DNS cache is concerned
    assert connector is not None
    connector.clear_dns_cache()  # type: ignore[attr-defined]
