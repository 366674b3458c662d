"""What the tests of paper print, and how they look at it."""

from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from node.services.events import add_event
from node.services.reflections import add_reflection
from node.store.database import Session
from tests.conftest import NOW

LONG_GERMAN = {
    "id": "lang",
    "title": {
        "de": "Wiederverbindungsgemeinschaftswerkstatt für Großelterngenerationen und Nachbarschaften"
    },
    "languages": ["de"],
    "start_local": "2027-05-01T10:00:00",
    "end_local": "2027-05-01T16:30:00",
    "timezone": "Europe/Berlin",
    "format": "in_person",
    "location": {"name": "Gemeindehaus", "locality": "Berlin", "visibility": "public"},
    "summary": {"de": "Ein Tag um die Spirale. " * 30},
}
ARABIC = LONG_GERMAN | {
    "id": "arabic",
    "title": {"ar": "دائرة الامتنان على ضفّة النهر", "en": "Gratitude by the river"},
    "languages": ["ar", "en"],
    "summary": {"ar": "نجتمع عند الغروب ونقرأ ونسكت معًا."},
}
SECRET_PLACE = LONG_GERMAN | {
    "id": "secret",
    "title": {"en": "Grief circle"},
    "languages": ["en"],
    "summary": {"en": "We sit."},
    "location": {
        "visibility": "on_registration",
        "public_area": {"en": "North side"},
        "private": {"name": "PRIVATE-HALL", "address": "PRIVATE-STREET 4"},
    },
    "online": {"url": "https://meet.example/PRIVATE-ROOM", "url_visibility": "on_registration"},
    "format": "hybrid",
}
POINTS = {"a4": (595, 842), "letter": (612, 792), "a5": (420, 595)}


def a_reflection(slug: str, *, reuse: bool | None, **more: Any) -> dict[str, Any]:
    return {
        "id": slug,
        "kind": "poem",
        "spiral_stage": "gratitude",
        "language": "en",
        "title": {"en": f"Title of {slug}"},
        "body": {"en": f"Words of {slug}."},
        "attribution": {"mode": "first_name", "display": "Kaia"},
        "consent": {"publish": True, "federate": True, "by": "author", "reuse": reuse},
        "published": "2027-03-05T12:00:00Z",
    } | more


def fill(session: Session) -> None:
    """Gatherings that are hard to print, and reflections that may be printed or not."""
    for event in (LONG_GERMAN, ARABIC, SECRET_PLACE):
        add_event(session, event, now=NOW)
    april = {"published": "2027-04-02T12:00:00Z"}
    for reflection in (
        a_reflection("printable", reuse=True),
        a_reflection("not-asked", reuse=None),
        a_reflection("declined", reuse=False),
        a_reflection("of-april", reuse=True, **april),
        a_reflection("only-by-link", reuse=True, visibility="link_only"),
    ):
        add_reflection(session, reflection, now=NOW)


def read_codes(document: pypdfium2.PdfDocument, number: int = 0) -> list[str]:
    """What a telephone reads off the page in grey, at 150 dots to the inch."""
    picture: Image.Image = document[number].render(scale=150 / 72).to_pil().convert("L")
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def words_on(document: pypdfium2.PdfDocument, number: int = 0) -> str:
    """The text of a page on one line."""
    return " ".join(document[number].get_textpage().get_text_range().split())
