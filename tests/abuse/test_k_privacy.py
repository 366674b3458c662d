"""K: what is hidden appears in no output whatever; the numbers are those of the abuse corpus."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from federation import routes as federation_routes
from tests.abuse.attacked import AS2, HTML, Attacked
from tests.abuse.loot import BY_LINK, EVENTS, NEVER, PRACTICES, REFLECTIONS, SOON
from tests.federation.peer import PeerActor
from web import routes as web_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTS = (HTML, AS2, "application/ld+json", "*/*", "text/calendar", "application/json")
SHARED = ("/group", "/events/{slug}", "/reflections/{slug}", "/healthz", "/metrics")
# Addresses that only those know who were given the link; their pages may name what they show.
LINKED = re.compile(
    r"/(events|reflections)/(nur-mit-link|fuer-folgende|leise)(\.ics|/thanks.*|/poster.*)?$"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def follower(attacked: Attacked) -> AsyncIterator[PeerActor]:
    """Somebody who followed before all that happens; then everything changes once."""
    robin = attacked.peer.actor("robin", shared_inbox=False)
    assert (await attacked.post(robin, robin.activity("Follow", attacked.group))).status == 202
    await attacked.peer.delivery("Accept", path="/users/robin/inbox")
    node = attacked.node
    for slug in ("versteckt", "auf-anmeldung", "nur-mit-link", "fuer-folgende", "nur-hier"):
        changes = {"start_local": "2031-05-02T19:00:00", "end_local": "2031-05-02T22:00:00"}
        await node.command("event", "edit", slug, "-", stdin=changes)
    await node.command("event", "cancel", "auf-anmeldung", "--reason", "Sturm")
    await node.command("event", "remove", "weg-und-nur-hier")
    await node.command("reflection", "withdraw", "zurueck")
    await node.command("reflection", "withdraw", "abgelehnt")
    late = {"id": "spaeter", "title": {"de": "Spaeter"}, **SOON, "location": EVENTS[1]["location"]}
    await node.command("event", "add", "-", stdin=late)
    # Whatever came before it to this inbox has arrived when this one has.
    await attacked.peer.delivery("Create", path="/users/robin/inbox")
    yield robin


def patterns() -> Iterator[str]:
    """Every address of the node that GET is made for."""
    known = [*web_routes.routes(), *federation_routes.routes()]
    yield from SHARED
    yield from (route.path for route in known if route.method in ("GET", "*"))


def targets(attacked: Attacked) -> set[str]:
    """Every address with every name there is, also those of hidden things."""
    slugs = [one["id"] for one in (*EVENTS, *REFLECTIONS, *PRACTICES)] + ["spaeter"]
    ids = [row[0].rpartition("/")[2] for row in attacked.rows("SELECT id FROM activity")]
    notices = [row[0] for row in attacked.rows("SELECT id FROM notice")]
    found = set()
    for pattern in patterns():
        plain = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", pattern)
        name = re.search(r"\{(\w+)\}", plain)
        values = {"slug": slugs, "id": [*ids, *notices]}.get(name[1], ["x"]) if name else [""]
        found.update(re.sub(r"\{\w+\}", value, plain) for value in values)
    account = f"acct:alder@{attacked.host}"
    found.update(
        (
            f"/.well-known/webfinger?resource={account}",
            "/group/outbox?page=true",
            "/group/outbox?page=true&before=999999",
            "/reflections?stage=gratitude",
            "/sitemap.xml",
            "/events/nur-hier/thanks?done=confirmed",
            "/events/nur-mit-link/thanks?done=confirmed",
        )
    )
    return found


async def test_k2_k3_no_route_in_any_form_shows_what_is_hidden(
    attacked: Attacked, follower: PeerActor
) -> None:
    asked = targets(attacked)
    assert len(asked) > 150
    for target, accept in itertools.product(sorted(asked), ACCEPTS):
        status, text = await attacked.page(target, Accept=accept)
        assert status < 500, (target, accept)
        plain = text.replace("\r\n ", "")
        found = [word for word in NEVER if word in plain]
        assert not found, (target, accept, found)
        if LINKED.match(target) is None:
            # A name that was asked for comes back in an id; nothing else may tell of it.
            unasked = [word for word in BY_LINK if word in plain and word not in target]
            assert not unasked, (target, accept, unasked)


async def test_k1_k2_k6_k9_no_delivery_carries_what_is_hidden(
    attacked: Attacked, follower: PeerActor
) -> None:
    sent = [one for one in attacked.peer.requests if one.method == "POST"]
    assert any("Folgende-Kreis" in one.body.decode() for one in sent), "followers are told"
    for one in sent:
        body = one.body.decode()
        assert not [word for word in NEVER if word in body], body
        assert "Nurmitlink-Kreis" not in body
        assert "bto" not in one.json
        assert "bcc" not in one.json
    stored = b"".join(row[0] or b"" for row in attacked.rows("SELECT body FROM activity"))
    assert not [word for word in (*NEVER, "Nurmitlink-Kreis") if word.encode() in stored]


@pytest.mark.parametrize(
    "path",
    [
        "/events/{}",
        "/events/{}.ics",
        "/events/{}/replies",
        "/events/{}/thanks?done=confirmed",
        "/reflections/{}",
        "/reflections/{}/replies",
    ],
)
@pytest.mark.parametrize("accept", [HTML, AS2])
async def test_k4_what_is_hidden_and_what_never_was_look_the_same(
    attacked: Attacked, follower: PeerActor, path: str, accept: str
) -> None:
    absent = await attacked.ask("GET", path.format("nie-da-gewesen"), {"Accept": accept})
    assert absent.status == 404
    hidden = ("nur-hier", "weg-und-nur-hier", "hier-geblieben", "wartet", "entwurf", "zurueck")
    for slug in (*hidden, "abgelehnt"):
        there = await attacked.ask("GET", path.format(slug), {"Accept": accept})
        assert there.status == 404, (slug, there.status)
        assert there.body.replace(slug.encode(), b"") == absent.body.replace(b"nie-da-gewesen", b"")


async def test_k4_a_form_tells_nothing_of_what_is_hidden(attacked: Attacked) -> None:
    answers = set()
    for slug in ("nur-hier", "weg-und-nur-hier", "nie-da-gewesen"):
        async with attacked.refused():
            status, text, _ = await attacked.form(f"/events/{slug}/come", {"name": "Mo"})
        answers.add((status, text))
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1


async def test_k7_no_follower_and_no_guest_is_named(
    attacked: Attacked, follower: PeerActor
) -> None:
    await attacked.form("/events/offen/come", {"name": "Gast-4717", "reach": "Tel-4718"})
    join = follower.activity("Join", f"{attacked.url}/events/offen")
    assert (await attacked.post(follower, join)).status == 202
    await attacked.settled()
    for target in targets(attacked):
        for accept in (HTML, AS2):
            _, text = await attacked.page(target, Accept=accept)
            for word in ("Gast-4717", "Tel-4718", follower.id):
                assert word not in text, (target, word)


async def test_k8_nothing_unlisted_or_of_the_desk_is_kept_by_shared_caches(
    attacked: Attacked,
) -> None:
    for path in ("/events/nur-mit-link", "/events/fuer-folgende.ics", "/reflections/leise"):
        answer = await attacked.ask("GET", path, {"Accept": HTML})
        assert (answer.header("Cache-Control") or "").startswith("private"), path
    for path in ("/desk", "/desk/events", "/events/offen", "/events/nur-hier"):
        async with attacked.steward.get(attacked.url + path, headers={"Accept": HTML}) as answer:
            assert answer.headers["Cache-Control"] == "no-store", path


async def test_k11_errors_tell_nothing_of_the_inside(attacked: Attacked) -> None:
    wrong = [
        await attacked.ask("GET", "/nothing/here", {"Accept": HTML}),
        await attacked.ask("POST", "/inbox", {"Content-Type": AS2}, b"{"),
        await attacked.ask("DELETE", "/events"),
        await attacked.ask("GET", "/events/%00"),
        await attacked.raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        await attacked.raw("NONSENSE\r\n\r\n"),
    ]
    for answer in wrong:
        assert 400 <= answer.status < 500
        told = answer.head.encode() + answer.body
        for word in (b"Traceback", b"/work", b"site-packages", b"aiohttp", b"Python", b"sqlite"):
            assert word not in told, (word, told)


async def test_k10_signed_out_nobody_reads_lists_of_the_desk(attacked: Attacked) -> None:
    await attacked.node.command("block", "feind-4719.example", "--reason", "Grund-4720")
    for target in targets(attacked):
        _, text = await attacked.page(target)
        assert "feind-4719" not in text, target
        assert "Grund-4720" not in text, target
