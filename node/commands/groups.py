"""`groups`: groups found through our neighbours, and whether everyone may know which we stand with."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.clock import rfc3339
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.domain.known_group import KnownGroup, Spot
from node.services import known_groups
from node.store import groups
from node.store.database import Session

_WHO = "command line"


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Decide what the arguments say, then list the groups; as JSON a document with `tells` and `groups`."""
    del stdin
    now = node.clock.now()

    def decide(session: Session) -> None:
        if arguments["tell"]:
            publicly = arguments["tell"] == "yes"
            known_groups.tell_publicly(session, publicly, now=now, who=_WHO)
        if arguments["hide"]:
            known_groups.hide(session, arguments["hide"], now=now, who=_WHO)
        if arguments["show"]:
            known_groups.show_again(session, arguments["show"], now=now, who=_WHO)

    if any(arguments[name] for name in ("tell", "hide", "show")):
        await node.database.write(decide)
    ours, found = await node.database.read(
        lambda session: (groups.get(session), known_groups.suggestions(session, now))
    )
    here = Spot.of(ours.latitude, ours.longitude)
    if arguments["json"]:
        listed = [_document(one, here) for one in found]
        return Outcome(stdout=as_json({"tells": ours.stands_publicly, "groups": listed}))
    rows = [
        (one.profile.name, one.profile.place, ", ".join(one.profile.languages), one.profile.id)
        for one in found
    ]
    return Outcome(stdout=columns(rows, "No groups are known beyond those we follow."))


def _document(one: KnownGroup, here: Spot | None) -> dict[str, Any]:
    told = one.profile
    return {
        "id": told.id,
        "name": told.name,
        "url": told.url,
        "languages": list(told.languages),
        "place": told.place,
        "km": here.km(told.spot) if here and told.spot else None,
        "followed_by": list(one.followed_by),
        "seen": rfc3339(one.seen),
    }
