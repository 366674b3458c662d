"""The addresses of the pages. Those that also answer other servers are routed by `node.app`."""

from collections.abc import Collection, Mapping

from aiohttp import web

from node.domain.role import ANYONE, CARERS, HOSTS, STEWARDS, Role
from web import site
from web.accent import accent_stylesheet
from web.assets import static_file
from web.posting import StewardForm, StewardPage, for_stewards, steward_form
from web.views import (
    coming,
    concern,
    desk,
    desk_account,
    desk_blocks,
    desk_calendars,
    desk_cohosting,
    desk_concerns,
    desk_conversation,
    desk_deliveries,
    desk_drafts,
    desk_events,
    desk_followers,
    desk_group,
    desk_group_list,
    desk_groups,
    desk_log,
    desk_neighbours,
    desk_people,
    desk_preview,
    desk_reflections,
    desk_series,
    desk_stewards,
    from_your_server,
    my_answer,
    paper,
    search,
    sign_in,
)
from web.views.about import about
from web.views.archive import archive, archive_of
from web.views.events import event_list, page_event
from web.views.groups import group_list, groups_json
from web.views.home import home, page_group
from web.views.media import picture
from web.views.neighbours import neighbour_list
from web.views.plain import embed_js, favicon, robots_txt, security_txt
from web.views.practices import practice_list
from web.views.reflections import page_reflection, reflection_list
from web.views.shared_calendar import (
    embedded,
    shared_atom,
    shared_calendar_page,
    shared_json,
)
from web.views.sitemap import sitemap
from web.views.subscriptions import calendar_ics, event_ics, feed_atom, feed_json

__all__ = ["home", "page_event", "page_group", "page_reflection", "prepare", "routes"]


def prepare(app: web.Application) -> None:
    """Give an application what its pages need; once, before it starts."""
    site.prepare(app)
    sign_in.prepare(app)
    coming.prepare(app)
    concern.prepare(app)
    my_answer.prepare(app)
    from_your_server.prepare(app)
    search.prepare(app)
    paper.prepare(app)


def routes() -> list[web.RouteDef]:
    """Every page, form and file of this package. They go before `/events/{slug}` of `node.app`."""
    return [*_public(), *_signing_in(), *_desk()]


def _public() -> list[web.RouteDef]:
    return [
        web.get("/about", about),
        web.get("/archive", archive),
        web.get("/archive/{period}", archive_of),
        web.get("/events", event_list),
        web.get("/events/{slug:[a-z0-9-]+}.ics", event_ics),
        web.post("/events/{slug}/come", coming.come),
        web.get("/events/{slug}/thanks", coming.thanks),
        web.get("/rsvp", my_answer.code_form),
        web.post("/rsvp", my_answer.use_code),
        web.get("/rsvp/{token}", my_answer.my_answer),
        web.post("/rsvp/{token}", my_answer.change_answer),
        web.get("/rsvp/{token}/not-me", my_answer.not_me),
        web.get("/rsvp/{token}/data", my_answer.my_data),
        web.get("/rsvp/{token}/data.json", my_answer.my_data_json),
        web.get("/events/{slug}/poster", paper.poster),
        web.get("/events/{slug}/poster.pdf", paper.poster_pdf),
        web.get("/zine/{month}.pdf", paper.zine_pdf),
        web.get("/zine/{month}", paper.zine),
        web.get("/reflections", reflection_list),
        web.get("/practices", practice_list),
        web.get("/neighbours", neighbour_list),
        web.get("/groups", group_list),
        web.get("/calendar", shared_calendar_page),
        web.get("/calendar/embed", embedded),
        web.get("/calendar.atom", shared_atom),
        web.get("/calendar.json", shared_json),
        web.get("/concern", concern.concern_form),
        web.post("/concern", concern.raise_concern),
        web.get("/groups.json", groups_json),
        web.get("/search", search.search_page),
        web.get("/from-your-server", from_your_server.ask),
        web.post("/from-your-server", from_your_server.lead),
        web.get("/calendar.ics", calendar_ics),
        web.get("/feed.atom", feed_atom),
        web.get("/feed.json", feed_json),
        web.get("/media/{name}", picture),
        web.get("/robots.txt", robots_txt),
        web.get("/sitemap.xml", sitemap),
        web.get("/.well-known/security.txt", security_txt),
        web.get("/favicon.svg", favicon),
        web.get("/embed.js", embed_js),
        web.get("/static/accent/{colour}.css", accent_stylesheet),
        web.get("/static/{name}", static_file),
    ]


def _signing_in() -> list[web.RouteDef]:
    return [
        web.get("/sign-in", sign_in.sign_in),
        web.post("/sign-in", sign_in.check_sign_in),
        web.get("/sign-in/{token}", sign_in.link),
        web.post("/sign-in/{token}", sign_in.use_link),
        web.post("/sign-out", sign_in.sign_out),
    ]


def _desk() -> list[web.RouteDef]:
    """The desk by who may use what of it; tests/web/test_roles.py has a line for each of these."""
    return [
        *_for(ANYONE, _PAGES_FOR_ANYONE, _FORMS_FOR_ANYONE),
        *_for(HOSTS, _PAGES_FOR_HOSTS, _FORMS_FOR_HOSTS),
        *_for(CARERS, _PAGES_FOR_CARERS, _FORMS_FOR_CARERS),
        *_for(STEWARDS, _PAGES_FOR_STEWARDS, _FORMS_FOR_STEWARDS),
    ]


