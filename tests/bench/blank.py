"""Serves a blank page exactly as the program serves its own: the same imports, start and server."""

from pathlib import Path

import streamlit as st

import app as program
from api.connections import serve
from models.settings import settings

app = st.App(Path(__file__).with_name("blank_page.py"), lifespan=program.lifespan)

if __name__ == "__main__":
    serve(app, settings().HEADWAY_HOST, settings().HEADWAY_PORT)
