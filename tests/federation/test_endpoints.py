"""What other servers get when they ask, over real HTTP, from a real database."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pytest_aiohttp import AiohttpClient

from federation import endpoints, routes
from federation.render import activity
from federation.render.encode import encode
from federation.render.event import event as render_event
from federation.render.reflection import reflection as render_reflection
from federation.signatures import SigningKey
from node.config import check
from node.domain.event import Event
from node.domain.reflection import Reflection
from node.errors import RoughweatherError
from node.keys import CLOCK, CONFIG, DATABASE, URLS
from node.store import (
    activities,
    events,
    followers,
    groups,
    keypairs,
    notices,
    reflections,
    replies,
)
from node.store.activities import NewActivity
from node.store.database import Database, Session
from node.store.replies import ReplyState
from node.urls import Urls
from tests.federation import samples, universal_event

URL = Urls("https://norcal.example")
AP = {"Accept": "application/activity+json"}
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
NOW = datetime(2031, 2, 1, 12, tzinfo=UTC)
ACCEPTS = (
    "application/activity+json",
    "application/ld+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    "application/activity+json;q=0.9, text/html;q=0.1",
    "APPLICATION/ACTIVITY+JSON",
)

Site = TestClient[web.Request, web.Application]


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The least that the composition root does with our errors."""
    try:
        return await handler(request)
    except RoughweatherError as error:
        return web.json_response({"error": str(error)}, status=error.status)


@pytest.fixture
async def site(
    database: Database, clock: Any, rsa_keys: tuple[SigningKey, ...], aiohttp_client: AiohttpClient
) -> Site:
    clock.set(NOW)
    await database.write(lambda session: _fill(session, rsa_keys))
    app = web.Application(middlewares=[errors_as_json])
    routes.prepare(app)
    app[DATABASE] = database
    app[CLOCK] = clock
    app[CONFIG] = check(Path(), {"url": URL.origin})
    app[URLS] = URL
    app.add_routes(
        [
            web.get("/group", endpoints.activity_group),
            web.get("/events/{slug}", endpoints.activity_event),
            web.get("/reflections/{slug}", endpoints.activity_reflection),
            *routes.routes(),
        ]
    )
    return await aiohttp_client(app)


def _fill(session: Session, keys: tuple[SigningKey, ...]) -> None:
    for name, key in zip(("group", "instance"), keys, strict=False):
        pair = keypairs.StoredKeypair(private_pem="(not needed here)", public_pem=key.public_pem())
        keypairs.add(session, name, pair, NOW)  # type: ignore[arg-type]
    for document in (
        *samples.EVENTS.values(),
        samples.LOCAL_ONLY,
        samples.IN_PERSON | {"id": "not-sent", "federate": False},
    ):
        put_event(session, document)
    for document in samples.REFLECTIONS.values():
        reflection = Reflection.from_document(document, "en")
        reflections.add(session, reflection, document, samples.CREATED)
    notices.add(session, samples.NOTICE)


def put_event(session: Session, document: dict[str, Any]) -> None:
    events.add(session, Event.from_document(document, ("en",)), document, samples.CREATED)


def put_create(session: Session, name: str, document: dict[str, Any], at: datetime = NOW) -> None:
    """As the outbox worker does it."""
    made = activity.create(URL.activity(name), document)
    activities.add(
        session,
        NewActivity(
            id=made["id"],
            type="Create",
            object_id=document["id"],
            body=encode(made),
            digest="SHA-256=x",
            signer="group",
            public=PUBLIC in document["to"],
            published=at,
        ),
    )


def event_document(session: Session, slug: str) -> dict[str, Any]:
    return render_event(events.get(session, slug), groups.get(session), URL, NOW)


