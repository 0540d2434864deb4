"""The form of a request to the pages outside of the dashboard."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

MAX_FORM_BYTES = 16_384
MAX_FORM_FIELDS = 20


async def read_form(
    request: Request, max_bytes: int = MAX_FORM_BYTES, max_fields: int = MAX_FORM_FIELDS
) -> dict[str, str]:
    """Return the fields of a form; empty if it isn't one, or has more than `max_bytes` bytes or `max_fields` fields."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            return {}
    try:
        fields = parse_qs(body.decode(), max_num_fields=max_fields)
        return {name: values[0] for name, values in fields.items()}
    except ValueError:
        return {}
