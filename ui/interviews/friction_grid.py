"""The columns of a grid of frictions, and its edits as the services take them."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from analysis.coupling import name_key
from models.engagement import Engagement
from models.errors import Invalid
from models.inventory import FREQUENCIES, HIGHEST_SEVERITY, LOWEST_SEVERITY
from models.names import normalize_name
from reports.frames.interviews import dated_name, held, pain_point_name
from services.interviews.frictions import MAX_OBSERVED, MAX_THEME, FrictionEdits
from ui.grids import Edits

LABELS = {"interview": "interview", "system": "system", "workflow": "workflow", "pain_point": "pain point"}


def columns(engagement: Engagement, *, of_one_interview: bool = False) -> dict[str, Any]:
    """Return the column configurations of a grid of frictions, in the order in which they are shown."""
    config = st.column_config
    choices = _choices(engagement)
    width: int | Literal["large"] = 240 if of_one_interview else "large"
    shown = {
        "interview": config.SelectboxColumn("Interview", options=list(choices["interview"])),
        "theme": config.TextColumn("Theme", max_chars=MAX_THEME, help="What groups it with others"),
        "observed": config.TextColumn("What was observed", max_chars=MAX_OBSERVED, width=width),
        "severity": config.NumberColumn(
            "Severity", help="1 is a nuisance, 5 stops the work",
            min_value=LOWEST_SEVERITY, max_value=HIGHEST_SEVERITY, step=1, width="small",
        ),
        "frequency": config.SelectboxColumn("How often", options=FREQUENCIES),
        "system": config.SelectboxColumn("System", options=list(choices["system"])),
        "workflow": config.SelectboxColumn("Workflow", options=list(choices["workflow"])),
        "pain_point": config.SelectboxColumn("Pain point", options=list(choices["pain_point"])),
    }  # fmt: skip
    return {name: column for name, column in shown.items() if not (of_one_interview and name == "interview")}


def friction_edits(engagement: Engagement, edits: Edits) -> FrictionEdits:
    """Return the edits of a grid with ids instead of names. Raises Invalid for a name that no record has."""
    choices = _choices(engagement)
    return FrictionEdits(
        added=[_with_ids(cells, choices) for cells in edits.filled],
        changed=[(row.id, row.version, _with_ids(row.fields, choices)) for row in edits.changed],
        removed=edits.removed,
    )


def themes_in_use(engagement: Engagement) -> list[str]:
    """Return the themes in alphabetical order."""
    return sorted({friction.theme for friction in engagement.frictions}, key=name_key)


def _choices(engagement: Engagement) -> dict[str, dict[str, int]]:
    """Return the ids of the records that each column can name, by their names."""
    return {
        "interview": {dated_name(row): row.id for row in reversed(held(engagement))},
        "system": {row.name: row.id for row in engagement.systems},
        "workflow": {row.name: row.id for row in engagement.workflows},
        "pain_point": {pain_point_name(row): row.id for row in engagement.pain_points},
    }


def _with_ids(cells: dict[str, Any], choices: dict[str, dict[str, int]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in cells.items():
        if name in choices:
            fields[f"{name}_id"] = _id_of(name, value, choices[name])
        else:
            # The dialog's grid has themes as a list of one.
            fields[name] = _single(value) if isinstance(value, list) else value
    return fields


def _id_of(column: str, name: str | None, ids: dict[str, int]) -> int | None:
    if not name:
        return None
    if name in ids:
        return ids[name]
    matches = [row_id for known, row_id in ids.items() if normalize_name(known) == normalize_name(name)]
    if len(matches) != 1:
        raise Invalid(
            f"There is no {LABELS[column]} “{name}” here. Choose one from the list. Nothing was saved."
        )
    return matches[0]


def _single(themes: list[str]) -> str | None:
    if len(themes) > 1:
        raise Invalid(
            f"A friction has one theme, not {len(themes)}: {', '.join(themes)}. Split it in two. Nothing was saved."
        )
    return themes[0] if themes else None