async def get(site: Site, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    response = await site.get(path, headers=AP | headers, allow_redirects=False)
    return response.status, json.loads(await response.read() or b"{}")


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize(
    "path", ["/group", "/instance", "/events/spring-day", "/reflections/mousse"]
)
async def test_document_is_at_its_own_id(site: Site, path: str, accept: str) -> None:
    response = await site.get(path, headers={"Accept": accept}, allow_redirects=False)
    document = json.loads(await response.read())
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/activity+json"
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert document["id"] == URL.origin + path
    assert document["@context"][0] == "https://www.w3.org/ns/activitystreams"


async def test_actor_has_what_every_server_asks_for(site: Site) -> None:
    _, actor = await get(site, "/group")
    assert actor["type"] == "Group"
    key = load_pem_public_key(actor["publicKey"]["publicKeyPem"].encode())
    assert isinstance(key, RSAPublicKey)
    assert key.key_size >= 2048
    assert actor["publicKey"]["owner"] == actor["id"]
    assert actor["publicKey"]["id"].partition("#")[0] == actor["id"]
    assert 1 <= len(actor["name"]) <= 128
    assert len(actor["summary"]) <= 2048
    for member in (
        "inbox",
        "outbox",
        "followers",
        "following",
        "featured",
        "url",
        "upcomingEvents",
    ):
        assert actor[member].startswith(URL.origin), member
    assert actor["endpoints"]["sharedInbox"] == URL.shared_inbox
    assert (actor["discoverable"], actor["indexable"]) == (True, True)


async def test_webfinger_and_actor_lead_to_each_other(site: Site) -> None:
    _, actor = await get(site, "/group")
    asked = f"acct:{actor['preferredUsername']}@norcal.example"
    response = await site.get("/.well-known/webfinger", params={"resource": asked})
    document = json.loads(await response.read())
    assert response.headers["Content-Type"] == "application/jrd+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert document["subject"] == asked
    assert document["links"][0]["href"] == actor["id"]
    assert (await get(site, "/.well-known/webfinger?resource=acct:x@norcal.example"))[0] == 404
    assert (await get(site, "/.well-known/webfinger?resource==acct:x@norcal.example"))[0] == 400


async def test_node_actor_is_found_from_nodeinfo(site: Site) -> None:
    _, links = await get(site, "/.well-known/nodeinfo")
    by_rel = {link["rel"]: link["href"] for link in links["links"]}
    application = by_rel["https://www.w3.org/ns/activitystreams#Application"]
    _, document = await get(site, application.removeprefix(URL.origin))
    assert document["type"] == "Application"
    for version in ("2.0", "2.1"):
        response = await site.get(f"/nodeinfo/{version}")
        assert f'schema/{version}#"' in response.headers["Content-Type"]
        assert (await response.json())["software"]["name"] == "roughweather"
    assert (await get(site, "/api/v1/instance"))[1]["uri"] == "norcal.example"


async def test_host_meta_as_xml_and_json(site: Site) -> None:
    response = await site.get("/.well-known/host-meta")
    assert response.content_type == "application/xrd+xml"
    assert "{uri}" in await response.text()
    status, document = await get(site, "/.well-known/host-meta")
    assert (status, document["links"][0]["rel"]) == (200, "lrdd")


async def test_events_are_served_as_the_profile_says(site: Site) -> None:
    for name, document in samples.EVENTS.items():
        status, sent = await get(site, f"/events/{document['id']}")
        if name == "followers-only":
            assert status == 404
        else:
            universal_event.check(sent)


@pytest.mark.parametrize(
    "slug", ["for-us", "for-followers", "not-sent", "never-was", "No%20Slug", "x" * 300]
)
async def test_what_is_not_for_everyone_is_404(site: Site, slug: str) -> None:
    assert (await get(site, f"/events/{slug}"))[0] == 404
    assert (await get(site, f"/events/{slug}/replies"))[0] == 404


async def test_removed_event_leaves_a_tombstone(site: Site, database: Database) -> None:
    assert (await get(site, "/events/spring-day"))[0] == 200
    await database.write(lambda session: events.remove(session, "spring-day", NOW))
    status, stone = await get(site, "/events/spring-day")
    assert status == 410
    assert stone == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://norcal.example/events/spring-day",
        "type": "Tombstone",
        "formerType": "Event",
        "deleted": "2031-02-01T12:00:00Z",
    }


