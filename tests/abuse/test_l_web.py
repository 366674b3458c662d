"""L: forms, sessions and addresses of the pages under attack; numbers of the abuse corpus."""

import itertools
import re
from typing import Any

import pytest
from yarl import URL

from tests.abuse.attacked import AS2, FORM, HTML, Attacked
from web import routes as web_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Whoever knows a private link may send its form from anywhere: the address is the secret.
SECRET = "/rsvp/{token}"
FORMS = [
    route.path
    for route in web_routes.routes()
    if route.method == "POST" and not route.path.startswith(SECRET)
]
DESK = [path for path in FORMS if path.startswith("/desk")]
PAGES = [
    route.path
    for route in web_routes.routes()
    if route.method == "GET" and route.path.startswith("/desk")
]
# Signing people in, or out of a list, is no change of what a form says; trying is remembered nowhere.
BENIGN = {"title": "T", "name": "Mo", "decision": "accept", "id": "1", "body": "b", "who": "Mo"}


def path_of(pattern: str) -> str:
    """The pattern with a name in it that is there."""
    named = re.sub(r"\{slug[^}]*\}", "offen", pattern).replace("{token}", "x")
    return re.sub(r"\{(id|number)[^}]*\}", "1", named)


# Numbers nobody means, times that are none, names that lead elsewhere, characters that steer.
HOSTILE = (
    "9" * 5000,
    "9" * 25,
    "-1",
    "1e400",
    "nan",
    "0x10",
    "٣",
    "\x00",
    "a\x1b[2Jb\u202e",
    "\ud800",
    "../../etc/passwd",
    "America",
    "/etc/localtime",
    "0001-01-01",
    "9999-12-31",
    "2031-02-30",
    "24:00",
    "x" * 60_000,
    "<script>alert(1)</script>",
    "'; DROP TABLE event;--",
    "https://[::1",
    "javascript:alert(1)",
    "{}",
)
GOOD = {
    "title": "Wald",
    "language": "de",
    "start_date": "2031-01-01",
    "start_time": "10:00",
    "timezone": "Europe/Berlin",
    "format": "in_person",
    "place_name": "Haus",
    "body": "Es regnet.",
    "decision": "add",
    "who": "Mo",
    "name": "Mo",
    "id": "1",
}
# What each form reads. Of the long ones, those fields that are read as something else than text.
FIELDS = {
    "/desk/new-event": (
        *("start_date", "start_time", "end_date", "timezone", "capacity", "price_min"),
        *("deadline_date", "registration_url", "language", "online_url", "facilitator_name_0"),
    ),
    "/desk/events/{slug}": ("start_date", "start_time", "timezone", "capacity", "start_which"),
    "/desk/events/{slug}/people": ("who", "guests", "decision"),
    "/desk/events/{slug}/cancel": (),
    "/desk/group": ("timezone", "country", "languages", "contact", "name"),
    "/desk/new-reflection": ("language", "body", "event", "spiral_stage", "published"),
    "/desk/reflections/{slug}": ("decision", "id"),
    "/desk/replies": ("id", "decision"),
    "/desk/concerns": ("id", "reason"),
    "/desk/stewards": (),
    "/desk/neighbours/follow": ("target",),
    "/desk/neighbours/unfollow": ("actor", "id"),
}


@pytest.mark.parametrize("pattern", [path for path in FIELDS if path in FORMS])
async def test_l6_hostile_fields_are_refused_or_kept_as_text(
    attacked: Attacked, pattern: str
) -> None:
    said = len(attacked.node.log())
    for name, value in itertools.product(FIELDS[pattern], HOSTILE):
        status, _, _ = await attacked.form(path_of(pattern), GOOD | {name: value})
        assert status < 500, (name, value[:40])
    assert "Traceback" not in attacked.node.log()[said:]


