"""The replacements of an engagement, one row each."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from models.gate import LABELS
from reports.charts.theme import LOOKS, legend
from reports.replacements.rows import MARKS, ReplacementRow
from ui import html

GATE_LEGEND = legend(list(MARKS.values()))


def replacement_rows(slug: str, rows: list[ReplacementRow]) -> Markup:
    """Return the rows, with a legend of the marks below."""
    drawn = [_row(slug, row) for row in rows]
    picture = html.picture_buttons(
        "Replacements", "The share of work that each new part answers, and its gate."
    )
    listed = html.render("replacements.html", labels=LABELS.values(), rows=drawn, picture=picture)
    return listed + GATE_LEGEND


def _row(slug: str, row: ReplacementRow) -> dict[str, Any]:
    colour = LOOKS[row.tone].markdown
    return {
        "title": html.record_link("replacement", slug, row.replacement, row.replacement.name),
        "ends": f"{row.replacement.old.name} → {row.replacement.new.name}",
        "share": row.share_text,
        "width": f"{row.status.share:g}",
        "sentence": html.coloured(colour, row.sentence),
        "marks": [
            {
                "glyph": MARKS[check.outcome].glyph,
                "colour": MARKS[check.outcome].colour,
                "label": LABELS[check.name],
                "text": f"{LABELS[check.name]}: {check.outcome.value}, {check.why}",
            }
            for check in row.gate.checks
        ],
    }
