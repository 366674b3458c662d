"""“Follow from your own server”, with homes of every kind (FEP-3b86, OStatus), and none."""

from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.federation.peer import Peer
from tests.interop.asking import AS2, BROWSER, Answer, Asker
from tests.running_node import RunningNode, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

INTENT = "https://w3id.org/fep/3b86/"
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"


def lives_at(peer: Peer, name: str, **templates: str) -> str:
    """An account whose WebFinger shows these templates; its address."""
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": AS2, "href": peer.url(f"/users/{name}")},
        {"rel": "http://webfinger.net/rel/profile-page", "href": peer.url(f"/@{name}")},
    ]
    for intent, template in templates.items():
        rel = SUBSCRIBE if intent == "subscribe" else INTENT + intent
        links.append({"rel": rel, "template": template})
    resource = f"acct:{name}@{peer.host}"
    peer.jrd[resource] = {"subject": resource, "links": links}
    return f"@{name}@{peer.host}"


async def send(ask: Asker, address: str, **more: str) -> Answer:
    """Fill in the form and send it, from our own page."""
    fields = {"do": "follow", "about": "", "address": address} | more
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return await ask(
        "/from-your-server",
        BROWSER,
        method="POST",
        body=body.encode(),
        Content_Type="application/x-www-form-urlencoded",
        Sec_Fetch_Site="same-origin",
    )


async def test_a_follow_intent_comes_first(alder: RunningNode, ask: Asker, peer: Peer) -> None:
    home = lives_at(
        peer,
        "ana",
        subscribe=peer.url("/authorize?uri={uri}"),
        Object=peer.url("/see?id={object}"),
        Follow=peer.url("/intents/follow?on-success={on-success}&id={object}"),
    )

    answer = await send(ask, home)

    assert answer.status == 303
    group = quote(f"{alder.url}/group", safe="")
    assert answer.headers["Location"] == peer.url(f"/intents/follow?on-success=&id={group}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert [one.path for one in peer.requests] == ["/.well-known/webfinger"]


async def test_mastodon_has_the_older_template(alder: RunningNode, ask: Asker, peer: Peer) -> None:
    home = lives_at(peer, "ana", subscribe=peer.url("/authorize_interaction?uri={uri}"))

    answer = await send(ask, home.removeprefix("@"))

    group = quote(f"{alder.url}/group", safe="")
    assert answer.headers["Location"] == peer.url(f"/authorize_interaction?uri={group}")


async def test_a_server_alone_is_asked_by_its_own_account(
    alder: RunningNode, ask: Asker, peer: Peer
) -> None:
    lives_at(peer, "127.0.0.1", Follow=peer.url("/follow/{object}"))

    for typed in (peer.host, f"{peer.origin}/"):
        answer = await send(ask, typed)
        assert answer.headers["Location"].startswith(peer.url("/follow/http"))


@pytest.mark.parametrize(
    ("do", "intents", "first"),
    [
        ("join", ("Object", "Join", "subscribe"), "Join"),
        ("join", ("subscribe", "Object"), "Object"),
        ("share", ("Create", "Announce"), "Announce"),
        ("share", ("Create",), "Create"),
    ],
)
async def test_events_are_joined_and_passed_on(
    alder: RunningNode, ask: Asker, peer: Peer, do: str, intents: tuple[str, ...], first: str
) -> None:
    variable = {"Create": "{content}", "subscribe": "{uri}"}
    templates = {one: peer.url(f"/{one}?x={variable.get(one, '{object}')}") for one in intents}
    home = lives_at(peer, "ana", **templates)
    event = f"{alder.url}/events/listening-circle"

    answer = await send(ask, home, do=do, about=event)

    text = f"Listening circle {event}" if first == "Create" else event
    assert answer.headers["Location"] == peer.url(f"/{first}?x={quote(text, safe='')}")


@pytest.mark.parametrize(
    "template",
    [
        "https://elsewhere.example/follow?uri={uri}",
        "javascript:alert('{uri}')",
        "//elsewhere.example/{uri}",
        "http://127.0.0.1.elsewhere.example/{uri}",
        "http://127.0.0.1@elsewhere.example/{uri}",
        "follow me {uri}",
        "http://169.254.169.254/{uri}",
    ],
)
async def test_nobody_is_led_anywhere_but_home(
    alder: RunningNode, ask: Asker, peer: Peer, template: str
) -> None:
    answer = await send(ask, lives_at(peer, "ana", Follow=template))

    assert answer.status == 200
    assert "Location" not in answer.headers
    assert "elsewhere" not in answer.text
    assert alder.address in answer.text


async def test_without_a_way_it_is_done_by_hand(alder: RunningNode, ask: Asker, peer: Peer) -> None:
    peer.serve("/nodeinfo")
    for home in (lives_at(peer, "ana"), f"@nobody@{peer.host}"):
        answer = await send(ask, home)
        assert answer.status == 200
        assert "quickly done by hand" in answer.text
        assert alder.address in answer.text
        assert f'value="{home}"' in answer.text


async def test_a_silent_server_is_named_as_such(alder: RunningNode, ask: Asker) -> None:
    answer = await send(ask, "@ana@127.0.0.1:9")

    assert answer.status == 200
    assert "does not answer" in answer.text


@pytest.mark.parametrize(
    "typed", ["", "ana", "@@", "mailto:ana@example.org", "<b>", "@a@b@c", "x" * 5000]
)
async def test_what_is_no_address_is_said_to_be_none(
    alder: RunningNode, ask: Asker, typed: str
) -> None:
    answer = await send(ask, typed)

    assert answer.status == 422
    assert "does not look like an address" in answer.text
    assert "<b>" not in answer.text


async def test_our_own_address_and_the_network_around_us_are_not_asked(
    alder: RunningNode, ask: Asker
) -> None:
    for home in (alder.address, "@ana@169.254.169.254", "@ana@0.0.0.0"):
        answer = await send(ask, home)
        assert answer.status in (200, 422), answer.text
        assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"links": {}}', '{"links": [null, 1, {"rel": 1, "template": []}]}']
)
async def test_odd_answers_lead_nowhere(
    alder: RunningNode, ask: Asker, peer: Peer, body: str
) -> None:
    peer.serve("/.well-known/webfinger", body, content_type="application/jrd+json")

    assert (await send(ask, f"@ana@{peer.host}")).status == 200


