"""Signing in: links that work once, passwords that are only asked for where they are safe, sessions."""

import re
from pathlib import Path

import pytest

from node.errors import ConflictError, GoneError
from node.services import stewards as service
from node.store import stewards
from tests.conftest import TurnableClock
from tests.web.served import PASSWORD, Browser, Keys, Served, serve
from web.passwords import SHORTEST

GOOD = {"password": PASSWORD, "again": PASSWORD}


async def invite(served: Served, name: str = "Ana") -> str:
    return await served.node.database.write(
        lambda session: service.invite(session, name, now=served.clock.now())
    )


async def test_a_program_that_looks_into_mail_does_not_use_the_link_up(served: Served) -> None:
    token = await invite(served)
    for _ in range(3):
        assert "Welcome, Ana" in (await served.browser.get(f"/sign-in/{token}")).text
    assert (await served.browser.post(f"/sign-in/{token}", GOOD)).status == 303


async def test_the_form_says_how_long_a_password_must_be(served: Served) -> None:
    form = (await served.browser.get(f"/sign-in/{await invite(served)}")).text
    assert f"At least {SHORTEST} characters" in form
    assert form.count(f'minlength="{SHORTEST}"') == 2


async def test_a_link_works_once(served: Served) -> None:
    token = await invite(served)
    await served.browser.post(f"/sign-in/{token}", GOOD)
    served.browser.http.cookie_jar.clear()
    assert (await served.browser.get(f"/sign-in/{token}")).status == 410
    assert (await served.browser.post(f"/sign-in/{token}", GOOD)).status == 410


async def test_a_link_runs_out_after_72_hours(served: Served) -> None:
    token = await invite(served)
    served.clock.advance(hours=72, seconds=1)
    assert (await served.browser.get(f"/sign-in/{token}")).status == 410


async def test_only_hashes_are_kept(served: Served) -> None:
    token = await invite(served)
    answer = await served.browser.post(f"/sign-in/{token}", GOOD)
    cookie = re.search(r"roughweather=([^;]+)", answer.headers["Set-Cookie"])[1]  # type: ignore[index]
    dump = b"".join(
        path.read_bytes() for path in served.node.database.path.parent.glob("node.sqlite3*")
    )
    for secret in (token, cookie, PASSWORD):
        assert secret.encode() not in dump
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in dump


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "long enough 1", "again": "long enough 2"}, "not the same"),
        ({"password": "x" * 2000, "again": "x" * 2000}, "too long"),
        ({"password": "ﬀive moss " * 90, "again": "ﬀive moss " * 90}, None),
    ],
)
async def test_passwords(served: Served, fields: dict[str, str], words: str | None) -> None:
    token = await invite(served)
    answer = await served.browser.post(f"/sign-in/{token}", fields)
    assert answer.status == (422 if words else 303)
    assert words is None or words in answer.text


async def test_the_page_asks_for_as_many_characters_as_are_needed(served: Served) -> None:
    page = (await served.browser.get(f"/sign-in/{await invite(served)}")).text
    assert f"At least {SHORTEST} characters" in page
    assert page.count(f'minlength="{SHORTEST}"') == 2


async def test_name_and_password(served: Served) -> None:
    await served.browser.sign_in(served.node)
    served.browser.http.cookie_jar.clear()
    answer = await served.browser.post(
        "/sign-in", {"name": " aNA ", "password": PASSWORD, "next": "/desk/events"}
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/events")
    assert (await served.browser.get("/desk")).status == 200


async def test_wrong_name_and_wrong_password_look_the_same(served: Served) -> None:
    await served.browser.sign_in(served.node)
    served.browser.http.cookie_jar.clear()
    one = await served.browser.post("/sign-in", {"name": "Ana", "password": "not the password"})
    other = await served.browser.post("/sign-in", {"name": "Eve", "password": "not the password"})
    assert one.status == other.status == 422
    assert one.text.replace("Ana", "X") == other.text.replace("Eve", "X")


async def test_too_many_tries(served: Served) -> None:
    statuses = [
        (await served.browser.post("/sign-in", {"name": "Ana", "password": "x" * 12})).status
        for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]
    served.clock.advance(seconds=61)
    assert (
        await served.browser.post("/sign-in", {"name": "A", "password": "x" * 12})
    ).status == 422


async def test_an_account_is_guarded_from_many_addresses(served: Served) -> None:
    for _ in range(25):
        served.clock.advance(seconds=20)
        await served.browser.post("/sign-in", {"name": "Ana", "password": "x" * 12})
    served.clock.advance(seconds=61)
    answer = await served.browser.post("/sign-in", {"name": "ANA", "password": "x" * 12})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 60
    forged = await served.browser.post(
        "/sign-in", {"name": "ana", "password": "x" * 12}, X_Forwarded_For="203.0.113.9"
    )
    assert forged.status == 429


async def test_cookie_over_https(secure: Served) -> None:
    token = await invite(secure)
    answer = await secure.browser.post(f"/sign-in/{token}", GOOD)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-roughweather=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


async def test_a_planted_session_is_worth_nothing(served: Served) -> None:
    token = await invite(served)
    planted = "planted-by-somebody-else"
    answer = await served.browser.post(f"/sign-in/{token}", GOOD, Cookie=f"roughweather={planted}")
    assert planted not in answer.headers["Set-Cookie"]
    served.browser.http.cookie_jar.clear()
    assert (await served.browser.get("/desk", Cookie=f"roughweather={planted}")).status == 303


async def test_each_sign_in_makes_a_new_session_and_ends_the_old_one(
    served: Served, steward: Browser
) -> None:
    old = {cookie.key: cookie.value for cookie in steward.http.cookie_jar}["roughweather"]
    await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})
    new = {cookie.key: cookie.value for cookie in steward.http.cookie_jar}["roughweather"]
    assert old != new
    steward.http.cookie_jar.clear()
    assert (await steward.get("/desk", Cookie=f"roughweather={old}")).status == 303
    assert (await steward.get("/desk", Cookie=f"roughweather={new}")).status == 200


