"""Measurement intake over HTTP: `POST /v1/engagements/{slug}/measurements`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from api.current_user import caller
from api.idempotency import KEY_PARAMETER, REPLAYED, after_a_second, body_of, is_json, key_of
from api.problems import problem
from api.threads import in_thread
from models.people import Actor
from services.core.idempotency import MAX_BODY, KeyReused, StillRunning, still_running
from services.core.strict_json import Unreadable
from services.measurements import intake
from services.measurements.intake import BadRows
from services.measurements.intake_body import MAX_ROWS

# One request at a time is worked on: the other cores, and the time between two requests, are the dashboard's.
INTAKE = CapacityLimiter(1)
MAX_WAITING = 16

router = APIRouter()

EXAMPLE = {
    "source": "Decision log, nightly job",
    "measurements": [
        {"metric": "loan-decision-time", "at": "2026-11-16", "value": "4 h", "n": 212},
        {
            "metric": "loan-decision-time",
            "at": "2026-11-17T00:00:00Z",
            "value": 3.5,
            "note": "without test orders",
        },
    ],
}
TEXT = {"type": "string"}
ROW = {
    "type": "object",
    "required": ["metric", "at", "value"],
    "additionalProperties": False,
    "properties": {
        "metric": TEXT | {"description": "The metric's short name."},
        "at": TEXT | {"description": "ISO 8601; without an offset, in the engagement's time zone."},
        "value": {
            "oneOf": [{"type": "number"}, TEXT],
            "description": "A number in the metric's unit, or a text with a unit such as “90 s”.",
        },
        "n": {"type": "integer", "minimum": 0, "description": "How many observations the value sums up."},
        "note": TEXT,
        "reason": TEXT | {"description": "Why it takes the place of another value of the same moment."},
    },
}


def _example(status: int, title: str, detail: str, **more: object) -> dict[str, Any]:
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return {"description": detail, "content": {"application/problem+json": {"example": content}}}


ALL_THERE = {"batch": None, "added": 0, "corrected": 0, "unchanged": 2}
DONE = {"batch": 17, "added": 2, "corrected": 0, "unchanged": 0}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "All of it counts already.", "content": {"application/json": {"example": ALL_THERE}}},
    201: {"description": "Stored as one batch.", "content": {"application/json": {"example": DONE}}},
    400: _example(400, "Bad Request", "Send an Idempotency-Key: a text of your own, new for each new content."),
    401: _example(401, "Unauthorized", "Send a valid token, or sign in first."),
    403: _example(403, "Forbidden", "This token can read; it can't record measurements. Use one made for that."),
    404: _example(404, "Not Found", "There is no engagement “acme” that you are a member of."),
    409: _example(409, "Conflict", str(still_running())),
    413: _example(413, "Content Too Large", f"A request has at most {MAX_BODY:,} bytes. Nothing was saved."),
    415: _example(415, "Unsupported Media Type", "Send application/json. Nothing was saved."),
    422: _example(
        422, "Unprocessable Content", "1 of the rows can't be accepted. Nothing was saved.",
        errors=[{"row": 2, "field": "value", "problem": "It has to be a number, or a text such as “4 h”."}],
    ),
    503: _example(503, "Service Unavailable", "Too many requests wait already. Send it again in a second."),
}  # fmt: skip


@router.post(
    "/v1/engagements/{slug}/measurements",
    summary=f"Record up to {MAX_ROWS:,} measurements, exactly once for each Idempotency-Key",
    status_code=201,
    response_class=JSONResponse,
    responses=RESPONSES,
    dependencies=[Depends(HTTPBearer(auto_error=False, scheme_name="bearer", description="An API token."))],
    openapi_extra={
        "parameters": [KEY_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["measurements"],
                        "additionalProperties": False,
                        "properties": {
                            "source": {"type": "string"},
                            "measurements": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": MAX_ROWS,
                                "items": ROW,
                            },
                        },
                    },
                    "example": EXAMPLE,
                }
            },
        },
    },
)
async def record(slug: str, request: Request, who: Annotated[Actor, Depends(caller)]) -> JSONResponse:
    """Store measurements of one engagement as one batch, or nothing of them.

    A repeated request with the same key and body gets the stored answer again, with `Idempotent-Replayed: true`.
    """
    key = key_of(request)
    if not is_json(request):
        return problem(415, "Send application/json. Nothing was saved.")
    body = await body_of(request)
    if body is None:
        return problem(413, f"A request has at most {MAX_BODY:,} bytes. Nothing was saved.")
    if INTAKE.statistics().tasks_waiting >= MAX_WAITING:
        return after_a_second(503, "Too many requests wait already. Send it again in a second.")
    try:
        answer = await in_thread(partial(intake.accept, who, slug, key, body), INTAKE)
    except BadRows as bad:
        return problem(422, str(bad), errors=intake.as_errors(bad.rows))
    except StillRunning as running:
        return after_a_second(409, str(running))
    except KeyReused as used:
        return problem(422, str(used))
    except Unreadable as unreadable:
        return problem(400, str(unreadable))
    return JSONResponse(answer.content, answer.status, headers=REPLAYED if answer.replayed else None)
