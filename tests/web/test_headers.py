"""Headers: what every answer carries, and what depends on who asks for what."""

from html.parser import HTMLParser

import pytest

from node.store import groups
from node.store.database import Session
from tests.conftest import NOW
from tests.web.served import Answer, Browser, Served
from tests.web.test_roles import DESK, OPEN, filled

POWERS = ("camera", "geolocation", "microphone", "payment", "usb", "display-capture")
AS2 = "application/activity+json"
# Who may frame what: nobody, save what is made for it; a picture is in a sandbox besides.
FRAMED = "/calendar/embed"
PICTURES = "/media/"


class Inline(HTMLParser):
    """Finds what a policy without inline would stop: styles, handlers and scripts within the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        script = tag == "script" and "src" not in given
        if tag == "style" or (script and given.get("type") != "application/ld+json"):
            self.found.append(tag)
        for name, value in given.items():
            if name == "style" or name.startswith("on") or value.startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


def guarded(path: str, answer: Answer, *, over_tls: bool) -> None:
    """Assert that an answer carries every header that it should, and nothing that tells on us."""
    headers, said = answer.headers, (path, answer.status)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, said
    assert "unsafe" not in policy, said
    sources = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    if not path.startswith(PICTURES) or answer.status >= 400:
        assert sources["base-uri"] == "'none'", said
        assert sources.get("script-src", "'none'") in ("'self'", "'none'"), said
        assert sources["style-src"] == "'self'", said
        ancestors = "*" if path.startswith(FRAMED) and answer.status < 400 else "'none'"
        assert sources["frame-ancestors"] == ancestors, said
    assert headers["X-Content-Type-Options"] == "nosniff", said
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), said
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", said
    assert "Cross-Origin-Resource-Policy" in headers, said
    for power in POWERS:
        assert f"{power}=()" in headers["Permissions-Policy"], said
    assert headers["Server"] == "Roughweather", said
    assert "X-Powered-By" not in headers, said
    assert "Access-Control-Allow-Credentials" not in headers, said
    assert ("Strict-Transport-Security" in headers) is over_tls, said
    if headers.get("Content-Type", "").startswith("text/html"):
        assert headers["Cross-Origin-Resource-Policy"] == (
            "cross-origin" if path.startswith(FRAMED) and answer.status < 400 else "same-origin"
        ), said
        assert Inline(answer.text).found == [], said


async def walk(browser: Browser, *, over_tls: bool) -> int:
    """Ask for every route as pages and as data, again for what is still fresh, and in wrong ways; how often."""
    asked = 0
    for path, methods in [*OPEN.items(), *DESK.items(), ("/nope", "GET"), ("/%00", "GET")]:
        target = filled(path)
        for accept in ("text/html", AS2, "*/*"):
            answer = await browser.get(target, Accept=accept)
            guarded(target, answer, over_tls=over_tls)
            assert "Set-Cookie" not in answer.headers, target
            asked += 1
            if etag := answer.headers.get("ETag"):
                again = await browser.get(target, Accept=accept, If_None_Match=etag)
                guarded(target, again, over_tls=over_tls)
                assert again.status == 304 or "public, max-age" in again.headers["Cache-Control"]
        forged = await browser.post(target, {"x": "y"}, Sec_Fetch_Site="cross-site")
        assert forged.status >= 400, target
        guarded(target, forged, over_tls=over_tls)
        if "POST" in methods and path.startswith("/desk"):
            guarded(target, await browser.post(target, {"x": "y"}), over_tls=over_tls)
    return asked


async def test_every_answer_is_guarded(served: Served) -> None:
    """Every route, for a visitor and for a steward: pages, data, feeds, files, 304, redirects, errors."""
    assert await walk(served.browser, over_tls=False) > 200
    await walk(await served.browser.sign_in(served.node), over_tls=False)


async def test_every_answer_is_guarded_over_https(secure: Served) -> None:
    assert await walk(secure.browser, over_tls=True) > 200
    headers = (await secure.browser.get("/")).headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


async def test_pages_stay_with_us_and_feeds_travel(served: Served) -> None:
    async def policy(path: str, **headers: str) -> str:
        return (await served.browser.get(path, **headers)).headers["Cross-Origin-Resource-Policy"]

    assert await policy("/") == "same-origin"
    assert await policy("/feed.json") == await policy("/calendar.ics") == "cross-origin"
    assert await policy("/group", Accept="application/activity+json") == "cross-origin"


async def test_one_address_two_faces(served: Served) -> None:
    for path in ("/group", "/events/spring-day", "/reflections/moss"):
        page = await served.browser.get(path)
        data = await served.browser.get(path, Accept="application/activity+json")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert data.headers["Content-Type"].startswith("application/activity+json")
        assert "Accept" in page.headers["Vary"]
        assert "Accept" in data.headers["Vary"]
        assert "Accept-Language" in page.headers["Vary"]


async def test_a_fresh_copy_is_not_sent_again(served: Served) -> None:
    for path in ("/", "/events/spring-day", "/feed.atom", "/calendar.ics"):
        first = await served.browser.get(path)
        assert first.headers["Cache-Control"] == "public, no-cache"
        again = await served.browser.get(path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.text) == (304, "")


async def test_static_files_are_kept_for_ever_under_hashed_names(served: Served) -> None:
    page = (await served.browser.get("/")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await served.browser.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("text/css")
    assert (await served.browser.get("/static/style.css")).status == 404
    assert (await served.browser.get("/static/..%2f..%2fschema.sql")).status == 404


async def test_head_and_odd_methods(served: Served) -> None:
    async with served.browser.http.head(
        served.url + "/", headers={"Accept": "text/html"}
    ) as answer:
        assert answer.status == 200
        assert await answer.read() == b""
    async with served.browser.http.delete(
        served.url + "/", headers={"Accept": "text/html"}
    ) as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/events/never-was", 404)])
async def test_errors_are_warm_pages_that_tell_nothing(
    served: Served, path: str, status: int
) -> None:
    answer = await served.browser.get(path)
    assert answer.status == status
    assert "There is nothing here" in answer.text
    assert "To the front page" in answer.text
    assert "Traceback" not in answer.text
    assert "node." not in answer.text
    spanish = await served.browser.get(path, Accept_Language="es")
    assert 'lang="es"' in spanish.text


async def test_robots_and_security_txt(served: Served) -> None:
    robots = (await served.browser.get("/robots.txt")).text
    assert "User-agent: GPTBot" in robots
    assert "Disallow: /reflections" in robots
    assert f"Sitemap: {served.node.urls.origin}/sitemap.xml" in robots
    security = (await served.browser.get("/.well-known/security.txt")).text
    assert "Contact: mailto:hello@rivercircle.example" in security
    assert "Expires: 2027-09-10T00:00:00Z" in security


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("care@moss.example", "mailto:care@moss.example"),
        ("+32 2 123 45 67", "tel:+3221234567"),
        ("https://moss.example/us", "https://moss.example/us"),
        ("ask at the gate", "URL/about"),
    ],
)
async def test_security_txt_names_the_groups_own_contact(
    served: Served, contact: str, uri: str
) -> None:
    def change(session: Session) -> None:
        groups.update(session, groups.get_document(session) | {"contact": contact}, NOW)

    await served.node.database.write(change)
    text = (await served.browser.get("/.well-known/security.txt")).text
    assert f"Contact: {uri.replace('URL', served.url)}\n" in text
