"""What the pages outside of the dashboard ask of a request: its form, and who knocks."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request

from api import cookies
from api.cookies import BROWSER_COOKIE
from services.people.sessions import Visitor

MAX_FORM_BYTES = 16_384
MAX_FORM_FIELDS = 20


async def read_form(
    request: Request, largest: int = MAX_FORM_BYTES, most: int = MAX_FORM_FIELDS
) -> dict[str, str]:
    """The fields of a form; empty where it isn't one, or has more than `largest` bytes or `most` fields."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return {}
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=most).items()}
    except ValueError:
        return {}


def client_info(request: Request) -> Visitor:
    """Who knocks."""
    address = cookies.address_of(request.scope)
    return Visitor(
        address=cookies.client_address(request.scope),
        browser=request.headers.get("user-agent", ""),
        browser_token=cookies.cookie(request.scope, BROWSER_COOKIE, address),
    )


async def in_thread(what: partial[Any]) -> Any:
    """Run what waits for the database beside the loop."""
    return await to_thread.run_sync(what)
