"""H: whatever anybody wrote, pages hold no active content and feeds no lines of theirs."""

import itertools
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
import pytest_asyncio

from tests.abuse.attacked import AS2, HTML, Attacked
from tests.running_node import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></script></textarea><svg/onload=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "{{7*7}}${7*7}<%=7*7%>",
    "]]><x>",
    "\u202eevil\u2066",
    "a\r\nATTENDEE:x\r\nX-EVIL:1",
    "=HYPERLINK(1)",
    "--><script>alert(2)</script>",
)
REMOTE_HTML = (
    "<script>alert(1)</script><p>ok</p>",
    "<img src=x onerror=alert(1)><p>ok</p>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>">x</a>',
    '<a href="//evil.example/">x</a><a href="/desk">y</a>',
    '<p onclick="alert(1)" style="position:fixed" id="csrf" class="card">x</p>',
    '<form action="/sign-out"><input name="csrf"><button>x</button></form>',
    '<iframe src="https://evil.example"></iframe><object data="x"></object><embed src="x">',
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<link rel=stylesheet href=https://evil.example/x.css><style>*{display:none}</style>",
    '<video><source onerror="alert(1)"></video><audio src="https://evil.example/t.mp3">',
    '<a href="https://ok.example/" target="_top" ping="https://evil.example">fine</a>',
)
HARMLESS = ("http", "https", "mailto", "tel", "webcal", "")


