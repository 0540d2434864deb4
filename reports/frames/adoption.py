"""What the page of trainings and documents shows: tables, attendance in words, and what live workflows lack."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.adoption import Document, Training
from models.engagement import Engagement
from models.wording import day_month
from models.workflows import Workflow

ALL_WORKFLOWS = "All workflows"


def live_workflows(engagement: Engagement, on: date) -> list[Workflow]:
    """Return the workflows that users work through, in the order in which they went live."""
    live = [flow for flow in engagement.workflows if flow.was_live(on) and flow.is_live]
    return sorted(live, key=lambda flow: (flow.live_on or on, flow.id))


def attendance(training: Training) -> str:
    """31 of 38"""
    return f"{training.attended} of {training.invited}"


def trained(flow: Workflow) -> list[Training]:
    """Return the trainings on a workflow that somebody came to."""
    return [training for training in flow.trainings if training.attended]


def adoption_gaps(engagement: Engagement, on: date) -> list[str]:
    """Return what live workflows lack before people can adopt them, in words; nothing when they lack nothing."""
    live = live_workflows(engagement, on)
    return [
        *(f"{flow.name}: nobody was trained on it" for flow in live if not trained(flow)),
        *(
            f"{flow.name}: nothing is written that people could work from"
            for flow in live
            if not flow.documents
        ),
    ]


def trainings(engagement: Engagement) -> list[Training]:
    """Return the trainings, newest first."""
    return sorted(engagement.trainings, key=lambda row: (row.held_on, row.id), reverse=True)


def documents(engagement: Engagement) -> list[Document]:
    """Return the documents, newest first."""
    return sorted(engagement.documents, key=lambda row: (row.published_on, row.id), reverse=True)


def training_table(rows: list[Training]) -> pd.DataFrame:
    """Return one row a training: title, date, workflow, attendance, note."""
    return pd.DataFrame(
        {
            "Training": [row.title for row in rows],
            "Held on": [_dated(row.held_on) for row in rows],
            "Workflow": [row.workflow.name if row.workflow else ALL_WORKFLOWS for row in rows],
            "Attended": [attendance(row) for row in rows],
            "Note": [row.note or "" for row in rows],
        }
    )


def _dated(when: date) -> str:
    return f"{day_month(when)} {when.year}"
