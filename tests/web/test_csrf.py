"""Forms are taken from our own pages only, on every route that changes something."""

import io

import pytest

from tests.web.served import Browser, Served
from tests.web.test_roles import DESK, OPEN, filled

# What other servers send, which signs instead; and the page of one answer, whose address is the secret.
ELSEWHERE = ("/inbox", "/group/inbox", "/instance/inbox", "/webmention", "/rsvp/{token}")
UNSAFE = sorted(
    filled(path)
    for path, methods in (DESK | OPEN).items()
    if path not in ELSEWHERE and "POST" in methods
)


async def test_another_site_cannot_send_any_form(served: Served, steward: Browser) -> None:
    for path in UNSAFE:
        for site in ("cross-site", "same-site"):
            answer = await steward.post(path, {}, Sec_Fetch_Site=site)
            assert answer.status == 403, (path, site)
            assert "This door is closed" in answer.text


async def test_a_signed_in_form_without_its_token_is_refused(
    served: Served, steward: Browser
) -> None:
    steward.csrf = ""
    for path in UNSAFE:
        if path.startswith("/desk") or path == "/sign-out":
            assert (await steward.post(path, {})).status == 403, path
            assert (await steward.post(path, {"csrf": "wrong"})).status == 403, path
            assert (await steward.post(path, {"csrf": "ö\x00"})).status == 403, path


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "SELF"}, 422),
        ({"Referer": "SELF/sign-in"}, 422),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Referer": "http://evil.example/SELF"}, 403),
        ({}, 403),
    ],
)
async def test_old_browsers_prove_it_by_origin(
    served: Served, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.replace("SELF", served.url) for name, value in headers.items()}
    async with served.browser.http.post(
        served.url + "/sign-in",
        data={"name": "x", "password": "y"},
        headers={"Accept": "text/html"} | sent,
    ) as answer:
        assert answer.status == status


async def test_odd_bodies_are_refused_not_crashed_on(served: Served, steward: Browser) -> None:
    for body, kind in (
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"a=" + b"b" * 2_000_000, "application/x-www-form-urlencoded"),
        ("&".join(f"f{i}=1" for i in range(1000)).encode(), "application/x-www-form-urlencoded"),
        (b"a=1", "application/x-www-form-urlencoded; charset=nonsense"),
    ):
        async with steward.http.post(
            steward.url + "/desk/new-event",
            data=io.BytesIO(body),
            headers={"Content-Type": kind, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
        ) as answer:
            assert answer.status in (400, 403, 413), (kind, answer.status)