@pytest.mark.parametrize("guests", ["9" * 5000, "21", "-1", "1.5", "٣"])
async def test_l6_a_visitor_cannot_bring_a_crowd(attacked: Attacked, guests: str) -> None:
    async with attacked.refused():
        status, _, _ = await attacked.form(
            "/events/offen/come", {"name": "Mo", "guests": guests}, csrf=False
        )
    assert status in (422, 429)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": "http://[::1"},
        {"Sec-Fetch-Site": "", "Referer": "https://evil.example/desk"},
        {"Sec-Fetch-Site": ""},
    ],
    ids=lambda headers: " ".join(headers.values()) or "nothing",
)
async def test_l1_no_other_site_sends_our_forms(
    attacked: Attacked, headers: dict[str, str]
) -> None:
    cookies = attacked.steward.cookie_jar.filter_cookies(URL(attacked.url))
    sent = {"Content-Type": FORM, "Accept": HTML} | headers
    sent["Cookie"] = "; ".join(f"{one.key}={one.value}" for one in cookies.values())
    body = f"csrf={attacked.csrf}&name=Mo&title=T&decision=accept&id=1".encode()
    async with attacked.refused():
        for pattern in FORMS:
            answer = await attacked.ask("POST", path_of(pattern), sent, body)
            assert answer.status == 403, pattern


@pytest.mark.parametrize("token", ["", "x", "\u202e", "9" * 5000], ids=["none", "x", "odd", "long"])
async def test_l1_a_form_without_its_token_does_nothing(attacked: Attacked, token: str) -> None:
    async with attacked.refused():
        for pattern in (*DESK, "/sign-out"):
            fields = BENIGN | {"csrf": token}
            status, _, _ = await attacked.form(path_of(pattern), fields, csrf=False)
            assert status == 403, pattern


async def test_l6_signed_out_nobody_changes_anything(attacked: Attacked) -> None:
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML}
    cookies = ("", "roughweather=x", f"roughweather={'9' * 3000}", 'roughweather="\\000"')
    async with attacked.refused():
        for pattern, cookie in itertools.product(DESK, cookies):
            headers = sent | {"Cookie": cookie}
            answer = await attacked.ask("POST", path_of(pattern), headers, b"csrf=x&name=Mo&id=1")
            assert answer.status == 401, (pattern, cookie)


async def test_l6_signed_out_nobody_sees_the_desk(attacked: Attacked) -> None:
    for pattern, accept in itertools.product(PAGES, (HTML, AS2, "*/*")):
        answer = await attacked.ask("GET", path_of(pattern), {"Accept": accept})
        assert answer.status == 303, pattern
        assert (answer.header("Location") or "").startswith("/sign-in?next=/desk")
        assert b"<" not in answer.body


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/%0d%0aLocation: https://evil.example",
        "///evil.example",
        "/desk\r\nX-Evil: 1",
        "evil.example",
        "",
        "@evil.example",
        "/desk#@evil.example",
    ],
)
async def test_l4_nobody_is_sent_to_another_site(attacked: Attacked, target: str) -> None:
    async with attacked.steward.get(
        f"{attacked.url}/sign-in", params={"next": target}, allow_redirects=False
    ) as answer:
        location = answer.headers["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "X-Evil" not in answer.headers
    async with attacked.http.get(f"{attacked.url}/sign-in", params={"next": target}) as answer:
        found = re.search(r'name="next" value="([^"]*)"', await answer.text())
    assert found is None or re.match(r"/(?![/\\])", found[1]), target


async def test_l4_a_target_of_another_host_leads_nowhere_else(attacked: Attacked) -> None:
    for target in ("http://evil.example/desk", "//evil.example/desk", "/desk/../..//evil.example"):
        answer = await attacked.ask("GET", target)
        location = answer.header("Location") or "/"
        assert location.startswith("/")
        assert not location.startswith("//")


async def test_l13_fields_nobody_asked_for_are_nothing(attacked: Attacked) -> None:
    extra = {"role": "admin", "steward_id": "1", "federated": "1", "slug": "moos", "document": "{}"}
    fields = {
        "title": "Zusatz",
        "language": "de",
        "start_date": "2031-01-01",
        "start_time": "10:00",
    }
    status, text, _ = await attacked.form(
        "/desk/new-event", fields | {"timezone": "Europe/Berlin"} | extra
    )
    assert status == 303, text
    [(document,)] = attacked.rows("SELECT document FROM event WHERE slug = 'zusatz'")
    assert not {"role", "steward_id", "document"} & set(re.findall(r'"(\w+)":', document))


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "get"]
)
async def test_l14_other_methods_do_nothing(attacked: Attacked, method: str) -> None:
    async with attacked.refused():
        for target in ("/", "/desk", "/events/offen", "/inbox", "/group", "/sign-in", "/sign-out"):
            answer = await attacked.ask(method, target, {"Origin": "https://evil.example"})
            assert answer.status in (400, 404, 405)
            assert answer.header("Access-Control-Allow-Credentials") is None


