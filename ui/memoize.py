"""A cache of what a page draws from an engagement's state.

Charts and large HTML components cost more than all else on a page. They depend on the state alone, and on what
`depends_on` names besides, such as the day. So they are cached with the state, which is never modified, and are freed
with it: a new revision has a state of its own, and so has an earlier one after an erasure.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from models.engagement import Engagement
from models.single_flight import SingleFlight

T = TypeVar("T")
MAX_ENTRIES = 256
"""Of one state; the least recently used one goes first."""
_caches: WeakKeyDictionary[Engagement, OrderedDict[tuple[Hashable, ...], Any]] = WeakKeyDictionary()
_lock = threading.Lock()
_making = SingleFlight()


def memoize(name: str, engagement: Engagement, make: Callable[[], T], *depends_on: Hashable) -> T:
    """Return what `make()` returns, called once for the state, `name` and `depends_on`: others wait for it meanwhile."""
    key = (name, *depends_on)
    with _lock:
        cache = _caches.setdefault(engagement, OrderedDict())
        if key in cache:
            cache.move_to_end(key)
            cached: T = cache[key]
            return cached

    def make_and_keep() -> T:
        made = make()
        with _lock:
            cache[key] = made
            while len(cache) > MAX_ENTRIES:
                cache.popitem(last=False)
        return made

    return _making.run((id(cache), key), make_and_keep)
