"""What a page makes once for everything that it shows.

Charts, and pieces of HTML that tell much of an engagement, cost more than all else on a page. What they tell depends on
the engagement's state alone (and on what `shows` names besides, such as the day): so they are kept by the state's
journal head. A new revision is a new key, so nothing kept is ever stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from models.engagement import Engagement

T = TypeVar("T")
MOST = 512
_kept: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
_lock = threading.Lock()


def kept(name: str, of: Engagement, make: Callable[[], T], *shows: Hashable) -> T:
    """What `make()` returns, made once. `name` and `shows` tell it from everything else that is made of the state."""
    key = (of.slug, of.head, of.revision, name, *shows)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made
