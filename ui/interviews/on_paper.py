"""The interviews' grids as tables that only print: whole rows, and every column."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis.saturation import Saturation
from models.interviews import Friction, Interview
from models.wording import day_month
from reports.frames import interviews as rows
from ui import html

# So many frictions are printed: the export has all of them.
FRICTIONS_PRINTED = 100


def table_of_held(held: Sequence[Interview], taught: Saturation) -> Markup:
    """Return the interviews held, newest first."""
    table = rows.held_list(held, taught)
    cells = {
        "Interviewee": table["interviewee"],
        "Held on": [f"{day_month(when)} {when.year}" for when in table["held_on"]],
        "Role": table["role"],
        "Team": table["team"],
        "End user": ["Yes" if end_user else "No" for end_user in table["end_user"]],
        "Interviewer": table["interviewer"],
        "Frictions": table["frictions"],
        "New themes": table["new"],
    }
    return html.on_paper(cells, "Interviews held, newest first")


def table_of_frictions(frictions: Sequence[Friction]) -> Markup:
    """Return the frictions, worst first; it says so where some are left out."""
    printed = rows.worst_first(frictions)[:FRICTIONS_PRINTED]
    names = {"Interview": [rows.dated_name(friction.interview) for friction in printed]}
    cells = names | rows.friction_cells(printed)
    left_out = len(frictions) - len(printed)
    note = f"The worst {len(printed)}; {left_out} more are in the export." if left_out else ""
    return html.on_paper(cells, "Frictions, worst first", note)
