"""L: signing in under attack, behind a proxy that is trusted; numbers of the abuse corpus."""

import asyncio
import itertools
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from tests.abuse.attacked import FORM, HTML, PASSWORD, Attacked, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = ("9" * 5000, "\x00", "\ud800", "a\x1b[2J", "x" * 60_000, "{}", '[["a", "b"]]', "[[[]]]")
_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """The proxy on this machine says from where a request comes; everybody else lies."""
    return {"ROUGHWEATHER_TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture
def address() -> str:
    """A visitor's address that was never seen before."""
    return f"198.51.100.{next(_addresses)}"


async def post(
    attacked: Attacked, path: str, fields: Mapping[str, str], address: str, **headers: str
) -> Reply:
    """Send a form as the proxy passes it on for somebody at `address`."""
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML}
    sent |= {"X-Forwarded-For": address} | headers
    body = urlencode(fields, errors="surrogatepass").encode()
    return await attacked.ask("POST", path, sent, body)


async def link_of(attacked: Attacked, name: str) -> str:
    """The path of a new steward's one-time link."""
    made = await attacked.node.json("steward", "add", name, "--json")
    return str(made["link"]).removeprefix(attacked.url)


def value_of(cookie: str) -> str:
    """The value in a Set-Cookie header."""
    return cookie.partition("=")[2].partition(";")[0]


CHOSEN = {"password": PASSWORD, "again": PASSWORD}


async def test_l2_the_cookie_is_new_and_out_of_reach(attacked: Attacked, address: str) -> None:
    answer = await post(
        attacked, await link_of(attacked, "Bo"), CHOSEN, address, Cookie="roughweather=planted-4721"
    )
    assert answer.status == 303
    cookie = answer.header("Set-Cookie") or ""
    assert "planted-4721" not in cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    kept = attacked.rows("SELECT token_hash, csrf_token FROM session")
    assert value_of(cookie) not in [one for row in kept for one in row]


async def test_l3_l10_a_reset_ends_every_session_and_link_at_once(
    attacked: Attacked, address: str
) -> None:
    link = await link_of(attacked, "Cy")
    cookie = value_of((await post(attacked, link, CHOSEN, address)).header("Set-Cookie") or "")
    signed_in = {"Cookie": f"roughweather={cookie}"}
    assert (await attacked.ask("GET", "/desk", signed_in)).status == 200
    await attacked.node.command("steward", "reset", "Cy")
    assert (await attacked.ask("GET", "/desk", signed_in)).status == 303
    assert (await post(attacked, link, CHOSEN, address)).status == 410
    assert (await attacked.ask("GET", link)).status == 410


async def test_l10_a_link_names_the_configured_host(attacked: Attacked) -> None:
    for name, headers in (("Di", {}), ("Ed", {"Host": "evil.example"})):
        status, text, _ = await attacked.form(
            "/desk/stewards", {"name": name, "current": PASSWORD}, **headers
        )
        assert status == 200
        assert f"{attacked.url}/sign-in/" in text
        assert "evil.example" not in text


async def test_l9_a_name_that_is_there_looks_like_one_that_is_not(
    attacked: Attacked, address: str
) -> None:
    await post(attacked, await link_of(attacked, "Fi"), CHOSEN, address)
    wrong = {"password": "wrong wrong wrong"}
    known = await post(attacked, "/sign-in", wrong | {"name": "Fi"}, address)
    unknown = await post(attacked, "/sign-in", wrong | {"name": "Xy"}, address)
    assert known.status == unknown.status == 422
    assert known.body.replace(b"Fi", b"") == unknown.body.replace(b"Xy", b"")


async def test_l7_l8_guessing_ends_soon_whatever_address_is_claimed(
    attacked: Attacked, address: str
) -> None:
    """The proxy adds the address it sees; whatever stands before it was written by the visitor."""
    wrong = {"name": "Nemo", "password": "wrong wrong wrong"}
    statuses = [
        (await post(attacked, "/sign-in", wrong, f"192.0.2.{number}, {address}")).status
        for number in range(7)
    ]
    assert statuses == [422] * 5 + [429] * 2
    for forged in ({"X-Real-IP": "192.0.2.9"}, {"Forwarded": "for=192.0.2.9"}):
        answer = await post(attacked, "/sign-in", wrong, address, **forged)
        assert answer.status == 429
        assert int(answer.header("Retry-After") or 0) > 0
    assert (await post(attacked, "/sign-in", wrong, "2001:db8::1")).status == 422
    others = [f"2001:db8::{number}" for number in range(2, 9)]
    statuses = [(await post(attacked, "/sign-in", wrong, one)).status for one in others]
    assert statuses[-1] == 429, "one network is one visitor"


async def test_l7_one_account_is_not_guessed_from_many_addresses(attacked: Attacked) -> None:
    wrong = {"name": "Ana", "password": "wrong wrong wrong"}
    statuses = [
        (await post(attacked, "/sign-in", wrong, f"203.0.113.{number}")).status
        for number in range(30)
    ]
    assert statuses == [422] * 25 + [429] * 5


@pytest.mark.parametrize("field", ["name", "password", "again", "next", "kept", "kept_path"])
async def test_l6_hostile_fields_are_refused(attacked: Attacked, field: str) -> None:
    link = await link_of(attacked, f"Gil {field}")
    async with attacked.refused():
        for value in HOSTILE:
            fields = {"name": "Nobody", "password": "wrong wrong"} | {field: value}
            for path in ("/sign-in", link, "/sign-in/x"):
                address = f"203.0.113.1{next(_addresses)}"[:15]
                answer = await post(attacked, path, {"again": "other"} | fields, address)
                assert answer.status < 500, (path, value[:20])
                assert answer.status != 303, (path, value[:20])


async def test_g16_a_flood_of_sign_ins_does_not_stop_the_node(attacked: Attacked) -> None:
    wrong = {"password": "wrong wrong wrong"}
    flood = asyncio.gather(
        *(post(attacked, "/sign-in", wrong | {"name": f"n{n}"}, f"192.0.2.{n}") for n in range(40))
    )
    await attacked.healthy()
    assert {one.status for one in await flood} <= {422, 429, 503}
