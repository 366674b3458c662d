"""What is printed: the poster of a gathering, and a month's zine of reflections that may be printed.

Both are pages whose style sheet for print is the paper (`web/static/paper.css`); on a screen they are a
preview with the few choices there are, and no script.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import segno
from aiohttp import hdrs, web
from markupsafe import Markup

from node.domain.group import Group
from node.errors import NotFoundError
from node.store import events, published, reflections
from node.store.database import Session
from web.around import around
from web.assets import file_bytes
from web.labels import MONTHS, N_, PAPER_COLOURS, PAPER_SIZES
from web.pdf import PDF, PdfMaker, can_make_pdf
from web.sessions import signed_in
from web.site import UNINDEXED, Asked, Gather, Page, site_of
from web.words import words_of

# Where paper is 8½ by 11 inches.
_LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "CL", "CO", "VE", "PH", "GT", "CR", "PA", "DO"})
_STRIPS = 8
_LONG, _LONGER = 34, 64  # letters of a title from which on its type is smaller
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_NEXT_SESSIONS = 6


def prepare(app: web.Application) -> None:
    """Make the maker of PDF; once, before the application starts."""
    app[PDF] = PdfMaker()


async def poster(request: web.Request) -> web.Response:
    """`/events/SLUG/poster?size=a4|letter|a5&colour=bw|colour&strips=yes|no`; what is unknown is as if left out.

    Raises as the page of the gathering: what nobody else may see, only stewards can print.
    """
    site, sheet = site_of(request), Sheet.asked_for(request, request.match_info["slug"])
    if signed_in(request) is not None:
        return await site.fresh(
            request, lambda session, asked: gather_poster(session, asked, sheet, all_of_it=True)
        )
    return await site.page(
        request, sheet, lambda session, asked: gather_poster(session, asked, sheet)
    )


async def poster_pdf(request: web.Request) -> web.Response:
    """The same sheet as PDF. Raises as `poster`, and as `PdfMaker.make`."""
    sheet, everything = (
        Sheet.asked_for(request, request.match_info["slug"]),
        signed_in(request) is not None,
    )
    return await _pdf(
        request,
        lambda session, asked: gather_poster(session, asked, sheet, all_of_it=everything),
        f"{sheet.slug}.pdf",
    )


async def zine(request: web.Request) -> web.Response:
    """`/zine/2027-03`: what was published in a month and may be printed. Raises NotFoundError for no month."""
    number = _month(request)
    return await site_of(request).page(
        request, ("zine", number), lambda session, asked: gather_zine(session, asked, number)
    )


async def zine_pdf(request: web.Request) -> web.Response:
    """The zine as PDF. Raises as `zine`, and as `PdfMaker.make`."""
    number = _month(request)

    def gather(session: Session, asked: Asked) -> Page:
        page = gather_zine(session, asked, number)
        if not page.context["texts"]:
            raise NotFoundError("Nothing of this month may be printed.")
        return page

    return await _pdf(request, gather, f"zine-{_month_away(number, 0)}.pdf")


async def _pdf(request: web.Request, gather: Gather, name: str) -> web.Response:
    site = site_of(request)
    page, asked = await site.gathered(request, gather)
    style = "\n".join(
        file_bytes(name).decode() for name in ("paper.css", f"page-{page.context['size']}.css")
    )
    inside = replace(page, context={**page.context, "style": Markup(style)})  # noqa: S704 - our own
    return web.Response(
        body=await request.app[PDF].make(site.html(inside, asked)),
        content_type="application/pdf",
        headers={
            hdrs.CACHE_CONTROL: "private, no-cache",
            hdrs.CONTENT_DISPOSITION: f'inline; filename="{name}"',
            **UNINDEXED,
        },
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which poster is asked for; an empty size is the one of the group's country."""

    slug: str
    size: str
    colour: str
    strips: bool

    @classmethod
    def asked_for(cls, request: web.Request, slug: str) -> "Sheet":
        """What the query of an address asks for."""
        query = request.query
        size, colour = query.get("size", ""), query.get("colour", "")
        return cls(
            slug,
            size if size in PAPER_SIZES else "",
            colour if colour in PAPER_COLOURS else "bw",
            query.get("strips") != "no",
        )


