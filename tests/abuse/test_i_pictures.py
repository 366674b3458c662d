"""I and B3: pictures that mean harm, given by whoever got as far as the desk; and what is served of them."""

import asyncio
import io
import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from node.domain.picture import named
from tests.abuse.attacked import HTML, Attacked
from tests.pictures import CAMERA, WHERE, animation, bomb, opened, photo, png
from tests.running_node import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALT = "A field and a river"
EVENT = {
    "title": "Kreis mit Bild",
    "language": "de",
    "kind": "practice_circle",
    "start_date": "2031-06-01",
    "start_time": "18:00",
    "timezone": "Europe/Berlin",
    "format": "in_person",
    "place_name": "Gemeindehaus",
    "place_visibility": "public",
    "registration_mode": "none",
    "visibility": "public",
    "picture_alt": ALT,
    "picture_focus": "cc",
}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
PAGE = b"<!doctype html><script>alert(document.domain)</script>"


async def give(
    attacked: Attacked,
    data: bytes,
    name: str = "x.jpg",
    kind: str = "image/jpeg",
    *,
    steward: bool = True,
    **fields: str,
) -> tuple[int, str, Mapping[str, str]]:
    """Send the form for a gathering with a file: status, text, headers."""
    form = aiohttp.FormData(default_to_multipart=True)
    for field, value in ({"csrf": attacked.csrf} | EVENT | fields).items():
        form.add_field(field, value)
    form.add_field("picture", io.BytesIO(data), filename=name, content_type=kind)
    session = attacked.steward if steward else attacked.http
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": HTML}
    url = attacked.url + "/desk/new-event"
    async with session.post(url, data=form, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.copy()


async def published(attacked: Attacked, title: str, data: bytes, **more: str) -> str:
    """A gathering with a picture; the path of the picture."""
    status, text, headers = await give(attacked, data, title=title, **more)
    assert status == 303, text
    slug = headers["Location"].split("/")[3]
    await attacked.settled()
    [(document,)] = attacked.rows(
        "SELECT document ->> '$.image.file' FROM event WHERE slug = ?", slug
    )
    assert named(document)
    return f"/media/{document}"


async def served(attacked: Attacked, path: str) -> tuple[int, bytes, Mapping[str, str]]:
    async with attacked.http.get(attacked.url + path, headers={"Accept": "*/*"}) as answer:
        return answer.status, await answer.read(), answer.headers.copy()


def files(attacked: Attacked) -> set[str]:
    """Everything in the folder of pictures."""
    return {path.name for path in (attacked.node.data / "media").rglob("*")}


async def test_i1_a_bomb_is_refused_by_its_header(attacked: Attacked) -> None:
    """13,000 points squared in a few kilobytes."""
    before = files(attacked)
    assert len(bomb()) < 60_000
    async with attacked.refused():
        status, text, _ = await give(attacked, bomb())
    assert status == 415
    assert "too many points" in text or "Bildpunkte" in text
    assert files(attacked) == before
    await attacked.healthy()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PAGE, "photo.jpg", "image/jpeg"),
        (SVG, "photo.png", "image/png"),
        (b"GIF89a" + PAGE, "x.gif", "image/gif"),
        (b"\xff\xd8\xff\xe0" + PAGE, "x.jpg", "image/jpeg"),
        (b"%PDF-1.7 " + PAGE, "x.webp", "image/webp"),
        (b"\x89PNG\r\n\x1a\n" + PAGE, "x.png", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBP" + PAGE, "x.webp", "image/webp"),
    ],
    ids=["html", "svg", "gif-magic", "jpeg-magic", "pdf", "png-magic", "webp-magic"],
)
async def test_i3_only_what_decodes_is_a_picture(
    attacked: Attacked, data: bytes, name: str, kind: str
) -> None:
    before = files(attacked)
    async with attacked.refused():
        status, _, _ = await give(attacked, data, name, kind)
    assert status == 415
    assert files(attacked) == before


async def test_i3_what_hangs_on_a_picture_is_cut_off(attacked: Attacked) -> None:
    path = await published(attacked, "Doppelgesicht", photo((300, 200)) + PAGE, picture_alt=ALT)
    status, body, _ = await served(attacked, path)
    assert status == 200
    assert b"script" not in body


async def test_i2_where_it_was_taken_is_nowhere_on_the_disk(attacked: Attacked) -> None:
    """Not in the files, not in the database, its journal, the log or a backup."""
    data = photo()
    assert WHERE in data
    assert opened(data).getexif().get_ifd(0x8825)[2] == (
        51.0,
        30.0,
        2.52,
    )  # else it sang for nothing
    path = await published(attacked, "Garten", data)
    _, body, _ = await served(attacked, path)
    assert not opened(body).getexif()
    backup = attacked.node.data / "canary.zip"
    await attacked.node.command("backup", str(backup))
    looked = 0
    for file in (attacked.node.data, attacked.node.log_file.parent):
        for one in file.rglob("*"):
            if one.is_file():
                looked += 1
                content = one.read_bytes()
                assert WHERE not in content, one
                assert CAMERA.encode() not in content, one
    assert looked > 4
    backup.unlink()


