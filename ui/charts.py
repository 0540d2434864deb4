"""Altair's charts on a page, each drawn once for everything that it shows (`ui/memoize.py`)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

from models.engagement import Engagement
from ui.memoize import memoize

# Pixels within a card on a phone: what is drawn as wide as its card is whole there.
PHONE = 300


@dataclass(frozen=True)
class Drawn:
    """A chart as Streamlit sends it: its specification as JSON, its data apart in Arrow's format, its own width in
    pixels if it has one."""

    specification: str
    data: dict[str, bytes]
    width: int | None


def draw(
    name: str,
    of: Engagement,
    make: Callable[[], Any],
    *shows: Hashable,
    scrolls_below: int | None = PHONE,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """Draw what `make()` returns, an Altair chart, in a card that scrolls sideways where it is narrower than
    `scrolls_below` pixels (None: the chart's own width). `name` and `shows` are those of `kept`.
    """
    drawn = memoize(name, of, lambda: _drawn(make()), *shows)
    with st.grid(1, wrap=False, min_column_width=scrolls_below or drawn.width or PHONE):
        # The chart is given anew each time: Streamlit takes the data out of what it is given.
        st.vega_lite_chart({**json.loads(drawn.specification), "datasets": dict(drawn.data)}, width=width)


def _drawn(chart: Any) -> Drawn:
    made = chart.to_dict()
    data = {name: _in_arrow(rows) for name, rows in made.pop("datasets", {}).items()}
    width = made.get("width")
    return Drawn(json.dumps(made), data, width if isinstance(width, int) else None)


def _in_arrow(rows: list[dict[str, Any]]) -> bytes:
    """The rows as an Arrow stream, which is what Streamlit would make of them each time that they are shown."""
    table = pa.Table.from_pandas(pd.DataFrame.from_records(rows))
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()
