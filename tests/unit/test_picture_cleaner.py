"""What is left of a picture when it was cleaned: pixels, and nothing else."""

import io
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from node.domain.picture import LARGEST, SMALLEST, Picture, anywhere_in, fitted, named
from node.picture_cleaner import answer
from tests.pictures import CAMERA, WHERE, animation, bomb, opened, photo, png

ID = "abcdefghijklmnopqrstuvw234"


def test_nothing_but_pixels_is_left() -> None:
    given_ = photo()
    assert WHERE in given_
    assert CAMERA.encode() in given_
    head, bodies = answer(given_)
    assert [one[:2] for one in head["files"]] == [[1000, 600], [400, 240]]
    for body in bodies:
        assert WHERE not in body
        assert CAMERA.encode() not in body
        image = opened(body)
        assert image.format == "JPEG"
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert not image.getexif()


@pytest.mark.parametrize(
    ("orientation", "red_at"), [(1, (5, 50)), (3, (95, 50)), (6, (50, 5)), (8, (50, 95))]
)
def test_it_stands_as_it_was_held(orientation: int, red_at: tuple[int, int]) -> None:
    head, bodies = answer(photo((1000, 600), orientation=orientation))
    turned = orientation in (6, 8)
    assert head["files"][0][:2] == ([600, 1000] if turned else [1000, 600])
    image = opened(bodies[0])
    red, _, blue = image.getpixel((red_at[0] * image.width // 100, red_at[1] * image.height // 100))
    assert red > 150 > blue


@pytest.mark.parametrize(
    ("made", "colour"),
    [
        (png(), (255, 255, 255)),  # what was transparent is white
        (png(mode="L", colour=70), (70, 70, 70)),
        (png(mode="I;16", colour=0), (0, 0, 0)),
        (animation(), (0, 200, 0)),  # the first frame
    ],
    ids=["transparent", "grey", "sixteen-bit", "animation"],
)
def test_every_kind_becomes_a_plain_jpeg(made: bytes, colour: tuple[int, int, int]) -> None:
    _, bodies = answer(made)
    shown = opened(bodies[0]).getpixel((3, 3))
    assert all(abs(one - other) < 8 for one, other in zip(shown, colour, strict=True))
    assert len(bodies) == 1  # small enough already


def test_other_colour_spaces_become_srgb() -> None:
    file = io.BytesIO()
    Image.new("CMYK", (50, 50), (0, 255, 255, 0)).save(file, "JPEG")
    red, green, blue = opened(answer(file.getvalue())[1][0]).getpixel((25, 25))
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "unknown"),
        (b"<!doctype html><script>alert(1)</script>", "unknown"),
        (b"%PDF-1.7\n", "unknown"),
        (b"\xff\xd8\xff\xe0 nothing behind it", "unknown"),
        (b"BM" + bytes(100), "unknown"),
        (bomb(), "pixels"),
        (photo()[:9000], "broken"),
    ],
    ids=["empty", "svg", "html", "pdf", "half-magic", "bmp", "bomb", "cut-off"],
)
def test_what_is_no_picture_is_refused(data: bytes, word: str) -> None:
    assert answer(data) == ({"refused": word}, [])


def test_what_hangs_on_the_end_is_gone() -> None:
    _, bodies = answer(photo() + b"<script>alert(1)</script>PK\x03\x04")
    assert b"script" not in bodies[0]
    assert b"PK\x03\x04" not in bodies[0]


def test_the_process_has_bounds_and_says_one_line() -> None:
    command = [sys.executable, "-m", "node.picture_cleaner"]
    done = subprocess.run(command, input=photo(), capture_output=True, check=True)
    head, _, rest = done.stdout.partition(b"\n")
    assert head.startswith(b'{"files": [[1000, 600, ')
    assert rest.startswith(b"\xff\xd8")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3000))
def test_damaged_bytes_never_raise(noise: bytes, place: int) -> None:
    damaged = bytearray(SMALL)
    at = place % len(damaged)
    damaged[at : at + len(noise)] = noise
    head, bodies = answer(bytes(damaged))
    assert ("refused" in head) == (not bodies)


SMALL = photo((60, 40))


def test_a_name_says_all() -> None:
    picture = Picture(ID, 1600, 1067)
    assert picture.file == f"{ID}-1600x1067.jpg"
    assert picture.files == (picture.file, f"{ID}-400x267.jpg")
    assert named(picture.file) == picture
    assert Picture(ID, 400, 300).files == (f"{ID}-400x300.jpg",)
    assert anywhere_in(f'{{"file": "{picture.file}"}} {picture.small.file}') == [
        picture,
        picture.small,
    ]


@pytest.mark.parametrize(
    "name",
    ["", None, 3, "x.jpg", f"../{ID}-1x1.jpg", f"{ID}-0x1.jpg", f"{ID}-1601x10.jpg", f"{ID}-10x10.png",
     f"{ID}-10x10.jpg\n", f"{ID.upper()}-10x10.jpg", f"{ID}-10x10.jpg/../x", f"a/{ID}-10x10.jpg"],
)  # fmt: skip
def test_other_names_are_none(name: object) -> None:
    assert named(name) is None


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_made_smaller_it_keeps_its_shape(width: int, height: int) -> None:
    for longest in (LARGEST, SMALLEST):
        w, h = fitted(width, height, longest)
        assert min(w, h) >= 1
        assert max(w, h) <= max(longest, 1)
        assert fitted(w, h, longest) == (w, h)
