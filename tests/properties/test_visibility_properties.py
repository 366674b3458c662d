"""Groups made up at random, full of words that only some may read: no address and no letter tells them to others.

Every word is one of a kind. Everything a GET can reach is fetched, by the table of routes and by every link found,
by a visitor and by two of another server who sign, one of whom follows; and everything the node would send is read.
"""

import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Context, Documents
from federation.outbox import OutboxWorker
from federation.parse import read_activity
from node.app import create_app
from node.services import moderation
from node.services.events import add_event, edit_event, remove_event
from node.services.reflections import add_reflection, withdraw_reflection
from node.store import practices
from node.store.database import Session
from tests.conftest import NOW, TurnableClock
from tests.federation.peer import Peer
from tests.fuzz.inbox import actor
from tests.web.conftest import node_keys  # noqa: F401 - a fixture
from tests.web.served import HTML, Keys, Served, serve

MOST_LINKS = 120  # a calendar leads from month to month for ever
MOST_QUERIES = 4  # addresses found that differ by their query alone
AS2 = "application/activity+json"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
FRIEND = "https://hills.example/users/"
VISIBILITIES = ("public", "followers_and_link", "link_only", "local_only")
# A browser draws these from pages that are crawled here; a PDF holds no plain text.
UNREAD = re.compile(r"\.pdf(\?|$)|^/static/|^/sign-in|^/healthz|^/metrics")


