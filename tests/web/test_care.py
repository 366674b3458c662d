"""Concerns raised on our own pages, doors closed and opened at the desk, and the log of all that."""

import json

import pytest

from node.commands import audit as audit_command
from node.store import audit, concerns, replies
from node.store.database import Session
from node.upkeep import forget
from tests.web import voices
from tests.web.served import Browser, Served

WORDS = "Somebody wrote a name there\nthat should not stand there."


async def open_concerns(served: Served) -> list[concerns.Concern]:
    return await served.node.database.read(concerns.still_open)


async def actions(served: Served) -> list[tuple[str, str, str, str | None]]:
    found = await served.node.database.read(audit.latest)
    return [(one.who, one.action, one.about, one.reason) for one in found]


async def test_a_visitor_raises_a_concern_without_a_name(served: Served) -> None:
    page = await served.browser.get("/concern?about=/events/spring-day")
    assert f"{served.url}/events/spring-day" in page.text
    assert "Set-Cookie" not in page.headers
    fields = {"words": WORDS, "about": "/events/spring-day"}
    answer = await served.browser.post("/concern", fields)
    assert answer.headers["Location"] == "/concern?done=raised"
    assert "Thank you for telling us" in (await served.browser.get("/concern?done=raised")).text
    [found] = await open_concerns(served)
    assert (found.reporter, found.content, found.contact) == ("visitor", WORDS, "")
    assert found.about == (f"{served.url}/events/spring-day",)
    rows = await served.node.database.read(lambda session: session.rows("SELECT * FROM concern"))
    assert "127.0.0.1" not in str([row["reporter"] + row["contact"] for row in rows])


@pytest.mark.parametrize(
    "about",
    [
        "//evil.example",
        "https://evil.example/x",
        "/\\evil",
        "javascript:alert(1)",
        "/a\nb",
        "x" * 9000,
    ],
    ids=["scheme", "elsewhere", "backslash", "script", "line", "long"],
)
async def test_a_concern_leads_nowhere_else(served: Served, about: str) -> None:
    fields = {"words": WORDS, "about": about}
    assert (await served.browser.post("/concern", fields)).status == 303
    [found] = await open_concerns(served)
    assert found.about == ()


async def test_what_programs_fill_in_is_thanked_for_and_forgotten(served: Served) -> None:
    fields = {"words": WORDS, "website": "https://spam.example"}
    assert (await served.browser.post("/concern", fields)).status == 303
    assert await open_concerns(served) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": "  "}, "Say in a few words"),
        ({"words": "x" * 5001}, "too long"),
        ({"words": WORDS, "contact": "x" * 201}, "too long"),
    ],
    ids=["nothing", "endless", "contact"],
)
async def test_a_concern_that_cannot_be_kept_is_given_back(
    served: Served, fields: dict[str, str], said: str
) -> None:
    answer = await served.browser.post("/concern", fields)
    assert answer.status == 422
    assert said in answer.text
    assert fields["words"].strip() in answer.text
    assert await open_concerns(served) == []


async def test_a_flood_of_concerns_ends_soon(served: Served) -> None:
    statuses = [(await served.browser.post("/concern", {"words": f"{n}"})).status for n in range(7)]
    assert statuses == [303] * 5 + [429] * 2
    for _ in range(20):
        served.clock.advance(hours=1, seconds=1)
        for number in range(5):
            await served.browser.post("/concern", {"words": f"{number}"})
    assert len(await open_concerns(served)) == 100


async def test_from_concern_to_hidden_to_closed_to_undone(served: Served, steward: Browser) -> None:
    """J13: raised, hidden, the door closed with a reason, closed, all in the log, and undone."""
    await served.node.database.write(lambda session: voices.fill(session, served.url))
    reply = f"{voices.ANA}/n/5"
    shown = (await served.browser.get("/events/spring-day")).text
    link = shown.split('href="/concern?about=')[1].split('"')[0]
    assert reply in (await served.browser.get(f"/concern?about={link}")).text
    await served.browser.post("/concern", {"words": WORDS, "about": reply, "contact": "07 1"})
    page = (await steward.get("/desk/concerns")).text
    assert WORDS.splitlines()[0] in page
    assert "07 1" in page
    target = page.split('href="/desk/blocks?target=')[1].split('"')[0]
    await steward.post("/desk/replies", {"id": reply, "decision": "decline"})
    assert link not in (await served.browser.get("/events/spring-day")).text
    prefilled = (await steward.get(f"/desk/blocks?target={target}")).text
    assert f'name="target" value="{voices.ANA}"' in prefilled
    done = {"decision": "block", "target": voices.ANA, "reason": "named somebody"}
    answer = await steward.post("/desk/blocks", done)
    assert answer.headers["Location"] == "/desk/blocks?done=blocked"
    assert "named somebody" in (await steward.get("/desk/blocks")).text
    assert await served.node.database.read(lambda session: replies.find(session, reply)) is None, (
        "what came through the door is gone"
    )
    closed = {"id": "1", "decision": "close", "reason": "hidden, and told Mo"}
    await steward.post("/desk/concerns", closed)
    assert await open_concerns(served) == []
    log = (await steward.get("/desk/log")).text
    for words in ("hid a reply", "closed a door", "named somebody", "told Mo", "Ana"):
        assert words in log
    assert 'href="/desk/blocks"' in log
    await steward.post("/desk/concerns", {"id": "1", "decision": "reopen"})
    assert len(await open_concerns(served)) == 1
    await steward.post("/desk/blocks", {"decision": "unblock", "target": voices.ANA})
    assert "Every door is open" in (await steward.get("/desk/blocks")).text
    assert [one[1] for one in await actions(served)][:4] == [
        "unblock",
        "reopen concern",
        "close concern",
        "block",
    ]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("", "To whom?"),
        ("x" * 3000, "To whom?"),
        ("not a host", "To whom?"),
        ("https://[::1", "To whom?"),
        ("OURS", "our own server"),
        ("OURS/group", "our own server"),
    ],
    ids=["nothing", "endless", "words", "broken", "own-host", "own-actor"],
)
async def test_some_doors_cannot_be_closed(
    served: Served, steward: Browser, target: str, said: str
) -> None:
    answer = await steward.post("/desk/blocks", {"target": target.replace("OURS", served.url)})
    assert answer.status == 422
    assert said in answer.text
    assert "Every door is open" in answer.text


