"""Reading what an Event says of its series and of sittings at other hours (docs/proposals/series.md).

Pure and total. A series is believed only on the event's own server: whoever can write `series` could
otherwise hang its gatherings under anybody's name. Siblings are mere links, and shown as such.
"""

from dataclasses import dataclass
from typing import Final

from federation.addresses import same_origin
from federation.parse import Document, id_of, ids_of

_MOST_SIBLINGS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLinks:
    """The id of the series an event is a session of, and those of its siblings."""

    series: str | None
    siblings: tuple[str, ...]


def read_series(document: Document) -> SeriesLinks:
    """`series`, or schema.org's `superEvent`; `siblings`, each once and without the event itself."""
    own = id_of(document.get("id"))
    series = id_of(document.get("series")) or id_of(document.get("superEvent"))
    if series is not None and (own is None or series == own or not same_origin(series, own)):
        series = None
    others = dict.fromkeys(one for one in ids_of(document.get("siblings")) if one != own)
    return SeriesLinks(series=series, siblings=tuple(others)[:_MOST_SIBLINGS])