@pytest.mark.parametrize(
    ("do", "about"),
    [
        ("follow", "https://hills.example/group"),
        ("join", ""),
        ("join", "/events/none"),
        ("join", "/reflections/moss"),
        ("share", "/group"),
        ("share", "https://elsewhere.example/"),
        ("like", "/events/listening-circle"),
    ],
)
async def test_only_what_is_ours_to_offer_has_a_form(
    alder: RunningNode, ask: Asker, do: str, about: str
) -> None:
    about = alder.url + about if about.startswith("/") else about
    address = f"/from-your-server?do={do}&about={quote(about, safe='')}"

    assert (await ask(address, BROWSER)).status == 404
    assert (await send(ask, "@ana@127.0.0.1:9", do=do, about=about)).status == 404


async def test_a_form_of_another_site_is_refused(alder: RunningNode, ask: Asker) -> None:
    answer = await ask(
        "/from-your-server",
        BROWSER,
        method="POST",
        body=b"do=follow&about=&address=x",
        Content_Type="application/x-www-form-urlencoded",
        Sec_Fetch_Site="cross-site",
    )
    assert answer.status == 403


async def test_the_page_may_lead_out_and_no_other(alder: RunningNode, ask: Asker) -> None:
    page = await ask("/from-your-server", BROWSER)
    assert "form-action 'self' https: http:" in page.headers["Content-Security-Policy"]
    assert "noindex" in page.headers["X-Robots-Tag"]
    home = await ask("/", BROWSER)
    assert "form-action 'self';" in home.headers["Content-Security-Policy"]
    assert 'href="/from-your-server?do=follow"' in home.text


async def test_a_followers_only_event_is_not_offered(alder: RunningNode, ask: Asker) -> None:
    quiet = {
        "id": "quiet-circle",
        "title": "Quiet circle",
        "start_local": "2031-06-15T15:00:00",
        "timezone": "Europe/Berlin",
        "visibility": "followers_and_link",
    }
    await alder.command("event", "add", "-", stdin=quiet)
    about = quote(f"{alder.url}/events/quiet-circle", safe="")

    assert (await ask(f"/from-your-server?do=join&about={about}", BROWSER)).status == 404


async def test_our_own_stewards_are_led_to_the_desk(alder: RunningNode, ask: Asker) -> None:
    """What our WebFinger offers to other sites leads to a page that exists, with the group filled in."""
    answer = await ask(f"/.well-known/webfinger?resource=acct:{alder.address[1:]}")
    templates = {link["rel"]: link.get("template", "") for link in answer.json["links"]}
    for relation, variable in ((SUBSCRIBE, "{uri}"), (INTENT + "Follow", "{object}")):
        url = templates[relation].replace(variable, "https%3A%2F%2Fhills.example%2Fgroup")
        sent = await ask(url, BROWSER)
        assert sent.status == 303
        assert sent.headers["Location"].startswith("/sign-in?next=/desk/neighbours")


async def test_one_who_asks_too_often_has_to_wait(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each question goes to a server that the asker names."""
    async with (
        Peer.start() as peer,
        running_node(tmp_path_factory.mktemp("asked"), "birch") as birch,
        aiohttp.ClientSession() as session,
    ):
        home = lives_at(peer, "ana", Follow=peer.url("/{object}"))
        answers = [await send(Asker(session, birch.url), home) for _ in range(61)]
    assert [one.status for one in answers] == [303] * 60 + [429]
    assert len(peer.requests) == 60