class Active(HTMLParser):
    """Collects whatever in a page could act: scripts, handlers, frames, odd addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("type") != "application/ld+json":
            source = given.get("src") or ""
            if not source.startswith("/static/"):
                self.found.append(f"<script {given}>")
        if tag in (
            "iframe",
            "object",
            "embed",
            "base",
            "math",
            "style",
            "frame",
            "animate",
            "set",
            "foreignobject",
        ):
            self.found.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self.found.append(f"<meta {given}>")
        if tag == "form" and not (given.get("action") or "/").startswith("/"):
            self.found.append(f"<form {given}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in ("style", "srcdoc", "ping", "formaction"):
            self.found.append(f"{tag} {name}={value}")
        if name in ("href", "src", "action", "poster", "data"):
            plain = re.sub(r"[\x00-\x20]", "", value)
            scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", plain)
            if (scheme[1].lower() if scheme else "") not in HARMLESS:
                self.found.append(f"{tag} {name}={value}")
            if name == "src" and urlsplit(plain).netloc:
                self.found.append(f"{tag} {name}={value}")


def active(page: str) -> list[str]:
    """What could act in a page."""
    parser = Active()
    parser.feed(page)
    return parser.found


def poisoned(value: Any, words: Iterator[str]) -> Any:
    """The same document with markup added to every text that people read."""
    kept = ("id", "slug", "kind", "type", "timezone", "visibility", "mode", "model", "status")
    kept += (
        "format",
        "scope",
        "country",
        "currency",
        "language",
        "languages",
        "url",
        "start_local",
    )
    if isinstance(value, dict):
        return {
            key: part if key in kept or key.endswith(("_local", "_utc")) else poisoned(part, words)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [poisoned(one, words) for one in value]
    return f"{next(words)} {value}" if isinstance(value, str) else value


EVENT: dict[str, Any] = {
    "id": "gift",
    "title": {"de": "Gift", "en": "Poison"},
    "summary": {"de": "Kurz"},
    "description": {"de": "Lang\n\nLänger"},
    "reason": {"de": "Darum"},
    "start_local": "2031-05-01T19:00:00",
    "end_local": "2031-05-01T21:00:00",
    "timezone": "Europe/Berlin",
    "languages": ["de", "en"],
    "interpretation": ["Gebärden"],
    "location": {
        "visibility": "public",
        "name": "Haus",
        "address": "Straße",
        "locality": "Ort",
        "region": "Land",
        "directions": {"de": "Links"},
    },
    "price": {"model": "gift", "note": {"de": "Gern"}},
    "registration": {"mode": "open", "channels": ["Zettel"], "questions": [{"de": "Warum?"}]},
    "access": {"notes": {"de": "Stufe"}, "access_contact": "Ilse", "quiet_room": "vielleicht"},
    "audience": {"scope": "affinity", "statement": {"de": "Alle"}, "age": "jedes"},
    "facilitators": [{"display": "Mo", "pronouns": "sie", "role": "Gast"}],
    "hosts": ["Nachbarn"],
    "series": {"rrule": "FREQ=WEEKLY;COUNT=2", "note": {"de": "Zweimal"}},
    "land_acknowledgement": {"de": "Hier"},
    "content_notes": ["Trauer"],
    "tags": ["Wald"],
}
GROUP: dict[str, Any] = {
    "slug": "alder",
    "name": {"de": "Kreis"},
    "practice_name": {"de": "Arbeit"},
    "about": {"de": "Wir"},
    "region": {"de": "Hier"},
    "bioregion": {"de": "Bach"},
    "agreements": {"de": "Ja"},
    "contact": "Ilse",
    "languages": ["de"],
    "timezone": "Europe/Berlin",
}
REFLECTION: dict[str, Any] = {
    "id": "gedicht",
    "title": {"de": "Moos"},
    "body": {"de": "Es eilt nicht."},
    "attribution": {"mode": "pseudonym", "display": "Ilse"},
    "content_notes": ["Wald"],
    "license": "CC",
}
PRACTICE: dict[str, Any] = {"id": "uebung", "title": {"de": "Atem"}, "body": {"de": "Still."}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def poison(attacked: Attacked) -> AsyncIterator[Attacked]:
    """Markup in every text there is, our own and that of others."""
    for start in range(len(MARKUP)):
        words = itertools.islice(itertools.cycle(MARKUP), start, None)
        document = {
            "groups": [poisoned(GROUP, words)],
            "events": [poisoned(EVENT, words) | {"id": f"gift-{start}"}],
            "reflections": [poisoned(REFLECTION, words) | {"id": f"gedicht-{start}"}],
            "practices": [poisoned(PRACTICE, words) | {"id": f"uebung-{start}"}],
        }
        document["events"][0]["series"]["rrule"] = EVENT["series"]["rrule"]
        await attacked.node.command("import", "-", stdin=document)
    await neighbours(attacked)
    yield attacked


async def neighbours(attacked: Attacked) -> None:
    """A neighbour whose name, events and notes are hostile, and strangers who write to us."""
    peer = attacked.peer
    hills = peer.actor("hills", type="Group")
    hills.document |= {"name": MARKUP[1], "summary": REMOTE_HTML[0]}
    await attacked.node.command("follow", hills.id)
    follow = await peer.delivery("Follow", path="/users/hills/inbox")
    assert (await attacked.post(hills, hills.activity("Accept", follow))).status == 202
    for number, (words, html) in enumerate(zip(itertools.cycle(MARKUP), REMOTE_HTML, strict=False)):
        event = {
            "id": f"{hills.id}/e{number}",
            "type": "Event",
            "attributedTo": hills.id,
            "name": words,
            "content": html,
            "summary": html,
            "startTime": "2031-06-01T10:00:00Z",
            "location": {"type": "Place", "name": words, "address": words},
            "url": ["javascript:alert(1)", f"https://ok.example/{number}"],
            "onlineLink": "javascript:alert(1)",
            "timezone": words,
            "tag": [{"type": "Hashtag", "name": words, "href": "javascript:alert(1)"}],
            "to": ["as:Public"],
        }
        note = event | {"id": f"{hills.id}/n{number}", "type": "Note"}
        for thing in (event, note):
            activity = hills.activity("Create", thing, to=["as:Public"])
            assert (await attacked.post(hills, activity)).status == 202
        actor = attacked.stranger()
        actor.document |= {"name": words, "preferredUsername": "evil<b>", "summary": html}
        reply = {
            "id": f"{actor.id}/r",
            "type": "Note",
            "content": html,
            "inReplyTo": f"{attacked.url}/events/gift-0",
            "to": ["as:Public"],
        }
        event_id = f"{attacked.url}/events/gift-0"
        for activity in (
            actor.activity("Create", reply),
            actor.activity("Flag", [event_id], content=words + html),
            actor.activity("Join", event_id, participationMessage=words + html),
        ):
            assert (await attacked.post(actor, activity)).status == 202
    await eventually(lambda: _there(attacked), seconds=10)
    await attacked.settled()
    for (reply_id,) in attacked.rows("SELECT id FROM reply LIMIT 9"):
        await attacked.form("/desk/replies", {"id": reply_id, "decision": "accept"})


async def _there(attacked: Attacked) -> bool:
    return attacked.rows("SELECT count(*) FROM neighbour_post") == [(2 * len(REMOTE_HTML),)]


def pages() -> list[str]:
    """Every page that shows what anybody wrote."""
    found = ["/", "/about", "/events", "/reflections", "/practices", "/neighbours", "/group"]
    for number in range(len(MARKUP)):
        found += [f"/events/gift-{number}", f"/reflections/gedicht-{number}"]
        found += [f"/practices/uebung-{number}", f"/events/gift-{number}/thanks?done=taken"]
    found += ["/desk", "/desk/events", "/desk/replies", "/desk/concerns", "/desk/neighbours"]
    found += ["/desk/reflections", "/desk/group", "/desk/stewards", "/desk/events/gift-0"]
    return [*found, "/desk/events/gift-0/people", "/desk/events/gift-1/cancel", "/nothing"]


@pytest.mark.parametrize("language", ["de", "en", "ar"])
async def test_h1_h2_h5_to_h7_h9_h13_nothing_on_any_page_acts(
    poison: Attacked, language: str
) -> None:
    for path in pages():
        for steward in (True, False):
            status, text = await poison.page(path, steward=steward, Accept_Language=language)
            assert status < 500, path
            found = active(text)
            assert not found, (path, found)
            assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text), path
            for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text):
                json.loads(block)


async def test_h1_words_in_an_address_are_only_words(attacked: Attacked) -> None:
    for path in ("/sign-in?next=", "/reflections?stage=", "/events/x/thanks?done=", "/nothing/"):
        for words in MARKUP:
            async with attacked.http.get(
                attacked.url + path.rstrip("="), params={"next": words, "done": words}
            ) as answer:
                text = await answer.text()
            found = active(text)
            assert not found, found
            assert "alert(1)</script>" not in text


async def test_h10_calendars_and_feeds_hold_our_lines_only(poison: Attacked) -> None:
    for path in ("/calendar.ics", *(f"/events/gift-{n}.ics" for n in range(len(MARKUP)))):
        status, text = await poison.page(path)
        assert status == 200
        lines = text.replace("\r\n ", "").split("\r\n")
        assert not [line for line in lines if line.startswith(("ATTENDEE", "X-EVIL"))]
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
        icalendar.Calendar.from_ical(text)
    _, text = await poison.page("/feed.atom")
    feed = ET.fromstring(text)
    for content in feed.iter("{http://www.w3.org/2005/Atom}content"):
        assert not active(content.text or "")
    _, text = await poison.page("/feed.json")
    for item in json.loads(text)["items"]:
        assert not active(item["content_html"])


async def test_h1_h4_h7_what_we_send_is_clean_too(poison: Attacked) -> None:
    for path in ("/group", "/group/outbox?page=true", "/group/upcoming", "/events/gift-1"):
        _, text = await poison.page(path, Accept=AS2)
        for value in strings(json.loads(text)):
            if "<" in value:
                assert not active(value), (path, value)


def strings(value: Any) -> Iterator[str]:
    """Every text in a document that others read as HTML. Our summaries are plain text."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "content" and isinstance(part, str):
                yield part
            elif key == "contentMap" and isinstance(part, dict):
                yield from part.values()
            else:
                yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


async def test_h14_no_page_lets_a_script_of_its_own_run(attacked: Attacked) -> None:
    for path in ("/", "/desk", "/events/offen", "/nothing", "/feed.atom", "/calendar.ics"):
        answer = await attacked.ask("GET", path, {"Accept": HTML})
        policy = answer.header("Content-Security-Policy") or ""
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "base-uri 'none'" in policy
