"""Smithereen's gatherings are actors: a `Group` with an `Event` among its attachments, which one follows to come."""

from federation.parse import Document, as_list, id_of, types_of
from federation.read_post import EVENT
from federation.vocab import PUBLIC

_OPEN = (None, "open")


def gathering_of(actor: Document) -> Document | None:
    """The Event that an actor's document tells of, as others write it; None where it tells of none.

    Only that of an open one is for everyone. The place stands in `vcard:Address`.
    """
    actor_id = id_of(actor.get("id"))
    attached = (one for one in as_list(actor.get("attachment"))[:16] if isinstance(one, dict))
    event = next((one for one in attached if EVENT in types_of(one)), None)
    if event is None or actor_id is None or actor.get("accessType") not in _OPEN:
        return None
    places = (event.get("location"), actor.get("location"), actor.get("vcard:Address"))
    return {
        "content": actor.get("summary"),
        "url": actor.get("url"),
        "name": actor.get("name"),
        "nameMap": actor.get("nameMap"),
        "published": actor.get("published"),
        "updated": actor.get("updated"),
        **event,
        "id": actor_id,
        "type": EVENT,
        "attributedTo": actor_id,
        "location": next((place for place in places if place), None),
        "to": [PUBLIC],
        "cc": [],
    }
