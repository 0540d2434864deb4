"""A grid of frictions: its columns, and what was typed into it as the services take it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from models.engagement import Engagement
from models.errors import Invalid
from models.inventory import FREQUENCIES, HIGHEST_SEVERITY, LOWEST_SEVERITY
from models.names import normalize_name
from reports.frames.interviews import dated_name, held, pain_point_name
from services.interviews.frictions import MAX_OBSERVED, MAX_THEME, FrictionEdits
from ui.grids import Edits

WORDS = {"interview": "interview", "system": "system", "workflow": "workflow", "pain_point": "pain point"}


def columns(engagement: Engagement, *, of_one_interview: bool = False) -> dict[str, Any]:
    """The columns of a grid of frictions, in the order in which they are shown."""
    config = st.column_config
    choices = _choices(engagement)
    wide = 240 if of_one_interview else "large"
    shown = {
        "interview": config.SelectboxColumn("Interview", options=list(choices["interview"])),
        "theme": config.TextColumn("Theme", max_chars=MAX_THEME, help="What groups it with others"),
        "observed": config.TextColumn("What was observed", max_chars=MAX_OBSERVED, width=wide),
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
    """What was done in a grid, with ids for names. Raises Invalid for a name that nothing has."""
    choices = _choices(engagement)
    return FrictionEdits(
        added=[_with_ids(cells, choices) for cells in edits.added],
        changed=[(row.id, row.version, _with_ids(row.fields, choices)) for row in edits.changed],
        removed=edits.removed,
    )


def themes_in_use(engagement: Engagement) -> list[str]:
    """The themes in alphabetical order."""
    return sorted({friction.theme for friction in engagement.frictions}, key=str.casefold)


def _choices(engagement: Engagement) -> dict[str, dict[str, int]]:
    """What each column can name, and its id."""
    return {
        "interview": {dated_name(row): row.id for row in reversed(held(engagement))},
        "system": {row.name: row.id for row in engagement.systems},
        "workflow": {row.name: row.id for row in engagement.workflows},
        "pain_point": {pain_point_name(row): row.id for row in engagement.pain_points},
    }


def _with_ids(cells: dict[str, Any], choices: dict[str, dict[str, int]]) -> dict[str, Any]:
    given = {}
    for name, value in cells.items():
        if name in choices:
            given[f"{name}_id"] = _id_named(name, value, choices[name])
        else:
            # The dialog's grid offers themes as a list to choose one from.
            given[name] = _only(value) if isinstance(value, list) else value
    return given


def _id_named(column: str, name: str | None, ids: dict[str, int]) -> int | None:
    if name is None or name in ids:
        return name and ids[name]
    same = [row_id for known, row_id in ids.items() if normalize_name(known) == normalize_name(name)]
    if len(same) != 1:
        raise Invalid(
            f"There is no {WORDS[column]} “{name}” here. Choose one from the list. Nothing was saved."
        )
    return same[0]


def _only(themes: list[str]) -> str | None:
    if len(themes) > 1:
        raise Invalid(
            f"A friction has one theme, not {len(themes)}: {', '.join(themes)}. Split it in two. Nothing was saved."
        )
    return themes[0] if themes else None
