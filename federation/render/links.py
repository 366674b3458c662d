"""What hangs on an event: its picture, its links and its hashtags."""

import unicodedata
from typing import Final
from urllib.parse import urlsplit

from federation.render.encode import Document
from federation.render.text import clip
from node.domain.event import Event, Image, RegistrationMode
from node.urls import Urls

_MOST_TAGS: Final = 20
_LONGEST_TAG: Final = 60
_LONGEST_ALT: Final = 1500
# Servers make links of addresses up to this length.
_LONGEST_ADDRESS: Final = 512
# The name under which Mobilizon looks for the link of an event.
_MOBILIZON_LINK: Final = "Website"


def absolute(address: str | None, urls: Urls) -> str | None:
    """A web address in full (`/media/…` is ours); None for what is no http(s) address."""
    if not address or any(char.isspace() or not char.isprintable() for char in address):
        return None
    ours = address.startswith("/") and not address.startswith("//")
    full = urls.origin + address if ours else address
    try:
        parts = urlsplit(full)
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and len(full) <= _LONGEST_ADDRESS
    return full if usable else None


def attachments(event: Event, urls: Urls) -> list[Document]:
    """The picture first (gancio and Lemmy read only the first), then public links; never a property."""
    banner = picture(event.image, urls) if event.image is not None else None
    found = [banner | {"isBannerImage": True}] if banner is not None else []
    room = absolute(event.online.url, urls) if event.online is not None else None
    if room:
        found.append(_link(room, _MOBILIZON_LINK))
    if event.registration.mode is RegistrationMode.EXTERNAL:
        elsewhere = absolute(event.registration.url, urls)
        if elsewhere and elsewhere != room:
            found.append(_link(elsewhere, "Registration" if room else _MOBILIZON_LINK))
    return found


def picture(image: Image, urls: Urls) -> Document | None:
    """A picture as Mastodon reads it: `name` is the text for those who do not see it."""
    address = absolute(image.url, urls)
    if address is None:
        return None
    shown: Document = {
        "type": "Document",
        "mediaType": image.media_type,
        "url": address,
        "name": clip(image.alt, _LONGEST_ALT),
        "focalPoint": list(image.focal_point),
    }
    size = {"width": image.width, "height": image.height}
    return shown | {key: value for key, value in size.items() if value}


def _link(href: str, name: str) -> Document:
    return {"type": "Link", "mediaType": "text/html", "href": href, "name": name}


def hashtags(event: Event, chosen_category: str, urls: Urls) -> list[Document]:
    """The hosts' tags, then the categories that are not the one given as `category`."""
    others = (name.title() for name in event.categories if name != chosen_category)
    tags: dict[str, Document] = {}
    for word in (*event.tags, *others):
        name = _letters(word)
        # A hashtag of digits only is none.
        if name and not name.isdigit():
            tags.setdefault(name.casefold(), hashtag(name, urls))
    return list(tags.values())[:_MOST_TAGS]


def _letters(word: str) -> str:
    """Letters, the marks of Indic and other scripts that belong to them, and digits; nothing else."""
    return "".join(char for char in word if unicodedata.category(char)[0] in "LMN")[:_LONGEST_TAG]


def hashtag(name: str, urls: Urls) -> Document:
    """`#Name` with the page here that lists it."""
    return {"type": "Hashtag", "name": f"#{name}", "href": urls.tag(name)}
