"""The pages on which a sponsor signs: the routes under /sign, plain HTML for a phone.

A sponsor comes by a link that was made for them (/sign/link#TOKEN), or is signed in as usual (`?engagement=`). In a
browser in which they never signed in, the link leads to the sign-in too. `AuthMiddleware` lets only our own pages post
to these routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import html_pages, receipts, sign_off_entry, sign_off_pages
from api.client_info import client_info
from api.cookies import SIGNING_COOKIE, read_cookie, set_cookie
from api.current_user import now, person
from api.forms import read_form
from api.html_routes import html_routes
from api.origins import own_origin
from api.threads import in_thread
from api.unsubscribe import end_mails, unsubscribe_page
from models.errors import Conflict, Forbidden, HeadwayError, NotFound, Refused, RuleBroken
from models.metrics import CHANGES_REQUESTED
from reports.sign_off.sheet import Sheet
from reports.sign_off.sheet import sheet as sign_off_sheet
from services.engagement import sponsors
from services.people import security_log, sessions
from services.sign_off import links, requests, signing
from services.sign_off.links import AlreadySigned, LinkSession, LinkUsed, SignInRequired
from services.sign_off.signing import Answer, ChangedSinceShown
from store.sign_off import own_record

MAX_SHEET_BYTES, MAX_SHEET_FIELDS = 512_000, 400
"""Of an answered sheet: three fields a metric, and the comments that somebody wrote."""
_SHOWN_FIELD = re.compile(r"shown-[1-9][0-9]{0,8}")
LINK_ENDED = "The link that you opened has ended. Nothing was signed. Open it again."


async def start_page(request: Request) -> Response:
    """Return the page of the bare address, which says where a sign-off begins."""
    return html_pages.page("sign-start", "Sign-off")


async def link_page(request: Request) -> Response:
    return html_pages.page("sign-link", "Sign-off", script="enter.js")


async def open_link(request: Request) -> Response:
    form = await read_form(request)
    user = await in_thread(partial(person, request, "sign-off page"))
    user_id = user.user_id if user else None
    token = form.get("token", "")
    given = token, now(), client_info(request), user_id
    try:
        asks = await in_thread(partial(sponsors.welcome, *given))
        if asks is not None:
            return sign_off_entry.entry_page(asks, token)
        session = await in_thread(partial(links.open_link, *given))
    except LinkUsed as used:
        return await in_thread(partial(_link_was_used, request, used))
    except Refused as refused:
        return _refuse_link(str(refused))
    if isinstance(session, SignInRequired):
        query = urlencode({"engagement": session.slug, "request": session.request_id})
        return _to_sign_in(f"/sign/metrics?{query}")
    response = RedirectResponse("/sign/metrics", 303)
    seconds = int(sessions.absolute_timeout().total_seconds())
    set_cookie(response, SIGNING_COOKIE, session.token, own_origin(request.scope), seconds)
    return response


def _link_was_used(request: Request, used: LinkUsed) -> Response:
    """Return the way to what was signed in the browser that used the link, and a refusal in any other."""
    session = _link_session(request)
    if session is None or session.actor.link_id != used.link_id or used.record_id is None:
        return _refuse_link(str(used))
    return RedirectResponse(f"/sign/signed/{used.record_id}", 303)


def _refuse_link(sentence: str) -> Response:
    return html_pages.page("sign-link", "Sign-off", refused=sentence, status=401)


def _signer(request: Request) -> LinkSession | None:
    """Return who signs, and in which engagement: the person signed in where the address names an engagement, and else
    the owner of the link; None where nobody is signed in and no link was opened."""
    slug = request.query_params.get("engagement")
    if slug is None:
        return _link_session(request)
    actor = person(request, "sign-off page")
    return None if actor is None else LinkSession(actor, slug)


def _link_session(request: Request) -> LinkSession | None:
    token = read_cookie(request.scope, SIGNING_COOKIE, own_origin(request.scope))
    return None if token is None else links.link_session(token, now())


def _ask_to_identify(request: Request) -> Response:
    """Return the way in for somebody who isn't identified: their link again, or the sign-in."""
    if "engagement" not in request.query_params:
        return _refuse_link(LINK_ENDED)
    return _to_sign_in(f"/sign{request.url.path.removeprefix('/sign')}?{request.url.query}")


