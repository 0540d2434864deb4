"""Evidence from programs, and the gate that they ask: `POST /v1/engagements/{slug}/evidence` and `.../gate`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from api.current_user import caller, now
from api.idempotency import KEY_PARAMETER, REPLAYED, after_a_second, body_of, is_json, key_of
from api.problems import problem
from api.threads import in_thread
from models.gate import Gate
from models.people import Actor
from services.core.idempotency import StillRunning
from services.core.strict_json import Unreadable
from services.replacements import evidence, gate_addresses, gating

router = APIRouter()
EXAMPLES: dict[str, dict[str, Any]] = {
    "pipeline_run": {
        "pipeline": "Build line",
        "green": True,
        "link": "https://ci.example.org/runs/812",
    },
    "rehearsal": {"workflow": "Decide on a loan", "on": "2026-11-16", "worked": True, "minutes": 42},
    "go_live": {"workflow": "Decide on a loan", "on": "2026-11-16"},
    "share": {"replacement": "Application intake", "percent": 25, "why": "Second wave"},
    "proof": {
        "replacement": "Application intake",
        "proof": "comparison",
        "outcome": "passed",
        "n": 20000,
        "bad": 3,
    },
    "traces": {
        "replacement": "Application intake",
        "until": "2026-11-16",
        "days": 7,
        "content": {"data": [{"parent": "portal", "child": "intake-api", "callCount": 1204}]},
    },
    "contract": {
        "contract": "Intake API",
        "system": "intake-api",
        "label": "2.1",
        "content": {
            "openapi": "3.1.0",
            "info": {"title": "Intake", "version": "2.1"},
            "paths": {"/applications": {"post": {"responses": {"201": {"description": "Taken"}}}}},
        },
    },
    "survey": {
        "content": {
            "format": "headway.survey/1",
            "rules": 1,
            "repository": "lending",
            "head": "7c1f0a52e9b64d38a0c5e1f27b9d4863a1e05f9c",
            "head_on": "2026-11-15",
            "since": "2026-10-01T00:00:00Z",
            "until": "2026-11-15T00:00:00Z",
            "taken_on": "2026-11-16",
            "read": 40,
            "counted": 12,
            "left_out": {"bots": 20, "generated": 2, "over 30 files": 1, "outside": 3, "manifests": 2},
            "months": {"2026-10": {"changes": 12, "alone": 12}},
            "systems": [
                {
                    "name": "intake-api",
                    "paths": ["intake"],
                    "changes": 12,
                    "alone": 12,
                    "touched": 0,
                    "months": {"2026-10": 12},
                }
            ],
            "pairs": [],
        }
    },
}
PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "Recorded.",
        "content": {"application/json": {"example": {"kind": "share", "id": 7}}},
    },
    **{
        status: {"description": text, "content": PROBLEM}
        for status, text in {
            400: "No Idempotency-Key, or the body isn't JSON.",
            401: "No valid token.",
            403: "The token or role may not report evidence.",
            404: "No such engagement, workflow, pipeline or replacement.",
            409: "A request with this key is being carried out.",
            422: "The evidence can't be accepted; nothing was saved.",
        }.items()
    },
}
GATE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The gate is open."},
    409: {"description": "The gate is closed.", "content": PROBLEM},
}
BEARER = Depends(HTTPBearer(auto_error=False, scheme_name="bearer", description="An API token."))


@router.post(
    "/v1/engagements/{slug}/evidence",
    summary="Report a piece of evidence, exactly once for each Idempotency-Key",
    status_code=201,
    response_class=JSONResponse,
    responses=RESPONSES,
    dependencies=[BEARER],
    openapi_extra={
        "parameters": [KEY_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["kind"],
                        "properties": {"kind": {"type": "string", "enum": list(EXAMPLES)}},
                    },
                    "examples": {
                        kind: {"value": {"kind": kind} | example} for kind, example in EXAMPLES.items()
                    },
                }
            },
        },
    },
)
async def report(slug: str, request: Request, who: Annotated[Actor, Depends(caller)]) -> JSONResponse:
    """Record a pipeline's run, a rehearsal, a go-live, a share, a proof, traces, a contract's version or a survey.

    A repeated request with the same key and body gets the stored answer again, with `Idempotent-Replayed: true`.
    """
    key = key_of(request)
    if not is_json(request):
        return problem(415, "Send application/json. Nothing was saved.")
    body = await body_of(request, evidence.MAX_EVIDENCE)
    if body is None:
        return problem(413, f"A request has at most {evidence.MAX_EVIDENCE:,} bytes. Nothing was saved.")
    try:
        answer = await in_thread(partial(evidence.accept, who, slug, key, body))
    except StillRunning as running:
        return after_a_second(409, str(running))
    except Unreadable as unreadable:
        return problem(400, str(unreadable))
    return JSONResponse(answer.content, answer.status, headers=REPLAYED if answer.replayed else None)


@router.post(
    "/v1/engagements/{slug}/replacements/{replacement}/gate",
    summary="Ask whether a replacement may cut over: 200 if its gate is open, 409 if it is closed",
    response_class=JSONResponse,
    responses=GATE_RESPONSES,
    dependencies=[BEARER],
)
def gate(slug: str, replacement: str, who: Annotated[Actor, Depends(caller)]) -> JSONResponse:
    """Answer for a replacement, by its number or name. The body, such as a deployment tool's own, isn't read."""
    return _answer(gating.ask_gate(who, slug, replacement))


@router.post(
    "/v1/gates/{secret}",
    summary="Ask the gate at a secret address, without a token",
    response_class=JSONResponse,
    responses=GATE_RESPONSES,
)
def gate_at_address(secret: str) -> JSONResponse:
    """Answer as the address with a token does."""
    return _answer(gate_addresses.gate_of_address(secret, now()))


def _answer(gate: Gate) -> JSONResponse:
    if gate.open:
        return JSONResponse(gate.as_json())
    return problem(409, gate.sentence, **gate.as_json())
