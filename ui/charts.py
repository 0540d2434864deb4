"""Charts drawn by the browser's Vega, each made once for everything that it shows, and buttons that take its picture."""

from __future__ import annotations

import io
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

from models.engagement import Engagement
from reports.charts.exploration import Exploration
from ui import html
from ui.memoize import memoize

PHONE = 300
"""Pixels within a card on a phone: what is drawn as wide as its card is whole there."""

MAX_NEWEST = 128
"""Charts kept although the state was changed; the least recently made one goes first."""
_newest: OrderedDict[tuple[Hashable, ...], tuple[bytes, Drawn]] = OrderedDict()
_lock = threading.Lock()


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
    make: Callable[..., Any],
    *shows: Hashable,
    rows: Callable[[], Sequence[pd.DataFrame]] = tuple,
    scrolls_below: int | None = PHONE,
    width: Literal["stretch", "content"] = "stretch",
    title: str = "",
    note: str = "",
) -> None:
    """Draw what `make()` returns (an Altair chart or an Exploration), in a card that scrolls sideways where it is
    narrower than `scrolls_below` pixels (None: the chart's own width).

    `name` and `shows` are those of `memoize`. `make` is given what `rows()` returns: a state with the same rows has the
    chart of the one before it, which is most of what a page costs after a change of something else. With a `title`,
    buttons below copy its picture, which has title and `note` on it.
    """
    drawn = memoize(name, of, lambda: _of_rows((of.id, name, *shows), make, rows()), *shows)
    key = f"picture-{name}".replace(" ", "-")
    with (
        st.container(key=key),
        st.grid(1, wrap=False, min_column_width=scrolls_below or drawn.width or PHONE),
    ):
        # The chart is given anew each time: Streamlit takes the data out of what it is given.
        st.vega_lite_chart({**json.loads(drawn.specification), "datasets": dict(drawn.data)}, width=width)
    if title:
        picture_buttons(key, title, note)


def _of_rows(key: tuple[Hashable, ...], make: Callable[..., Any], rows: Sequence[pd.DataFrame]) -> Drawn:
    """Return the chart of the rows: the newest one of that key, if it was made of the same."""
    if not rows:
        return _drawn(make())
    digest = sha256("\n".join(frame.to_json(orient="split") for frame in rows).encode()).digest()
    with _lock:
        newest = _newest.get(key)
    if newest is not None and newest[0] == digest:
        return newest[1]
    drawn = _drawn(make(*rows))
    with _lock:
        # The one before it is gone: after an erasure it would still name the person.
        _newest[key] = digest, drawn
        _newest.move_to_end(key)
        while len(_newest) > MAX_NEWEST:
            _newest.popitem(last=False)
    return drawn


def picture_buttons(key: str, title: str, note: str = "") -> None:
    """Draw the buttons that copy or save the picture of the chart in the container `key` (`ui/assets/pictures.js`)."""
    html.show(html.render("picture_buttons.html", key=key, title=title, note=note), width="content")


def _drawn(chart: Any) -> Drawn:
    if isinstance(chart, Exploration):
        return Drawn(json.dumps(chart.specification), _in_arrow(chart.data), None)
    specification = chart.to_dict()
    rows = specification.pop("datasets", {})
    data = {name: pd.DataFrame.from_records(values) for name, values in rows.items()}
    width = specification.get("width")
    return Drawn(json.dumps(specification), _in_arrow(data), width if isinstance(width, int) else None)


def _in_arrow(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the frames as Arrow streams, which is what Streamlit would make of them each time that they are shown."""
    return {
        name: _stream(pa.Table.from_pandas(frame, preserve_index=False)) for name, frame in frames.items()
    }


def _stream(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()
