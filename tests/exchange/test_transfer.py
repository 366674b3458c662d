"""Import and export against a real database."""

import copy
from datetime import timedelta

import pytest

from node.errors import InvalidDocumentError, RefusedError
from node.exchange.check import check_document
from node.sample import load
from node.services.transfer import export_document, import_document
from node.store import events, groups, outbox, reflections
from tests.exchange.documents import (
    a_document,
    a_group,
    a_practice,
    a_reflection,
    an_event,
)

SLUGS = [group["slug"] for group in load()["groups"]]


async def take(node, document, now, slug=None):
    return await node.write(
        lambda session: import_document(session, document, group_slug=slug, now=now)
    )


async def give(node, **options):
    return await node.read(lambda session: export_document(session, **options))


async def told(node):
    """What waits in the outbox, oldest first, and is taken out of it."""

    def empty(session):
        rows = session.rows("SELECT seq, kind, subject FROM outbox_entry ORDER BY seq")
        for row in rows:
            outbox.discard(session, row["seq"])
        return [(row["kind"], row["subject"]) for row in rows]

    return await node.write(empty)


def only(document, slug):
    """What must come back of a document: one group and its own, everything else whole."""
    of_group = {
        section: [one for one in document[section] if one["group"] == slug]
        for section in ("events", "reflections", "practices")
    }
    groups_ = [group for group in document["groups"] if group["slug"] == slug]
    return {**document, "groups": groups_, **of_group}


def withdrawn_last(document):
    gone = [one for one in document["reflections"] if one["status"] == "withdrawn"]
    there = [one for one in document["reflections"] if one["status"] != "withdrawn"]
    return document | {"reflections": there + gone}


@pytest.mark.parametrize("slug", SLUGS)
async def test_import_then_export_gives_back_an_equal_document(node, now, slug):
    document = load()
    await take(node, document, now, slug)
    exported = await give(node)
    assert exported == withdrawn_last(only(document, slug))
    assert list(exported) == list(document)
    assert check_document(exported) == []


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_second_import_changes_and_tells_nothing(node, now, slug):
    await take(node, load(), now, slug)
    await told(node)
    again = await take(node, await give(node), now + timedelta(hours=1))
    counts = (again.events, again.reflections, again.practices)
    assert [(one.added, one.changed, one.withdrawn) for one in counts] == [(0, 0, 0)] * 3
    assert await told(node) == []


async def test_odd_but_valid_content_comes_back_to_the_letter(node, now):
    odd = {"title": "\x00<b>\u202e", "unknown": {"deep": [1, 1.0, True, None, 1e-7, "\u2028"]}}
    document = a_document(events=[an_event(group="norcal") | odd], more=[odd], _meta={"v": 1})
    imported = await take(node, document, now)
    assert await give(node) == document
    assert [one.path for one in imported.warnings] == ["events[0].unknown"]


async def test_nothing_is_stored_when_anything_is_refused(node, now):
    before = await give(node)
    document = a_document(practices=[a_practice(body=5)], events=[an_event(timezone="x")])
    with pytest.raises(InvalidDocumentError) as refusal:
        await take(node, document, now)
    assert [problem.path for problem in refusal.value.problems] == [
        "events[0].timezone",
        "practices[0].body",
    ]
    assert await give(node) == before
    assert await told(node) == []


async def test_the_group_is_the_named_one_the_only_one_or_that_of_the_handle(node, now):
    two = a_document(groups=[a_group(slug="berlin"), a_group()])
    assert (await take(node, two, now, "berlin")).group == "berlin"
    assert (await take(node, two, now)).group == "norcal"
    assert (await take(node, {"groups": [a_group(slug="bogota")]}, now)).group == "bogota"
    strangers = {"groups": [a_group(slug="a"), a_group(slug="b")]}
    with pytest.raises(RefusedError, match="a, b"):
        await take(node, strangers, now)
    with pytest.raises(RefusedError, match="“c”"):
        await take(node, strangers, now, "c")


async def test_the_profile_is_replaced_and_the_handle_stays(node, now):
    await take(node, {"groups": [a_group(slug="berlin", name="Hinterhof")]}, now)
    group = await node.read(groups.get)
    assert (group.handle, group.slug, group.name.text) == ("norcal", "berlin", "Hinterhof")
    assert await told(node) == [("update_group", "")]


async def test_things_follow_their_group_to_a_new_slug(node, now):
    await take(node, a_document(), now)
    await take(node, {"groups": [a_group(slug="estuary")]}, now)
    exported = await give(node)
    assert [one["group"] for one in exported["events"]] == ["estuary"]
    assert check_document(exported) == []


