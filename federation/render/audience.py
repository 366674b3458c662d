"""To whom something is addressed, and whether it may be quoted."""

from typing import Any

from federation.vocab import PUBLIC
from node.domain.event import Visibility
from node.errors import RefusedError
from node.urls import Urls


def audience(visibility: Visibility, urls: Urls) -> tuple[list[str], list[str]]:
    """`to` and `cc` (Mastodon reads visibility from exactly these).

    Raises RefusedError for what is not for other servers at all, so that a mistake upstream cannot
    turn into a leak.
    """
    if visibility is Visibility.PUBLIC:
        return [PUBLIC], [urls.followers]
    if visibility is Visibility.FOLLOWERS_AND_LINK:
        return [urls.followers], []
    raise RefusedError("This is not for other servers.")


def quotable(by: str) -> dict[str, Any]:
    """`interactionPolicy` (FEP-044f): who may quote it without asking; Mastodon 4.5 asks to see this."""
    return {"canQuote": {"automaticApproval": [by]}}
