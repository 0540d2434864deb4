"""Errors as `application/problem+json` (RFC 9457): one shape for all of them."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from models.errors import Conflict, Forbidden, HeadwayError, NotFound
from services.people import security_log

_STATUS = {NotFound: 404, Forbidden: 403, Conflict: 409}


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """A problem with the status's own title and a sentence of detail."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        known = HTTPStatus(error.status_code).phrase
        detail = (
            "There is nothing at this address." if error.detail == known == "Not Found" else str(error.detail)
        )
        answer = problem(error.status_code, detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [{"where": list(one["loc"]), "what": one["msg"]} for one in error.errors()]
        return problem(422, "The request isn't in the form that this address takes.", errors=wrong)

    @app.exception_handler(HeadwayError)
    def refused(request: Request, error: HeadwayError) -> JSONResponse:
        actor = getattr(request.state, "actor", None)
        if actor is not None:
            security_log.log_refusal(actor, error)
        return problem(_STATUS.get(type(error), 422), str(error))
