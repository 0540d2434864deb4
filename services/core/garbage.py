"""Collecting garbage now and then, instead of after every rerun.

A full collection holds the interpreter's lock for as long as it takes to look at every object: 33 to 46 ms once pages,
states and charts are there. So the dashboard's own, after each rerun, is off (.streamlit/config.toml), and this one runs
once a minute. What is left after it is frozen, so that Python's own collector doesn't look at it again meanwhile; the
next round thaws it first, so that nothing stays for ever.
"""

from __future__ import annotations

import gc
import threading

SECONDS = 60.0


def collect() -> None:
    """Collect all garbage, and freeze what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def start_collecting(seconds: float = SECONDS) -> threading.Event:
    """Collect in a thread of its own, every so many seconds in which something was allocated. Set the event to end it."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            if sum(gc.get_count()[1:]):
                collect()

    threading.Thread(target=run, name="garbage", daemon=True).start()
    return stop
