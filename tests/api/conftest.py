"""`AuthMiddleware` and the routes behind it, without the dashboard: an echo returns what reaches it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.auth_middleware import AuthMiddleware, DashboardProtocol
from api.routes import api
from api.session import routes as session
from api.sign_off import routes as sign
from api.sign_off import start_page
from api.week import routes as week
from models.database import engine
from models.people import User
from services.people import accounts, passwords
from tests.builders import a_session, a_user

HOME = "http://localhost:8501"
COOKIE = "headway_session_8501"
PASSWORD = "correct horse battery"
A_FILE = "/media/0123456789abcdef.json"
reached: list[bytes] = []


async def echo(request: Request) -> JSONResponse:
    if request.url.path == "/broken":
        raise RuntimeError("the secret is in /etc/secret")
    return JSONResponse({"path": request.url.path, "headers": dict(request.headers)})


async def stream(websocket: WebSocket) -> None:
    """Say whose page it is, as the dashboard does, and then what reaches it."""
    await websocket.accept()
    await websocket.send_bytes(f"page of {websocket.headers['x-headway-session']}".encode())
    try:
        while True:
            data = await websocket.receive_bytes()
            reached.append(data)
            if data == b"a file":
                await websocket.send_bytes(f"file at {A_FILE}".encode())
                continue
            await websocket.send_bytes(b"ran " + data)
    except WebSocketDisconnect:
        return


def page_id(data: bytes) -> str | None:
    return data.decode() if data.startswith(b"page of ") else None


def is_timed(data: bytes) -> bool:
    return data == b"timed"


def redirect(address: str) -> bytes:
    return f"go to {address}".encode()


def files(data: bytes) -> list[str]:
    return [data.decode().removeprefix("file at ")] if data.startswith(b"file at ") else []


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """A browser at our address that has no cookie yet and doesn't follow redirects."""
    reached.clear()
    passwords.prepare()
    app = Starlette(
        routes=[
            Mount("/session", app=session),
            Mount("/sign", app=sign),
            Route("/sign", endpoint=start_page),
            Mount("/api", app=api),
            Mount("/week", app=week),
            WebSocketRoute("/_stcore/stream", stream),
            Route("/{path:path}", echo, methods=["GET", "PUT", "POST", "DELETE"]),
        ],
        middleware=[
            Middleware(AuthMiddleware, protocol=DashboardProtocol(page_id, is_timed, redirect, files))
        ],
    )
    with TestClient(
        app, base_url=HOME, follow_redirects=False, raise_server_exceptions=False, client=("10.0.0.1", 5000)
    ) as client:
        yield client


@pytest.fixture
def mei(client: TestClient) -> int:
    """Mei, who has a password and isn't signed in. Her id."""
    user_id = a_user("Mei Tan")
    with Session(engine()) as session, session.begin():
        session.get(User, user_id).password_hash = passwords.hash_password(PASSWORD, "mei.tan@example.org")
    return user_id


@pytest.fixture
def signed_in(client: TestClient) -> str:
    """The token of a session of Mei's, which `client` has as its cookie."""
    _, token = a_session(a_user("Mei Tan"), datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    return token


@pytest.fixture
def asked(client: TestClient) -> str:
    """The token of the link by which Dana is asked to sign three metrics."""
    from tests.api.signing import a_link_to_dana

    return a_link_to_dana(client)


def sign_in_once(client: TestClient, user: str) -> None:
    """From now on the client is a browser in which that person signed in before. Nobody is signed in there now."""
    entered = client.post("/session/enter", data={"token": a_link(user)}, headers={"origin": HOME})
    assert entered.status_code == 303, entered.text
    client.post("/session/sign-out", headers={"origin": HOME})
    assert COOKIE not in client.cookies


def a_link(email: str, at: datetime | None = None) -> str:
    from models.people import operator

    return accounts.make_link(operator(at or datetime.now(UTC)), email)
