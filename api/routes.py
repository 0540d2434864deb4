"""The HTTP API under /api/v1. Its description is at /api/openapi.json."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig

from api import evidence, evidence_files, health, measurements, privacy, problems, receipts, reviews, runs
from api.api_description import describe_refusals
from api.current_user import caller
from models.health import health as health_of
from models.people import Actor
from models.summarise import summarise
from models.version import VERSION
from store.states import state

# Its own traces would name paths and queries, and with them clients and tokens: models/telemetry.py makes ours.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
api = FastAPI(
    title="Headway",
    version=VERSION,
    openapi_url="/openapi.json",
    docs_url=None,
    redoc_url=None,
    telemetry=_NO_TELEMETRY,
)
problems.install(api)
_MODULES = (reviews, receipts, measurements, privacy, evidence, runs, health, evidence_files)
for _module in _MODULES:
    api.include_router(_module.router)


@api.get("/v1/engagement/{slug}")
def engagement(slug: str, actor: Annotated[Actor, Depends(caller)]) -> dict[str, Any]:
    """The status of an engagement today, for its members."""
    current = state(actor, slug)
    summary, on = summarise(current), actor.today(current.zone)
    return {
        "engagement": current.slug,
        "name": current.name,
        "client": current.client,
        "revision": current.revision,
        "on": on.isoformat(),
        "day": summary.day(on),
        "health": health_of(summary, on).status.value,
    }


describe_refusals([*api.routes, *(route for each in _MODULES for route in each.router.routes)], caller)
