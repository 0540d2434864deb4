"""Serves a blank page exactly as the program serves its own: the same imports, start and server."""

from pathlib import Path

import streamlit as st
import uvicorn

import app as program

app = st.App(Path(__file__).with_name("blank_page.py"), lifespan=program.lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host=program.HOST, port=program.PORT, log_level="warning")
