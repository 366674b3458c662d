"""What readers choose for themselves: the text-only view, and their own time zone beside the hosts'.

Both stand in the address, `?view=text&zone=Europe/Berlin`, and nowhere else: no cookie is set, nothing is kept of
anybody, and a link that is passed on shows to others what it showed to its sender. So that a choice holds while
somebody clicks on, every link and form of ours on a page takes it along, and so does where a form leads.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode, urlsplit

from markupsafe import escape

from web.i18n import Reader
from web.zones import find_zone

VIEW: Final = "view"
ZONE: Final = "zone"
TEXT: Final = "text"

_TAG: Final = re.compile(r"<(?:a|form)\b[^>]*>")
_TARGET: Final = re.compile(
    r'(?<=\s)(?:href|action)="((?:https?://[^/"]+)?(/(?!/)[^"?#]*)(\?[^"#]*)?)'
)
_GET_FORM: Final = re.compile(r'^<form\b(?!.*\smethod="post")')


def chosen(reader: Reader, query: Mapping[str, str]) -> Reader:
    """The reader with what an address says that they chose. A zone that is not known is said on the page."""
    view, zone = query.get(VIEW, ""), query.get(ZONE, "").strip()
    if view != TEXT and not zone:
        return reader
    found = find_zone(zone)
    return replace(
        reader,
        text_only=view == TEXT,
        saves_data=reader.saves_data or view == TEXT,
        zone=found,
        zone_unknown=bool(zone) and not found,
    )


def pairs(reader: Reader) -> dict[str, str]:
    """What a reader chose, as the fields of an address."""
    view = {VIEW: TEXT} if reader.text_only else {}
    return view | ({ZONE: reader.zone} if reader.zone else {})


def same_page(reader: Reader, query: Sequence[tuple[str, str]], **changes: str) -> str:
    """The address of the page somebody is on, with other choices: `?stage=gratitude&view=text`. Empty ones go."""
    own = {name: value for name, value in (pairs(reader) | changes).items() if value}
    left = [pair for pair in query if pair[0] not in changes]
    return "?" + urlencode([*left, *own.items()])


def taken_along(page: str, reader: Reader, origin: str) -> str:
    """A finished page whose links and forms to pages of ours say what its reader chose."""
    fields = pairs(reader)
    if not fields:
        return page
    query = str(escape(urlencode(fields)))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )

    def with_choices(tag: re.Match[str]) -> str:
        target = _TARGET.search(tag[0])
        if target is None or not _is_page(target[1], target[2], origin):
            return tag[0]
        if _GET_FORM.match(tag[0]):  # its fields become the query
            return tag[0] + hidden
        end = target.end()
        return f"{tag[0][:end]}{'&amp;' if target[3] else '?'}{query}{tag[0][end:]}"

    return _TAG.sub(with_choices, page)


def led_on(location: str, query: Mapping[str, str]) -> str:
    """Where a form leads, with what was chosen before."""
    fields = pairs(chosen(Reader(""), query))
    if not fields or not _is_page(location, location.partition("?")[0], ""):
        return location
    address, hash_, fragment = location.partition("#")
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(fields)}{hash_}{fragment}"


def _is_page(address: str, path: str, origin: str) -> bool:
    """Whether it is a page of ours: a file to take away, or the desk, is the same however one reads."""
    ours = (address.startswith("/") and address[1:2] != "/") or (
        origin and address.startswith(f"{origin}/")
    )
    return bool(ours) and "." not in path.rpartition("/")[2] and not path.startswith("/desk")