def _month(request: web.Request) -> int:
    """The month of the address as `year * 12 + month`. Raises NotFoundError."""
    found = _MONTH.fullmatch(request.match_info["month"])
    if found is None:
        raise NotFoundError("There is no such month.")
    return int(found[1]) * 12 + int(found[2])


def qr(address: str) -> Markup:
    """A QR code of an address as inline SVG, dark on light whatever the page, its quiet zone included.

    The size comes from the style sheet: without width and height no padding can cut the quiet zone.
    """
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return Markup(drawn)  # noqa: S704 - drawn by segno from modules, no text in it


def default_size(group: Group) -> str:
    """The paper that offices of the group's country have."""
    return "letter" if group.country in _LETTER_COUNTRIES else "a4"


def gather_poster(session: Session, asked: Asked, sheet: Sheet, *, all_of_it: bool = False) -> Page:
    """The poster of a gathering; with `all_of_it` of whatever there is. Raises NotFoundError, GoneError."""
    slug = sheet.slug
    stored = events.get(session, slug) if all_of_it else published.event(session, slug)
    event, words = stored.event, words_of(asked.reader.locale)
    title = event.title.best(asked.reader.wanted)[1]
    address = asked.urls.event(slug)
    return Page(
        template="poster.html",
        private=not event.listed,
        unindexed=True,
        context={
            "title": words.say(N_("Poster: %(title)s")) % {"title": title},
            "event": event,
            "size": sheet.size or default_size(asked.group),
            "colour": sheet.colour,
            "strips": _STRIPS if sheet.strips else 0,
            "style": "",
            "sheet_of": f"/events/{slug}",
            "pdf": can_make_pdf(),
            "length": _length(title),
            "address": address.partition("://")[2],
            "qr": qr(address),
            "dates": around(session, stored, asked)["ahead"][:_NEXT_SESSIONS],
        },
    )


def _length(title: str) -> str:
    """How large a title may be set: by its letters, and by its longest word, which cannot be broken well."""
    longest = max((len(word) for word in title.split()), default=0)
    if len(title) > _LONGER or longest > 22:
        return "longer"
    return "long" if len(title) > _LONG or longest > 13 else "short"


def gather_zine(session: Session, asked: Asked, number: int) -> Page:
    """A month on the clocks of the group; of it, only what whoever wrote it agreed to have printed."""
    words, zone = words_of(asked.reader.locale), ZoneInfo(asked.group.timezone)
    (year, month), (next_year, next_month) = divmod(number - 1, 12), divmod(number, 12)
    first = datetime(year, month + 1, 1, tzinfo=zone)
    after = datetime(next_year, next_month + 1, 1, tzinfo=zone)
    found = reflections.listed_between(session, first, after)
    began = reflections.first_listed(session)
    name = f"{words.say(MONTHS[month])} {year}"
    return Page(
        template="zine.html",
        unindexed=True,
        context={
            "title": words.say(N_("Zine: %(month)s")) % {"month": name},
            "month": name,
            "texts": [one.reflection for one in found if one.reflection.consent.reuse],
            "size": "booklet",
            "style": "",
            "pdf": can_make_pdf(),
            "of": _month_away(number, 0),
            "address": asked.urls.home.partition("://")[2].rstrip("/"),
            "qr": qr(asked.urls.home),
            "before": _month_away(number, -1) if began is not None and began < first else "",
            "after": _month_away(number, 1) if after <= asked.now else "",
        },
    )


def _month_away(number: int, step: int) -> str:
    """The month `step` months away from the one of that number, `year * 12 + month`."""
    year, month = divmod(number - 1 + step, 12)
    return f"{year}-{month + 1:02d}"
