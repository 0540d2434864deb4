"""How good past forecasts of a metric were."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from models.engagement import Engagement
from models.metrics import Metric
from models.units import unit
from models.wording import count, day_month
from reports.metrics.forecasts import accuracy_text, past_forecasts
from ui import html
from ui.current_user import actor

MOST_SHOWN = 50


def show(engagement: Engagement, metric: Metric, values: pd.DataFrame) -> None:
    """The forecasts that were made, each beside what came; nothing while none was made."""
    found = past_forecasts(actor(), engagement, metric, values)
    made = found[found["value"].notna()].head(MOST_SHOWN)
    if made.empty:
        return
    html.show(html.section("How good past forecasts were", html.paragraph(accuracy_text(found))))
    # A grid is the heaviest thing on the page: it is drawn for who wants it.
    with st.expander(
        f"{count(len(made), 'forecast')}, each beside what was measured", key="forecasts", on_change="rerun"
    ) as opened:
        if opened.open:
            _table(engagement, metric, made)


def _table(engagement: Engagement, metric: Metric, made: pd.DataFrame) -> None:
    measure = unit(metric.unit)
    table = pd.DataFrame(
        {
            "For": [_day(engagement, on) for on in made["on"]],
            "Made on": [_day(engagement, at) for at in made["made_at"]],
            "From": [f"{points} points" for points in made["points"]],
            "Forecast": [measure.format(value) for value in made["value"]],
            "80% interval": [
                f"{measure.format(low)} to {measure.format(high)}"
                for low, high in zip(made["low"], made["high"], strict=True)
            ],
            "Measured": ["not yet" if pd.isna(value) else measure.format(value) for value in made["actual"]],
            "Held": ["–" if held is None else "yes" if held else "no" for held in made["held"]],
        }
    )
    st.dataframe(table, hide_index=True, alt=f"Forecasts of {metric.name}, each beside what was measured.")


def _day(engagement: Engagement, at: pd.Timestamp) -> str:
    on = engagement.date_of(at.to_pydatetime())
    return f"{day_month(on)} {on.year}"
