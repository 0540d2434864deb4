"""Drawing a chart once for everything that it shows.

Making an Altair chart costs more than all else on a page. What it draws depends on the engagement's state alone (and
on what `shows` names besides, such as the day): so its specification is kept by the state's journal head.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from models.engagement import Engagement

KEPT_CHARTS = 512
# Pixels within a card on a phone: what is drawn as wide as its card is whole there.
PHONE = 300
_kept: OrderedDict[tuple[Hashable, ...], tuple[str, int | None]] = OrderedDict()
_lock = threading.Lock()


def draw(
    name: str,
    of: Engagement,
    make: Callable[[], Any],
    *shows: Hashable,
    scrolls_below: int | None = PHONE,
    width: str = "stretch",
) -> None:
    """Draw what `make()` returns, an Altair chart, in a card that scrolls sideways where it is narrower than
    `scrolls_below` pixels (None: the chart's own width). `name` and `shows` tell it from every other chart of the state.
    """
    specification, own_width = _specification((of.slug, of.head, of.revision, name, *shows), make)
    with st.grid(1, wrap=False, min_column_width=scrolls_below or own_width or PHONE):
        # The chart is given anew each time: Streamlit takes the data out of what it is given.
        st.vega_lite_chart(json.loads(specification), width=width)


def _specification(key: tuple[Hashable, ...], make: Callable[[], Any]) -> tuple[str, int | None]:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make().to_dict()
    width = made.get("width")
    found = json.dumps(made), width if isinstance(width, int) else None
    with _lock:
        _kept[key] = found
        while len(_kept) > KEPT_CHARTS:
            _kept.popitem(last=False)
    return found
