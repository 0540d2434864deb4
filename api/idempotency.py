"""What requests with an Idempotency-Key have in common: the key, the body, and the answer to a repeated one."""

from __future__ import annotations

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse

from api.problems import problem
from services.core.idempotency import MAX_BODY, MAX_KEY

RETRY_AFTER = {"retry-after": "1"}
REPLAYED = {"idempotent-replayed": "true"}
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}


def is_json(request: Request) -> bool:
    """Return whether the request says that its body is JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def after_a_second(status: int, detail: str) -> JSONResponse:
    """Return a problem that asks to send the same request again in a second."""
    answer = problem(status, detail)
    answer.headers.update(RETRY_AFTER)
    return answer


def key_of(request: Request) -> str:
    """Return the key, without the quotation marks of a structured header. Raises HTTPException 400 if it is no key."""
    values = request.headers.getlist("idempotency-key")
    key = values[0].strip() if len(values) == 1 else ""
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if not key or len(key) > MAX_KEY or not (key.isascii() and key.isprintable()):
        raise HTTPException(
            400,
            f"Send an Idempotency-Key: a text of your own of up to {MAX_KEY} characters, new for each new content.",
        )
    return key


async def body_of(request: Request, most: int = MAX_BODY) -> bytes | None:
    """Return the body; None as soon as it is larger than `most` bytes, whatever its header says."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