async def test_a_whole_server_is_closed_out(served: Served, steward: Browser) -> None:
    await served.node.database.write(lambda session: voices.fill(session, served.url))
    await steward.post("/desk/blocks", {"target": "Peer.Example", "reason": "harassment"})
    assert '<bdi dir="ltr">peer.example</bdi>' in (await steward.get("/desk/blocks")).text
    assert ("Ana", "block", "peer.example", "harassment") in await actions(served)
    assert "Nothing waits" in (await steward.get("/desk/replies")).text


async def test_no_door_is_opened_that_is_not_closed(served: Served, steward: Browser) -> None:
    answer = await steward.post("/desk/blocks", {"decision": "unblock", "target": "peer.example"})
    assert answer.status == 404


async def test_the_log_is_read_by_person_by_kind_and_page_by_page(
    served: Served, steward: Browser
) -> None:
    def fill(session: Session) -> None:
        for number in range(60):
            audit.note(session, "Bo", "block", f"host{number}.example", served.clock.now())
        audit.note(session, "node", "something new", "x", served.clock.now(), reason="<b>why</b>")

    await served.node.database.write(fill)
    page = (await steward.get("/desk/log")).text
    assert "&lt;b&gt;why" in page
    assert "something new" in page, "what has no word yet is shown as it is"
    assert "the node itself" in page
    only = (await steward.get("/desk/log?who=Bo&action=block")).text
    assert "host59.example" in only
    assert "something new" not in only.split("<ul")[-1]
    older = only.split('href="/desk/log?before=')[1].split('"')[0].replace("&amp;", "&")
    second = (await steward.get(f"/desk/log?before={older}")).text
    assert "host9.example" in second
    assert "host59.example" not in second
    for odd in ("before=x", "before=" + "9" * 400, "who=%00", "action='%20OR%201=1"):
        assert (await steward.get(f"/desk/log?{odd}")).status == 200


async def test_who_comes_never_stands_in_the_log(served: Served, steward: Browser) -> None:
    path = "/desk/events/spring-day/people"
    await steward.post(path, {"decision": "add", "who": "Mo Secretname", "via": "phone"})
    await steward.post(path, {"decision": "decline", "who": "Mo Secretname"})
    found = await actions(served)
    assert ("Ana", "add place", "spring-day", None) in found
    assert ("Ana", "decline place", "spring-day", None) in found
    assert "Secretname" not in str(found)
    assert "Secretname" not in (await steward.get("/desk/log")).text


async def test_what_was_decided_long_ago_is_forgotten(served: Served, steward: Browser) -> None:
    await served.browser.post("/concern", {"words": WORDS})
    await steward.post("/desk/concerns", {"id": "1", "decision": "close"})
    before = await actions(served)
    assert before
    for days, concerns_left, decisions_left in (
        (364, 1, len(before)),
        (2, 0, len(before)),
        (365, 0, 0),
    ):
        served.clock.advance(days=days)
        await served.node.database.write(lambda session: forget(session, served.clock.now()))
        kept = await served.node.database.read(
            lambda session: session.value("SELECT count(*) FROM concern")
        )
        assert kept == concerns_left, days
        assert len(await actions(served)) == decisions_left, days


async def test_the_command_line_reads_the_log(served: Served, steward: Browser) -> None:
    asked = {"who": None, "action": "sign in", "limit": 5, "json": True}
    outcome = await audit_command.run(served.node, asked, b"")
    [found] = json.loads(outcome.stdout)
    assert (found["who"], found["action"], found["reason"]) == ("Ana", "sign in", None)
    words = await audit_command.run(served.node, asked | {"json": False, "action": ""}, b"")
    assert "invite steward" in words.stdout
