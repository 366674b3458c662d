"""Servers that want what is passed on whole, and those that want its address (FEP-1b12).

The names are those of NodeInfo. Servers of forums take an Announce of a whole activity and drop, or show as
a lone share, one of an object; servers of short posts show the share and drop the other. Who is not
known is taken for one of the latter: there are more of them.
"""

from collections.abc import Mapping
from typing import Final

TAKES_WHOLE: Final[Mapping[str, str]] = {
    "discourse": "its categories follow groups and unwrap what they announce",
    "kbin": "as mbin, which comes from it",
    "lemmy": "its communities are made of announced activities; it never reads an announced id",
    "mbin": "its magazines unwrap announced activities",
    "nodebb": "its categories unwrap announced activities",
    "piefed": "its communities are made of announced activities",
}
