"""Headers: what every answer carries, and what depends on who asks for what."""

import pytest

from tests.web.served import Served

POLICY = "default-src 'none'"
MATRIX = (
    "/",
    "/events/spring-day",
    "/feed.atom",
    "/calendar.ics",
    "/robots.txt",
    "/favicon.svg",
    "/nope",
    "/desk",
    "/sign-in",
    "/healthz",
    "/.well-known/webfinger",
)


@pytest.mark.parametrize("path", MATRIX)
async def test_every_answer_is_guarded(served: Served, path: str) -> None:
    headers = (await served.browser.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(POLICY)
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Python" not in headers["Server"]
    assert "aiohttp" not in headers["Server"]
    assert "Strict-Transport-Security" not in headers
    assert "Set-Cookie" not in headers


async def test_hsts_over_https(secure: Served) -> None:
    for path in ("/", "/nope", "/desk"):
        headers = (await secure.browser.get(path)).headers
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
    security = (await served.browser.get("/.well-known/security.txt")).text
    assert "Contact: mailto:hello@rivercircle.example" in security
    assert "Expires: 2027-09-10T00:00:00Z" in security
