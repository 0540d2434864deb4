"""Pages are drawn one after the other: threads that want the interpreter at once cost each other more than a wait.

Each time a thread lets go of the interpreter's lock, for a query or a message, it gets it back only after every other
one has had its 5 ms. Forty people at once then wait seconds for clicks of 50 ms, with an idle processor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds after which the next one begins although a page is still being drawn: so long do slow ones hold up others."""


class Turns:
    """Gives a turn to one thread after the other."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._holder: object | None = None
        self._began = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and end it on the way out. Who takes longer than the patience goes on without it."""
        mine = object()
        with self._changed:
            while self._holder is not None and (left := self._began + self._patience - time.monotonic()) > 0:
                self._changed.wait(left)
            self._holder, self._began = mine, time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                if self._holder is mine:
                    self._holder = None
                    self._changed.notify()


drawing = Turns()
"""The turns in which this process draws its pages."""
