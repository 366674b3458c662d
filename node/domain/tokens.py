"""Words made alike, so that a search finds them however they are written.

Case, accents and the shapes of Arabic letters do not count; an Arabic article is taken off. Scripts
that put no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) become overlapping
pairs of characters: `山水画` is `山水 水画 画`. Vowel signs of Indian scripts belong to their words.

The same function makes the index and the question, so both always agree.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 64  # characters of one word that count

# Marks that are written or left out as one likes: Latin, Greek, Cyrillic, Hebrew, Arabic.
_FREE_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06ed\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Letters that Unicode does not take apart, and Arabic ones that are used for each other.
_ALIKE: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("أإآٱ", "ا")
    | {"ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك"}
    | {digit: str(value) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(row)}
)
_ARTICLE: Final = re.compile("(?:[وفبك]?ال|لل)(?=..)")
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECES: Final = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")


def fold(text: str) -> str:
    """`text` without what does not count; its words stay where they are."""
    plain = _FREE_MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", plain).translate(_ALIKE)


def tokens(text: str) -> list[str]:
    """Every token of a text in its order, as the index keeps them."""
    return [token for piece in pieces(text) for token in _of_piece(piece)]


def pieces(text: str) -> Iterator[str]:
    """The folded words of a text; of a script without spaces, what stands together."""
    for word in fold(text).translate(_SPACING).split():
        for piece in _PIECES.findall(word):
            yield piece if is_unspaced(piece) else without_article(piece)[:LONGEST]


def words(text: str) -> Iterator[tuple[int, int]]:
    """Where each run of letters, marks and digits of a text begins and ends, as the text is written."""
    for found in _RUN.finditer(text.translate(_SPACING)):
        yield found.span()


def is_unspaced(piece: str) -> bool:
    """Whether it is of a script that puts no spaces between words."""
    return _IS_UNSPACED.match(piece) is not None


def pairs(piece: str) -> list[str]:
    """The overlapping pairs of characters of a piece without spaces."""
    return [piece[at : at + 2] for at in range(len(piece) - 1)]


def without_article(word: str) -> str:
    """An Arabic word without its article, and what is written together with that: light stemming."""
    return _ARTICLE.sub("", word, count=1) if _ARTICLE.match(word) else word


def _of_piece(piece: str) -> list[str]:
    return [*pairs(piece), piece[-1]] if is_unspaced(piece) else [piece]


class _Spacing(dict[int, str]):
    """For `str.translate`: what is not part of a word becomes a space. Filled as characters come."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = self[code] = character if unicodedata.category(character)[0] in "LMN" else " "
        return kept


_SPACING: Final = _Spacing()
_RUN: Final = re.compile(r"[^ ]+")