@dataclass(slots=True)
class Made:
    """What was made up: documents, and who may read which of their words.

    `never`: nobody. `by_link`: only at an address with that slug. `spread`: where such words may be sent to.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    reflections: list[dict[str, Any]] = field(default_factory=list)
    practices: list[dict[str, Any]] = field(default_factory=list)
    never: set[str] = field(default_factory=set)
    by_link: dict[str, str] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    public: set[str] = field(default_factory=set)
    taken_back: list[str] = field(default_factory=list)
    made_local: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    def word(self) -> str:
        """A word that stands nowhere else."""
        return f"zq{next(self.numbers)}x"

    def hide(self, words: list[str], visibility: str, slug: str) -> None:
        """Note who may read the words of something."""
        if visibility == "public":
            self.public.update(words)
        elif visibility == "local_only":
            self.never.update(words)
            self.unsent.update(words)
        else:
            self.by_link.update(dict.fromkeys(words, slug))
            if visibility == "link_only":
                self.unsent.update(words)

    @property
    def slugs(self) -> list[str]:
        """The name of every single thing."""
        return [one["id"] for one in (*self.events, *self.reflections, *self.practices)]


@st.composite
def groups(draw: st.DrawFn) -> Made:
    """A handful of events, reflections and practices of every visibility."""
    made = Made()
    for _ in range(draw(st.integers(3, 6))):
        _add_event(draw, made)
    for _ in range(draw(st.integers(2, 5))):
        _add_reflection(draw, made)
    note = made.word()
    made.never.add(note)
    slug = made.word()
    made.practices.append(
        {"id": slug, "title": {"en": "P"}, "body": {"en": "B"}, "test_note": note}
    )
    return made


def _add_event(draw: st.DrawFn, made: Made) -> None:
    visibility = draw(st.sampled_from(VISIBILITIES))
    slug, title, summary, note, unknown = (made.word() for _ in range(5))
    event: dict[str, Any] = {
        "id": slug,
        "title": {"en": title},
        "summary": {"en": summary},
        "start_local": "2027-05-10T10:00:00",
        "end_local": "2027-05-10T12:00:00",
        "timezone": "America/Los_Angeles",
        "visibility": visibility,
        "status": draw(st.sampled_from(["scheduled", "tentative", "cancelled"])),
        "registration": {"mode": draw(st.sampled_from(["none", "open", "approval"]))},
        "test_note": note,
        "unknown_field": unknown,
        "format": "hybrid",
        "location": _place(draw, made, visibility, slug),
        "online": _room(draw, made, visibility, slug),
    }
    made.never |= {note, unknown}
    made.unsent |= {note, unknown}
    if draw(st.booleans()):
        on_one_date = made.word()
        event["series"] = {
            "rrule": "FREQ=WEEKLY;COUNT=3",
            "sessions": {"2027-05-17T10:00:00": {"summary": {"en": on_one_date}}},
        }
        if visibility != "public":  # shown in its turn; never where all are called off
            made.hide([on_one_date], visibility, slug)
    made.hide([title, summary], visibility, slug)
    if visibility != "public":
        made.hide([slug], visibility, slug)
    made.events.append(event)
    fate = draw(st.sampled_from(["stays", "stays", "is taken back", "becomes local"]))
    if fate == "is taken back":
        made.taken_back.append(slug)
    elif fate == "becomes local":
        made.made_local.append(slug)


def _place(draw: st.DrawFn, made: Made, visibility: str, slug: str) -> dict[str, Any]:
    shown = draw(st.sampled_from(["public", "area_only", "on_registration"]))
    words = [made.word() for _ in range(4)]
    secret = [made.word() for _ in range(3)]
    latitude = 52 + next(made.numbers) / 1_000_000
    place = {
        "visibility": shown,
        "name": words[0],
        "address": words[1],
        "locality": words[2],
        "directions": {"en": words[3]},
        "lat": latitude,
        "lon": 13.5,
        "public_area": {"en": "The woods"},
        "private": {"name": secret[0], "address": secret[1], "directions": {"en": secret[2]}},
    }
    made.never.update(secret)
    made.unsent.update(secret)
    if shown == "public":
        made.hide(words, visibility, slug)
    else:
        made.never |= {*words, str(latitude)}
        made.unsent |= {*words, str(latitude)}
    return place


def _room(draw: st.DrawFn, made: Made, visibility: str, slug: str) -> dict[str, Any]:
    shown = draw(st.sampled_from(["public", "on_registration"]))
    word = made.word()
    if shown == "public":
        made.hide([word], visibility, slug)
    else:
        made.never.add(word)
        made.unsent.add(word)
    return {"url": f"https://meet.example/{word}", "url_visibility": shown}


def _add_reflection(draw: st.DrawFn, made: Made) -> None:
    visibility = draw(st.sampled_from(VISIBILITIES))
    status = draw(st.sampled_from(["published", "published", "draft", "pending_review"]))
    slug, title, body = (made.word() for _ in range(3))
    document: dict[str, Any] = {
        "id": slug,
        "title": title,
        "body": body,
        "language": "en",
        "visibility": visibility,
        "status": status,
    }
    if status != "published" or draw(st.integers(0, 3)) == 0:
        if status == "published":
            document["consent"] = {"publish": False, "federate": False, "by": "author"}
        visibility = "local_only"
    made.hide([title, body], visibility, slug)
    if visibility != "public":
        made.hide([slug], visibility, slug)
    made.reflections.append(document)
    if status == "published" and draw(st.integers(0, 2)) == 0:
        made.taken_back.append(slug)


# ------------------------------------------------------------------------------- on a running node


def _publish(session: Session, made: Made) -> None:
    for event in made.events:
        add_event(session, event, now=NOW)
    for reflection in made.reflections:
        add_reflection(session, reflection, now=NOW)
    for practice in made.practices:
        practices.put(session, practice["id"], practice, NOW)


def _people(session: Session, made: Made, context: Context, friend: str) -> None:
    """Followers, guests, pending and private replies, concerns and blocks, all with words of their own."""
    follower, guest, asker, writer, blocked, reason = (made.word() for _ in range(6))
    waiting, private, concern, message = (made.word() for _ in range(4))
    words = {follower, guest, asker, writer, blocked, reason, waiting, private, concern, message}
    made.never |= words
    urls = context.urls
    open_ones = [one for one in made.events if one["registration"]["mode"] == "open"]
    about = [urls.event(one["id"]) for one in open_ones] or [urls.event("nothing")]
    reply = {"type": "Note", "attributedTo": FRIEND + writer, "inReplyTo": about[0]}
    said: list[dict[str, Any]] = [
        {"type": "Follow", "actor": FRIEND + follower, "object": urls.group},
        {"type": "Follow", "actor": FRIEND + asker, "object": urls.group},
        {"type": "Follow", "actor": friend, "object": urls.group},
        *(
            {"type": "Join", "actor": FRIEND + guest, "object": one, "content": message}
            for one in about
        ),
        *(
            {
                "type": "Create",
                "actor": FRIEND + writer,
                "object": reply | {"id": FRIEND + writer + text, "content": text, "to": to},
                "to": to,
            }
            for text, to in ((waiting, [PUBLIC]), (private, [urls.group]))
        ),
        {"type": "Flag", "actor": FRIEND + writer, "object": about, "content": concern},
    ]
    for number, document in enumerate(said):
        named = document | {"id": f"{document['actor']}/a/{number}"}
        activity = read_activity(named)
        handler = HANDLERS[activity.type]
        wanted = handler.wants(activity, context)
        documents = Documents(
            actors={one: actor(one) for one in (*wanted.actors, *wanted.fresh_actors)}
        )
        handler.apply(session, activity, documents, context)
    moderation.block(session, f"{blocked}.example", reason, who="Ana", now=NOW)


def _change(session: Session, made: Made) -> None:
    for slug in made.made_local:
        edit_event(session, slug, {"visibility": "local_only"}, now=NOW)
    for slug in made.taken_back:
        if any(one["id"] == slug for one in made.events):
            remove_event(session, slug, now=NOW)
        else:
            withdraw_reflection(session, slug, now=NOW)


async def _tell(served: Served) -> list[str]:
    """What the node would send now, as it would send it; none of it is sent."""
    node = served.node
    worker = OutboxWorker(node.database, node.clock, node.urls)
    while await worker.step():
        pass
    rows = await node.database.read(lambda session: session.rows("SELECT body FROM activity"))
    return [bytes(row["body"]).decode() for row in rows if row["body"] is not None]


def _targets(served: Served, made: Made, ids: list[str]) -> set[str]:
    """Every address by the table of routes, with every name there is."""
    values = {"slug": made.slugs, "id": ids, "month": ["2027-05"], "colour": ["336699"]}
    found = set()
    for resource in create_app(served.node).router.resources():
        pattern = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", resource.canonical)
        names = re.findall(r"\{(\w+)\}", pattern)
        for value in values.get(names[0], ["x"]) if names else [""]:
            found.add(re.sub(r"\{\w+\}", value, pattern))
    more = (f"/search?q={one['title']['en']}" for one in made.events)
    host = served.url.partition("://")[2]
    found.update((*more, f"/.well-known/webfinger?resource=acct:rivercircle@{host}"))
    found.update(("/group/outbox?page=true", "/search?q=zq"))
    return {one for one in found if not UNREAD.search(one)}


def _told(target: str, text: str, made: Made, *, follows: bool = False) -> list[str]:
    """The words that an answer to this address must not hold; those who follow may read some more."""
    text = text.replace("\r\n ", "")
    found = [word for word in made.never if word in text and word not in target]
    found += [
        word
        for word, slug in made.by_link.items()
        if word in text and slug not in target and word not in target
        if word in made.unsent or not follows
    ]
    return found


async def _crawl(served: Served, targets: set[str], accept: str) -> AsyncIterator[tuple[str, str]]:
    """Address and answer, headers included, of each target and of every link from there on."""
    waiting, seen = sorted(targets), set(targets)
    queries = Counter(one.partition("?")[0] for one in targets if "?" in one)
    for target in waiting:  # grows meanwhile
        answer = await served.browser.get(target, Accept=accept)
        assert answer.status < 500, target
        yield target, answer.text + "\n" + "\n".join(map(str, answer.headers.values()))
        links = re.findall(rf'(?:{re.escape(served.url)}|(?<=href="))(/[^"#<>\s]*)', answer.text)
        for link in sorted({one for one in links if not UNREAD.search(one)} - seen):
            path, asks, _ = link.partition("?")
            queries[path] += bool(asks)
            if len(seen) < len(targets) + MOST_LINKS and (
                not asks or queries[path] <= MOST_QUERIES
            ):
                seen.add(link)
                waiting.append(link)


@asynccontextmanager
async def _elsewhere(clock: TurnableClock) -> AsyncIterator[Peer]:
    async with Peer.start(clock=clock.now) as peer:
        for name in ("stranger", "friend"):
            peer.actor(name)
        yield peer


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "4")),
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(made=groups())
async def test_no_address_and_no_letter_tells_what_is_not_for_its_reader(
    made: Made,
    tmp_path_factory: pytest.TempPathFactory,
    node_keys: Keys,  # noqa: F811
) -> None:
    clock = TurnableClock()
    directory: Path = tmp_path_factory.mktemp("made-up")
    async with (
        serve(directory, node_keys, clock, empty=True) as served,
        _elsewhere(clock) as peer,
    ):
        write = served.node.database.write
        context = Context(urls=served.node.urls, now=NOW)
        await write(partial(_publish, made=made))
        friend = peer.actors["friend"]
        await write(partial(_people, made=made, context=context, friend=friend.id))
        sent = await _tell(served)
        spread = {word for body in sent for word in _words(body)}
        assert not spread & made.unsent

        await write(partial(_change, made=made))
        _forget(made)
        sent = await _tell(served)
        ids = [json.loads(body)["id"].rpartition("/")[2] for body in sent]
        targets = _targets(served, made, ids)
        shown: set[str] = set()
        for accept in (HTML, AS2):
            async for target, text in _crawl(served, targets, accept):
                assert not _told(target, text, made), (target, accept)
                shown |= _words(text)
        assert not made.public - shown, "what is public is found"
        read: dict[str, set[str]] = {asker.id: set() for asker in peer.actors.values()}
        for target, asker in product(sorted(targets), peer.actors.values()):
            answer = await peer.get_signed(served.url + target, actor=asker)
            assert answer.status < 500, target
            text = answer.body.decode("utf-8", "replace")
            told = _told(target, text, made, follows=asker is friend)
            assert not told, (target, asker.id)
            # For a page the link is enough; a document asks who fetches it.
            if "activity+json" in answer.headers.get("Content-Type", ""):
                read[asker.id] |= {word for word in _words(text) if word not in target}
        for_followers = set(made.by_link) - made.unsent - set(made.slugs)
        assert not for_followers or for_followers & read[friend.id], "it is known who follows"
        assert not for_followers & read[peer.actors["stranger"].id], "nobody else who signs does"


def _words(text: str) -> set[str]:
    return set(re.findall(r"zq\d+x", text))


def _forget(made: Made) -> None:
    """From now on nobody may read anything of what was taken back or drawn in."""
    gone = {*made.taken_back, *made.made_local}
    for document in (*made.events, *made.reflections):
        if document["id"] in gone:
            words = _words(json.dumps(document)) - {document["id"]}
            made.never |= words
            made.public -= words
            made.by_link = {k: v for k, v in made.by_link.items() if k not in words}
