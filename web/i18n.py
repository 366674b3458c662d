"""Languages of the pages: which one a reader gets, and the catalogues of translations.

Catalogues are plain gettext `.po` files, `web/locales/<tag>/LC_MESSAGES/roughweather.po`, read when a
reader first needs one: adding a language means adding one text file, nothing is compiled.
"""

import gettext
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from node.domain.text import direction

SOURCE_LOCALE = "en"
_DOMAIN = "roughweather"
_LONGEST_HEADER = 300
_MOST_LANGUAGES = 8
_CONTEXT = "\x04"
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Reader:
    """What one reader's browser asks for: the language of the interface, and of the content.

    `wanted` holds, best first, only languages that the group writes in or that the pages speak, which
    forms offer for texts, too: so there are few different readers, and each page is kept once for all
    who are alike. Who `saves_data` gets pictures on tap (`Save-Data: on`,
    https://wicg.github.io/savedata/). `text_only` and `zone` (an IANA name) are what the reader chose,
    see `web.choices`; where `zone_unknown`, they asked for a zone that is none.
    """

    locale: str
    wanted: tuple[str, ...] = ()
    saves_data: bool = False
    text_only: bool = False
    zone: str = ""
    zone_unknown: bool = False

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`, for the page."""
        return direction(self.locale)


class Catalogue(gettext.NullTranslations):
    """The translations of one `.po` file; what it lacks is shown in English.

    `reviewed` is false while its header says `X-Review: awaited`: no native speaker has read it yet.
    """

    def __init__(self, source: str = "", *, right_to_left: bool = False) -> None:
        super().__init__()
        self.right_to_left = right_to_left
        self.reviewed = True
        self._messages: dict[str, list[str]] = {}
        self._plural = gettext.c2py("n != 1")
        for key, forms in read_po(source):
            if key == "":
                self._read_header(forms[0])
            elif all(forms):
                self._messages[key] = forms

    def gettext(self, message: str) -> str:
        """The translation of `message`."""
        return self._messages.get(message, [message])[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form that fits the number `n`."""
        forms = self._messages.get(msgid1)
        if forms is None:
            return msgid1 if n == 1 else msgid2
        return forms[min(self._plural(n), len(forms) - 1)]

    def pgettext(self, context: str, message: str) -> str:
        """The translation of `message` where it stands for `context`."""
        return self._messages.get(context + _CONTEXT + message, [message])[0]

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """`ngettext` within a context."""
        found = self.ngettext(context + _CONTEXT + msgid1, msgid2, n)
        return msgid1 if found == context + _CONTEXT + msgid1 else found

    def listed(self, parts: Iterable[str]) -> str:
        """The parts of a list in one line: `Mon, Wed`, `الإثنين، الأربعاء`."""
        return self.gettext(", ").join(parts)

    @property
    def messages(self) -> dict[str, list[str]]:
        """All translations, by message (`context\\x04message` where it has a context)."""
        return self._messages

    def _read_header(self, header: str) -> None:
        self.reviewed = "X-Review: awaited" not in header
        found = re.search(r"plural=([^;\n]+)", header)
        if found:
            self._plural = gettext.c2py(found[1])


def read_po(source: str) -> Iterator[tuple[str, list[str]]]:
    """Each entry of a `.po` file as its key and its translated forms; entries marked fuzzy are left out."""
    for block in re.split(r"\n\s*\n", source):
        if re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE):
            continue
        fields: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            found = re.match(r"(msg[a-z_]+(?:\[\d\])?)\s", line)
            if found:
                field = found[1]
            if field and not line.startswith("#"):
                quoted = _QUOTED.search(line)
                fields[field] = fields.get(field, "") + (_unescape(quoted[1]) if quoted else "")
        if "msgid" in fields:
            key = fields["msgid"]
            if "msgctxt" in fields:
                key = fields["msgctxt"] + _CONTEXT + key
            yield key, [text for name, text in fields.items() if name.startswith("msgstr")]


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


@lru_cache(maxsize=1)
def locales() -> tuple[str, ...]:
    """Tags of the languages the interface speaks, English first."""
    folder = resources.files("web") / "locales"
    found = (
        entry.name
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if (entry / "LC_MESSAGES").is_dir()
    )
    return (SOURCE_LOCALE, *sorted(name for name in found if name != SOURCE_LOCALE))


@lru_cache(maxsize=32)
def catalogue(locale: str) -> Catalogue:
    """The catalogue of one of `locales()`; the one of English is empty."""
    if locale == SOURCE_LOCALE:
        return Catalogue()
    path = resources.files("web") / "locales" / locale / "LC_MESSAGES" / f"{_DOMAIN}.po"
    return Catalogue(path.read_text(encoding="utf-8"), right_to_left=direction(locale) == "rtl")


@lru_cache(maxsize=1024)
def reader_for(accept_language: str, group_languages: tuple[str, ...]) -> Reader:
    """The reader behind an `Accept-Language` header (RFC 9110 §12.5.4); never raises.

    Where none of the asked languages is ours, the interface speaks the group's first language that
    it can, and English failing that.
    """
    asked = _asked(accept_language[:_LONGEST_HEADER])
    candidates = [*asked, *group_languages, SOURCE_LOCALE]
    locale = next(found for tag in candidates if (found := _match(tag, locales())))
    spoken = [_match(tag, (*group_languages, *locales())) for tag in asked]
    spoken.append(_match(locale, group_languages))
    return Reader(locale, tuple(dict.fromkeys(tag for tag in spoken if tag)))


def _asked(header: str) -> list[str]:
    """Language tags of the header, best first; malformed parts and q=0 are left out."""
    weighted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag.strip()) and 0 < weight <= 1:
            weighted.append((-weight, tag.strip().lower()))
    weighted.sort(key=lambda pair: pair[0])
    return [tag for _, tag in weighted[:_MOST_LANGUAGES]]


def _match(tag: str, have: tuple[str, ...]) -> str | None:
    """RFC 4647 lookup: the tag itself, a longer one of ours, or the same language."""
    wanted = tag.lower()
    for ours in have:
        if ours.lower() == wanted:
            return ours
    for ours in have:
        if ours.lower().partition("-")[0] == wanted.partition("-")[0]:
            return ours
    return None
