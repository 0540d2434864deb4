"""Runs over HTTP: a program asks which steps are open, and reports the ones that it carries out."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from api.current_user import caller
from api.idempotency import KEY_PARAMETER, REPLAYED, body_of, is_json, key_of
from api.problems import problem
from api.threads import in_thread
from models.people import Actor
from reports.frames.runs import open_steps, run_as_json
from services.core.idempotency import MAX_BODY
from services.core.strict_json import RawNumber, Unreadable, parse
from services.runbooks import reporting
from store.runs import run_of, runs_under_way

router = APIRouter()
BEARER = [Depends(HTTPBearer(auto_error=False, scheme_name="bearer", description="An API token."))]
ADDRESS = "/v1/engagements/{slug}/runbooks/{runbook_id}/runs/{number}"
TEXT = {"type": "string"}
BODY = {
    "type": "object",
    "required": ["outcome"],
    "additionalProperties": False,
    "properties": {
        "step": TEXT | {"description": "The step's number; none where the whole run is rolled back."},
        "direction": {"enum": ["do", "undo"], "default": "do"},
        "outcome": {"enum": [outcome.value for outcome in reporting.REPORTABLE]},
        "reason": TEXT | {"description": "Why a person decided so; or what went wrong."},
    },
}


@router.get(ADDRESS, dependencies=BEARER)
def run(slug: str, runbook_id: int, number: int, actor: Annotated[Actor, Depends(caller)]) -> dict[str, Any]:
    """Where a run stands, and the steps that are open now, each with what may be reported of it."""
    current = run_of(actor, slug, runbook_id, number)
    durations = current.runbook.durations(current.digest, actor.at)
    return run_as_json(current, current.progress(actor.at), durations)


@router.get("/v1/engagements/{slug}/runs", dependencies=BEARER)
def under_way(slug: str, actor: Annotated[Actor, Depends(caller)]) -> list[dict[str, Any]]:
    """The runs that are not at their end, each with its address and the steps that are open now.

    What to ask after an event `cutover.step-open`, which holds no text that somebody typed.
    """
    return [
        {"address": f"/api{ADDRESS.format(slug=slug, runbook_id=row.runbook_id, number=row.number)}"}
        | run_as_json(row, row.progress(actor.at), row.runbook.durations(row.digest, actor.at))
        for row in runs_under_way(actor, slug)
    ]


@router.post(
    f"{ADDRESS}/reports",
    summary="Report a step of a run, exactly once for each Idempotency-Key",
    status_code=201,
    response_class=JSONResponse,
    dependencies=BEARER,
    openapi_extra={
        "parameters": [KEY_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": BODY, "example": {"step": "4", "outcome": "started"}}},
        },
    },
)
async def report(
    slug: str, runbook_id: int, number: int, request: Request, actor: Annotated[Actor, Depends(caller)]
) -> JSONResponse:
    """Report that a step or its undo was started, is done or failed; or roll the run back.

    What the run's rules don't allow now is answered with 409 and a sentence. A repeated request with the same key gets
    the stored answer again, with `Idempotent-Replayed: true`.
    """
    key = key_of(request)
    if not is_json(request):
        return problem(415, "Send application/json. Nothing was saved.")
    body = await body_of(request)
    if body is None:
        return problem(413, f"A request has at most {MAX_BODY:,} bytes. Nothing was saved.")
    try:
        given = parse(body)
    except Unreadable as unreadable:
        return problem(400, str(unreadable))
    if not isinstance(given, dict):
        return problem(422, "A report is an object with an outcome. Nothing was saved.")
    given = {
        name: bytes(value).decode() if isinstance(value, RawNumber) else value
        for name, value in given.items()
    }
    done = await in_thread(partial(reporting.report, actor, slug, runbook_id, number, given, name=key))
    content = {
        "report": done.report_id,
        "state": done.progress.state.value,
        "turned": done.progress.turned or None,
        "open": open_steps(done.progress),
    }
    return JSONResponse(content, 201, headers=REPLAYED if done.replayed else None)
