"""To whom something is addressed, and that it is not to be quoted."""

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


def not_to_be_quoted(urls: Urls) -> dict[str, Any]:
    """`interactionPolicy` (FEP-044f): nobody but the group itself may quote it.

    A policy that admits others promises to answer their QuoteRequest with a stamp. Until that is done
    here, saying so is kinder than a quote that Mastodon shows as pending for ever.
    """
    return {"canQuote": {"automaticApproval": [urls.group]}}