async def test_l14_head_does_nothing_and_nobody_shares_credentials(attacked: Attacked) -> None:
    async with attacked.refused():
        for pattern in {route.path for route in web_routes.routes()}:
            target = path_of(pattern).replace("{name}", "x")
            if target.endswith(
                ".pdf"
            ):  # making one takes seconds; what is not there answers as fast as all
                target = target.replace("offen", "nie")
            for method in ("HEAD", "GET"):
                answer = await attacked.ask(method, target, {"Origin": "https://evil.example"})
                assert answer.status < 500
                assert answer.header("Access-Control-Allow-Credentials") is None
                assert answer.header("X-Content-Type-Options") == "nosniff", target
                policy = answer.header("Content-Security-Policy") or ""
                framed = target == "/calendar/embed" and answer.status == 200
                assert ("frame-ancestors *" if framed else "frame-ancestors 'none'") in policy, (
                    target
                )
                assert "unsafe-inline" not in policy


SMUGGLED: dict[str, str] = {
    "two_lengths": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length_and_chunks": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /desk HTTP/1.1\r\nHost: x\r\n\r\n",
    "odd_chunked": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "bare_line_feeds": "GET / HTTP/1.1\nHost: {host}\n\n",
    "folded": "GET / HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n",
    "two_hosts": "GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    "no_host": "GET / HTTP/1.1\r\n\r\n",
    "blank_before_colon": "GET / HTTP/1.1\r\nHost : {host}\r\n\r\n",
    "negative_length": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n",
    "plus_length": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: +3\r\n\r\nabc",
    "control_in_header": "GET / HTTP/1.1\r\nHost: {host}\r\nX: a\x00b\r\n\r\n",
    "blank_in_target": "GET / b HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "bad_chunk": "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/activity+json\r\n"
    "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad_second_chunk": "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\na=b\r\nzz\r\n",
    "huge_header": "GET / HTTP/1.1\r\nHost: {host}\r\nX: " + "a" * 70_000 + "\r\n\r\n",
    "many_headers": "GET / HTTP/1.1\r\nHost: {host}\r\n" + "X: a\r\n" * 10_000 + "\r\n",
    "tls": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("case", SMUGGLED)
async def test_l15_what_two_servers_could_read_differently_is_refused(
    attacked: Attacked, case: str
) -> None:
    async with attacked.refused():
        answer = await attacked.raw(SMUGGLED[case].format(host=attacked.host))
    assert answer.status == 400, answer
    assert answer.body == b"The request cannot be read.\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "text/plain"},
    ],
    ids=lambda fields: " ".join(fields.values()),
)
async def test_l1_only_plain_forms_are_read(attacked: Attacked, fields: dict[str, Any]) -> None:
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML} | fields
    async with attacked.refused():
        answer = await attacked.ask("POST", "/events/offen/come", sent, b"name=Mo")
    assert answer.status == 400


async def test_l1_a_form_that_breaks_off_leaves_no_trace(attacked: Attacked) -> None:
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Content-Length": "5000"}
    async with attacked.refused():
        for target in ("/sign-in", "/events/offen/come", "/desk/new-event"):
            await attacked.raw(attacked.request("POST", target, sent, b"name="), seconds=0.05)
        await attacked.healthy()


async def test_l8_without_a_proxy_nobody_is_believed_about_an_address(attacked: Attacked) -> None:
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML}
    statuses = []
    for number in range(9):
        spoofed = f"192.0.2.{number}"
        forged = {"X-Forwarded-For": spoofed, "X-Real-IP": spoofed, "Forwarded": f"for={spoofed}"}
        body = b"name=Nobody&password=wrong+wrong"
        statuses.append((await attacked.ask("POST", "/sign-in", sent | forged, body)).status)
    assert statuses[-1] == 429
