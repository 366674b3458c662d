"""A steward's account: where they are signed in, another password, other roles, leaving."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from argon2 import PasswordHasher

from node.domain.role import Role
from node.services import stewards as service
from node.store import audit, stewards
from node.store.sessions import token_hash
from tests.web.served import PASSWORD, Browser, Served
from web import passwords
from web.sessions import browser_name

NEW = "otter under the lantern bridge"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture
async def bare(served: Served) -> AsyncIterator[Browser]:
    """A client that keeps no cookies: each test sends the ones it means."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(served.url, http)


async def sign_in(bare: Browser, name: str = "Ana", agent: str = FIREFOX) -> str:
    """Sign in from another browser; the header that carries its cookie."""
    fields = {"name": name, "password": PASSWORD}
    answer = await bare.post("/sign-in", fields, User_Agent=agent)
    assert answer.status == 303, answer.text
    return answer.headers["Set-Cookie"].partition(";")[0]


async def decisions(served: Served) -> list[tuple[str, str, str, str | None]]:
    found = await served.node.database.read(audit.latest)
    return [(one.who, one.action, one.about, one.reason) for one in found]


async def is_in(bare: Browser, cookie: str) -> bool:
    return (await bare.get("/desk", Cookie=cookie)).status == 200


async def test_one_sees_where_one_is_signed_in_and_signs_out_there(
    served: Served, steward: Browser, bare: Browser
) -> None:
    lost, kept = await sign_in(bare), await sign_in(bare, agent="curl/8")
    page = (await steward.get("/desk/account")).text
    assert "Firefox, Android" in page
    assert "Mobile" not in page
    lost_hash = page.split("Firefox, Android")[1].split('name="session" value="')[1].split('"')[0]
    gone = {"decision": "one", "session": lost_hash}
    answer = await steward.post("/desk/account/sessions", gone)
    assert answer.headers["Location"] == "/desk/account?done=signed-out"
    assert not await is_in(bare, lost)
    assert await is_in(bare, kept)
    await steward.post("/desk/account/sessions", {"decision": "others"})
    assert not await is_in(bare, kept)
    assert (await steward.get("/desk")).status == 200
    assert ("Ana", "sign out elsewhere", "Ana", None) in await decisions(served)


async def test_nobody_signs_another_steward_out(
    served: Served, steward: Browser, bare: Browser
) -> None:
    link = await served.node.database.write(
        lambda session: service.invite(session, "Bo", role=Role.CARE, now=served.clock.now())
    )
    answer = await bare.post(f"/sign-in/{link}", {"password": NEW, "again": NEW})
    theirs = answer.headers["Set-Cookie"].partition(";")[0]
    gone = {"decision": "one", "session": token_hash(theirs.partition("=")[2])}
    answer = await steward.post("/desk/account/sessions", gone)
    assert answer.headers["Location"] == "/desk/account?done=same"
    assert await is_in(bare, theirs)


async def test_another_password_signs_out_everywhere_else(steward: Browser, bare: Browser) -> None:
    before = {one.key: one.value for one in steward.http.cookie_jar}["roughweather"]
    fields = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert (await steward.post("/desk/account/password", fields)).status == 303
    after = {one.key: one.value for one in steward.http.cookie_jar}["roughweather"]
    assert after != before
    assert (await steward.get("/desk")).status == 200
    assert not await is_in(bare, f"roughweather={before}")
    old = await bare.post("/sign-in", {"name": "Ana", "password": PASSWORD})
    assert old.status == 422
    assert (await bare.post("/sign-in", {"name": "Ana", "password": NEW})).status == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"current": "something else", "password": NEW, "again": NEW}, "not your password"),
        ({"current": "x" * 3000, "password": NEW, "again": NEW}, "not your password"),
        ({"password": NEW, "again": NEW}, "not your password"),
        ({"current": PASSWORD, "password": NEW, "again": "another"}, "not the same"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "at least 12"),
        (
            {"current": PASSWORD, "password": "Password123456!", "again": "Password123456!"},
            "would guess this one",
        ),
    ],
    ids=["wrong", "endless", "none", "twice", "short", "common"],
)
async def test_a_password_is_not_changed_by_halves(
    steward: Browser, fields: dict[str, str], words: str
) -> None:
    answer = await steward.post("/desk/account/password", fields)
    assert answer.status == 422
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert (await steward.get("/desk")).status == 200
    assert (await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})).status == 303


