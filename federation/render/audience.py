"""To whom something is addressed, and what others may do with it."""

from typing import Any

from federation.vocab import PUBLIC
from node.domain.event import Visibility
from node.domain.permission import Approval, Permissions
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


def interaction_policy(permissions: Permissions, urls: Urls) -> dict[str, Any]:
    """`interactionPolicy` (GoToSocial, FEP-044f): who need not ask, and who may.

    GoToSocial before 0.20 says `always` and `approvalRequired`, and takes what is not said for a no.
    """
    return {
        "canLike": _both_spellings(permissions.like, urls),
        "canReply": _both_spellings(permissions.reply, urls),
        "canAnnounce": _both_spellings(permissions.announce, urls),
        "canQuote": _policy(permissions.quote, urls),
    }


def _both_spellings(approval: Approval, urls: Urls) -> dict[str, list[str]]:
    policy = _policy(approval, urls)
    former = {"always": policy["automaticApproval"]}
    if "manualApproval" in policy:
        former["approvalRequired"] = policy["manualApproval"]
    return former | policy


def _policy(approval: Approval, urls: Urls) -> dict[str, list[str]]:
    """Nobody is spelled as the author alone: an empty list would be the same as no policy (FEP-044f)."""
    if approval is Approval.AUTOMATIC:
        return {"automaticApproval": [PUBLIC]}
    if approval is Approval.MANUAL:
        return {"automaticApproval": [urls.group], "manualApproval": [PUBLIC]}
    return {"automaticApproval": [urls.group]}
