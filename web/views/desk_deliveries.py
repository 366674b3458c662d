"""Where a gathering or a reflection went: for each server whether it has it, and if not, why and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from node.errors import NotFoundError
from node.keys import CLOCK, DATABASE, URLS
from node.store import audit, deliveries, events, notices, reflections
from node.store.database import Session
from node.store.deliveries import DeliveryReport
from node.store.sessions import StewardSession
from node.urls import Urls
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_LONGEST_HOST = 260
_MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """What one server has of it: `state` is that of what came last, `open` how much is not there yet."""

    host: str
    last: DeliveryReport
    open: int
    given_up: int


def summed_up(reports: list[DeliveryReport]) -> list[ServerReport]:
    """One line for each server, those in trouble first. `reports` come latest first."""
    by_host: dict[str, list[DeliveryReport]] = {}
    for one in reports:
        by_host.setdefault(one.host, []).append(one)
    found = [
        ServerReport(
            host=host,
            last=next((one for one in sent if one.state != "delivered"), sent[0]),
            open=sum(one.state in ("pending", "retrying") for one in sent),
            given_up=sum(one.state == "dead" for one in sent),
        )
        for host, sent in by_host.items()
    ]
    return sorted(found, key=lambda one: (not one.given_up, not one.open, one.host))


async def of_event(request: web.Request, held: StewardSession) -> web.Response:
    """Where a gathering went, with the notes about changes of it."""
    return await _page(request, held, "events", _event_ids)


async def of_reflection(request: web.Request, held: StewardSession) -> web.Response:
    """Where a reflection went."""
    return await _page(request, held, "reflections", _reflection_ids)


async def retry_event(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Try again now what is not there yet: at one server, or everywhere."""
    return await _retry(request, held, values, "events", _event_ids)


async def retry_reflection(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """As `retry_event`."""
    return await _retry(request, held, values, "reflections", _reflection_ids)


Ids = Callable[[Session, Urls, str], tuple[list[str], Any]]


def _event_ids(session: Session, urls: Urls, slug: str) -> tuple[list[str], Any]:
    """Ids of all that was told about a gathering, and its title. Raises NotFoundError, GoneError."""
    told = [urls.event(slug), *(urls.notice(one) for one in notices.ids_of_event(session, slug))]
    title = events.get(session, slug).event.title
    return [*told, *(urls.companion(one) for one in told)], title


def _reflection_ids(session: Session, urls: Urls, slug: str) -> tuple[list[str], Any]:
    return [urls.reflection(slug)], reflections.get(session, slug).reflection.title


async def _page(request: web.Request, held: StewardSession, section: str, ids: Ids) -> web.Response:
    slug = request.match_info["slug"]

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        told, title = ids(session, asked.urls, slug)
        servers = summed_up(deliveries.of_objects(session, told, _MOST_SHOWN))
        return {
            "tab": section,
            "section_of": section,
            "slug": slug,
            "title_of": title,
            "servers": servers,
            "delivered": sum(not (one.open or one.given_up) for one in servers),
        }

    return await desk_page(request, held, "deliveries.html", N_("Where it went"), context)


async def _retry(
    request: web.Request, held: StewardSession, values: Values, section: str, ids: Ids
) -> web.Response:
    slug, host, now = request.match_info["slug"], values["host"], request.app[CLOCK].now()
    urls = request.app[URLS]
    if len(host) > _LONGEST_HOST:
        raise NotFoundError("There is no such server.")

    def work(session: Session) -> int:
        told, _ = ids(session, urls, slug)
        number = deliveries.try_now(session, now, told, host=host or None)
        audit.note(session, held.steward_name, "try again", host or slug, now)
        return number

    number = await request.app[DATABASE].write(work)
    return go(f"/desk/{section}/{slug}/deliveries", "trying" if number else "nothing-waits")