@pytest.mark.parametrize(
    "plain",
    [
        "aaaaaaaaaaaaaaaa",
        "121212121212",
        "1234567890123",
        "qwertyuiopqw",
        "Passwort2027!",
        "iloveyou12345",
        "ＰＡＳＳＷＯＲＤ２０２７",
        "welcome welcome",
        "Ana Riverstone 77",
        "987654321098",
    ],
)
def test_what_everybody_would_guess_is_no_password(plain: str) -> None:
    assert passwords.problem(plain, "Ana Riverstone") == passwords.TOO_PLAIN


@pytest.mark.parametrize(
    "good", [PASSWORD, NEW, "río y musgo y fuego", "水と火と苔と山と風と月と星と", "k7#Vq92!mZp4"]
)
def test_a_sentence_is_a_password(good: str) -> None:
    assert passwords.problem(good, "Ana") is None


async def test_guessing_at_an_open_desk_ends_soon(served: Served, steward: Browser) -> None:
    wrong = {"current": "wrong wrong wrong", "password": NEW, "again": NEW}
    statuses = [(await steward.post("/desk/account/password", wrong)).status for _ in range(26)]
    assert statuses == [422] * 25 + [429]


async def test_a_weaker_hash_is_renewed_at_sign_in(served: Served, steward: Browser) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await served.node.database.write(lambda session: stewards.set_password(session, 1, weak))
    assert (await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})).status == 303
    kept = await served.node.database.read(lambda session: stewards.password_hash(session, 1))
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})).status == 303


async def test_another_role_counts_at_once(served: Served, steward: Browser) -> None:
    made = await steward.post(
        "/desk/stewards", {"name": "Bo", "role": "organiser", "current": PASSWORD}
    )
    assert made.status == 200
    change = {"name": "Ana", "decision": "role", "role": "care", "current": PASSWORD}
    alone = await steward.post("/desk/stewards/change", change)
    assert alone.status == 422
    assert "one full steward" in alone.text
    await served.node.database.write(
        lambda session: service.change_role(
            session, "Bo", Role.STEWARD, who="Ana", now=served.clock.now()
        )
    )
    invited = await steward.post("/desk/stewards/change", change)
    assert invited.status == 422, "who never came cannot be the only one left"
    await served.node.database.write(lambda session: stewards.set_password(session, 2, "$argon2id"))
    assert (await steward.post("/desk/stewards/change", change)).status == 303
    assert (await steward.get("/desk/group")).status == 403
    assert (await steward.get("/desk/concerns")).status == 200
    assert ("Ana", "change role", "Ana", "care") in await decisions(served)


@pytest.mark.parametrize("decision", ["role", "reset", "remove"])
async def test_changing_stewards_takes_the_password(
    served: Served, steward: Browser, decision: str
) -> None:
    await steward.post("/desk/stewards", {"name": "Bo", "current": PASSWORD})
    for wrong in ({}, {"current": "not this one at all"}):
        fields = {"name": "Bo", "decision": decision, "role": "care"} | wrong
        answer = await steward.post("/desk/stewards/change", fields)
        assert answer.status == 422
        assert "not your password" in answer.text
    invited = await steward.post("/desk/stewards", {"name": "Cy"})
    assert invited.status == 422
    found = await served.node.database.read(service.stewards)
    assert [(one.name, one.role) for one in found] == [("Ana", Role.STEWARD), ("Bo", Role.STEWARD)]


