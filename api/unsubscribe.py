"""The page behind the unsubscribe link in a mail. Opening it changes nothing: mail scanners open links."""

from __future__ import annotations

from functools import partial
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from api import html_pages
from api.forms import read_form
from api.threads import in_thread
from models.errors import NotFound
from services.mail.mail_choices import unsubscribe


async def unsubscribe_page(request: Request) -> Response:
    """Return the page with the button."""
    return html_pages.page("unsubscribe", "Unsubscribe", token=request.query_params.get("token", ""))


async def end_mails(request: Request) -> Response:
    """End the mails that the link is for; a mail program's own button posts to the link itself (RFC 8058)."""
    form = await read_form(request)
    token = form.get("token") or request.query_params.get("token", "")
    try:
        name = await in_thread(partial(unsubscribe, token))
    except NotFound as refused:
        return html_pages.page("unsubscribe", "Unsubscribe", refused=str(refused), status=404, token="")
    return html_pages.full_page("Unsubscribed", f"<p>Done: no more of these mails about {escape(name)}.</p>")