async def test_only_what_is_ahead_or_published_is_announced(node, now):
    past = {"start_local": "2027-02-20T09:00:00", "end_local": None}
    open_date = {"status": "postponed", "start_local": None, "end_local": None}
    await take(
        node,
        {
            "groups": [a_group()],
            "events": [
                an_event(),
                an_event(id="past") | past,
                an_event(id="open") | open_date,
                an_event(id="here", visibility="local_only"),
                an_event(id="link", visibility="link_only"),
                an_event(id="quiet", federate=False),
                an_event(id="followers", visibility="followers_and_link"),
            ],
            "reflections": [
                a_reflection(),
                a_reflection(id="waiting", status="pending_review"),
                a_reflection(id="own", consent={"publish": True, "federate": False}),
            ],
        },
        now,
    )
    assert await told(node) == [
        ("update_group", ""),
        ("create_event", "low-tide"),
        ("create_event", "open"),
        ("create_event", "followers"),
        ("create_reflection", "heron"),
    ]


async def test_changes_are_told_by_what_was_and_is(node, now):
    past = {"start_local": "2027-02-20T09:00:00", "end_local": None}
    ids = ("changed", "closed", "opened", "same")
    before = [an_event(id=name) for name in ids] + [an_event(id="past") | past]
    before[2]["visibility"] = "local_only"
    words = [
        a_reflection(id="words"),
        a_reflection(id="back"),
        a_reflection(id="accepted", status="draft"),
    ]
    await take(node, a_document(events=before, reflections=words), now)
    await told(node)
    after = [one | {"tags": ["new"], "visibility": "public"} for one in before]
    after[1]["visibility"], after[3] = "local_only", before[3]
    rewritten = [one | {"body": "New.", "status": "published"} for one in words]
    rewritten[1]["status"] = "pending_review"
    imported = await take(node, a_document(events=after, reflections=rewritten), now)
    assert await told(node) == [
        ("update_event", "changed"),
        ("delete_event", "closed"),
        ("create_event", "opened"),
        ("update_reflection", "words"),
        ("delete_reflection", "back"),
        ("create_reflection", "accepted"),
    ]
    assert (imported.events.changed, imported.events.unchanged) == (4, 1)


async def test_what_is_gone_is_never_revived(node, now):
    await take(node, a_document(), now)

    def end(session):
        events.remove(session, "low-tide", now)
        reflections.withdraw(session, "heron", now)

    await node.write(end)
    with pytest.raises(RefusedError, match="low-tide, heron"):
        await take(node, a_document(), now)


async def test_a_withdrawn_reflection_leaves_only_its_id_and_day(node, now):
    stub = {
        "id": "gone",
        "type": "Reflection",
        "group": "norcal",
        "status": "withdrawn",
        "withdrawn": "2027-02-27T10:00:00Z",
    }
    words = stub | {"title": None, "body": "must not be kept", "language": "en"}
    imported = await take(node, a_document(reflections=[words]), now)
    assert imported.reflections.withdrawn == 1
    assert (await give(node))["reflections"] == [stub]
    assert ("create_reflection", "gone") not in await told(node)
    with pytest.raises(RefusedError, match="gone"):
        await take(node, a_document(reflections=[a_reflection(id="gone")]), now)


async def test_a_withdrawal_in_the_file_takes_back_what_is_here(node, now):
    await take(node, a_document(), now)
    await told(node)
    gone = {"id": "heron", "status": "withdrawn"}
    await take(node, a_document(reflections=[gone]), now)
    assert await told(node) == [("delete_reflection", "heron")]
    assert await node.read(reflections.withdrawn) == [("heron", now)]


def texts(value):
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts(child)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("slug", SLUGS)
async def test_the_public_export_holds_nothing_that_is_not_public(node, now, slug):
    document = load()
    for one in document["events"] + document["reflections"] + document["practices"]:
        one["note_to_self"] = "secret"
    await take(node, document, now, slug)
    public = await give(node, public_only=True)
    assert check_document(public) == []
    assert set(public) == {"groups", "events", "reflections", "practices"}
    assert all(one["visibility"] == "public" for one in public["events"] + public["reflections"])
    assert all(one["status"] == "published" for one in public["reflections"])
    hidden = {"private", "note_to_self", "secret"}
    for event in document["events"]:
        hidden |= set(texts((event.get("location") or {}).get("private") or {}))
        online = event.get("online") or {}
        hidden |= {online["url"]} if online.get("url_visibility") == "on_registration" else set()
    hidden -= {"name", "address", "lat", "lon", "directions"}
    assert hidden.isdisjoint(texts(public))


async def test_a_hidden_place_is_public_only_in_rough(node, now):
    location = {
        "visibility": "area_only",
        "name": "Blue house",
        "directions": "Second door",
        "lat": 50.1234,
        "lon": 5.5678,
        "public_area": "Near the station",
    }
    await take(node, a_document(events=[an_event(location=location)]), now)
    [event] = (await give(node, public_only=True))["events"]
    assert event["location"] == {
        "visibility": "area_only",
        "lat": 50.1,
        "lon": 5.6,
        "public_area": "Near the station",
    }


async def test_the_document_that_was_given_is_left_alone(node, now):
    document = load()
    kept = copy.deepcopy(document)
    await take(node, document, now, "norcal")
    assert document == kept
