"""Two addresses for machines that look after the node: is it well, and how busy is it."""

import ipaddress
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from node.errors import NotFoundError
from node.keys import CLOCK, CONFIG, DATABASE
from node.store import deliveries, inbound, pages
from node.store.database import Session


@dataclass(slots=True)
class Tally:
    """How many requests were answered since the start."""

    requests: int = 0


TALLY = web.AppKey("TALLY", Tally)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


async def healthz(request: web.Request) -> web.Response:
    """200 once the node serves and its database answers."""
    request.app[DATABASE].peek(pages.versions)
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def metrics(request: web.Request) -> web.Response:
    """Figures in the Prometheus text format: for this machine only, unless configured otherwise.

    A proxy on the same machine makes everyone look local, so whatever was forwarded is refused.
    """
    if not request.app[CONFIG]["metrics.public"] and not _is_local(request):
        raise NotFoundError("There is no such page.")
    now = request.app[CLOCK].now()

    def figures(session: Session) -> dict[str, float]:
        queue = deliveries.counts(session, now)
        return {
            "roughweather_deliveries_pending": queue["pending"],
            "roughweather_deliveries_retrying": queue["retrying"],
            "roughweather_deliveries_dead": queue["dead"],
            "roughweather_delivery_oldest_pending_seconds": queue["oldest_pending_seconds"] or 0,
            "roughweather_inbound_waiting": inbound.counts(session).get("waiting", 0),
        }

    found = await request.app[DATABASE].read(figures)
    found["process_max_resident_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found["process_cpu_seconds_total"] = time.process_time()
    found["roughweather_requests_total"] = request.app[TALLY].requests
    return web.Response(
        text="".join(_exposition(found)),
        content_type="text/plain",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def _exposition(figures: dict[str, float]) -> Iterator[str]:
    for name, value in figures.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        yield f"# TYPE {name} {kind}\n{name} {value}\n"


def _is_local(request: web.Request) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return request.remote in (None, "")  # a unix socket has no address
