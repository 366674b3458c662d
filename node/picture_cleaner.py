"""Decodes one picture that nobody has looked at yet, and writes it anew: run in a process of its own.

    python -m node.picture_cleaner < upload > answer

The answer is one line of JSON, then the files it speaks of: `{"files": [[width, height, bytes], …]}`, the
large one and, where it differs, the small one; or `{"refused": "…"}`, one of the words of `node.pictures`.

What is kept is made of pixels alone: the first frame, turned as its orientation says, in sRGB, on white where
it was transparent, as JPEG. Position, camera, comments, colour profiles, previews and whatever was hung on the
end have no way through. A picture that is a bomb ends this process, by one of the limits, and nothing else.
"""

import io
import json
import resource
import sys

from PIL import Image, ImageCms, ImageOps

from node.domain.picture import LARGEST, SMALLEST, fitted

MOST_PIXELS = 33_177_600  # what Mastodon takes, too
_LONGEST_SIDE = 30_000
_MEMORY = 1024 * 1024 * 1024
_CPU_SECONDS = 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 82
_WHITE = (255, 255, 255)


def main() -> None:
    """Read standard input, write the answer to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # pipes are no files
    head, bodies = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(bodies))


def answer(data: bytes) -> tuple[dict[str, object], list[bytes]]:
    """What to say of an upload, and the files."""
    Image.MAX_IMAGE_PIXELS = None  # ours below is lower, and has an answer of its own
    try:
        found = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception:  # noqa: BLE001 - decoders raise what they like for bytes that are no picture
        return {"refused": "unknown"}, []
    width, height = found.size
    if width * height > MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
        return {"refused": "pixels"}, []
    try:
        large = _cleaned(found)
        sizes = [large.size, fitted(*large.size, SMALLEST)]
        made = [
            large if size == large.size else large.resize(size, Image.Resampling.LANCZOS)
            for size in dict.fromkeys(sizes)
        ]
        bodies = [_written(one) for one in made]
    except Exception:  # noqa: BLE001 - as above, for bytes that are half a picture
        return {"refused": "broken"}, []
    files = [[*one.size, len(body)] for one, body in zip(made, bodies, strict=True)]
    return {"files": files}, bodies


def _cleaned(found: Image.Image) -> Image.Image:
    """The first frame as RGB and nothing else, small enough."""
    found.seek(0)
    longest = LARGEST * 2  # a JPEG is decoded at a fraction of its size; exact sizes come below
    found.draft("RGB", fitted(*found.size, longest))
    profile = found.info.get("icc_profile")
    turned = ImageOps.exif_transpose(found)
    size = fitted(*turned.size, LARGEST)
    if turned.mode not in ("RGB", "RGBA", "L"):
        turned = turned.convert(
            "RGBA" if "transparency" in turned.info or "A" in turned.mode else "RGB"
        )
    elif turned.mode == "RGB" and "transparency" in turned.info:
        turned = turned.convert("RGBA")
    if turned.size != size:
        turned = turned.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    clean = Image.new("RGB", size, _WHITE)
    clean.paste(turned, mask=turned.getchannel("A") if turned.mode == "RGBA" else None)
    return _in_srgb(clean, profile)


def _in_srgb(clean: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen reads them; as they are where the profile is none that fits."""
    if not profile:
        return clean
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(clean, given, ImageCms.createProfile("sRGB"))
    except Exception:  # noqa: BLE001 - a broken profile, or one for other colours than these
        return clean
    plain = Image.new("RGB", clean.size)
    plain.paste(turned or clean)
    return plain


def _written(one: Image.Image) -> bytes:
    file = io.BytesIO()
    one.save(file, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