async def test_withdrawn_reflection_leaves_a_tombstone_and_hidden_things_leave_none(
    site: Site, database: Database
) -> None:
    await database.write(lambda session: reflections.withdraw(session, "mousse", NOW))
    status, stone = await get(site, "/reflections/mousse")
    assert (status, stone["type"], stone["formerType"]) == (410, "Tombstone", "Note")
    await database.write(lambda session: events.remove(session, "for-us", NOW))
    assert (await get(site, "/events/for-us"))[0] == 404


async def test_notice_goes_with_its_event(site: Site, database: Database) -> None:
    status, note = await get(site, f"/notices/{samples.NOTICE.id}")
    assert (status, note["inReplyTo"]) == (200, URL.event("cancelled-hour"))
    await database.write(lambda session: events.remove(session, "cancelled-hour", NOW))
    status, stone = await get(site, f"/notices/{samples.NOTICE.id}")
    assert (status, stone["type"]) == (410, "Tombstone")


@pytest.mark.parametrize(
    ("path", "original"),
    [
        ("/events/cancelled-hour/note", "/events/cancelled-hour"),
        (f"/notices/{samples.NOTICE.id}/note", f"/notices/{samples.NOTICE.id}"),
    ],
)
async def test_what_stands_for_an_event_can_be_had_and_goes_with_it(
    site: Site, database: Database, path: str, original: str
) -> None:
    status, note = await get(site, path)
    assert (status, note["type"], note["id"]) == (200, "Note", URL.origin + path)
    assert URL.original(note["id"]) == URL.origin + original
    await database.write(lambda session: events.remove(session, "cancelled-hour", NOW))
    status, stone = await get(site, path)
    assert (status, stone["type"], stone["formerType"]) == (410, "Tombstone", "Note")
    assert stone["id"] == note["id"]


@pytest.mark.parametrize("slug", ["for-us", "not-sent", "never", "followers-only", "a--b", "A"])
async def test_no_note_stands_for_what_is_not_for_everyone(site: Site, slug: str) -> None:
    assert (await get(site, f"/events/{slug}"))[0] == 404
    assert (await get(site, f"/events/{slug}/note"))[0] == 404


async def test_changed_event_is_fresh_at_once(site: Site, database: Database) -> None:
    first = await site.get("/events/spring-day", headers=AP)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert (await site.get("/events/spring-day", headers=AP | tag)).status == 304
    changed = samples.IN_PERSON | {"title": "Summer day"}
    await database.write(
        lambda session: events.update(session, Event.from_document(changed, ("en",)), changed, NOW)
    )
    status, document = await get(site, "/events/spring-day", **tag)
    assert (status, document["name"]) == (200, "Summer day")


async def test_head_has_the_headers_of_get(site: Site) -> None:
    for path in ("/group", "/instance", "/group/outbox", "/.well-known/nodeinfo", "/nodeinfo/2.1"):
        got = await site.get(path, headers=AP)
        head = await site.head(path, headers=AP)
        assert head.status == got.status == 200
        assert await head.read() == b""
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert head.headers[name] == got.headers[name], (path, name)


async def test_inboxes_are_for_posting(site: Site) -> None:
    for path in ("/inbox", "/group/inbox"):
        response = await site.get(path)
        assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_followers_are_counted_and_never_listed(site: Site, database: Database) -> None:
    assert (await get(site, "/group/followers"))[1]["totalItems"] == 0
    await database.write(
        lambda session: followers.put(
            session,
            actor_id="https://peer.example/u/ana",
            inbox="https://peer.example/u/ana/inbox",
            shared_inbox=None,
            host="peer.example",
            follow_id="https://peer.example/f/1",
            follow={},
            now=NOW,
        )
    )
    response = await site.get("/group/followers", headers=AP)
    text = await response.text()
    document = json.loads(text)
    assert (document["type"], document["totalItems"]) == ("OrderedCollection", 1)
    assert "first" not in document
    assert "ana" not in text
    assert (await get(site, "/group/following"))[1]["totalItems"] == 0


