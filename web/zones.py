"""Time zones: those that are offered first, and any that somebody means by its IANA name or its city."""

from functools import lru_cache
from zoneinfo import available_timezones

from node.domain.tokens import fold

COMMON_ZONES = (
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "America/Bahia",
    "America/Bogota",
    "America/Buenos_Aires",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Vancouver",
    "Asia/Amman",
    "Asia/Dhaka",
    "Asia/Jakarta",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Manila",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Melbourne",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Europe/Kyiv",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Oslo",
    "Europe/Paris",
    "Europe/Prague",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Vienna",
    "Europe/Warsaw",
    "Europe/Zurich",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "UTC",
)

_LONGEST = 60
_NOT_MEANT = frozenset({"localtime", "Factory"})  # of the machine, and of nobody


def find_zone(text: str) -> str:
    """The IANA name of the zone that is meant by `Europe/Berlin`, `berlin` or `São Paulo`; empty if none is."""
    return _names().get(_key(text[:_LONGEST]), "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every zone by its name, and by its city where no other name is the same; offered ones go first."""
    known = sorted(
        available_timezones() - _NOT_MEANT, key=lambda name: (name not in COMMON_ZONES, name)
    )
    found = {_key(name): name for name in known}
    for name in known:
        found.setdefault(_key(name.rpartition("/")[2]), name)
    return found


def _key(text: str) -> str:
    return "_".join(fold(text).replace("_", " ").split())
