"""What a calendar or a feed says of itself, so that two subscriptions of one group can be told apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Its title, where it is fetched, and the page that shows the same."""

    title: str
    address: str
    page: str
