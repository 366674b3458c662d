"""The media types of ActivityPub documents, and the exact rule for telling them (FEP-fe34).

A document is believed only under these types: anything looser, and an upload or a paste on
somebody's server could pass for an actor of that server.
"""

import re
from typing import Final

from federation.vocab import ACTIVITY_JSON, AS2, LD_JSON

ACCEPT: Final = f"{ACTIVITY_JSON}, {LD_JSON}"

_TYPE: Final = re.compile(r"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)\s*", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    r';\s*(?:([a-z0-9*_-]+)=(?:"([^"\\]*)"|([^\s;"]+)))?\s*', re.IGNORECASE
)


def is_activity_json(content_type: str) -> bool:
    """Whether a Content-Type is `application/activity+json`, or ld+json with the AS2 profile.

    The profile is a list of URIs parted by spaces; one of them must be the AS2 one exactly.
    """
    match = _TYPE.match(content_type)
    if match is None:
        return False
    kind, parameters = match[1].lower(), _parameters(content_type[match.end() :])
    if parameters is None:
        return False
    if kind == ACTIVITY_JSON:
        return True
    return kind == "application/ld+json" and AS2 in parameters.get("profile", "").split()


def _parameters(text: str) -> dict[str, str] | None:
    """Parameters by lower-case name; None if they cannot be read in one way."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or (match[1] or "").lower() in found:
            return None
        if match[1]:
            found[match[1].lower()] = match[2] if match[2] is not None else match[3]
        at = match.end()
    return found
