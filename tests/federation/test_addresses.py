"""URLs of other servers: one spelling, one origin, and what may be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addresses import (
    BlockedAddress,
    InvalidUrl,
    Origin,
    allowed_ip,
    canonical,
    fetchable,
    host_of,
    origin,
    same_origin,
    without_fragment,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://good.test/users/alice", "https://good.test/users/alice"),
        ("HTTPS://GOOD.test:443/Users/Alice", "https://good.test/Users/Alice"),
        ("http://good.test:80", "http://good.test"),
        ("https://good.test:/x", "https://good.test/x"),
        ("https://good.test:8443/", "https://good.test:8443/"),
        (
            "https://good.test/a/../b/./c%2F?q=%41#part",
            "https://good.test/a/../b/./c%2F?q=%41#part",
        ),
        ("https://bücher.example/ñ?q=ü", "https://xn--bcher-kva.example/%C3%B1?q=%C3%BC"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("https://good.test?x=1", "https://good.test?x=1"),
        ("https://good.test/@alice", "https://good.test/@alice"),
    ],
)
def test_each_url_has_one_spelling(written: str, expected: str) -> None:
    assert canonical(written) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "good.test",
        "//good.test/",
        "https:/good.test",
        "https:///path",
        "https://:443/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://good.test/",
        "acct:alice@good.test",
        "https://user@good.test/",
        "https://@good.test/",
        "https://good.test@evil.test/",
        "https://good.test\\@evil.test/",
        "https://good.test/a\\b",
        "https://good.test /",
        "https://good.test/\x00",
        "https://good.test/\r\nX: y",
        "https://go\tod.test/",
        "https://good.test/\u202e",
        "https://good.test/\ud800",
        "https://good.test./",
        "https://.good.test/",
        "https://good..test/",
        "https://-good.test/",
        "https://good_.test/",
        "https://%67ood.test/",
        "https://good.test:0/",
        "https://good.test:65536/",
        "https://good.test:+80/",
        "https://good.test:８０/",
        "https://good.test:80:80/",
        "https://[::1/",
        "https://[::1]x/",
        "https://x[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[1.2.3.4]/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.0.0.0x1/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/",
        "https://" + "a" * 64 + ".test/",
        "https://" + "a." * 130 + "test/",
        "https://good.test/" + "a" * 2048,
        "https://good.test/" + "ñ" * 1000,
    ],
)
def test_what_could_be_read_in_two_ways_is_no_url(url: str) -> None:
    with pytest.raises(InvalidUrl):
        canonical(url)
    with pytest.raises(BlockedAddress):
        fetchable(url, private=True)
    assert not same_origin(url, url)


def test_full_width_digits_are_digits() -> None:
    assert host_of("https://１２７.0.0.1/") == "127.0.0.1"


def test_origins_are_triples() -> None:
    assert origin("https://Good.test/x") == Origin("https", "good.test", 443)
    assert same_origin("https://good.test/a", "HTTPS://GOOD.TEST:443/b#c")
    for other in (
        "http://good.test/",
        "https://good.test:444/",
        "https://www.good.test/",
        "https://good.test.evil.test/",
        "https://evilgood.test/",
    ):
        assert not same_origin("https://good.test/", other)


def test_a_fragment_belongs_to_the_id_and_not_to_the_document() -> None:
    assert without_fragment("https://good.test/a?b#c#d") == "https://good.test/a?b"
    assert fetchable("https://good.test/a#main-key", private=False) == "https://good.test/a"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.31.196.1",
        "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1",
        "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1", "3fff::1", "5f00::1",
        "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
        "", "localhost", "127.1", "0x7f000001",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    assert not allowed_ip(address, private=False)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:4860:4860::8888",
        "2a01:4f8::1",
        "2600::1",
        "2003::1",
    ],
)
def test_public_addresses_are(address: str) -> None:
    assert allowed_ip(address, private=False)
    assert allowed_ip(address, private=True)


def test_private_networks_can_be_allowed_but_not_everything_in_them() -> None:
    for address in (
        "127.0.0.1",
        "192.168.1.1",
        "10.0.0.1",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "fe80::1",
    ):
        assert allowed_ip(address, private=True)
    for address in ("0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "169.254.169.254"):
        assert not allowed_ip(address, private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://good.test/",
        "https://good.test:8443/",
        "https://printer.local/",
        "http://norcal/",
        "http://10.0.0.1:3000/",
    ],
)
def test_local_networks_only_where_they_are_allowed(url: str) -> None:
    assert fetchable(url, private=True) == url
    with pytest.raises(BlockedAddress):
        fetchable(url, private=False)


@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map(lambda rest: "https://" + rest)))
def test_any_text_is_a_url_or_an_invalid_one(text: str) -> None:
    try:
        found = canonical(text)
    except InvalidUrl:
        return
    assert found.isascii()
    assert canonical(found) == found
    assert origin(found) == origin(text)


@given(st.ip_addresses())
def test_what_is_refused_in_private_is_refused_in_public(address: object) -> None:
    assert allowed_ip(str(address), private=True) or not allowed_ip(str(address), private=False)
