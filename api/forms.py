"""The forms that our own pages send."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

LARGEST_FORM = 16_384
MOST_FIELDS = 20


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form; empty where it isn't one, or is larger than any of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    try:
        return {
            name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=MOST_FIELDS).items()
        }
    except ValueError:
        return {}
