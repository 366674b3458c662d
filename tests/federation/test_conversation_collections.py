"""replies, likes, shares and context of what we published: who may see what, and which numbers."""

from datetime import timedelta
from typing import Any

import pytest

from node.domain.reflection import Reflection
from node.store import comments, events, groups, reflections, replies, witnesses
from node.store.comments import Comment
from node.store.database import Database, Session
from node.store.replies import ReplyState
from node.store.witnesses import Witness
from tests.federation import samples
from tests.federation.samples import CREATED, NOW, a_reply
from tests.federation.test_endpoints import URL, Site, get, site

__all__ = ["site"]

EVENT = URL.event("spring-day")
MOSS = URL.reflection("mousse")
OUT_OF_IT = samples.POEM | {
    "id": "out-of-it",
    "event": "spring-day",
    "published": "2031-01-20T10:00:00Z",
}


def like(session: Session, thing: str, who: str, kind: Any = "like") -> None:
    witnesses.add(
        session,
        Witness(
            activity_id=f"https://peer.example/{kind}/{who}",
            actor_id=f"https://peer.example/u/{who}",
            object_id=thing,
            kind=kind,
            created=NOW,
        ),
    )


def put_reflection(session: Session, document: dict[str, Any]) -> None:
    reflections.add(session, Reflection.from_document(document, "en"), document, CREATED)


def put_accepted(session: Session, reply_id: str, root: str, **more: Any) -> None:
    replies.add(session, a_reply(reply_id, root, **more), now=NOW)
    replies.decide(session, reply_id, ReplyState.ACCEPTED)


def put_comment(session: Session, name: str, parent: str, root: str) -> None:
    comments.add(
        session,
        Comment(
            id=name,
            in_reply_to=parent,
            actor_id="https://peer.example/u/ana",
            handle="ana@peer.example",
            root=root,
            content="Welcome & thank you",
            language="en",
            created=NOW + timedelta(days=1),
        ),
    )


@pytest.mark.parametrize("path", ["/events/spring-day", "/reflections/mousse", "/notices/01kg5z"])
async def test_numbers_are_told_only_where_the_hosts_chose(
    site: Site, database: Database, path: str
) -> None:
    def answer(session: Session) -> None:
        like(session, URL.origin + path, "ana")
        like(session, URL.origin + path, "ben")
        like(session, URL.origin + path, "ana", "announce")

    await database.write(answer)
    _, quiet = await get(site, path)
    assert quiet["likes"] == f"{URL.origin}{path}/likes"
    for part in ("likes", "shares"):
        _, collection = await get(site, f"{path}/{part}")
        assert (collection["type"], collection["id"]) == ("Collection", quiet[part])
        assert set(collection) == {"@context", "id", "type"}

    def choose(session: Session) -> None:
        groups.update(session, groups.get_document(session) | {"witness_count_public": True}, NOW)

    await database.write(choose)
    _, told = await get(site, path)
    assert told["likes"] == {"id": quiet["likes"], "type": "Collection", "totalItems": 2}
    assert told["shares"]["totalItems"] == 1
    _, collection = await get(site, f"{path}/likes")
    assert collection["totalItems"] == 2
    assert "ana" not in str(collection)


async def test_one_thing_may_differ_from_the_group(site: Site, database: Database) -> None:
    def choose(session: Session) -> None:
        document = events.get_document(session, "spring-day") | {"witness_count_public": True}
        event = samples.a_stored_event(document).event
        events.update(session, event, document, NOW)

    await database.write(choose)
    assert (await get(site, "/events/spring-day"))[1]["likes"]["totalItems"] == 0
    assert isinstance((await get(site, "/reflections/mousse"))[1]["likes"], str)


