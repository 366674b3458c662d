"""Pictures at the desk and on the pages: given, kept through mistakes, shown, and gone with what showed them."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from node.domain.picture import named
from node.pictures import LARGEST_UPLOAD
from node.services.events import edit_event, remove_event
from node.services.reflections import withdraw_reflection
from node.store import events, groups, reflections
from tests.conftest import TurnableClock
from tests.pictures import bomb, opened, photo, png
from tests.web.served import Answer, Browser, Keys, Served, serve
from tests.web.test_desk import EVENT, REFLECTION, stored

ALT = "A red field beside a blue river"
WITH = EVENT | {"picture_alt": ALT, "picture_focus": "tl"}
KETTLE = "/desk/events/kettle-and-talk"


async def published(served: Served, steward: Browser, **more: Any) -> str:
    """A gathering with a picture; the path of the picture."""
    answer = await steward.give("/desk/new-event", WITH | more, photo())
    assert answer.status == 303, answer.text
    slug = answer.headers["Location"].split("/")[3]
    return "/media/" + (await stored(served, slug))["image"]["file"]


def soup(answer: Answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def kept_file(answer: Answer) -> str:
    """The picture that a form which came back still has."""
    return str(soup(answer).find("input", {"name": "picture_file"})["value"])  # type: ignore[index]


async def test_a_gathering_shows_its_picture(served: Served, steward: Browser) -> None:
    path = await published(served, steward)
    document = await stored(served, "kettle-and-talk")
    assert document["image"] == {"file": path[7:], "alt": ALT, "focal_point": [-0.66, 0.66]}

    page = soup(await served.browser.get("/events/kettle-and-talk"))
    image = page.find("img", class_="u-photo")
    assert image is not None
    assert (image["src"], image["alt"], image["loading"]) == (path, ALT, "lazy")
    assert (image["width"], image["height"]) == ("1000", "600")
    small = named(path[7:]).small  # type: ignore[union-attr]
    assert image["srcset"] == f"{small.path} 400w, {path} 1000w"
    assert image["sizes"]
    metas = {one.get("property"): one.get("content") for one in page.find_all("meta")}
    assert metas["og:image"] == served.url + path
    assert metas["og:image:alt"] == ALT
    block = json.loads(page.find("script", type="application/ld+json").string)  # type: ignore[union-attr,arg-type]
    assert block["image"] == served.url + path

    card = soup(await served.browser.get("/events")).find("img", class_="shot")
    assert card is not None
    assert card["src"] == small.path
    assert "at-tl" in card["class"]
    assert f'src="{served.url}{path}"' in unescape((await served.browser.get("/feed.atom")).text)
    items = json.loads((await served.browser.get("/feed.json")).text)["items"]
    assert [one["image"] for one in items if "image" in one] == [served.url + path]


async def test_the_file_is_served_and_cannot_do_anything(served: Served, steward: Browser) -> None:
    path = await published(served, steward)
    answer = await served.browser.get(path)
    assert answer.status == 200
    assert opened(answer.body).size == (1000, 600)
    headers = answer.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Content-Disposition"] == "inline"
    assert headers["Cache-Control"] == "public, max-age=86400, immutable"
    part = await served.browser.get(path, Range="bytes=0-1")
    assert (part.status, part.body) == (206, b"\xff\xd8")
    again = await served.browser.get(path, If_None_Match=headers["ETag"])
    assert again.status == 304
    for other in (path.replace(".jpg", ".png"), path + "/x", "/media/", "/media/..%2fnode.toml",
                  "/media/%2e%2e/node.sqlite3", path.replace("1000x600", "1000x601")):  # fmt: skip
        assert (await served.browser.get(other)).status == 404, other


async def test_without_words_the_picture_waits(served: Served, steward: Browser) -> None:
    answer = await steward.give("/desk/new-event", WITH | {"picture_alt": " "}, photo())
    assert answer.status == 422
    page = soup(answer)
    field = page.find(id="picture_alt")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert "Say in words what the picture shows" in page.find(id="wrong-picture_alt").text  # type: ignore[union-attr]
    assert page.select_one('.banner a[href="#picture_alt"]') is not None
    assert page.find(id="title")["value"] == "Kettle and talk"  # type: ignore[index]
    file = kept_file(answer)
    assert named(file)
    assert (await steward.get(f"/media/{file}")).status == 200
    served.browser.http.cookie_jar.clear()
    assert (await served.browser.get(f"/media/{file}")).status == 404


async def test_a_picture_stays_through_other_mistakes(served: Served, steward: Browser) -> None:
    first = await steward.give("/desk/new-event", WITH | {"title": ""}, photo())
    assert first.status == 422
    file = kept_file(first)
    second = await steward.give("/desk/new-event", WITH | {"picture_file": file})
    assert second.status == 303
    assert (await stored(served, "kettle-and-talk"))["image"]["file"] == file


async def test_a_double_tap_makes_one_event(served: Served, steward: Browser) -> None:
    first = await steward.give("/desk/new-event", WITH, photo())
    second = await steward.give("/desk/new-event", WITH, photo())
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "no picture that we can read"),
        (b"<!doctype html><script>alert(1)</script>", 415, "no picture that we can read"),
        (bomb(), 415, "too many points"),
        (photo()[:9000], 415, "damaged or cut off"),
        (b"\xff\xd8" + bytes(LARGEST_UPLOAD), 413, "up to 12 MB"),
    ],
    ids=["svg", "html", "bomb", "cut-off", "large"],
)
async def test_what_is_refused_is_said_beside_the_field(
    served: Served, steward: Browser, data: bytes, status: int, words: str
) -> None:
    answer = await steward.give("/desk/new-event", WITH, data, name="../../x.jpg")
    assert answer.status == status
    page = soup(answer)
    assert words in page.find(id="wrong-picture").text  # type: ignore[union-attr]
    assert page.find(id="title")["value"] == "Kettle and talk"  # type: ignore[index]
    assert page.find(id="picture_alt")["value"] == ALT  # type: ignore[index]
    assert list(served.node.config.media.glob("*")) == []


async def test_changed_described_anew_and_taken_away(served: Served, steward: Browser) -> None:
    old = await published(served, steward)
    form = soup(await steward.get(KETTLE))
    assert form.find("input", {"name": "picture_focus", "value": "tl"}).has_attr("checked")  # type: ignore[union-attr]
    fields = WITH | {"picture_file": old[7:], "picture_alt": "Better words", "reason": ""}
    assert (await steward.give(KETTLE, fields)).status == 303
    document = await stored(served, "kettle-and-talk")
    assert document["image"] == {
        "file": old[7:],
        "alt": "Better words",
        "focal_point": [-0.66, 0.66],
    }
    same = await steward.give(KETTLE, fields)
    assert same.headers["Location"].endswith("done=same")

    assert (await steward.give(KETTLE, fields, png())).status == 303
    new = "/media/" + (await stored(served, "kettle-and-talk"))["image"]["file"]
    assert (await served.browser.get(new)).status == 200
    assert (await served.browser.get(old)).status == 404
    assert await served.node.pictures.sweep() == 1
    assert [path.name for path in served.node.config.media.glob("*")] == [new[7:]]

    away = fields | {"picture_file": new[7:], "picture_remove": "on"}
    assert (await steward.give(KETTLE, away)).status == 303
    assert not (await stored(served, "kettle-and-talk")).get("image")
    assert (await served.browser.get(new)).status == 404


async def test_no_form_can_name_a_picture_of_something_else(
    served: Served, steward: Browser
) -> None:
    hidden = await published(served, steward, visibility="local_only")
    for name in (hidden[7:], "../node.toml", "https://else.example/x.jpg", "a" * 26 + "-10x10.jpg"):
        other = WITH | {"title": "Another", "picture_file": name}
        answer = await steward.give("/desk/new-event", other)
        assert answer.status == 404, name
        assert "please choose it again" in answer.text


@pytest.mark.parametrize(
    ("visibility", "status", "cached"),
    [
        ("local_only", 404, ""),
        ("link_only", 200, "private, max-age=86400, immutable"),
        ("followers_and_link", 200, "private, max-age=86400, immutable"),
    ],
)
async def test_a_picture_is_as_private_as_what_shows_it(
    served: Served, steward: Browser, visibility: str, status: int, cached: str
) -> None:
    path = await published(served, steward, visibility=visibility)
    assert (await steward.get(path)).status == 200
    served.browser.http.cookie_jar.clear()
    answer = await served.browser.get(path)
    assert answer.status == status
    if cached:
        assert answer.headers["Cache-Control"] == cached
        assert "noindex" in answer.headers["X-Robots-Tag"]
    assert path not in (await served.browser.get("/feed.json")).text
    assert path not in (await served.browser.get("/events")).text


async def test_what_is_gone_takes_its_picture_along(served: Served, steward: Browser) -> None:
    path = await published(served, steward)
    small = named(path[7:]).small.path  # type: ignore[union-attr]
    assert (await served.browser.get(small)).status == 200
    now = served.clock.now()
    await served.node.database.write(lambda s: remove_event(s, "kettle-and-talk", now=now))
    for one in (path, small):
        assert (await served.browser.get(one)).status == 404
        assert (await steward.get(one)).status == 404
    assert await served.node.pictures.sweep() == 1
    assert list(served.node.config.media.glob("*")) == []


async def test_a_picture_nobody_used_goes_after_a_day(served: Served, steward: Browser) -> None:
    answer = await steward.give("/desk/new-event", WITH | {"title": ""}, photo())
    assert named(kept_file(answer))
    assert await served.node.pictures.sweep() == 0
    served.clock.advance(hours=25)
    assert await served.node.pictures.sweep() == 1
    assert list(served.node.config.media.glob("*")) == []


async def test_files_that_a_crash_left_are_swept_others_are_not(served: Served) -> None:
    media = served.node.config.media
    media.mkdir(exist_ok=True)
    name = "a" * 26 + "-10x10.jpg"
    for one in (name, f".{name}.new", "notes.txt"):
        (media / one).write_bytes(b"x")
    await served.node.pictures.sweep_strays()
    assert [path.name for path in media.glob("*")] == ["notes.txt"]


async def test_a_reflection_with_a_picture(served: Served, steward: Browser) -> None:
    answer = await steward.give("/desk/new-reflection", REFLECTION | {"picture_alt": ALT}, photo())
    assert answer.status == 303, answer.text
    document = await served.node.database.read(lambda s: reflections.get_document(s, "morning"))
    path = "/media/" + document["media"][0]["file"]
    page = await served.browser.get("/reflections/morning")
    image = soup(page).find("img", class_="u-photo")
    assert image is not None
    assert (image["src"], image["alt"]) == (path, ALT)
    assert (await served.browser.get(path)).status == 200
    now = served.clock.now()
    await served.node.database.write(lambda s: withdraw_reflection(s, "morning", now=now))
    assert (await served.browser.get(path)).status == 404


async def test_one_that_waits_shows_its_picture_to_stewards_only(
    served: Served, steward: Browser
) -> None:
    await steward.give(
        "/desk/new-reflection", REFLECTION | {"picture_alt": ALT, "review": "on"}, photo()
    )
    document = await served.node.database.read(lambda s: reflections.get_document(s, "morning"))
    path = "/media/" + document["media"][0]["file"]
    assert (await steward.get(path)).headers["Cache-Control"] == "no-store"
    served.browser.http.cookie_jar.clear()
    assert (await served.browser.get(path)).status == 404


async def test_the_group_has_a_face(served: Served, steward: Browser) -> None:
    form = soup(await steward.get("/desk/group"))
    fields = {
        one["name"]: one.get("value") or one.text.strip("\n")
        for one in form.select("form.fields input[name], form.fields textarea[name]")
        if one.get("type") not in ("checkbox", "radio", "file") and one["name"] != "csrf"
    }
    fields |= {"picture_alt": ALT, "quotes": "everyone", "accent": "own"}
    assert (await steward.give("/desk/group", fields, photo((900, 900)))).status == 303
    group = await served.node.database.read(groups.get)
    assert group.image is not None
    assert group.image.own is not None
    face = soup(await served.browser.get("/")).find("img", class_="face")
    assert face is not None
    assert (face["src"], face["alt"]) == (group.image.own.small.path, ALT)


async def test_pictures_come_on_tap_where_data_is_dear(served: Served, steward: Browser) -> None:
    path = await published(served, steward)
    for address in ("/events/kettle-and-talk", "/events", "/"):
        answer = await served.browser.get(address, Save_Data="on")
        assert "<img" not in answer.text, address
        assert "Save-Data" in answer.headers["Vary"]
    page = soup(await served.browser.get("/events/kettle-and-talk", Save_Data="on"))
    tap = page.select_one(".on-tap")
    assert tap is not None
    assert tap.a["href"] == path  # type: ignore[index]
    weight = len((await served.browser.get(path)).body)
    assert f"({weight // 1000 + 1} KB)" in tap.text
    assert ALT in tap.text
    assert "<img" in (await served.browser.get("/events/kettle-and-talk")).text
    assert len(gzip.compress(page.encode())) < 15_000


@pytest.fixture
async def full(tmp_path: Path, node_keys: Keys, clock: TurnableClock) -> AsyncIterator[Served]:
    """A node on a disk that is nearly full."""
    async with serve(tmp_path, node_keys, clock, settings={"media.keep_free_mb": 1e12}) as running:
        yield running


@pytest.fixture
async def crowded(tmp_path: Path, node_keys: Keys, clock: TurnableClock) -> AsyncIterator[Served]:
    """A node with room for one picture."""
    async with serve(tmp_path, node_keys, clock, settings={"media.room_mb": 0.001}) as running:
        yield running


async def test_on_a_full_disk_only_pictures_are_refused(full: Served) -> None:
    steward = await full.browser.sign_in(full.node)
    answer = await steward.give("/desk/new-event", WITH, photo())
    assert answer.status == 507
    assert "The disk is nearly full" in answer.text
    assert soup(answer).find(id="title")["value"] == "Kettle and talk"  # type: ignore[index]
    assert (await steward.give("/desk/new-event", EVENT)).status == 303


async def test_there_is_room_for_so_many(crowded: Served) -> None:
    steward = await crowded.browser.sign_in(crowded.node)
    assert (await steward.give("/desk/new-event", WITH, photo())).status == 303
    answer = await steward.give("/desk/new-event", WITH | {"title": "Two"}, photo())
    assert answer.status == 507
    assert "used up" in answer.text


async def test_every_session_of_a_series_shows_its_picture(
    served: Served, steward: Browser
) -> None:
    path = await published(served, steward, repeat="weekly")
    listing = await served.browser.get("/events/kettle-and-talk")
    session = re.search(r'href="/events/(kettle-and-talk-2027-[0-9-]+)"', listing.text)
    assert session is not None
    assert path in (await served.browser.get(f"/events/{session[1]}")).text
    form = await steward.get(f"/desk/events/{session[1]}")
    assert kept_file(form) == path[7:]
    answer = await steward.give(
        f"/desk/events/{session[1]}",
        WITH | {"picture_file": path[7:], "summary": "Only this time."},
    )
    assert answer.status == 303, answer.text


async def test_signed_out_nothing_typed_is_lost(served: Served, steward: Browser) -> None:
    served.browser.http.cookie_jar.clear()
    answer = await served.browser.give("/desk/new-event", WITH, photo())
    assert answer.status == 401
    assert "Kettle and talk" in answer.text
    assert list(served.node.config.media.glob("*")) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n",
     b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--x--\r\n',
     b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Encoding: gzip\r\n\r\nq\r\n--x--\r\n',
     b'--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n',
     b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Length: -4\r\n\r\nq\r\n--x--\r\n'],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_a_400(
    served: Served, steward: Browser, body: bytes
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin"}
    url = served.url + "/desk/new-event"
    async with steward.http.post(url, data=body, headers=headers) as answer:
        assert answer.status in (400, 403), await answer.text()  # read, but without a token: 403


async def test_a_document_may_only_show_what_is_here(served: Served, steward: Browser) -> None:
    path = await published(served, steward)
    file = path[7:]
    database, now = served.node.database, served.clock.now()

    def refused(image: dict[str, Any]) -> str:
        from node.errors import InvalidDocumentError  # noqa: PLC0415 - beside its only use

        session_work = lambda s: edit_event(s, "kettle-and-talk", {"image": image}, now=now)  # noqa: E731
        with pytest.raises(InvalidDocumentError) as caught:
            database.peek(session_work)
        return str(caught.value)

    assert "image.alt" in refused({"file": file})
    assert "image.width" in refused({"file": file, "alt": "x", "width": 5})
    assert "image.media_type" in refused({"file": file, "alt": "x", "media_type": "image/png"})
    assert "image.url" in refused({"file": file, "alt": "x", "url": "https://else.example/x"})
    for name in ("../x.jpg", "/etc/passwd", "https://else.example/x.jpg"):
        assert "image.file" in refused({"file": name, "alt": "x"})
    assert "no picture of this node" in refused({"file": "b" * 26 + "-9x9.jpg", "alt": "x"})
    assert (await stored(served, "kettle-and-talk"))["image"]["file"] == file
    assert await database.read(lambda s: events.get(s, "kettle-and-talk").event.image is not None)
