"""Receipts of sign-offs: downloads for members and for sponsors with a link, and the public page that checks one."""

from __future__ import annotations

import re
from functools import partial
from html import escape
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import html_pages
from api.current_user import caller
from api.threads import in_thread
from models.errors import HeadwayError, Invalid, Refused
from models.people import Actor
from reports.exports.receipt import file_name
from reports.sign_off.receipt_file import MAX_BYTES
from services.sign_off.receipt_check import ReceiptCheck, check_receipt
from services.sign_off.receipts import issue_receipt

router = APIRouter()
STYLE = "sign.css"
BUSY = "Too many receipts are being checked at this moment. Nothing happened. Try again in a minute."
_MAX_FORM_BYTES = MAX_BYTES + 4_096
"""The file and the form's own lines."""
_BOUNDARY = re.compile(
    r"multipart/form-data;.*boundary=\"?([A-Za-z0-9'()+_,./:=?-]{1,70})\"?$", re.IGNORECASE
)
# One at a time: anybody may ask for this.
_CHECKS = CapacityLimiter(1)
_MAX_WAITING = 20


@router.get("/v1/engagements/{slug}/sign-offs/{record_id}/receipt.pdf")
def download(slug: str, record_id: int, who: Annotated[Actor, Depends(caller)]) -> Response:
    """The receipt of a sign-off, for the engagement's members. The same record gives the same bytes."""
    return receipt_response(who, slug, record_id)


def receipt_response(actor: Actor, slug: str, record_id: int) -> Response:
    """Return a receipt as a PDF to download. Raises HeadwayError if there is no such record for `actor`."""
    receipt, data = issue_receipt(actor, slug, record_id)
    headers = {
        "content-disposition": f'attachment; filename="{file_name(receipt)}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type="application/pdf", headers=headers)


async def verify_page(request: Request) -> Response:
    return _page()


async def verify(request: Request) -> Response:
    """Return the page that says whether an uploaded receipt is genuine. Nobody needs to be signed in for it."""
    try:
        check = await _check(await _uploaded_file(request))
    except HeadwayError as refused:
        return _page(refused=str(refused), status=503 if isinstance(refused, Refused) else 422)
    return _page(check)


async def _check(data: bytes) -> ReceiptCheck:
    if _CHECKS.statistics().tasks_waiting >= _MAX_WAITING:
        raise Refused(BUSY)
    return await in_thread(partial(check_receipt, data), _CHECKS)


async def _uploaded_file(request: Request) -> bytes:
    """Return the one file of a form. Raises Invalid if there is none, or if it is larger than any receipt."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise Invalid(
                f"This file is too large to be a receipt: those have less than {MAX_BYTES // 1_000_000} MB."
            )
    boundary = _BOUNDARY.fullmatch(request.headers.get("content-type", ""))
    start, _, rest = body.partition(b"\r\n\r\n")
    end = rest.rfind(b"\r\n--" + boundary[1].encode()) if boundary else -1
    if end <= 0 or b'name="receipt"' not in start:
        raise Invalid("Choose the PDF of a receipt first. Nothing was checked.")
    return rest[:end]


def _page(check: ReceiptCheck | None = None, refused: str = "", status: int = 200) -> Response:
    html = {"message": html_pages.refusal(refused), "result": _result(check) if check else ""}
    title = "Check a receipt" if check is None else "Is this receipt genuine?"
    return html_pages.full_page(title, html_pages.fragment("verify", html=html), status=status, style=STYLE)


def _result(check: ReceiptCheck) -> str:
    kind = "done" if check.holds else "changes" if check.genuine else "refused"
    rows = "".join(
        f"<li><strong>{'Holds' if finding.holds else 'Does not hold'}:</strong> {escape(finding.text)}</li>"
        for finding in check.findings
    )
    who = f"<p><strong>{escape(check.who)}</strong><br>{escape(check.what)}</p>" if check.who else ""
    limits = "".join(f"<li>{escape(limit)}</li>" for limit in check.limits)
    unproven = f'<h2>What this doesn\'t prove</h2><ul class="said">{limits}</ul>' if limits else ""
    return (
        f'<p class="{kind}" role="status">{escape(check.summary)}</p>{who}'
        f'<h2>What was checked</h2><ul class="said">{rows}</ul>{unproven}'
    )