async def test_a_gathering_is_the_context_of_all_that_comes_of_it(
    site: Site, database: Database
) -> None:
    ours = URL.reflection("out-of-it")

    def fill(session: Session) -> None:
        put_reflection(session, OUT_OF_IT)
        put_accepted(session, "https://peer.example/n/1", EVENT, published=NOW)
        put_accepted(session, "https://peer.example/n/2", ours, published=CREATED)
        put_accepted(session, "https://peer.example/n/3", EVENT, public=False)
        replies.add(session, a_reply("https://peer.example/n/4", EVENT), now=NOW)
        deeper = {"in_reply_to": "https://peer.example/n/1", "published": NOW + timedelta(hours=1)}
        put_accepted(session, "https://peer.example/n/5", EVENT, **deeper)
        put_comment(session, "c1", "https://peer.example/n/1", EVENT)

    await database.write(fill)
    _, event = await get(site, "/events/spring-day")
    _, context = await get(site, event["context"].removeprefix(URL.origin))

    assert (context["type"], context["attributedTo"]) == ("OrderedCollection", URL.group)
    assert context["orderedItems"] == [
        EVENT,
        "https://peer.example/n/2",
        ours,
        "https://peer.example/n/1",
        "https://peer.example/n/5",
        URL.comment("c1"),
    ]
    assert context["totalItems"] == 6
    for path in ("/reflections/out-of-it", "/comments/c1"):
        assert (await get(site, path))[1]["context"] == event["context"]
    _, direct = await get(site, "/events/spring-day/replies")
    assert direct["orderedItems"] == ["https://peer.example/n/1"]


async def test_a_notice_belongs_to_its_gathering(site: Site) -> None:
    _, notice = await get(site, "/notices/01kg5z")
    assert notice["context"] == URL.event("cancelled-hour") + "/context"
    _, context = await get(site, "/events/cancelled-hour/context")
    assert context["orderedItems"] == [URL.event("cancelled-hour"), URL.notice("01kg5z")]
    assert (await get(site, "/notices/01kg5z/context"))[0] == 404


@pytest.mark.parametrize("about", [None, "for-us", "for-followers", "not-sent", "gone"])
async def test_a_reflection_names_no_gathering_that_is_not_public(
    site: Site, database: Database, about: str | None
) -> None:
    await database.write(lambda session: put_reflection(session, OUT_OF_IT | {"event": about}))
    _, told = await get(site, "/reflections/out-of-it")
    assert told["context"] == URL.reflection("out-of-it") + "/context"
    _, context = await get(site, "/reflections/out-of-it/context")
    assert context["orderedItems"] == [URL.reflection("out-of-it")]


@pytest.mark.parametrize("part", ["replies", "likes", "shares", "context"])
@pytest.mark.parametrize("name", ["for-us", "for-followers", "not-sent", "never"])
async def test_what_is_hidden_has_no_collections_either(site: Site, name: str, part: str) -> None:
    assert await get(site, f"/events/{name}/{part}") == await get(site, f"/events/never/{part}")
    assert (await get(site, f"/events/{name}/{part}"))[0] == 404


async def test_what_is_withdrawn_has_no_conversation(site: Site, database: Database) -> None:
    def withdraw(session: Session) -> None:
        put_reflection(session, OUT_OF_IT)
        put_accepted(session, "https://peer.example/n/2", URL.reflection("out-of-it"))
        put_comment(session, "c1", "https://peer.example/n/2", URL.reflection("out-of-it"))
        reflections.withdraw(session, "out-of-it", NOW)

    await database.write(withdraw)
    assert (await get(site, "/reflections/out-of-it/replies"))[0] == 410
    assert (await get(site, "/comments/c1"))[0] == 404
    assert (await get(site, "/events/spring-day/context"))[1]["orderedItems"] == [EVENT]


async def test_a_comment_mentions_whom_it_answers(site: Site, database: Database) -> None:
    await database.write(
        lambda session: put_comment(session, "c1", "https://peer.example/n/1", EVENT)
    )
    _, note = await get(site, "/comments/c1")
    assert note["inReplyTo"] == "https://peer.example/n/1"
    assert note["cc"] == [URL.followers, "https://peer.example/u/ana"]
    [mention] = note["tag"]
    assert (mention["type"], mention["href"]) == ("Mention", "https://peer.example/u/ana")
    assert "Welcome &amp; thank you" in note["content"]
    await database.write(lambda session: comments.remove(session, "c1", NOW))
    status, stone = await get(site, "/comments/c1")
    assert (status, stone["type"]) == (410, "Tombstone")
