"""Make a thing once, while whoever else wants it waits for that one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class _Flight:
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    succeeded: bool = False


class SingleFlight:
    """Calls by key: of the calls of one key at a time, one is carried out and the others get its result."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}
        self._lock = threading.Lock()

    def run(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make()` returns, or what another thread's call of this key returns at this moment.

        If that one fails, this thread tries for itself.
        """
        while True:
            with self._lock:
                flight = self._flights.get(key)
                if flight is None:
                    mine = self._flights[key] = _Flight()
                    break
            flight.done.wait()
            if flight.succeeded:
                result: T = flight.result
                return result
        try:
            made = make()
            mine.result, mine.succeeded = made, True
            return made
        finally:
            with self._lock:
                del self._flights[key]
            mine.done.set()