_PAGES_FOR_ANYONE = {
    "/desk/reflections/{slug}/deliveries": desk_deliveries.of_reflection,
    "/desk": desk.overview,
    "/desk/account": desk_account.account,
    "/desk/reflections": desk_reflections.reflection_list,
    "/desk/new-reflection": desk_reflections.new_reflection,
    "/desk/reflections/{slug}/change": desk_reflections.change_reflection,
    "/desk/drafts": desk_drafts.draft_list,
    "/desk/drafts/{id}": desk_drafts.go_on,
    "/desk/drafts/{id}/preview": desk_preview.preview,
    "/desk/drafts/{id}/page": desk_preview.page,
    "/desk/drafts/{id}/poster": desk_preview.poster,
    "/desk/drafts/{id}/zine": desk_preview.zine,
}
_FORMS_FOR_ANYONE = {
    "/desk/account/sessions": desk_account.sign_out_elsewhere,
    "/desk/account/password": desk_account.change_password,
    "/desk/account/leave": desk_account.leave,
    "/desk/reflections/{slug}/deliveries": desk_deliveries.retry_reflection,
    "/desk/new-reflection": desk_reflections.create_reflection,
    "/desk/reflections/{slug}/change": desk_reflections.save_reflection,
    "/desk/drafts/{id}/publish": desk_drafts.publish_draft,
    "/desk/drafts/{id}/discard": desk_drafts.discard,
    "/desk/reflections/{slug}": desk_reflections.decide,
}
_PAGES_FOR_HOSTS = {
    "/desk/neighbours": desk_neighbours.neighbour_list,
    "/desk/groups": desk_groups.suggestions,
    "/desk/groups/list": desk_group_list.list_form,
    "/desk/events": desk_events.event_list,
    "/desk/calendars": desk_calendars.calendar_list,
    "/desk/calendars/{number}": desk_calendars.one_calendar,
    "/desk/new-event": desk_events.new_event,
    "/desk/events/{slug}": desk_events.change_event,
    "/desk/events/{slug}/people": desk_people.people,
    "/desk/events/{slug}/list": desk_people.paper_list,
    "/desk/events/{slug}/deliveries": desk_deliveries.of_event,
    "/desk/events/{slug}/cancel": desk_events.ask_cancel,
    "/desk/events/{slug}/following": desk_series.change_following,
}
_FORMS_FOR_HOSTS = {
    "/desk/try-again": desk.try_again,
    "/desk/neighbours/follow": desk_neighbours.follow,
    "/desk/neighbours/unfollow": desk_neighbours.unfollow,
    "/desk/neighbours/try-again": desk_neighbours.try_again,
    "/desk/neighbours/boost": desk_neighbours.boost,
    "/desk/cohosting": desk_cohosting.decide,
    "/desk/groups/follow": desk_groups.follow,
    "/desk/groups/list": desk_group_list.look_at_list,
    "/desk/groups/list/follow": desk_group_list.follow_chosen,
    "/desk/groups/hide": desk_groups.hide,
    "/desk/groups/show": desk_groups.show_again,
    "/desk/new-event": desk_events.create_event,
    "/desk/calendars": desk_calendars.look,
    "/desk/calendars/{number}": desk_calendars.decide,
    "/desk/events/{slug}": desk_events.save_event,
    "/desk/events/{slug}/people": desk_people.decide,
    "/desk/events/{slug}/invite": desk_people.invite,
    "/desk/events/{slug}/deliveries": desk_deliveries.retry_event,
    "/desk/events/{slug}/cancel": desk_events.cancel,
    "/desk/events/{slug}/following": desk_series.save_following,
    "/desk/events/{slug}/skip": desk_series.skip,
    "/desk/events/{slug}/dates": desk_series.take_in,
}
_PAGES_FOR_CARERS = {
    "/desk/replies": desk_conversation.reply_list,
    "/desk/conversation": desk_conversation.standing,
    "/desk/concerns": desk_concerns.concern_list,
    "/desk/blocks": desk_blocks.block_list,
    "/desk/log": desk_log.log,
    "/desk/followers": desk_followers.follower_list,
}
_FORMS_FOR_CARERS = {
    "/desk/replies": desk_conversation.decide_reply,
    "/desk/quotes": desk_conversation.decide_quote,
    "/desk/conversation": desk_conversation.answer,
    "/desk/concerns": desk_concerns.decide,
    "/desk/blocks": desk_blocks.decide,
    "/desk/followers": desk_followers.decide,
}
_PAGES_FOR_STEWARDS = {
    "/desk/stewards": desk_stewards.stewards,
    "/desk/group": desk_group.group_form,
}
_FORMS_FOR_STEWARDS = {
    "/desk/stewards": desk_stewards.invite,
    "/desk/stewards/change": desk_stewards.change,
    "/desk/group": desk_group.save_group,
    "/desk/groups/tell": desk_groups.tell,
}


def _for(
    roles: Collection[Role], pages: Mapping[str, StewardPage], forms: Mapping[str, StewardForm]
) -> list[web.RouteDef]:
    """The routes of what these roles may use; everybody else who is signed in gets a 403."""
    return [
        *(web.get(path, for_stewards(page, roles)) for path, page in pages.items()),
        *(
            web.post(path, steward_form(form, roles, sign_in.keep_and_sign_in))
            for path, form in forms.items()
        ),
    ]
