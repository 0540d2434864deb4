"""A page while the database can't be used: it says so, keeps what was typed, and tries again by itself.

The script of the page goes on running meanwhile, so that the browser keeps everything that is on it: only a script that
has ended takes away what it didn't draw again.
"""

from __future__ import annotations

from time import sleep

import streamlit as st

from models.errors import Unavailable
from services.operations.readiness import is_reachable

MAX_WAIT = 15.0
"""Seconds between two tries."""


def wait_until_over(refused: Unavailable) -> None:
    """Say what is wrong until the database can be used again; then run the page anew."""
    wait = 1.0
    while True:
        # Each draws something, which is also where the dashboard ends this script once the browser has left.
        st.toast(
            f"{refused} What you typed is still here. This page tries again by itself.",
            icon=":material/cloud_off:",
            duration=max(4, round(wait)),
        )
        sleep(wait)
        if is_reachable():
            st.rerun()
        wait = min(wait * 1.5, MAX_WAIT)
