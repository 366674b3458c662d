"""Security headers on every answer, and errors as pages in plain, warm words."""

from aiohttp import hdrs, web

from node.domain.sentence import Sentence
from node.errors import RefusedError, RoughweatherError, TooManyRequestsError
from node.http import secure
from web import choices
from web.labels import N_
from web.site import HTML, VARY, Asked, Page, site_of
from web.words import words_of

_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}

_TITLES = {
    400: N_("That could not be read"),
    401: N_("Please sign in"),
    403: N_("This door is closed"),
    404: N_("There is nothing here"),
    405: N_("That could not be read"),
    409: N_("That is taken already"),
    410: N_("This was taken back"),
    413: N_("That is too much at once"),
    422: N_("That cannot be"),
    429: N_("A little slower, please"),
    500: N_("Something went wrong on our side"),
    503: N_("Please come back in a moment"),
    507: N_("Our disk is full"),
}
_EXPLANATIONS = {
    400: N_("The request was not complete, or not ours. Go back and try once more."),
    401: N_("This page is for the stewards of the group."),
    403: N_("For safety, we did not do this. Open the page again and try from there."),
    404: N_("Perhaps the address was cut short on its way to you, or the page never was."),
    405: N_("The request was not complete, or not ours. Go back and try once more."),
    409: N_("Somebody was here first. Go back, change a little, and try again."),
    410: N_("It was here once, and whoever offered it has taken it back. We keep nothing of it."),
    413: N_("What you sent is larger than we can take. A shorter text will pass."),
    422: N_("We understood, but it cannot be done like this."),
    429: N_("There were many tries in a short time. Take a breath, and try again in a while."),
    500: N_("It is not your fault. Nothing was changed; please try again later."),
    503: N_("The node is busy or short of room. Nothing is lost; please try again soon."),
    507: N_("What you sent was not kept. Whoever looks after the node has to make room first."),
}
# The error's own sentence says more here than we could; elsewhere it would only repeat.
_TELLING = (409, 413, 422, 503)


def secure_answer(response: web.StreamResponse, *, over_tls: bool) -> None:
    """Put the security headers on an answer, whatever it is."""
    secure(response.headers)
    if over_tls:
        response.headers.update(_OVER_TLS)


def lead_on(request: web.Request, response: web.StreamResponse) -> None:
    """Where a form leads, the reader's choices come along."""
    location = response.headers.get(hdrs.LOCATION)
    if location and 300 <= response.status < 400:
        response.headers[hdrs.LOCATION] = choices.led_on(location, request.query)


def error_page(request: web.Request, error: RoughweatherError, status: int) -> web.Response:
    """An error as a page; it tells nothing that the error's own sentence does not tell."""
    site = site_of(request)
    group = site.known_group()
    reader = site.reader(request, group)
    words = words_of(reader.locale)
    known = status if status in _TITLES else (400 if status < 500 else 500)
    told = isinstance(error, RefusedError) or isinstance(error.sentence, Sentence)
    telling = told or status in _TELLING
    page = Page(
        template="error.html",
        context={
            "section": "",
            "title": words.say(_TITLES[known]),
            "explanation": words.say(_EXPLANATIONS[known]),
            "detail": words.say(error.sentence)
            if telling and not isinstance(error, TooManyRequestsError)
            else "",
        },
    )
    if group is None:
        return web.Response(text=f"{page.context['title']}\n", status=status)
    asked = Asked(
        group=group,
        reader=reader,
        urls=site.urls,
        now=site.clock.now(),
        answers_a_form=request.method == hdrs.METH_POST,
    )
    return web.Response(
        body=site.html(page, asked).encode(),
        status=status,
        headers={hdrs.CONTENT_TYPE: HTML, hdrs.VARY: VARY},
    )
