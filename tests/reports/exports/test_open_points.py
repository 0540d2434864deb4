"""A first week says what is still missing and what begins, and its page is full."""

import io
from dataclasses import replace

import pypdf
import pytest

from models.snapshot import SnapshotDocument
from reports.exports import week_facts
from reports.exports.open_points import beginning, open_points
from tests.builders import an_engagement
from tests.reports.exports.test_exports import frozen_once, made
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("sqlite_database")
FULL = 0.86
"""The part of a page above which its lowest line ends."""


def a_first_week() -> SnapshotDocument:
    return frozen_once("early", 6, lambda: a_story("early", until=6))


def an_empty_week() -> SnapshotDocument:
    return frozen_once("empty", 2, lambda: an_engagement("empty"))


def test_what_is_missing_is_said_once_with_the_names_it_is_missing_for():
    missing = dict(open_points(a_first_week()))
    assert missing["End users interviewed"] == "due 29 Oct: 1 of 10 end users interviewed"
    assert missing["Never measured"].startswith("Loan decision time, Developer onboarding")
    assert missing["Unsigned"] == missing["Never measured"]
    assert "Systems inventoried" not in missing  # due in two weeks, and said there


def test_a_week_without_evidence_misses_what_its_begun_milestones_need():
    missing = [("Systems inventoried", "due 24 Oct: No system is in the inventory")]
    assert open_points(an_empty_week()) == missing


def test_the_next_two_weeks_name_what_begins_and_weeks_of_before_only_what_is_due():
    week = a_first_week()
    assert [name for name, _ in beginning(week)] == ["Metrics signed"]
    assert [name for name, _ in week_facts.coming(week)] == ["Systems inventoried", "Metrics signed"]
    head = week.content["head"] | {"layout": 3}
    before = replace(week, body=week.body | {"content": week.content | {"head": head}})
    assert [name for name, _ in week_facts.coming(before)] == ["Systems inventoried"]


def lowest_line(pdf: bytes) -> float:
    """How far down the first page its last line stands, without the footer: 0 at the top, 1 at the bottom."""
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    at = []

    def note(text: str, cm: list[float], tm: list[float], *rest: object) -> None:
        if text.strip():
            at.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    page.extract_text(visitor_text=note)
    high = float(page.mediabox.height)
    return 1 - min(y for y in at if y > high * 0.06) / high


@pytest.mark.parametrize("week", [a_first_week, an_empty_week])
def test_the_page_of_a_first_week_is_full(week):
    assert lowest_line(made(week(), "pdf")) > FULL
