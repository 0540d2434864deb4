"""What a page makes once for everything that it shows.

Charts, and pieces of HTML that tell much of an engagement, cost more than all else on a page. What they tell depends on
the engagement's state alone (and on what `shows` names besides, such as the day). So they are kept with the state, which
is never modified, and go with it: a new revision has a state of its own, and so has an earlier one after an erasure.
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
"""Of one state; the one that was asked for longest ago goes first."""
_kept: WeakKeyDictionary[Engagement, OrderedDict[tuple[Hashable, ...], Any]] = WeakKeyDictionary()
_lock = threading.Lock()


def memoize(name: str, of: Engagement, make: Callable[[], T], *shows: Hashable) -> T:
    """What `make()` returns, made once. `name` and `shows` tell it from everything else that is made of the state."""
    key = (name, *shows)
    with _lock:
        of_state = _kept.setdefault(of, OrderedDict())
        if key in of_state:
            of_state.move_to_end(key)
            return of_state[key]
    made = make()
    with _lock:
        of_state[key] = made
        while len(of_state) > MAX_ENTRIES:
            of_state.popitem(last=False)
    return made
