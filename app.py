"""The program: the dashboard and the HTTP API as one ASGI application. Run it with `python app.py`."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

# Imported here, before serving, so that no visitor waits for it.
import ui.frame  # noqa: F401
from api.auth_middleware import AuthMiddleware, DashboardProtocol
from api.routes import api
from api.session import routes as session
from api.sign_off import routes as sign
from reports.charts import exploration
from services.core.site_url import home_url, link_url, port
from services.events.background import in_background
from services.operations.startup import prepare_database
from services.people import passwords
from services.people.accounts import first_run_link
from ui import static, streamlit_protocol

HOME = Path(__file__).resolve().parent
HOST = os.environ.get("HEADWAY_HOST", "127.0.0.1")
PORT = port()
URL = home_url()


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    # Addresses name clients, and that of a calendar feed is a secret. Streamlit gives this log its own handler, so that
    # uvicorn's `access_log=False` alone doesn't silence it.
    logging.getLogger("uvicorn.access").disabled = True
    prepare_database()
    passwords.prepare()
    exploration.prepare()
    link = first_run_link(datetime.now(UTC))
    if link is not None:
        print(f"Nobody has a password yet. Enter once with {link_url(link)}", flush=True)
    # Streamlit collects garbage after every rerun. What is imported by now never becomes garbage: frozen, it isn't
    # walked through each time, which makes a click several times faster.
    gc.collect()
    gc.freeze()
    with in_background():
        yield


# The sign-in, the API and the assets beside the dashboard, and in front of all of them `AuthMiddleware`, the outermost
# layer: no request reaches the dashboard or the API without it.
APP_OPTIONS: dict[str, Any] = {
    "routes": [
        Mount("/session", app=session),
        Mount("/sign", app=sign),
        Mount(static.MOUNT_PATH, app=static.StaticAssets(directory=static.ASSETS)),
        Mount("/api", app=api),
        Route("/api", endpoint=api),
    ],
    "middleware": [
        Middleware(
            AuthMiddleware,
            protocol=DashboardProtocol(
                streamlit_protocol.page_id,
                streamlit_protocol.is_timed,
                streamlit_protocol.redirect,
                streamlit_protocol.file_paths,
            ),
        )
    ],
    "lifespan": lifespan,
}

# `streamlit run` looks for the text `app = st.App(`; without them it would serve the dashboard alone.
app = st.App(HOME / "ui" / "shell.py", **APP_OPTIONS)

if __name__ == "__main__":
    print(f"Headway is at {URL}", flush=True)
    # The client's address is taken from a proxy's headers only where there is a proxy: anybody can write them.
    behind_proxy = os.environ.get("HEADWAY_BEHIND_PROXY") == "1"
    uvicorn.run(
        app,
        host=HOST,
        port=PORT,
        log_level="warning",
        access_log=False,
        proxy_headers=behind_proxy,
        server_header=False,
    )
