"""The index never disagrees with what is public, whatever is done in whichever order."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.event import EventStatus
from node.domain.neighbour import NeighbourPost, PostKind
from node.domain.search import Order, Question, read_terms
from node.services import moderation, search
from node.services.events import add_event, edit_event, remove_event
from node.services.reflections import add_reflection, edit_reflection, withdraw_reflection
from node.store import following, groups, migrations, neighbours, practices
from node.store import search as index
from node.store.database import Session, connect
from node.store.following import FollowState
from tests.conftest import GROUP, NOW

NEIGHBOURS = ("https://a.example/group", "https://b.example/group")
SLUGS = ("one", "two")
_slug = st.sampled_from(SLUGS)
_neighbour = st.sampled_from(NEIGHBOURS)
_seen = st.sampled_from(["public", "public", "followers_and_link", "link_only", "local_only"])
_status = st.sampled_from(["published", "published", "draft", "pending_review"])
_place = st.sampled_from(["public", "area_only", "on_registration"])

Step = tuple[str, tuple[object, ...]]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.tuples(_slug, _seen, _place)),
        st.tuples(st.just("remove"), st.tuples(_slug)),
        st.tuples(st.just("reflection"), st.tuples(_slug, _seen, _status)),
        st.tuples(st.just("withdraw"), st.tuples(_slug)),
        st.tuples(st.just("practice"), st.tuples(_slug)),
        st.tuples(st.just("post"), st.tuples(_slug, _neighbour, st.booleans())),
        st.tuples(st.just("delete"), st.tuples(_slug, _neighbour)),
        st.tuples(st.just("follow"), st.tuples(_neighbour)),
        st.tuples(st.just("unfollow"), st.tuples(_neighbour)),
        st.tuples(st.just("block"), st.tuples(_neighbour)),
        st.tuples(st.just("read"), st.tuples()),
    ),
    max_size=25,
)


class World:
    """A node's database, and beside it what everyone may find, worked out on its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.gone: set[tuple[str, str]] = set()
        self.blocked: set[str] = set()

    def do(self, step: Step) -> None:
        """Take one step; one that makes no sense now is passed over."""
        getattr(self, step[0])(*step[1])

    def event(self, slug: str, seen: str, place: str) -> None:
        where = {"visibility": place, "name": "hiddenhouse", "public_area": {"en": "openarea"}}
        if place != "public":
            where |= {"private": {"name": "hiddenhouse"}}
            del where["name"]
        document = {
            "id": slug,
            "title": f"findme {seen}",
            "start_local": "2027-05-01T10:00:00",
            "timezone": "UTC",
            "visibility": seen,
            "location": where,
        }
        if ("event", slug) in self.gone:
            return
        if self.session.value("SELECT 1 FROM event WHERE slug = :slug", {"slug": slug}):
            edit_event(self.session, slug, document, now=NOW)
        else:
            add_event(self.session, document, now=NOW)

    def remove(self, slug: str) -> None:
        if self._has("event", slug):
            remove_event(self.session, slug, now=NOW)
            self.gone.add(("event", slug))

    def reflection(self, slug: str, seen: str, status: str) -> None:
        document = {"id": slug, "body": "findme", "visibility": seen, "status": status}
        if ("reflection", slug) in self.gone:
            return
        if self._has("reflection", slug):
            edit_reflection(self.session, slug, document, now=NOW)
        else:
            add_reflection(self.session, document, now=NOW)

    def withdraw(self, slug: str) -> None:
        if self._has("reflection", slug):
            withdraw_reflection(self.session, slug, now=NOW)
            self.gone.add(("reflection", slug))

    def practice(self, slug: str) -> None:
        practices.put(self.session, slug, {"id": slug, "title": "findme", "body": "b"}, NOW)

    def post(self, slug: str, actor: str, listed: bool) -> None:
        neighbours.put(self.session, replace(POST, **_names(slug, actor), listed=listed))

    def delete(self, slug: str, actor: str) -> None:
        neighbours.remove(self.session, _names(slug, actor)["id"])

    def follow(self, actor: str) -> None:
        following.put(
            self.session,
            actor_id=actor,
            handle="x@y",
            inbox=actor,
            follow_id=actor,
            now=NOW,
        )
        following.set_state(self.session, actor, FollowState.ACCEPTED, NOW)

    def unfollow(self, actor: str) -> None:
        following.remove(self.session, actor)

    def block(self, actor: str) -> None:
        moderation.block(self.session, actor, reason=None, who="test", now=NOW)

    def read(self) -> None:
        while search.read_due(self.session):
            pass

    def _has(self, table: str, slug: str) -> bool:
        sql = f"SELECT 1 FROM {table} WHERE slug = :slug AND document IS NOT NULL"
        return self.session.value(sql, {"slug": slug}) is not None

    def public(self) -> set[str]:
        """Every title or address that may be found, straight from the tables."""
        sql = """
            SELECT 'event ' || slug FROM event WHERE document IS NOT NULL AND visibility = 'public'
            UNION ALL SELECT 'reflection ' || slug FROM reflection
                WHERE document IS NOT NULL AND visibility = 'public' AND status = 'published'
            UNION ALL SELECT 'practice ' || slug FROM practice
            UNION ALL SELECT 'neighbour_post ' || id FROM neighbour_post WHERE listed = 1
                AND actor_id IN (SELECT actor_id FROM following)
        """
        return {row[0] for row in self.session.rows(sql)}

    def found(self, words: str) -> set[str]:
        """What a search finds."""
        question = Question(terms=read_terms(words))
        return {
            f"{item.source} {item.name}"
            for item in index.find(self.session, question, NOW, limit=100)
        }


