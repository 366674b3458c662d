"""A peer that can take the shape of any server we know.

    robin = GOTOSOCIAL.member(peer, "robin")
    answer = await robin.post(f"{node.url}/inbox", robin.follow(f"{node.url}/group"))
    accept = await peer.delivery("Accept", path=robin.inbox)

`SERVERS` has them all, for tests that hold whoever asks. `signing` signs by hand; a wrong signature is
`robin.post(…, signing=dataclasses.replace(robin.software.signing, algorithm="hmac-sha256"))`.
"""

from tests.interop.shapes.habits import ed25519_of, pkcs1
from tests.interop.shapes.servers import (
    FEDIFY,
    FRIENDICA,
    GANCIO,
    GOTOSOCIAL,
    LEMMY,
    MASTODON,
    MISSKEY,
    MOBILIZON,
    PIXELFED,
    PLEROMA,
    SERVERS,
    WORDPRESS,
)
from tests.interop.shapes.signing import Cavage, Rfc9421
from tests.interop.shapes.software import Member, Software

__all__ = [
    "FEDIFY",
    "FRIENDICA",
    "GANCIO",
    "GOTOSOCIAL",
    "LEMMY",
    "MASTODON",
    "MISSKEY",
    "MOBILIZON",
    "PIXELFED",
    "PLEROMA",
    "SERVERS",
    "WORDPRESS",
    "Cavage",
    "Member",
    "Rfc9421",
    "Software",
    "ed25519_of",
    "pkcs1",
]