def _to_sign_in(wanted: str) -> Response:
    """Return a redirect to the ordinary sign-in, and from there to `wanted`."""
    return RedirectResponse(f"/session/sign-in?next={quote(wanted, safe='/')}", 303)


def _refuse(signer: LinkSession, refused: RuleBroken) -> Response:
    security_log.log_refusal(signer.actor, refused)
    status = {NotFound: 404, Forbidden: 403}.get(type(refused), 409)
    return html_pages.full_page(
        "Nothing was signed", html_pages.refusal(str(refused)), status=status, style=sign_off_pages.STYLE
    )


def _request_id(request: Request) -> int | None:
    given = request.query_params.get("request", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _address(request: Request, path: str) -> str:
    """Return the address of another page for the same person: with the engagement if they are signed in as usual."""
    names = [name for name in ("engagement", "request") if name in request.query_params]
    query = urlencode({name: request.query_params[name] for name in names})
    return path + (f"?{query}" if query else "")


async def sheet_page(request: Request) -> Response:
    return await in_thread(partial(_sheet_page, request))


def _sheet_page(request: Request) -> Response:
    signer = _signer(request)
    if signer is None:
        return _ask_to_identify(request)
    try:
        sheet = sign_off_sheet(signer.actor, signer.slug, _request_id(request))
    except RuleBroken as refused:
        return _refuse(signer, refused)
    ended = _ended(request, signer, sheet)
    if ended is not None:
        return ended
    if sheet.request is not None and request.method == "GET":
        requests.note_viewed(signer.actor, signer.slug, sheet.request.id)
    return sign_off_pages.sheet_page(sheet, action=_address(request, "/sign/metrics"))


def _ended(request: Request, signer: LinkSession, sheet: Sheet) -> Response | None:
    """Return the response for a sheet that can't be signed any more, because its request was answered or withdrawn or
    its link was replaced or has expired; None for any other."""
    asked = sheet.request
    if asked is None:
        return None
    if asked.record_id is not None:
        return RedirectResponse(_address(request, f"/sign/signed/{asked.record_id}"), 303)
    revoked = asked.revoked
    if revoked is not None or sheet.changed:
        why = "it changed since" if revoked is None else revoked.detail
        return sign_off_pages.ended_page(
            sheet,
            f"What you were asked to sign can't be signed any more: {why}. Nothing was signed. Ask for a new link.",
        )
    if signer.actor.link_id is None:
        return None
    if any(event.kind == "revoked" and event.link_id == signer.actor.link_id for event in asked.events):
        return sign_off_pages.ended_page(
            sheet, "This link was replaced by a newer one. Nothing was signed. Open that one."
        )
    if sheet.expires_at is not None and sheet.expires_at <= signer.actor.at:
        return sign_off_pages.ended_page(
            sheet, "This link has expired. Nothing was signed. Ask for a new one."
        )
    return None


async def sign(request: Request) -> Response:
    form = await read_form(request, MAX_SHEET_BYTES, MAX_SHEET_FIELDS)
    return await in_thread(partial(_sign, request, form))


def _sign(request: Request, form: Mapping[str, str]) -> Response:
    signer = _signer(request)
    if signer is None:
        return _ask_to_identify(request)
    client = client_info(request)
    record_id: int | None
    try:
        record_id = signing.sign(
            signer.actor,
            signer.slug,
            _answers(form),
            name=form.get("name", ""),
            request_id=_request_id(request),
            # A signature's record has no use for the browser's secret token.
            client=replace(client, browser_token=None),
        )
    except (NotFound, Forbidden) as refused:
        return _refuse(signer, refused)
    except AlreadySigned as twice:
        record_id = twice.record_id
    except HeadwayError as refused:
        return _show_again(request, signer, form, refused)
    # Signatures from before there were records have none to show.
    where = "/sign/metrics" if record_id is None else f"/sign/signed/{record_id}"
    return RedirectResponse(_address(request, where), 303)


def _show_again(
    request: Request, signer: LinkSession, form: Mapping[str, str], refused: HeadwayError
) -> Response:
    """Return the sheet as it is now, with the reason why nothing was signed and with what was typed."""
    try:
        sheet = sign_off_sheet(signer.actor, signer.slug, _request_id(request))
    except RuleBroken as gone:
        return _refuse(signer, gone)
    if isinstance(refused, Conflict) and sheet.request is not None:
        ended = _ended(request, signer, sheet)
        if ended is not None:
            return ended
    if isinstance(refused, ChangedSinceShown):
        # Another text calls for another answer; only the name stays.
        return sign_off_pages.sheet_page(
            sheet, action=_address(request, "/sign/metrics"), typed={"name": form.get("name", "")},
            refused=str(refused), differences=refused.differences, status=409,
        )  # fmt: skip
    return sign_off_pages.sheet_page(
        sheet, action=_address(request, "/sign/metrics"), typed=form, refused=str(refused), status=422
    )


def _answers(form: Mapping[str, str]) -> list[Answer]:
    """Return the answer to each metric on the sheet; where it has none of its own, the one to all of them."""
    shown = [(field, text) for field, text in form.items() if _SHOWN_FIELD.fullmatch(field)]
    return [_answer(form, field.removeprefix("shown-"), text) for field, text in shown]


def _answer(form: Mapping[str, str], key: str, shown: str) -> Answer:
    """Return the answer to the metric whose id is `key`, of which `shown` holds the digests."""
    answered = key if form.get(key) else sign_off_pages.ALL
    digest, _, card = shown.partition(".")
    meaning = form.get(answered, "")
    comment = form.get(f"words-{answered}") if meaning == CHANGES_REQUESTED else None
    return Answer(int(key), digest, card, meaning, comment)


async def signed_page(request: Request) -> Response:
    return await in_thread(partial(_signed_page, request))


def _signed_page(request: Request) -> Response:
    signer = _signer(request)
    if signer is None:
        return _ask_to_identify(request)
    record_id = request.path_params["record_id"]
    try:
        record = own_record(signer.actor, signer.slug, record_id)
        sheet = sign_off_sheet(signer.actor, signer.slug)
    except RuleBroken as refused:
        return _refuse(signer, refused)
    receipt_address = _address(request, f"/sign/receipt/{record_id}.pdf")
    return sign_off_pages.done_page(sheet, record, receipt_address, _address(request, "/sign/overview"))


async def receipt(request: Request) -> Response:
    return await in_thread(partial(_receipt, request))


def _receipt(request: Request) -> Response:
    signer = _signer(request)
    if signer is None:
        return _ask_to_identify(request)
    try:
        return receipts.receipt_response(signer.actor, signer.slug, request.path_params["record_id"])
    except RuleBroken as refused:
        return _refuse(signer, refused)


async def overview(request: Request) -> Response:
    return await sign_off_entry.overview(request, await in_thread(partial(_signer, request)))


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return html_pages.page(
        "sign-start", "Sign-off", refused="There is nothing at this address.", status=status
    )


routes = html_routes(
    [
        Route("/", start_page, methods=["GET"]),
        Route("/link", link_page, methods=["GET"]),
        Route("/link", open_link, methods=["POST"]),
        Route("/metrics", sheet_page, methods=["GET"]),
        Route("/metrics", sign, methods=["POST"]),
        Route("/enter", sign_off_entry.enter, methods=["POST"]),
        Route("/overview", overview, methods=["GET", "POST"]),
        Route("/signed/{record_id:int}", signed_page, methods=["GET"]),
        Route("/receipt/{record_id:int}.pdf", receipt, methods=["GET"]),
        Route("/verify", receipts.verify_page, methods=["GET"]),
        Route("/verify", receipts.verify, methods=["POST"]),
        Route("/unsubscribe", unsubscribe_page, methods=["GET"]),
        Route("/unsubscribe", end_mails, methods=["POST"]),
    ],
    _not_found,
)