async def test_i4_names_lead_nowhere(attacked: Attacked) -> None:
    for i, name in enumerate(
        (
            "../../../node.toml",
            "/etc/cron.d/x",
            "..\\..\\x.jpg",
            "x%00.php",
            "con.jpg",
            "a" * 5000,
            "",
        )
    ):
        status, _, _ = await give(attacked, png(), name or " ", title=f"Name {i}")
        assert status == 303, name
    assert (attacked.node.data / "node.toml").read_text().startswith(("url", "#", "["))
    assert all(named(name) for name in files(attacked))
    for path in ("/media/../node.toml", "/media/..%2fnode.toml", "/media/%2e%2e/node.sqlite3",
                 "/media//etc/passwd", "/media/.", "/media/", "/media/node.toml", "/media/%00"):  # fmt: skip
        reply = await attacked.ask("GET", path)
        assert reply.status in (400, 404), path
        assert b"url" not in reply.body[:20]


async def test_i5_nobody_attaches_what_is_not_theirs(attacked: Attacked) -> None:
    """A picture of something hidden cannot be named by another form, nor by anybody outside."""
    hidden = await published(
        attacked, "Verborgenes Bild", photo((200, 100)), visibility="local_only"
    )
    names = (hidden[7:], "z" * 26 + "-10x10.jpg", "../node.toml", "https://evil.example/x.jpg")
    async with attacked.refused():
        for name in names:
            fields = EVENT | {"title": "Anderes", "picture_file": name}
            status, _, _ = await attacked.form("/desk/new-event", fields)
            assert status == 404, name
        status, text, _ = await give(attacked, photo(), steward=False, picture_file=hidden[7:])
        assert status in (401, 403), text
    assert (await served(attacked, hidden))[0] == 404


async def test_i6_an_animation_is_its_first_picture(attacked: Attacked) -> None:
    path = await published(attacked, "Bewegt", animation(400))
    _, body, _ = await served(attacked, path)
    image = opened(body)
    assert image.format == "JPEG"
    _, green, _ = image.getpixel((5, 5))  # type: ignore[misc]
    assert green > 150


async def test_i7_b3_what_is_served_is_a_picture_and_acts_on_nothing(attacked: Attacked) -> None:
    """No document, no page, no script: whatever is asked for, and whatever the file once was called."""
    path = await published(attacked, "Harmlos", photo((300, 200)), picture_alt=ALT)
    for accept in (
        "*/*",
        "application/activity+json",
        "application/ld+json",
        "text/html",
        "image/svg+xml",
    ):
        reply = await attacked.ask("GET", path, {"Accept": accept})
        assert reply.status == 200
        assert reply.header("Content-Type") == "image/jpeg"
        assert reply.header("X-Content-Type-Options") == "nosniff"
        assert reply.header("Content-Security-Policy") == "sandbox; default-src 'none'"
        assert reply.header("Content-Disposition") == "inline"
        assert reply.body[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        (
            "note.json",
            "application/activity+json",
            b'{"id": "https://x.example/1", "type": "Note"}',
        ),
        ("note.json", "image/jpeg", b'{"type": "Person"}'),
        ("page.html", "text/html", PAGE),
        ("page.svg", "image/svg+xml", SVG),
    ],
)
async def test_b3_a_document_cannot_be_uploaded(
    attacked: Attacked, name: str, kind: str, data: bytes
) -> None:
    before = files(attacked)
    async with attacked.refused():
        status, _, _ = await give(attacked, data, name, kind)
    assert status == 415
    assert files(attacked) == before


async def test_i8_what_was_deleted_is_deleted_in_every_size(attacked: Attacked) -> None:
    path = await published(attacked, "Bald fort", photo())
    picture = named(path[7:])
    assert picture is not None
    paths = [f"/media/{name}" for name in picture.files]
    assert len(paths) == 2
    for one in paths:
        assert (await served(attacked, one))[0] == 200
    await attacked.node.command("event", "remove", "bald-fort")
    for one in paths:
        assert (await served(attacked, one))[0] == 404
        status, _ = await attacked.page(one, steward=True)
        assert status == 404

    async def gone() -> bool:
        return not files(attacked) & set(picture.files)

    await eventually(gone, seconds=12)
    backup = Path(attacked.node.data) / "later.zip"
    await attacked.node.command("backup", str(backup))
    assert picture.id.encode() not in backup.read_bytes()
    backup.unlink()


async def test_a_flood_of_pictures_leaves_the_node_well(attacked: Attacked) -> None:
    """One is read at a time, a few wait, the others are told to come again; nothing fails."""
    many = [give(attacked, photo((1500, 1000)), title=f"Flut {i}") for i in range(8)]
    found = await asyncio.gather(*many)
    statuses = [status for status, _, _ in found]
    assert set(statuses) <= {303, 503}
    assert statuses.count(303) >= 4
    told = "".join(text for status, text, _ in found if status == 503)
    assert 503 not in statuses or re.search(r"Many pictures|viele Bilder", told)
    await attacked.healthy()
