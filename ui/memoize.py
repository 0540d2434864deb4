"""A cache for what pages make of an engagement's state: charts and HTML components.

They cost more than all else on a page, and depend on the state alone (and on what `shows` names besides, such as the
day). So they are cached with the state, which is never modified, and are dropped with it: a new revision has a state of
its own, and so has an earlier one after an erasure. Who may see a state is asked before anything made of it is shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from models.engagement import Engagement

T = TypeVar("T")
MAX_ENTRIES = 256
"""Of one state; the least recently used goes first."""
_entries: WeakKeyDictionary[Engagement, OrderedDict[tuple[Hashable, ...], Any]] = WeakKeyDictionary()
_lock = threading.Lock()


def memoize(name: str, of: Engagement, make: Callable[[], T], *shows: Hashable) -> T:
    """Return `make()`, computed once for each state `of`, `name` and `shows`."""
    key = (name, *shows)
    with _lock:
        of_state = _entries.setdefault(of, OrderedDict())
        if key in of_state:
            of_state.move_to_end(key)
            cached: T = of_state[key]
            return cached
    made = make()
    with _lock:
        of_state[key] = made
        while len(of_state) > MAX_ENTRIES:
            of_state.popitem(last=False)
    return made