async def test_sign_out_ends_the_session_itself(served: Served, steward: Browser) -> None:
    cookie = {one.key: one.value for one in steward.http.cookie_jar}["roughweather"]
    assert (await steward.post("/sign-out")).status == 303
    assert (await steward.get("/desk", Cookie=f"roughweather={cookie}")).status == 303


async def test_sessions_end_when_idle_and_after_ninety_days(
    served: Served, steward: Browser
) -> None:
    for _ in range(9):
        served.clock.advance(days=9)
        assert (await steward.get("/desk")).status == 200
    served.clock.advance(days=9, hours=1)
    assert (await steward.get("/desk")).status == 303
    await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})
    served.clock.advance(days=14, hours=1)
    assert (await steward.get("/desk")).status == 303


async def test_a_reset_signs_out_everywhere_at_once(served: Served, steward: Browser) -> None:
    await served.node.database.write(
        lambda session: service.reset(session, "ana", now=served.clock.now())
    )
    assert (await steward.get("/desk")).status == 303
    answer = await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})
    assert answer.status == 422


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil",
        "javascript:1",
        "",
        "/ö",
    ],
)
async def test_nobody_is_sent_to_another_site(served: Served, target: str) -> None:
    await served.browser.sign_in(served.node)
    answer = await served.browser.get(
        "/sign-in?next=" + target.replace("\t", "%09").replace("\\", "%5C")
    )
    assert answer.headers["Location"] == "/desk"
    served.browser.http.cookie_jar.clear()
    answer = await served.browser.post(
        "/sign-in", {"name": "Ana", "password": PASSWORD, "next": target}
    )
    assert answer.headers["Location"] == "/desk"


async def test_the_last_steward_cannot_be_removed(served: Served) -> None:
    await invite(served)
    with pytest.raises(ConflictError):
        await served.node.database.write(
            lambda session: service.remove(session, "Ana", who="Bo", now=served.clock.now())
        )
    await invite(served, "Bo")
    await served.node.database.write(
        lambda session: service.remove(session, "Ana", who="Bo", now=served.clock.now())
    )
    assert [one.name for one in await served.node.database.read(stewards.every)] == ["Bo"]


async def test_names_are_taken_once_whatever_their_capitals(served: Served) -> None:
    await invite(served)
    with pytest.raises(ConflictError):
        await invite(served, "ANA")


async def test_a_new_link_makes_the_old_one_worthless(served: Served) -> None:
    old, now = await invite(served), served.clock.now()
    await served.node.database.write(lambda session: service.reset(session, "Ana", now=now))
    with pytest.raises(GoneError):
        await served.node.database.read(lambda session: service.invited(session, old, now=now))


async def test_no_password_travels_over_an_open_network(
    tmp_path: Path, node_keys: Keys, clock: TurnableClock
) -> None:
    async with serve(tmp_path, node_keys, clock, url="http://192.168.7.7:8080") as local:
        assert 'type="password"' not in (await local.browser.get("/sign-in")).text
        answer = await local.browser.post("/sign-in", {"name": "Ana", "password": PASSWORD})
        assert answer.status == 403
        token = await invite(local)
        page = (await local.browser.get(f"/sign-in/{token}")).text
        assert 'type="password"' not in page
        assert "the link alone signs you in" in page
        answer = await local.browser.post(f"/sign-in/{token}")
        assert answer.status == 303
        assert answer.headers["Set-Cookie"].startswith("roughweather=")
        assert "Secure" not in answer.headers["Set-Cookie"]
