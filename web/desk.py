"""What all pages of the desk share: who is signed in, the token of forms, a word on what was just done."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from aiohttp import web

from node.domain.role import CARERS, HOSTS
from node.keys import DATABASE
from node.store.database import Session
from node.store.sessions import StewardSession
from web.labels import N_
from web.site import Asked, Page, site_of
from web.words import words_of

Context = Callable[[Session, Asked], dict[str, Any]]

# What a page says after a form did its work; the redirect carries the key.
_DONE = {
    "published": N_("Published. Followers are being told."),
    "changed": N_("Changed. Followers are being told."),
    "changed-quietly": N_(
        "Changed, without a word to anyone. Pages, calendars and other servers show it."
    ),
    "cancelled-quietly": N_("Cancelled, without a word to anyone. The page stays and says so."),
    "together": N_("You hold it together now. Your followers are told of it."),
    "apart": N_("You do not hold it together with them any longer."),
    "passed-on": N_("Your followers are told of it."),
    "not-passed-on": N_("You do not pass it on any longer; whoever was told is told so."),
    "draft": N_("Kept as a draft. Only you can see it; nothing is published."),
    "discarded": N_("The draft is gone."),
    "same": N_("Nothing was different, so nothing was changed."),
    "cancelled": N_("Cancelled. The page stays and says so; followers are being told."),
    "left-out": N_("Left out. Where it had been announced it stays and says that it is cancelled."),
    "waiting": N_("Kept. It waits for a steward to accept it."),
    "accepted": N_("Accepted. It is published now."),
    "declined": N_("Declined. Its words are gone."),
    "withdrawn": N_("Taken back. Every server that received it is being asked to delete it."),
    "asked": N_("We asked to follow. As soon as they accept, their gatherings appear."),
    "hidden": N_("It is not suggested any more."),
    "shown-again": N_("It is among the suggestions again."),
    "told": N_("Everyone may know now which groups you stand with."),
    "not-told": N_("Nobody is told which groups you stand with."),
    "let-in": N_("They follow you now."),
    "sent-away": N_("They do not follow you; their server is being told."),
    "unfollowed": N_("You do not follow them any more; their posts have left our pages."),
    "reply-accepted": N_("The reply may be shown now."),
    "reply-passed-on": N_("It may be shown now, and followers are being told of it."),
    "reply-declined": N_("The reply stays hidden."),
    "asked-to-share": N_("Asked, privately. If they say yes, it waits under Reflections."),
    "answered": N_("Answered. Whoever wrote it, and your followers, are being told."),
    "quote-give": N_("They may quote it; their server is being told."),
    "quote-refuse": N_("They may not quote it; their server is being told."),
    "quote-revoke": N_("They may quote it no longer; their server is being told."),
    "password": N_("Your password is changed. Every other browser is signed out."),
    "signed-out": N_("Signed out there."),
    "role": N_("Changed. It counts from their next click."),
    "removed": N_("They are signed out, and can sign in no more."),
    "closed": N_("The concern is closed."),
    "reopened": N_("The concern is open again."),
    "blocked": N_("The door is closed, and what came through it is gone from here."),
    "unblocked": N_("The door is open again. Whoever followed before has to ask anew."),
    "group": N_("Changed. Other servers are being told."),
    "place": N_("They have a place; they are being told where we can."),
    "no-place": N_("They are off the list; they are being told where we can."),
    "trying": N_("We are trying again now. Look at this page again in a minute."),
    "trying-all": N_("We are trying again now what was given up."),
    "nothing-waits": N_("Nothing waits there any more."),
    "noted": N_("Noted on the list."),
    "invited": N_("Invited. Their server is being told, and they are asked whether they come."),
    "calendar-taken": N_("Taken in. Followers are being told of what is new."),
    "calendar-kept": N_("Kept in step from now on. It is read every few hours."),
    "calendar-stopped": N_("It is read no more. Its gatherings stay as they are."),
    "calendar-forgotten": N_("Forgotten. Its gatherings stay."),
    "uninvited": N_("The invitation is taken back. What they answered stays on the list."),
}


async def desk_page(
    request: web.Request,
    held: StewardSession,
    template: str,
    title: str,
    context: Context,
    *,
    status: int = 200,
) -> web.Response:
    """One page of the desk, made for one steward, kept by nobody. `title` is a message to translate."""

    def gather(session: Session, asked: Asked) -> Page:
        words = words_of(asked.reader.locale)
        trouble = request.app[DATABASE].trouble
        frame: dict[str, Any] = {
            "section": "desk",
            "tab": "",
            "title": words.say(title),
            "csrf_token": held.csrf_token,
            # A browser whose connection breaks while it sends a form keeps the form to go back to, but only
            # where the form goes to another address than it came from.
            "once": token_hex(4),
            "steward": held.steward_name,
            "hosts": held.role in HOSTS,
            "cares": held.role in CARERS,
            "full": held.is_full,
            "trouble": words.say(trouble.sentence) if trouble else "",
            "done": words.say(_DONE.get(request.query.get("done", ""), "")),
        }
        return Page(template=f"desk/{template}", context=frame | context(session, asked))

    return await site_of(request).fresh(request, gather, status=status)


def go(path: str, done: str = "") -> web.Response:
    """On to a page after a form did its work (POST, redirect, GET)."""
    location = f"{path}?done={done}" if done else path
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
