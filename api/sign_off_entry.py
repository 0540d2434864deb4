"""The way in for a sponsor whose browser shows nobody: a new one chooses a password, any other enters theirs."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import html_pages, session
from api.client_info import client_info
from api.current_user import now, person
from api.forms import read_form
from api.threads import in_thread
from models.errors import HeadwayError, Invalid, Refused
from models.wording import count
from services.engagement import sponsors
from services.engagement.sponsors import Welcome
from services.people.passwords import MIN_LENGTH
from services.sign_off.links import LinkSession

NEW = (
    f"Choose a password: at least {MIN_LENGTH} characters",
    "It takes a minute, and only you know the password: with it you sign, and see the overview at any time.",
)
KNOWN = ("Your password", "Forgotten? An administrator can give you a one-time link.")


def entry_page(
    asks: Welcome, token: str, *, name: str | None = None, refused: str = "", status: int = 200
) -> HTMLResponse:
    """Return the page that asks who opened a link for their name and password, or for their password."""
    label, note = NEW if asks.is_new else KNOWN
    what = count(asks.metrics, "metric")
    full_name = html_pages.fragment("sign-full-name", name=asks.name if name is None else name)
    content = html_pages.fragment(
        "sign-enter",
        html={"message": html_pages.refusal(refused), "name": full_name if asks.is_new else ""},
        scope=f"{asks.engagement}, {asks.client}",
        asks=f"{asks.asked_by} asks you to sign {what}: what this work is judged by.",
        token=token,
        email=asks.email,
        label=label,
        note=note,
        autocomplete="new-password" if asks.is_new else "current-password",
        button=f"Read {what}",
    )
    return html_pages.full_page(f"{what} to sign", content, status=status, style="sign.css")


async def enter(request: Request) -> Response:
    form = await read_form(request)
    token, name, password = (form.get(field, "") for field in ("token", "name", "password"))
    use = partial(sponsors.enter, token, name, password, now(), client_info(request))
    try:
        new_session, asks = await session.hash_in_turn(use)
    except (Invalid, Refused) as refused:
        return await in_thread(partial(_ask_again, request, token, name, str(refused)))
    query = urlencode({"engagement": asks.slug, "request": asks.request_id})
    return await session.begin_session(request, new_session, f"/sign/metrics?{query}")


def _ask_again(request: Request, token: str, name: str, sentence: str) -> Response:
    """Return the same page with the reason; without it where the link has ended."""
    try:
        asks = sponsors.welcome(token, now(), client_info(request))
    except Refused as ended:
        asks, sentence = None, str(ended)
    if asks is None:
        return html_pages.page("sign-link", "Sign-off", refused=sentence, status=401)
    return entry_page(asks, token, name=name, refused=sentence, status=422)


async def overview(request: Request, signer: LinkSession | None) -> Response:
    """Lead whoever signed to the overview: at once, after their password, or after choosing one."""
    if signer is None:
        return RedirectResponse("/session/sign-in", 303)
    address = f"/overview?{urlencode({'engagement': signer.slug})}"
    user = await in_thread(partial(person, request, "sign-off page"))
    if user is not None and user.user_id == signer.actor.user_id:
        return RedirectResponse(address, 303)
    if not await in_thread(partial(sponsors.needs_password, signer.actor)):
        return RedirectResponse(f"/session/sign-in?next={quote(address, safe='/')}", 303)
    if request.method == "GET":
        return _password_page()
    form = await read_form(request)
    choose = partial(
        sponsors.choose_first_password, signer.actor, form.get("password", ""), client_info(request)
    )
    try:
        return await session.begin_session(request, await session.hash_in_turn(choose), address)
    except HeadwayError as refused:
        return _password_page(str(refused), 422)


def _password_page(refused: str = "", status: int = 200) -> HTMLResponse:
    return html_pages.page(
        "sign-password", "See the overview", refused=refused, status=status, least=str(MIN_LENGTH)
    )
