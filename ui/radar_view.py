"""The radar of the firm on the portfolio: tools judged by use, with the engagements that tried them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from models.radar import Blip
from models.wording import count, day_month
from reports.frames.trials import firm_radar
from ui import html

MIN_WIDTH = 640
EVIDENCE_SHOWN = 5
"""Of each tool, the newest: a firm of thousands would else have a page of them."""


def show_radar(rows: Iterable[Any], on: date) -> None:
    """Draw the radar as a table, if any engagement of the portfolio tried a tool."""
    blips = firm_radar(rows, on)
    if not blips:
        return
    cells: dict[str, list[Any]] = {
        "Ring": [blip.ring.capitalize() for blip in blips],
        "Tool": [blip.tool for blip in blips],
        "What it rests on": [html.join(map(html.paragraph, _evidence(blip))) for blip in blips],
        "Open": [_link(blip) for blip in blips],
    }
    html.show(
        html.section(
            "Tools judged by use", html.table(cells, "Tools by ring: adopt, trial, assess, hold", MIN_WIDTH)
        )
    )


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
