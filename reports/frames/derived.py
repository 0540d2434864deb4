"""What is made of a frame that is cached and never changed: made once, and freed with the frame.

Of the portfolio of ten thousand engagements, its order, its radar and its changes take longer than drawing a page of it.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pandas as pd

T = TypeVar("T")
_lock = threading.Lock()
_made: dict[int, dict[Hashable, Any]] = {}


def derived(frame: pd.DataFrame, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make()` returns, called once for `frame` and `key`. Don't change the frame, nor what is returned."""
    with _lock:
        if id(frame) not in _made:
            _made[id(frame)] = {}
            weakref.finalize(frame, _made.pop, id(frame), None)
        cache = _made[id(frame)]
    if key not in cache:
        cache[key] = make()
    made: T = cache[key]
    return made
