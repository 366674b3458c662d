"""GET of what we wrote to one person: for the server of that person alone, 404 for everybody else.

Mastodon asks again for the poll, GoToSocial may ask for the message before it shows it. They get it as
it was sent, link and all, from the activity that carried it: the token in the link is kept nowhere else.
"""

import json
from typing import Any, Final

from aiohttp import hdrs, web

from federation.addresses import same_origin
from federation.proving import fetcher
from federation.render.encode import encode
from federation.vocab import ACTIVITY_JSON
from node.errors import NotFoundError
from node.keys import DATABASE
from node.store import activities, direct_messages
from node.store.database import Session

_NOTHING: Final = "There is nothing here for other servers."


async def message(request: web.Request) -> web.Response:
    """A message of ours, for its reader's server. Raises NotFoundError, always in the same words."""
    name = request.match_info["id"]
    found = await request.app[DATABASE].read(lambda session: _sent(session, name))
    if found is None:
        raise NotFoundError(_NOTHING)
    reader, document = found
    asker = await fetcher(request)
    if asker is None or not same_origin(asker, reader):
        raise NotFoundError(_NOTHING)
    headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.VARY: "Accept, Signature"}
    return web.Response(body=encode(document), content_type=ACTIVITY_JSON, headers=headers)


def _sent(session: Session, message_id: str) -> tuple[str, dict[str, Any]] | None:
    """Whom a message is for, and its document as it was sent."""
    known = direct_messages.find(session, message_id)
    create = activities.create_of(session, message_id)
    if known is None or create is None:
        return None
    sent = json.loads(create.body)
    return known.actor_id, {"@context": sent["@context"]} | sent["object"]