async def test_every_way_out_is_shut_at_once(
    served: Served, steward: Browser, bare: Browser
) -> None:
    """After a reset, a removal, a used link and leaving, the session is dead by the next click."""

    async def newcomer(name: str) -> str:
        made = await steward.post("/desk/stewards", {"name": name, "current": PASSWORD})
        return await use(made.text)

    async def use(text: str) -> str:
        served.clock.advance(seconds=61)
        path = "/sign-in/" + text.split("/sign-in/")[1].split("<", maxsplit=1)[0]
        answer = await bare.post(path, {"password": PASSWORD, "again": PASSWORD})
        return answer.headers["Set-Cookie"].partition(";")[0]

    for decision in ("reset", "remove"):
        theirs = await newcomer(f"Bo {decision}")
        assert await is_in(bare, theirs)
        fields = {"name": f"Bo {decision}", "decision": decision, "current": PASSWORD}
        answer = await steward.post("/desk/stewards/change", fields)
        assert not await is_in(bare, theirs), decision
        if decision == "reset":
            again = await use(answer.text)
            assert await is_in(bare, again)
            assert not await is_in(bare, theirs)


async def test_leaving_is_for_all_but_the_last(served: Served, steward: Browser) -> None:
    alone = await steward.post("/desk/account/leave", {"current": PASSWORD})
    assert alone.status == 422
    assert "one full steward" in alone.text
    await steward.post("/desk/stewards", {"name": "Bo", "current": PASSWORD})
    await served.node.database.write(lambda session: stewards.set_password(session, 2, "$argon2id"))
    assert (await steward.post("/desk/account/leave", {})).status == 422
    assert (await steward.post("/desk/account/leave", {"current": PASSWORD})).status == 303
    assert (await steward.get("/desk")).status == 303
    found = await served.node.database.read(service.stewards)
    assert [one.name for one in found] == ["Bo"]


async def test_signing_in_is_in_the_log_and_failing_only_coarsely(
    served: Served, steward: Browser
) -> None:
    before = await decisions(served)
    for name in ("Ana", "Nobody here", PASSWORD):
        await steward.post("/sign-in", {"name": name, "password": "wrong wrong wrong"})
    assert await decisions(served) == before, "strangers write nothing"
    await steward.post("/sign-in", {"name": "Ana", "password": PASSWORD})
    assert (await decisions(served))[:2] == [
        ("Ana", "sign in", "desk", None),
        ("node", "failed sign-ins", "desk", "3"),
    ]


async def test_a_password_that_was_changed_meanwhile_opens_nothing(
    served: Served, steward: Browser, bare: Browser
) -> None:
    """Checking takes a moment and its turn; who is parted with in that moment does not slip in."""
    wrong = [
        asyncio.create_task(bare.post("/sign-in", {"name": "Ana", "password": "wrong " * 3}))
        for _ in range(3)
    ]
    right = asyncio.create_task(bare.post("/sign-in", {"name": "Ana", "password": PASSWORD}))
    await asyncio.wait(wrong, return_when=asyncio.FIRST_COMPLETED)
    await served.node.database.write(
        lambda session: service.reset(session, "Ana", now=served.clock.now())
    )
    assert (await right).status == 422
    assert {one.status for one in await asyncio.gather(*wrong)} == {422}


async def test_a_form_that_came_too_late_brings_no_password_back(
    served: Served, steward: Browser
) -> None:
    served.clock.advance(days=15)
    fields = {"current": PASSWORD, "password": NEW, "again": NEW, "name": "Bo", "role": "care"}
    for path in ("/desk/account/password", "/desk/stewards", "/desk/stewards/change"):
        answer = await steward.post(path, fields)
        assert answer.status == 401
        assert PASSWORD not in answer.text
        assert NEW not in answer.text
        assert "Bo" in answer.text


def test_browsers_are_told_apart_and_not_known() -> None:
    assert browser_name(FIREFOX) == "Firefox, Android"
    assert browser_name("Mozilla/5.0 (iPhone; CPU) AppleWebKit Safari/604.1") == "Safari, iPhone"
    assert browser_name("Mozilla/5.0 (Windows NT) Chrome/140 Safari/1 Edg/140") == "Edge, Windows"
    assert browser_name("") == browser_name("\x00<b>") == ""
