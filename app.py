"""The program: the dashboard and the HTTP API as one ASGI application. Run it with `python app.py`."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

# Imported here, before serving, so that no visitor waits for it.
import ui.frame  # noqa: F401
from api.auth_middleware import AuthMiddleware, DashboardProtocol
from api.connections import serve
from api.request_log import RequestLog, set_up_logging
from api.routes import api
from api.session import routes as session
from api.sign_off import routes as sign
from api.sign_off import start_page
from api.week import routes as week
from models import telemetry
from models.errors import HeadwayError
from models.settings import settings, unknown_settings
from reports.charts import exploration
from services.background import in_background
from services.core import garbage
from services.core.site_url import home_url, link_url
from services.operations.startup import prepare_database
from services.people import passwords
from services.people.accounts import first_run_link
from ui import static, streamlit_protocol, unexpected_error
from ui.first_answer import FirstAnswer
from ui.preload import preload

HOME = Path(__file__).resolve().parent


def start_telemetry() -> None:
    """Begin to send traces where an endpoint is set; say so if that can't be."""
    if (sentence := telemetry.start(settings().OTEL_EXPORTER_OTLP_ENDPOINT)) is not None:
        print(sentence, file=sys.stderr, flush=True)


def print_first_link() -> None:
    """Print the link with which the first administrator enters, while nobody has a password."""
    link = first_run_link(datetime.now(UTC))
    if link is not None:
        print(f"Nobody has a password yet. Enter once with {link_url(link)}", flush=True)


# What is done before anybody is served, in this order. What is imported and made here is frozen afterwards.
START_UP: list[Callable[[], object]] = [
    lambda: set_up_logging(settings().HEADWAY_LOG, settings().HEADWAY_LOG_LEVEL),
    prepare_database,
    passwords.prepare,
    exploration.prepare,
    preload,
    print_first_link,
    start_telemetry,
]


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    # Addresses name clients, and that of a calendar feed is a secret. Streamlit gives this log its own handler, so that
    # uvicorn's `access_log=False` alone doesn't silence it.
    logging.getLogger("uvicorn.access").disabled = True
    for step in START_UP:
        step()
    garbage.collect()
    stop_collecting = garbage.start_collecting()
    with in_background():
        yield
    stop_collecting.set()
    telemetry.stop()


# The sign-in, the API and the assets beside the dashboard, and in front of all of them `AuthMiddleware`: no
# request reaches the dashboard or the API without it.
APP_OPTIONS: dict[str, Any] = {
    "routes": [
        Mount("/session", app=session),
        Mount("/sign", app=sign),
        Route("/sign", endpoint=start_page),
        Mount("/week", app=week),
        Mount(static.MOUNT_PATH, app=static.StaticAssets(directory=static.ASSETS)),
        Mount("/api", app=api),
        Route("/api", endpoint=api),
    ],
    "middleware": [
        Middleware(RequestLog),
        Middleware(
            AuthMiddleware,
            protocol=DashboardProtocol(
                streamlit_protocol.page_id,
                streamlit_protocol.is_timed,
                streamlit_protocol.redirect,
                streamlit_protocol.file_paths,
                st.get_option("server.disconnectedSessionTTL"),
            ),
        ),
        Middleware(FirstAnswer),
    ],
    "lifespan": lifespan,
    "on_script_error": unexpected_error.show,
}

# `streamlit run` looks for the text `app = st.App(`; without them it would serve the dashboard alone.
app = st.App(HOME / "ui" / "shell.py", **APP_OPTIONS)

if __name__ == "__main__":
    try:
        set_up_logging(settings().HEADWAY_LOG, settings().HEADWAY_LOG_LEVEL)
        for sentence in unknown_settings():
            print(sentence, file=sys.stderr)
        prepare_database(new="--new" in sys.argv[1:])
    except HeadwayError as refused:
        sys.exit(str(refused))
    print(f"Headway is at {home_url()}", flush=True)
    serve(app, settings().HEADWAY_HOST, settings().HEADWAY_PORT)
