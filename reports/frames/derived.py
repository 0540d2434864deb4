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
MAX_DERIVED = 128
"""Of one frame; the first made goes first."""
_made: dict[int, dict[Hashable, Any]] = {}


def derived(frame: pd.DataFrame, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make()` returns, called once for `frame` and `key` while there is room.

    Don't change the frame, nor what is returned.
    """
    with _lock:
        if id(frame) not in _made:
            _made[id(frame)] = {}
            weakref.finalize(frame, _made.pop, id(frame), None)
        cache = _made[id(frame)]
    if key in cache:
        kept: T = cache[key]
        return kept
    made = make()
    with _lock:
        cache[key] = made
        while len(cache) > MAX_DERIVED:
            del cache[next(iter(cache))]
    return made
