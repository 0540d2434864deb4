"""What is measured: metrics, the sponsor's signatures, and measurements week by week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from models.metrics import DEFINED, Metric
from models.people import Actor
from models.units import unit
from services.measurements import batches
from services.metrics import definitions
from services.sample.series import WEEKS_BEFORE, weekly
from services.sample.story import Act, Story, without_keys
from services.sign_off import requests, signing


def metrics(story: Story) -> Iterator[Act]:
    for row in story.rows("metrics"):
        given = without_keys(row, "day", "signed", "levels", "variation", "changed")
        if "baseline_until" in given:
            given["baseline_until"] = story.day(given["baseline_until"])
        yield Act(story.day(row["day"]), story.lead, partial(definitions.define, definition=given))
        if "changed" in row:
            to = without_keys(row["changed"], "day")
            yield Act(story.day(row["changed"]["day"]), story.lead, partial(_change, story, row["slug"], to))


def _change(story: Story, metric: str, to: Mapping[str, Any], actor: Actor, slug: str) -> None:
    definitions.change(actor, slug, story.find(Metric, slug=metric), to, seen=None)


def signatures(story: Story) -> Iterator[Act]:
    """What is signed on one date is asked for and signed at once; other requests wait."""
    dates: dict[date, list[str]] = {}
    for row in story.rows("metrics"):
        for when in row.get("signed", []):
            dates.setdefault(story.day(when), []).append(row["slug"])
    for on, metrics in dates.items():
        yield Act(on, story.lead, partial(_ask, story, metrics, None))
        yield Act(on, story.sponsor, partial(_sign, story, metrics))
    for row in story.rows("sign_off_requests"):
        yield Act(story.day(row["day"]), story.lead, partial(_ask, story, row["metrics"], row["note"]))


def _ask(story: Story, metrics: list[str], note: str | None, actor: Actor, slug: str) -> None:
    ids = [story.find(Metric, slug=metric) for metric in metrics]
    sponsor, _ = story.users[story.sponsor]
    requests.ask(actor, slug, ids, of=sponsor, note_to_them=note)


def _sign(story: Story, metrics: list[str], actor: Actor, slug: str) -> None:
    columns = [getattr(Metric, name) for name in ("slug", *DEFINED)]
    found = [story.find(Metric, Metric.id, *columns, slug=metric) for metric in metrics]
    shown = {row.id: Metric(**without_keys(row._asdict(), "id")).digest() for row in found}
    signing.sign(actor, slug, signing.approving(shown), name=actor.name)


def measured(story: Story) -> Iterator[Act]:
    """On Mondays what the week before came to; on the first one also what was found of the weeks before the plan."""
    told = story.data.get("measurements")
    if told is None:
        return
    first, last = told["first_week"], told.get("last_week", story.data["week"])
    yield Act(story.calendar.monday(first), story.engineer, partial(_record, story, 1 - WEEKS_BEFORE, first))
    for week in range(first + 1, last + 1):
        yield Act(story.calendar.monday(week), story.engineer, partial(_record, story, week, week))


def _record(story: Story, since: int, until: int, actor: Actor, slug: str) -> None:
    weeks = range(since, until + 1)
    metric_id, at, value = [], [], []
    for row in story.rows("metrics"):
        given = weekly(f"{slug}/{row['slug']}", _levels(row), row["variation"], until)
        metric_id += [story.find(Metric, slug=row["slug"])] * len(weeks)
        at += [story.calendar.monday(week) for week in weeks]
        value += [given[week] for week in weeks]
    source = "Found in the warehouse for the weeks before" if since < until else "Weekly export"
    batches.record(actor, slug, batches.Rows(metric_id, at, value), source)


def _levels(row: Mapping[str, Any]) -> dict[int, float]:
    """The levels in the metric's unit: they are written as people say them."""
    measure = unit(row["unit"])
    return {week: measure.parse(said) for week, said in row["levels"].items()}