POST = NeighbourPost(
    id="",
    actor_id="",
    author="",
    kind=PostKind.NOTE,
    url="https://a.example/1",
    title="",
    content="<p>findme</p>",
    summary="",
    language="en",
    status=EventStatus.SCHEDULED,
    start=None,
    end=None,
    timezone=None,
    utc_offset=None,
    place="",
    online_url=None,
    listed=True,
    published=NOW,
    updated=NOW,
    received=NOW,
)


def _names(slug: str, actor: str) -> dict[str, str]:
    return {"id": f"{actor}/{slug}", "actor_id": actor, "author": actor}


@contextmanager
def _world(path: Path) -> Iterator[World]:
    migrations.create(path)
    with closing(connect(path)) as connection:
        groups.create(Session(connection), "norcal", GROUP, NOW)
        yield World(Session(connection))


@settings(max_examples=60)
@given(steps)
def test_nothing_that_is_not_public_is_ever_found_and_everything_public_is(
    taken: list[Step],
) -> None:
    with TemporaryDirectory() as folder, _world(Path(folder) / "node.sqlite3") as world:
        for step in taken:
            world.do(step)
            assert world.found("findme") <= world.public()
            assert not world.found("hiddenhouse") & _hidden(world.session)
        world.read()
        assert world.found("findme") == world.public()
        assert index.differences(world.session) == 0
        index.tidy(world.session)
        words = _stored_words(world.session)
        for seen in ("followers", "link", "local"):
            assert seen not in words, "what is not public never reaches the index"


def _hidden(session: Session) -> set[str]:
    rows = session.rows(
        "SELECT slug FROM event WHERE document ->> '$.location.visibility' <> 'public'"
    )
    return {f"event {row['slug']}" for row in rows}


def _stored_words(session: Session) -> str:
    rows = session.rows("SELECT title || ' ' || words || ' ' || place FROM search_words")
    return " ".join(row[0] for row in rows)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A node with nothing but its group."""
    with _world(tmp_path / "node.sqlite3") as made:
        yield made


def test_what_was_withdrawn_leaves_the_file_once_it_is_tidied(world: World) -> None:
    add_reflection(world.session, {"id": "one", "body": "Quetzalcoatlus"}, now=NOW)
    world.read()
    world.withdraw("one")
    assert world.found("quetzalcoatlus") == set()
    world.read()
    index.tidy(world.session)
    blocks = world.session.rows("SELECT block FROM search_words_data")
    assert b"quetzalcoatlus" not in b"".join(row[0] for row in blocks)


def test_what_is_due_is_read_in_portions(world: World) -> None:
    for number in range(40):
        world.practice(f"practice-{number}")
    assert search.read_due(world.session)
    assert not search.read_due(world.session)
    assert not index.is_behind(world.session)


def test_another_first_language_of_the_group_is_heard_of(world: World) -> None:
    world.practice("one")
    world.read()
    assert index.languages(world.session) == ["en"]
    groups.update(world.session, GROUP | {"languages": ["sw", "en"]}, NOW)
    world.read()
    assert index.languages(world.session) == ["sw"]


def test_an_index_that_lost_words_is_made_anew(world: World) -> None:
    world.practice("one")
    world.read()
    world.session.run("DELETE FROM search_words")
    assert index.differences(world.session) == 1
    index.start_over(world.session)
    world.read()
    assert index.differences(world.session) == 0
    assert world.found("findme") == {"practice one"}


def test_a_question_of_signs_is_words_to_the_index(world: World) -> None:
    world.practice("one")
    world.read()
    for signs in (
        '"findme" OR *',
        "findme)",
        "title:findme",
        "NEAR(findme)",
        "-findme",
        "findme^2",
    ):
        world.found(signs)
    assert world.found("'findme'; --") == {"practice one"}


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, {"past", "soon", "later"}),
        ("2027-03-20", None, {"soon", "later"}),
        ("2027-03-20", "2027-04-30", {"soon"}),
        (None, "2027-03-01", {"past"}),
    ],
)
def test_dates_narrow_and_order(
    world: World, first: str | None, last: str | None, found: set[str]
) -> None:
    for slug, day in (("past", "2027-02-01"), ("later", "2027-05-01"), ("soon", "2027-04-01")):
        document = {
            "id": slug,
            "title": "findme",
            "start_local": f"{day}T10:00:00",
            "timezone": "UTC",
        }
        add_event(world.session, document, now=NOW)
    world.read()
    days = [datetime.fromisoformat(day).date() if day else None for day in (first, last)]
    question = Question(terms=read_terms("findme"), first=days[0], last=days[1], order=Order.DATE)
    slugs = [item.name for item in index.find(world.session, question, NOW, limit=10)]
    assert set(slugs) == found
    assert slugs == [slug for slug in ("soon", "later", "past") if slug in found]


def test_what_fits_comes_first_and_gatherings_that_are_over_last(world: World) -> None:
    for slug, day, text in (
        ("over", "2027-02-01", "findme"),
        ("in-text", "2027-04-01", "Something else"),
        ("in-title", "2027-05-01", "findme"),
    ):
        document = {"id": slug, "title": text, "start_local": f"{day}T10:00:00", "timezone": "UTC"}
        add_event(world.session, document | {"summary": "findme in the woods"}, now=NOW)
    world.read()
    question = Question(terms=read_terms("findme"))
    found = index.find(world.session, question, NOW, limit=10)
    assert [item.name for item in found] == ["in-title", "in-text", "over"]


def test_one_thing_that_cannot_be_read_keeps_no_other_from_being_found(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.practice("one")
    world.session.run("INSERT INTO practice VALUES ('broken', '{}', 0)")
    world.practice("two")
    world.read()
    assert world.found("findme") == {"practice one", "practice two"}
    assert "cannot read the practice broken" in caplog.text
    assert not index.is_behind(world.session)
