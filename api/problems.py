"""Errors as `application/problem+json` (RFC 9457): one shape for all of them."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.request_log import REQUEST_ID
from models.errors import Conflict, Forbidden, HeadwayError, NotFound, Unavailable
from services.people import security_log

UNEXPECTED = "Something went wrong here. Nothing was changed."
_STATUS = {NotFound: 404, Forbidden: 403, Conflict: 409, Unavailable: 503}


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """Return a problem with the status's own title and a sentence of detail."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


def refusal(error: HeadwayError) -> JSONResponse:
    """Return the problem of a refusal; one of a database that can't be used says when to come back."""
    answer = problem(_STATUS.get(type(error), 422), str(error))
    if isinstance(error, Unavailable):
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        is_plain_404 = error.detail == phrase == "Not Found"
        detail = "There is nothing at this address." if is_plain_404 else str(error.detail)
        answer = problem(error.status_code, detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"where": list(row["loc"]), "what": row["msg"]} for row in error.errors()]
        return problem(422, "The request isn't in the form that this address takes.", errors=errors)

    @app.exception_handler(HeadwayError)
    def refused(request: Request, error: HeadwayError) -> JSONResponse:
        actor = getattr(request.state, "actor", None)
        if actor is not None:
            security_log.log_refusal(actor, error)
        return refusal(error)

    # It is raised again afterwards, so that AuthMiddleware logs it.
    @app.exception_handler(Exception)
    async def unexpected(request: Request, _: Exception) -> JSONResponse:
        return problem(500, UNEXPECTED, request_id=request.scope.get(REQUEST_ID, ""))
