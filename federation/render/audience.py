"""To whom something is addressed, and what others may do with it."""

from typing import Any, Final

from federation.vocab import PUBLIC
from node.domain.event import Visibility
from node.errors import RefusedError
from node.urls import Urls

# What is not said is denied by GoToSocial before 0.20, which knew `always` instead of `automaticApproval`.
_EVERYONE: Final = {"always": [PUBLIC], "automaticApproval": [PUBLIC]}


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


def interaction_policy(urls: Urls) -> dict[str, Any]:
    """`interactionPolicy` (GoToSocial, FEP-044f): open to all, but nobody may quote it except the group.

    A policy that admits others to quoting promises to answer their QuoteRequest with a stamp. Until that is done
    here, saying so is kinder than a quote that Mastodon shows as pending for ever.
    """
    return {
        "canLike": _EVERYONE,
        "canReply": _EVERYONE,
        "canAnnounce": _EVERYONE,
        "canQuote": {"automaticApproval": [urls.group]},
    }
