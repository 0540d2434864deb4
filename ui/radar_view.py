"""The radar of the firm on the portfolio: tools judged by use, with the engagements that tried them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from models.radar import Blip
from models.wording import count, day_month
from reports.frames.derived import derived
from reports.frames.trials import firm_radar
from ui import html

MIN_WIDTH = 640
EVIDENCE_SHOWN = 5
"""Of each tool, the newest: a firm of thousands would else have a page of them."""


def radar_section(everything: pd.DataFrame, on: date) -> Markup:
    """Return the radar of the portfolio as a table; empty if no engagement of it tried a tool."""
    blips = derived(everything, ("radar", on), lambda: firm_radar(_with_tools(everything), on))
    if not blips:
        return Markup()
    cells: dict[str, list[Any]] = {
        "Ring": [blip.ring.capitalize() for blip in blips],
        "Tool": [blip.tool for blip in blips],
        "What it rests on": [html.join(map(html.paragraph, _evidence(blip))) for blip in blips],
        "Open": [_link(blip) for blip in blips],
    }
    table = html.table(cells, "Tools by ring: adopt, trial, assess, hold", MIN_WIDTH)
    return html.section("Tools judged by use", table)


def _with_tools(everything: pd.DataFrame) -> Iterable[Any]:
    with_tools: Iterable[Any] = everything[everything["tools"].map(bool)].itertuples()
    return with_tools


def _evidence(blip: Blip) -> list[str]:
    shown = [
        f"{each.engagement}, {day_month(each.facts.on)} {each.facts.on.year}: {each.facts.sentence}"
        for each in blip.evidence[:EVIDENCE_SHOWN]
    ]
    more = len(blip.evidence) - EVIDENCE_SHOWN
    return [*shown, f"and {count(more, 'earlier trial')}"] if more > 0 else shown


def _link(blip: Blip) -> object:
    newest = blip.evidence[0]
    return html.title_link(
        "decisions", newest.slug, newest.facts.decision, decision=str(newest.facts.decision_id)
    )
