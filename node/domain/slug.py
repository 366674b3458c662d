"""Short names in addresses: `spring-spiral-day`."""

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_LONGEST_MADE = 60


def is_slug(text: str) -> bool:
    """Whether `text` may stand in an address: lower-case letters, digits and inner hyphens, 1-80."""
    return SLUG.fullmatch(text) is not None


def make_slug(title: str, fallback: str) -> str:
    """A slug from a title (`Grüne Wege!` → `grune-wege`), or `fallback` where nothing Latin is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:_LONGEST_MADE].strip("-") or fallback