async def test_featured_are_ids_and_lose_what_is_over(site: Site, clock: Any) -> None:
    _, before = await get(site, "/group/featured")
    assert all(isinstance(one, str) for one in before["orderedItems"])
    assert before["orderedItems"][0] == URL.event("cancelled-hour")
    assert URL.event("spring-day") in before["orderedItems"]
    assert URL.reflection("mousse") in before["orderedItems"]
    assert URL.event("for-followers") not in before["orderedItems"]
    clock.set(datetime(2031, 4, 20, 12, tzinfo=UTC))
    _, after = await get(site, "/group/featured")
    assert URL.event("spring-day") not in after["orderedItems"]


async def test_upcoming_are_whole_events_by_start(site: Site) -> None:
    status, document = await get(site, "/group/upcoming")
    starts = [datetime.fromisoformat(one["startTime"]) for one in document["orderedItems"]]
    assert (status, document["type"]) == (200, "OrderedCollection")
    assert starts == sorted(starts)
    assert document["totalItems"] == len(starts) == 8
    assert all(one["type"] == "Event" and "@context" not in one for one in document["orderedItems"])
    assert "postponed" not in json.dumps([one["id"] for one in document["orderedItems"]])


async def test_outbox_pages_through_every_create_newest_first(
    site: Site, database: Database
) -> None:
    def publish(session: Session) -> None:
        for number in range(45):
            slug = f"meeting-{number}"
            put_event(session, samples.ONLINE_HIDDEN | {"id": slug})
            put_create(
                session,
                f"a{number}",
                event_document(session, slug),
                NOW + timedelta(minutes=number),
            )

    await database.write(publish)
    _, head = await get(site, "/group/outbox")
    assert head["totalItems"] == 45
    seen, following = [], head["first"]
    while following:
        _, page = await get(site, following.removeprefix(URL.origin))
        assert page["id"] == following
        assert page["partOf"] == head["id"]
        seen += [one["object"]["id"] for one in page["orderedItems"]]
        assert all(one["type"] == "Create" for one in page["orderedItems"])
        following = page.get("next")
    assert seen == [URL.event(f"meeting-{number}") for number in reversed(range(45))]


async def test_outbox_forgets_what_was_withdrawn_or_hidden(site: Site, database: Database) -> None:
    def publish(session: Session) -> None:
        put_create(session, "a1", event_document(session, "spring-day"))
        put_create(session, "a2", event_document(session, "lesekreis"))
        told = render_reflection(reflections.get(session, "mousse"), groups.get(session), URL)
        put_create(session, "a3", told)

    def withdraw(session: Session) -> None:
        reflections.withdraw(session, "mousse", NOW)
        hidden = samples.HYBRID | {"visibility": "link_only"}
        events.update(session, Event.from_document(hidden, ("en",)), hidden, NOW)

    await database.write(publish)
    assert len((await get(site, "/group/outbox?page=true"))[1]["orderedItems"]) == 3
    await database.write(withdraw)
    _, page = await get(site, "/group/outbox?page=true")
    assert [one["object"]["id"] for one in page["orderedItems"]] == [URL.event("spring-day")]
    assert (await get(site, "/activities/a1"))[0] == 200
    assert (await get(site, "/activities/a2"))[0] == 404
    assert (await get(site, "/activities/a3"))[0] == 410


