"""Where a sponsor signs: the routes under /sign, plain HTML for a phone.

Somebody comes by a link that was made for them (/sign/link#TOKEN), or signed in as usual (`?engagement=`). In a browser
in which they never signed in, the link leads to the sign-in too. The gate has seen to it that only our own pages post to
these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api import cookies, html_pages, receipts, sign_off_pages
from api.cookies import SIGNING_COOKIE, now
from api.current_user import person
from api.forms import client_info, in_thread
from api.forms import read_form as form_of
from models.errors import Conflict, Forbidden, HeadwayError, NotFound, Refused
from models.metrics import CHANGES_REQUESTED
from reports.sign_off.sheet import Sheet
from reports.sign_off.sheet import sheet as sign_off_sheet
from services.people import security_log, sessions
from services.sign_off import links, requests, signing
from services.sign_off.links import LinkSession, SignedAlready, SignInFirst, UsedUp
from services.sign_off.signing import Answer, ChangedMeanwhile, ClientInfo
from store.sign_off import own_record

LARGEST_SHEET, MOST_FIELDS = 512_000, 400
"""Bytes and fields of an answered sheet: three fields a metric, and the words that somebody wrote."""
_METRIC = re.compile(r"shown-([1-9][0-9]{0,8})")
LINK_ENDED = "The link that you opened has ended here. Nothing was signed. Open it again."


async def link_page(request: Request) -> Response:
    return html_pages.page("sign-link", "Sign-off", script="enter.js")


async def open_link(request: Request) -> Response:
    form = await form_of(request)
    who = await in_thread(partial(person, request, "sign-off page"))
    use = partial(links.open_link, form.get("token", ""), now(), client_info(request), who and who.user_id)
    try:
        opened = await in_thread(use)
    except UsedUp as used:
        here = await in_thread(partial(_by_link, request))
        if here is None or here.actor.link_id != used.link_id or used.record_id is None:
            return html_pages.page("sign-link", "Sign-off", refused=str(used), status=401)
        return RedirectResponse(f"/sign/signed/{used.record_id}", 303)
    except Refused as refused:
        return html_pages.page("sign-link", "Sign-off", refused=str(refused), status=401)
    if isinstance(opened, SignInFirst):
        asked = urlencode({"engagement": opened.slug, "request": opened.request_id})
        return _to_sign_in(f"/sign/metrics?{asked}")
    address = cookies.address_of(request.scope)
    response = RedirectResponse("/sign/metrics", 303)
    response.set_cookie(
        cookies.cookie_name(SIGNING_COOKIE, address),
        opened.token,
        max_age=int(sessions.absolute().total_seconds()),
        httponly=True,
        samesite="lax",
        secure=address.secure,
        path="/",
    )
    return response


def _here(request: Request) -> LinkSession | None:
    """Who signs, and where: signed in as usual where the address names an engagement, and else by a link."""
    slug = request.query_params.get("engagement")
    if slug is not None:
        actor = person(request, "sign-off page")
        return None if actor is None else LinkSession(actor, slug)
    return _by_link(request)


def _by_link(request: Request) -> LinkSession | None:
    token = cookies.cookie(request.scope, SIGNING_COOKIE, cookies.address_of(request.scope))
    return None if token is None else links.link_session(token, now())


def _come_in(request: Request) -> Response:
    if "engagement" not in request.query_params:
        return html_pages.page("sign-link", "Sign-off", refused=LINK_ENDED, status=401)
    return _to_sign_in(f"/sign{request.url.path.removeprefix('/sign')}?{request.url.query}")


def _to_sign_in(wanted: str) -> Response:
    """To the ordinary sign-in, and from there to `wanted`."""
    return RedirectResponse(f"/session/sign-in?next={quote(wanted, safe='/')}", 303)


def _refused(here: LinkSession, refused: HeadwayError) -> Response:
    security_log.note_refusal(here.actor, refused)
    status = {NotFound: 404, Forbidden: 403}.get(type(refused), 409)
    return html_pages.full_page(
        "Nothing was signed", html_pages.refusal(str(refused)), status=status, style=sign_off_pages.STYLE
    )


def _asked(request: Request) -> int | None:
    given = request.query_params.get("request", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _address(request: Request, path: str) -> str:
    """The address of a page of ours for the same person: with the engagement where they signed in as usual."""
    kept = {
        name: request.query_params[name] for name in ("engagement", "request") if name in request.query_params
    }
    return path + (f"?{urlencode(kept)}" if kept else "")


async def sheet_page(request: Request) -> Response:
    return await in_thread(partial(_sheet_page, request))


def _sheet_page(request: Request) -> Response:
    here = _here(request)
    if here is None:
        return _come_in(request)
    try:
        sheet = sign_off_sheet(here.actor, here.slug, _asked(request))
    except HeadwayError as refused:
        return _refused(here, refused)
    ended = _ended(request, here, sheet)
    if ended is not None:
        return ended
    if sheet.request is not None and request.method == "GET":
        requests.note_viewed(here.actor, here.slug, sheet.request.id)
    return sign_off_pages.sheet_page(sheet, action=_address(request, "/sign/metrics"))


def _ended(request: Request, here: LinkSession, sheet: Sheet) -> Response | None:
    """What is shown instead of a sheet whose request was answered or taken back, or whose link was or has expired."""
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
    if here.actor.link_id is None:
        return None
    if any(event.kind == "revoked" and event.link_id == here.actor.link_id for event in asked.events):
        return sign_off_pages.ended_page(
            sheet, "This link was replaced by a newer one. Nothing was signed. Open that one."
        )
    if sheet.expires_at is not None and sheet.expires_at <= here.actor.at:
        return sign_off_pages.ended_page(
            sheet, "This link has expired. Nothing was signed. Ask for a new one."
        )
    return None


async def sign(request: Request) -> Response:
    form = await form_of(request, LARGEST_SHEET, MOST_FIELDS)
    return await in_thread(partial(_sign, request, form))


def _sign(request: Request, form: Mapping[str, str]) -> Response:
    here = _here(request)
    if here is None:
        return _come_in(request)
    came = client_info(request)
    try:
        record_id = signing.sign(
            here.actor,
            here.slug,
            _answers(form),
            name=form.get("name", ""),
            request_id=_asked(request),
            place=ClientInfo(came.address, came.browser),
        )
    except (NotFound, Forbidden) as refused:
        return _refused(here, refused)
    except SignedAlready as twice:
        record_id = twice.record_id
    except HeadwayError as refused:
        return _again(request, here, form, refused)
    # Signatures from before records were kept have none to show.
    where = "/sign/metrics" if record_id is None else f"/sign/signed/{record_id}"
    return RedirectResponse(_address(request, where), 303)


def _again(request: Request, here: LinkSession, form: Mapping[str, str], refused: HeadwayError) -> Response:
    """The sheet as it is now, above it why nothing was signed, and in it what was typed."""
    try:
        sheet = sign_off_sheet(here.actor, here.slug, _asked(request))
    except HeadwayError as gone:
        return _refused(here, gone)
    if isinstance(refused, Conflict) and sheet.request is not None:
        ended = _ended(request, here, sheet)
        if ended is not None:
            return ended
    if isinstance(refused, ChangedMeanwhile):
        # Another text calls for another answer; only the name stays.
        return sign_off_pages.sheet_page(
            sheet, action=_address(request, "/sign/metrics"), typed={"name": form.get("name", "")},
            refused=str(refused), differences=refused.differences, status=409,
        )  # fmt: skip
    return sign_off_pages.sheet_page(
        sheet, action=_address(request, "/sign/metrics"), typed=form, refused=str(refused), status=422
    )


def _answers(form: Mapping[str, str]) -> list[Answer]:
    """The answer to each metric on the sheet; where it has none of its own, the one to all of them."""
    answers = []
    for field, shown in form.items():
        named = _METRIC.fullmatch(field)
        if named is None:
            continue
        key = named[1]
        of = key if form.get(key) else sign_off_pages.ALL
        digest, _, card = shown.partition(".")
        meaning = form.get(of, "")
        words = form.get(f"words-{of}") if meaning == CHANGES_REQUESTED else None
        answers.append(Answer(int(key), digest, card, meaning, words))
    return answers


async def signed_page(request: Request) -> Response:
    return await in_thread(partial(_signed_page, request))


def _signed_page(request: Request) -> Response:
    here = _here(request)
    if here is None:
        return _come_in(request)
    record_id = request.path_params["record_id"]
    try:
        kept = own_record(here.actor, here.slug, record_id)
        sheet = sign_off_sheet(here.actor, here.slug)
    except HeadwayError as refused:
        return _refused(here, refused)
    return sign_off_pages.done_page(sheet, kept, _address(request, f"/sign/receipt/{record_id}.pdf"))


async def receipt(request: Request) -> Response:
    return await in_thread(partial(_receipt, request))


def _receipt(request: Request) -> Response:
    here = _here(request)
    if here is None:
        return _come_in(request)
    try:
        return receipts.handed_over(here.actor, here.slug, request.path_params["record_id"])
    except HeadwayError as refused:
        return _refused(here, refused)


async def _nothing(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing at this address.", getattr(error, "status_code", 404))


routes = Starlette(
    routes=[
        Route("/link", link_page, methods=["GET"]),
        Route("/link", open_link, methods=["POST"]),
        Route("/metrics", sheet_page, methods=["GET"]),
        Route("/metrics", sign, methods=["POST"]),
        Route("/signed/{record_id:int}", signed_page, methods=["GET"]),
        Route("/receipt/{record_id:int}.pdf", receipt, methods=["GET"]),
        Route("/verify", receipts.verify_page, methods=["GET"]),
        Route("/verify", receipts.verify, methods=["POST"]),
    ],
    exception_handlers={404: _nothing, 405: _nothing},
)
