"""Pictures to give to a node, drawn here: a photo that says where it was taken, and files that mean harm."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

WHERE = b"CANARY-51.5007-0.1246"  # somebody's garden
CAMERA = "CANARY-CAMERA-4711"


def photo(size: tuple[int, int] = (1000, 600), **more: Any) -> bytes:
    """A JPEG with a red left half, as a telephone makes it: EXIF with position, XMP, comment, profile."""
    image = Image.new("RGB", size, (20, 60, 160))
    image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif[0x0112] = more.pop("orientation", 1)
    exif[0x8825] = {
        1: "N",
        2: (51.0, 30.0, 2.52),
        3: "W",
        4: (0.0, 7.0, 28.56),
        0x1D: WHERE.decode(),
    }
    file = io.BytesIO()
    image.save(
        file,
        "JPEG",
        exif=exif,
        comment=WHERE,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + WHERE + b"</x:xmpmeta>",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        **more,
    )
    return file.getvalue()


def png(size: tuple[int, int] = (40, 30), mode: str = "RGBA", colour: Any = (9, 99, 9, 0)) -> bytes:
    """A PNG with a text in it; transparent unless told otherwise."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", WHERE.decode())
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, "PNG", pnginfo=told)
    return file.getvalue()


def bomb(side: int = 13_000) -> bytes:
    """A PNG of `side` x `side` points in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def animation(frames: int = 3) -> bytes:
    """A GIF whose first frame is green and all others red."""
    shown = [Image.new("P", (30, 20), 1 if i else 0) for i in range(frames)]
    for one in shown:
        one.putpalette([0, 200, 0, 200, 0, 0])
    file = io.BytesIO()
    shown[0].save(file, "GIF", save_all=True, append_images=shown[1:], duration=50)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """A file of the node, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