async def test_activity_shows_its_object_as_it_is_now(site: Site, database: Database) -> None:
    secret = samples.IN_PERSON["location"]["address"]
    await database.write(
        lambda session: put_create(session, "a1", event_document(session, "spring-day"))
    )
    _, before = await get(site, "/activities/a1")
    assert secret in before["object"]["content"]
    assert (before["id"], before["published"]) == (
        URL.activity("a1"),
        before["object"]["published"],
    )
    hidden = samples.IN_PERSON | {
        "location": samples.IN_PERSON["location"] | {"visibility": "area_only"}
    }
    await database.write(
        lambda session: events.update(session, Event.from_document(hidden, ("en",)), hidden, NOW)
    )
    _, after = await get(site, "/activities/a1")
    assert secret not in json.dumps(after)


async def test_activity_that_was_not_for_everyone_is_404(site: Site, database: Database) -> None:
    await database.write(
        lambda session: put_create(session, "a1", event_document(session, "for-followers"))
    )
    assert (await get(site, "/activities/a1"))[0] == 404
    assert (await get(site, "/activities/never"))[0] == 404


@pytest.mark.parametrize("before", ["x", "-1", "٣", "1" * 40, ""])
async def test_nonsense_page_is_400(site: Site, before: str) -> None:
    assert (await get(site, f"/group/outbox?page=true&before={before}"))[0] == 400


async def test_replies_are_those_the_stewards_accepted(site: Site, database: Database) -> None:
    def answer(session: Session) -> None:
        for name, state, public in (
            ("1", "accepted", True),
            ("2", "pending", True),
            ("3", "accepted", False),
        ):
            put_reply(session, f"https://peer.example/n/{name}", public=public)
            replies.decide(session, f"https://peer.example/n/{name}", ReplyState(state))

    await database.write(answer)
    _, event = await get(site, "/events/spring-day")
    _, collection = await get(site, event["replies"].removeprefix(URL.origin))
    assert collection["orderedItems"] == ["https://peer.example/n/1"]
    assert (await get(site, "/reflections/mousse/replies"))[1]["orderedItems"] == []


def put_reply(session: Session, reply_id: str, *, public: bool) -> None:
    reply = samples.a_reply(reply_id, URL.event("spring-day"), public=public, published=NOW)
    replies.add(session, reply, now=NOW)


async def test_nothing_secret_is_in_any_document(site: Site, database: Database) -> None:
    def publish(session: Session) -> None:
        for number, document in enumerate(samples.EVENTS.values()):
            put_create(session, f"a{number}", event_document(session, document["id"]))

    await database.write(publish)
    paths = ["/group", "/instance", "/group/outbox", "/group/outbox?page=true", "/group/featured"]
    paths += ["/group/upcoming", "/instance/outbox", "/nodeinfo/2.1", "/api/v1/instance"]
    paths += [f"/events/{document['id']}" for document in samples.EVENTS.values()]
    paths += [f"/reflections/{document['id']}" for document in samples.REFLECTIONS.values()]
    secrets = (
        samples.SECRET_LINK,
        samples.SECRET_PLACE,
        samples.SECRET_ADDRESS,
        samples.SECRET_AUTHOR,
    )
    for path in paths:
        text = await (await site.get(path, headers=AP)).text()
        for secret in (
            *secrets,
            str(samples.SECRET_LATITUDE),
            "for-us",
            "for-followers",
            "PRIVATE",
        ):
            assert secret not in text, (path, secret)


async def test_every_address_we_hand_out_is_https_without_fragment(site: Site) -> None:
    for path in (
        "/group",
        "/instance",
        "/events/spring-day",
        "/reflections/mousse",
        "/group/upcoming",
    ):
        _, document = await get(site, path)
        for address in addresses(document):
            assert address.startswith("https://"), address
            assert len(address) <= 512
            assert "#" not in address or address.endswith(("#main-key", "#Public")), address


def addresses(value: Any) -> list[str]:
    """Every web address outside contexts and texts."""
    if isinstance(value, dict):
        return [
            one for key, inner in value.items() if key != "@context" for one in addresses(inner)
        ]
    if isinstance(value, list):
        return [one for inner in value for one in addresses(inner)]
    return [value] if isinstance(value, str) and value.startswith("http") else []
