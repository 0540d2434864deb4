"""Signing in with the firm's own identity provider: OpenID Connect, with authorization code, PKCE, state and nonce.

Nobody gets an account by being known there alone: the verified e-mail has to be of a user, or of somebody invited.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Refused
from models.names import clean_email
from models.people import Invitation, User
from models.security_log import Kind
from models.settings import settings
from services.core.site_url import home_url
from services.core.transaction import unjournalled_transaction
from services.people.authentication import NewSession, begin_session
from services.people.client_info import ClientInfo
from services.people.security_log import log_event
from services.people.sessions import BY_PROVIDER, end_sessions_of

CALLBACK = "/session/provider/callback"
SECONDS = 10
"""For each answer of the provider."""
CLOCK_SECONDS = 120
"""By so much its clock may differ from ours."""
DISCOVERY_SECONDS = 600
ALGORITHMS = ["RS256", "ES256", "PS256"]
NOT_CONFIGURED = "Signing in with an identity provider isn't set up here."
NOT_HERE = (
    "The identity provider can't be reached. Nothing happened. Try again, or sign in with your password."
)
NOT_THIS = (
    "The identity provider's answer doesn't belong to this browser's request. Nothing happened. Try again."
)
UNVERIFIED = (
    "The identity provider doesn't say that your e-mail is verified. Nothing happened. Ask an administrator."
)
UNKNOWN = "Nobody with your e-mail has an account or an invitation here. Ask the lead of your engagement."


@dataclass(frozen=True)
class Request:
    """A request to sign in: where the browser is sent, and what its answer is compared with."""

    address: str
    state: str
    nonce: str
    verifier: str


def is_configured() -> bool:
    """Return whether people can sign in with a provider."""
    return bool(settings().HEADWAY_OIDC_ISSUER and settings().HEADWAY_OIDC_CLIENT_ID)


def request_sign_in() -> Request:
    """Return a new request. Raises Refused if no provider is set up, or it doesn't answer."""
    nonce, verifier = token_urlsafe(24), token_urlsafe(48)
    endpoint = _discovered()["authorization_endpoint"]
    address, state = _client().create_authorization_url(endpoint, nonce=nonce, code_verifier=verifier)
    return Request(address, state, nonce, verifier)


def sign_in_by_provider(answer: str, request: Request, at: datetime, client: ClientInfo) -> NewSession:
    """Begin a session for whoever the provider says it is, by the address `answer` that it sent the browser to.

    Raises Refused if the answer isn't for this request, the e-mail isn't verified, nobody here has it, or
    the provider doesn't answer.
    """
    claims = _claims(answer, request)
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise Refused(UNVERIFIED)
    email = clean_email(claims["email"])
    with unjournalled_transaction() as session:
        user = session.scalar(select(User).where(User.email == email)) or _invited(session, email, claims, at)
        if user is not None and not user.disabled:
            _verify(session, user, at, client)
            return begin_session(session, user.id, at, client, BY_PROVIDER)
        detail = "the identity provider vouches for an e-mail without an account"
        log_event(
            session,
            Kind.SIGN_IN_REFUSED,
            at,
            user_id=None if user is None else user.id,
            by="nobody",
            address=client.rate_limit_key,
            detail=detail,
        )
    raise Refused(UNKNOWN)


def sign_out_address() -> str | None:
    """Return where the browser goes to sign out at the provider as well; None if it has no such page."""
    try:
        endpoint = _discovered().get("end_session_endpoint")
    except Refused:
        return None
    back = {"client_id": settings().HEADWAY_OIDC_CLIENT_ID}
    back |= {"post_logout_redirect_uri": f"{home_url()}/session/sign-in"}
    return f"{endpoint}?{urlencode(back)}" if endpoint else None


def _client() -> OAuth2Session:
    own = settings()
    secret = own.HEADWAY_OIDC_CLIENT_SECRET.get_secret_value()
    return OAuth2Session(
        own.HEADWAY_OIDC_CLIENT_ID,
        secret,
        scope="openid email profile",
        redirect_uri=home_url() + CALLBACK,
        code_challenge_method="S256",
    )


def _discovered() -> dict[str, Any]:
    if not is_configured():
        raise Refused(NOT_CONFIGURED)
    return _read(settings().HEADWAY_OIDC_ISSUER.rstrip("/"), int(time.monotonic() // DISCOVERY_SECONDS))


@lru_cache(maxsize=2)
def _read(issuer: str, _: int) -> dict[str, Any]:
    """Return the provider's description of itself, anew every few minutes."""
    configuration = _get(f"{issuer}/.well-known/openid-configuration")
    # Else a provider could speak for another one (OpenID Connect Discovery 1.0, section 4.3).
    if str(configuration.get("issuer", "")).rstrip("/") != issuer:
        raise Refused(NOT_HERE)
    return configuration


def _get(address: str, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = requests.get(address, headers=headers, timeout=SECONDS, allow_redirects=False)
        answer.raise_for_status()
        content = answer.json()
    except (requests.RequestException, ValueError) as failed:
        raise Refused(NOT_HERE) from failed
    return content if isinstance(content, dict) else {}


def _claims(answer: str, request: Request) -> dict[str, Any]:
    """Return what the provider's ID token says, whose signature, issuer, audience, nonce and times are right."""
    known = _discovered()
    try:
        token = _client().fetch_token(
            known["token_endpoint"],
            authorization_response=answer,
            state=request.state,
            code_verifier=request.verifier,
            timeout=SECONDS,
        )
    except requests.RequestException as failed:
        raise Refused(NOT_HERE) from failed
    except Exception as failed:  # authlib has a kind of error for each way in which an answer is wrong
        raise Refused(NOT_THIS) from failed
    try:
        keys = KeySet.import_key_set(_get(known["jwks_uri"]))  # type: ignore[arg-type]
        claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            leeway=CLOCK_SECONDS,
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": settings().HEADWAY_OIDC_CLIENT_ID},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": request.nonce},
        ).validate(claims)
    except (JoseError, KeyError, ValueError) as failed:
        raise Refused(NOT_THIS) from failed
    if "email" in claims or "userinfo_endpoint" not in known:
        return dict(claims)
    more = _get(known["userinfo_endpoint"], token["access_token"])
    # Section 5.3.2 of OpenID Connect Core: else it is of somebody else.
    if more.get("sub") != claims["sub"]:
        raise Refused(NOT_THIS)
    return more | dict(claims)


def _verify(session: Session, user: User, at: datetime, client: ClientInfo) -> None:
    """Take the account of an unverified e-mail over for the person whom the provider vouches for.

    Somebody else may have chosen its password: whoever asks a sponsor to sign may hold the link. It is void from now on,
    and so are the sessions.
    """
    if user.email_verified:
        return
    user.email_verified, user.password_hash = True, None
    end_sessions_of(session, user.id, at)
    log_event(
        session, Kind.USER_CHANGED, at, user_id=user.id, by="the identity provider", address=client.address,
        detail="the e-mail is verified; the password of before and the sessions have ended",
    )  # fmt: skip


def _invited(session: Session, email: str, claims: dict[str, Any], at: datetime) -> User | None:
    """Return a new user for somebody who was invited to an engagement by this e-mail; None if nobody invited them."""
    if session.scalar(select(Invitation.id).where(Invitation.email == email).limit(1)) is None:
        return None
    name = str(claims.get("name") or email.partition("@")[0])[:300]
    user = User(email=email, name=name, administrator=False, created_at=at)
    session.add(user)
    session.flush()
    log_event(session, Kind.USER_ADDED, at, user_id=user.id, by="the identity provider")
    return user
