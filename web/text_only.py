"""The text-only view of a page: what it says and where it leads, for dear data, old telephones and small screens.

It is made of the finished page, so every page has one and none has to know of it. Structure, languages and forms
stay as they are; what is there for the eye or for other programs goes.
"""

from html.parser import HTMLParser
from typing import Final

from markupsafe import escape

from web.assets import asset

_LEFT_OUT: Final = frozenset({"svg", "script", "style"})  # with everything in them
_FOR_THE_EYE: Final = frozenset(
    {"tile", "hills"}
)  # classes of what says again what stands beside it
_UNWRAPPED: Final = frozenset({"span", "data"})  # where nothing is left to say of their content
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_META: Final = frozenset({"viewport", "color-scheme", "robots"})
_NO_ATTRIBUTES: Final = frozenset({"class", "style", "width", "height", "value"})
# What stays out of sight, and what its few lines of style sheet know.
_CLASSES: Final = frozenset({"trap", "sr", "skip"})


def text_only(page: str) -> str:
    """A finished page without pictures, drawings and scripts, and with a few lines of CSS."""
    reader = _Plain()
    reader.feed(page)
    reader.close()
    return "".join(reader.parts)


class _Plain(HTMLParser):
    """Writes down again what stays of a page, as it comes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._left_out = 0  # how deep within what is left out
        self._wrapped: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if self._left_out or tag in _LEFT_OUT or classes & _FOR_THE_EYE:
            self._left_out += tag not in _VOID
        elif tag == "img":
            self._picture(given)
        elif tag == "link":
            self._link(given)
        elif tag != "meta" or "charset" in given or given.get("name") in _META:
            self._element(tag, given, classes & _CLASSES)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only drawings have these, and they are left out."""

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            self._left_out -= 1
        elif tag not in _UNWRAPPED or self._wrapped.pop():
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.parts.append(data if data.strip() else data[:1])

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def _element(self, tag: str, given: dict[str, str], classes: set[str]) -> None:
        dropped = _NO_ATTRIBUTES - ({"value"} if tag != "data" else set())
        kept = {name: value for name, value in given.items() if name not in dropped}
        if classes:
            kept["class"] = " ".join(sorted(classes))
        if tag in _UNWRAPPED:
            self._wrapped.append(bool(kept))
        if kept or tag not in _UNWRAPPED:
            written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
            self.parts.append(f"<{tag}{written}>")

    def _link(self, given: dict[str, str]) -> None:
        if given.get("rel") == "canonical":
            self.parts.append(f'<link rel="canonical" href="{escape(given["href"])}">')
        elif given.get("rel") == "stylesheet" and given.get("href") == asset("style.css"):
            self.parts.append(f'<link rel="stylesheet" href="{asset("text.css")}">')

    def _picture(self, given: dict[str, str]) -> None:
        """What it shows, in words that lead to it."""
        if given.get("alt"):
            self.parts.append(f'<a href="{escape(given["src"])}">{escape(given["alt"])}</a>')
