"""A log that nobody can fill: one line a minute of each kind."""

from __future__ import annotations

import logging
import threading
import time

SECONDS = 60


class LimitedLog:
    """A log with one line a minute for each kind, which counts those that were left out."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}
        self._lock = threading.Lock()

    def warning(self, kind: str, text: str) -> None:
        """Log `text`, unless there was a line of its kind within the minute before."""
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(kind, -SECONDS) < SECONDS:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return
            self._last[kind] = now
            left_out = self._left_out.pop(kind, 0)
        more = f" ({left_out:,} more of this kind before)" if left_out else ""
        self._log.warning("%s: %s%s", kind, text, more, extra={"kind": kind, "left_out": left_out})

    def forget(self) -> None:
        """Let the next line of each kind be logged."""
        with self._lock:
            self._last.clear()
            self._left_out.clear()
