"""Receipts of sign-offs: for members, for who signed by a link, and the page on which whoever has one checks it."""

from __future__ import annotations

import re
from functools import partial
from html import escape
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import html_pages
from api.current_user import caller
from models.errors import HeadwayError, Invalid, Refused
from models.people import Actor
from reports.exports.receipt import file_name
from reports.sign_off.receipt_file import LARGEST
from services.sign_off.receipt_check import Checked, check
from services.sign_off.receipts import issue

router = APIRouter()
STYLE = "sign.css"
BUSY = "Too many receipts are being checked at this moment. Nothing happened. Try again in a minute."
# Room beside the file for the form's own lines.
_LARGEST_FORM = LARGEST + 4_096
_BOUNDARY = re.compile(
    r"multipart/form-data;.*boundary=\"?([A-Za-z0-9'()+_,./:=?-]{1,70})\"?$", re.IGNORECASE
)
# One at a time: strangers may ask for this.
_CHECKS = CapacityLimiter(1)
_MOST_WAITING = 20


@router.get("/v1/engagements/{slug}/sign-offs/{record_id}/receipt.pdf")
def download(slug: str, record_id: int, who: Annotated[Actor, Depends(caller)]) -> Response:
    """The receipt of a sign-off, for the engagement's members. The same record gives the same bytes."""
    return handed_over(who, slug, record_id)


def handed_over(who: Actor, slug: str, record_id: int) -> Response:
    """A receipt as a file to keep."""
    receipt, data = issue(who, slug, record_id)
    headers = {
        "content-disposition": f'attachment; filename="{file_name(receipt)}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type="application/pdf", headers=headers)


async def verify_page(request: Request) -> Response:
    return _page()


async def verify(request: Request) -> Response:
    """What an uploaded receipt is worth. Who uploads it need not be signed in: they hold it."""
    try:
        found = await _checked(await _file(request))
    except HeadwayError as refused:
        return _page(refused=str(refused), status=503 if isinstance(refused, Refused) else 422)
    return _page(found)


async def _checked(data: bytes) -> Checked:
    if _CHECKS.statistics().tasks_waiting >= _MOST_WAITING:
        raise Refused(BUSY)
    return await to_thread.run_sync(partial(check, data), limiter=_CHECKS)


async def _file(request: Request) -> bytes:
    """The one file of a form. Raises Invalid where there is none, or more than a receipt has."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise Invalid(
                f"This file is too large to be a receipt: those have less than {LARGEST // 1_000_000} MB."
            )
    named = _BOUNDARY.fullmatch(request.headers.get("content-type", ""))
    start, _, rest = body.partition(b"\r\n\r\n")
    end = rest.rfind(b"\r\n--" + named[1].encode()) if named else -1
    if end <= 0 or b'name="receipt"' not in start:
        raise Invalid("Choose the PDF of a receipt first. Nothing was checked.")
    return rest[:end]


def _page(found: Checked | None = None, refused: str = "", status: int = 200) -> Response:
    html = {"message": html_pages.refusal(refused), "found": _found(found) if found else ""}
    title = "Check a receipt" if found is None else "What this receipt is worth"
    return html_pages.full_page(title, html_pages.fragment("verify", html=html), status=status, style=STYLE)


def _found(found: Checked) -> str:
    kind = "done" if found.holds else "changes" if found.genuine else "refused"
    rows = "".join(
        f"<li><strong>{'Holds' if each.holds else 'Does not hold'}:</strong> {escape(each.text)}</li>"
        for each in found.findings
    )
    who = f"<p><strong>{escape(found.who)}</strong><br>{escape(found.what)}</p>" if found.who else ""
    limits = "".join(f"<li>{escape(each)}</li>" for each in found.limits)
    beyond = f'<h2>What this doesn\'t prove</h2><ul class="said">{limits}</ul>' if limits else ""
    return (
        f'<p class="{kind}" role="status">{escape(found.summary)}</p>{who}'
        f'<h2>What was checked</h2><ul class="said">{rows}</ul>{beyond}'
    )
