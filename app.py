"""The program: the dashboard and the HTTP API as one ASGI application. Run it with `python app.py`."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.routing import Mount, Route

# Imported here, before serving, so that no visitor waits for it.
import reports.charts  # noqa: F401
import ui.frame  # noqa: F401
from api.routes import api
from services.start import make_ready

HOME = Path(__file__).resolve().parent
HOST = os.environ.get("HEADWAY_HOST", "127.0.0.1")
PORT = int(os.environ.get("HEADWAY_PORT", "8501"))


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    make_ready()
    # Streamlit collects garbage after every rerun. What is imported by now never becomes garbage: frozen, it isn't
    # walked through each time, which makes a click several times faster.
    gc.collect()
    gc.freeze()
    yield


app = st.App(
    HOME / "ui" / "shell.py", routes=[Mount("/api", app=api), Route("/api", endpoint=api)], lifespan=lifespan
)

if __name__ == "__main__":
    print(f"Headway is at http://localhost:{PORT}", flush=True)
    uvicorn.run(app, host=HOST, port=PORT, log_level="warning")
