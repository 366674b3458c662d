"""The password once more, before what would hurt most if somebody else sat at an open desk."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from node.errors import RefusedError
from node.keys import CLOCK, DATABASE
from node.store import stewards
from node.store.sessions import StewardSession
from web import passwords
from web.attempts import AT_THE_DESK
from web.labels import N_
from web.passwords import PASSWORDS
from web.posting import Values

FIELD: Final = "current"
# Who has no password came in by a link, which no longer proves anything after a while.
_FRESH = timedelta(hours=1)
_WRONG = N_("This is not your password. Nothing was changed.")
_STALE = N_("Sign in again with a new link first. Nothing was changed.")


async def confirm(request: web.Request, held: StewardSession, values: Values) -> None:
    """Require the steward's own password in the field `current`.

    Raises RefusedError where it is wrong, TooManyRequestsError where it was tried too often.
    """
    now, password = request.app[CLOCK].now(), values.exact(FIELD)
    kept = await request.app[DATABASE].read(
        lambda session: stewards.password_hash(session, held.steward_id)
    )
    if kept is None:
        if now - held.created > _FRESH:
            raise RefusedError(_STALE)
        return
    key = str(held.steward_id)
    request.app[AT_THE_DESK].spend(key, now)
    if passwords.is_too_long(password) or not await request.app[PASSWORDS].fits(kept, password):
        raise RefusedError(_WRONG)
    request.app[AT_THE_DESK].forgive(key)
