"""The answers to the pitfalls' weekly checks, as a table."""

from __future__ import annotations

import pandas as pd

from models.engagement import Engagement
from models.pitfall_checks import PitfallCheck
from models.pitfalls import PITFALLS
from models.wording import day_month


def answer_text(happening: bool) -> str:
    """Yes or no, as an answer to "is it happening?"."""
    return "Yes" if happening else "No"


def newest_answer(engagement: Engagement, pitfall: str) -> PitfallCheck | None:
    """Return the newest answer about a pitfall; of several on a day the last one given."""
    answers = [row for row in engagement.pitfall_checks if row.pitfall == pitfall]
    return max(answers, key=lambda row: (row.answered_on, row.id), default=None)


def answer_table(engagement: Engagement, pitfall: str | None = None) -> pd.DataFrame:
    """Return every answer, newest first: when, which pitfall, yes or no, by what evidence, from whom."""
    names = {rule.key: rule.name for rule in PITFALLS}
    rows = [row for row in engagement.pitfall_checks if pitfall in (None, row.pitfall)]
    rows.sort(key=lambda row: (row.answered_on, row.id), reverse=True)
    return pd.DataFrame(
        {
            "Answered on": [f"{day_month(row.answered_on)} {row.answered_on.year}" for row in rows],
            "Pitfall": [names.get(row.pitfall, row.pitfall) for row in rows],
            "Answer": [answer_text(row.happening) for row in rows],
            "Evidence": [row.evidence for row in rows],
            "By": [row.by for row in rows],
        }
    )
