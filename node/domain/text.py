"""Text that people read: one string, or the same thing said in several languages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# C0 and C1 controls except tab and line feed; bidi overrides and isolates; zero-width tricks.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def clean(text: str) -> str:
    """`text` without control and direction-changing characters, ready to be shown as text."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cleaned(text: str | None) -> str | None:
    """`clean(text)`; None for what is absent or empty."""
    return clean(text) if text else None


def direction(language: str) -> str:
    """`rtl` or `ltr` for a BCP 47 language tag."""
    return "rtl" if language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True)
class Localised:
    """The same text in one or more languages, the main one first; never empty of languages.

    A text that carries no language tag is kept under `und` until a default is known.
    """

    versions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, value: str | Mapping[str, str], default: str = "und") -> "Localised":
        """From the exchange format: a string (in the `default` language) or a language map."""
        if isinstance(value, str):
            return cls(((default, clean(value)),))
        return cls(tuple((language, clean(text)) for language, text in value.items()))

    @property
    def language(self) -> str:
        """The tag of the main language."""
        return self.versions[0][0]

    @property
    def text(self) -> str:
        """The text in the main language."""
        return self.versions[0][1]

    def __str__(self) -> str:
        return self.text

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.versions)

    def best(self, wanted: Sequence[str]) -> tuple[str, str]:
        """`(language, text)` for the first wanted tag we have (`pt` finds `pt-BR`), else the main."""
        for tag in wanted:
            for language, text in self.versions:
                if _matches(tag.lower(), language.lower()):
                    return language, text
        return self.versions[0]


def _matches(wanted: str, have: str) -> bool:
    """RFC 4647 lookup, both ways: `pt` finds `pt-BR`, `en-GB` finds `en`."""
    return have == wanted or have.startswith(wanted + "-") or wanted.startswith(have + "-")


def localised(value: object, default: str = "und") -> Localised | None:
    """`Localised.of`, but None for what is absent or empty."""
    if isinstance(value, str):
        return Localised.of(value, default) if value.strip() else None
    if isinstance(value, Mapping):
        texts = {str(k): v for k, v in value.items() if isinstance(v, str) and v.strip()}
        return Localised.of(texts) if texts else None
    return None
