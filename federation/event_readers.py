"""What other software makes of an Event, where it is not simply shown.

The names are those of NodeInfo. Everything that is not named here, and every server whose software is
not known, is sent the Event: Mastodon, GoToSocial, Misskey, Pleroma, Friendica, Hubzilla, Bonfire,
Mobilizon, gancio, the Event Bridge for WordPress and their kin all show it.
"""

from collections.abc import Mapping
from typing import Final

# Whoever drops an Event unread is sent a Note about it instead. PeerTube is not here: it takes a Note
# only as a comment on a video, so neither would be seen.
DROPS_EVENTS: Final[Mapping[str, str]] = {
    "ghost": "its inbox takes Note and Article",
    "hollo": "makes no post of an Event",
    "kbin": "as Mbin, which came from it",
    "mbin": "makes no entry of an Event",
    "nodebb": "makes no topic of an Event",
    "pixelfed": "shows Notes with pictures; its users ask for Events in vain",
    "snac": "dropped Events when it was last looked at, in 2023",
    "tootik": "its posts are Note, Page, Article and Question",
}

# Whoever lists an Event only once an actor it follows has announced it is sent the Announce, too.
LISTS_ANNOUNCED: Final[Mapping[str, str]] = {
    "mobilizon": "its search and front page show remote events with a share by a followed actor",
}

# Servers that keep what others pass on in a calendar: they take it also long after it was announced first, and look
# again at what is announced again. Whoever does not follow the home of a gathering hears of a change that way alone;
# elsewhere it would be shown twice.
KEEPS_CALENDAR: Final[Mapping[str, str]] = {
    "roughweather": "what neighbours pass on is fetched from its home whenever it is announced",
}
