"""Baseline, now and target of each metric on the overview, with its proof: a row each, as the week's files have it."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from models.wording import count, upper_first
from reports.charts import components
from reports.charts.components import mark
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.week_facts import TIMES, OutcomeBar
from reports.review.draft import Draft
from ui import html
from ui.metrics.verdict import proof_badge

TITLE = "Outcomes against baseline"
MAX_ROWS = 8
MIN_TABLE_WIDTH = 560
"""Pixels: on a narrower page the table scrolls within its card, on a phone it becomes a block a metric."""
TRACK = Markup(
    '<div class="hw hw-chart hw-track" aria-hidden="true"><div class="hw-room"><div class="hw-plot">'
    '<div class="hw-lane">{}</div></div></div></div>'
)


def outcome_card(slug: str, week: Draft | None, metrics: int, picture_title: str = TITLE) -> Markup:
    """Return the card of a week's `metrics`; one that leads to the first definition where there is none.

    `week` is None before day 1. A picture of it is called `picture_title`.
    """
    if metrics and week is None:
        return html.card(
            TITLE,
            html.paragraph("They are shown from day 1 on."),
            html.link("metrics", slug, f"See {count(metrics, 'metric')}"),
        )
    rows = week.composed.content["metrics"] if week else []
    if not rows:
        nothing = html.paragraph("No metric is defined yet, so nobody can say what this work changes.")
        return html.card(TITLE, nothing, html.link("metrics", slug, "Define the first metric"))
    bars = week_facts.bars_of(rows)[:MAX_ROWS]
    day = week_facts.target_day([bar.target for bar in bars])
    slugs = {row["name"]: row["slug"] for row in rows}
    verdicts = {row["name"]: row["verdict"] for row in rows}
    cells: dict[str, Iterable[object]] = {
        "Outcome": [html.title_link("metrics", slug, bar.name, metric=slugs[bar.name]) for bar in bars],
        "Baseline": [bar.baseline for bar in bars],
        "Chart": [TRACK.format(_marks(bar)) for bar in bars],
        "Now": [html.bold(bar.current) for bar in bars],
        f"Target{day}": [bar.target.replace(day, "") for bar in bars],
        # Not in the look of the status: a metric that is on track and too early to tell about is no proof.
        "Proof": [proof_badge(verdicts[bar.name], bar.proof) for bar in bars],
    }
    link = html.link("metrics", slug, f"See {count(len(rows), 'metric')}")
    buttons = html.picture_buttons(picture_title, f"From baseline to now to target: {_scale(bars)}.")
    table = html.drawn(html.table(cells, TITLE, MIN_TABLE_WIDTH))
    return html.card(TITLE, html.caption(upper_first(f"{_scale(bars)}.")), table, html.foot(buttons, link))


def _scale(bars: list[OutcomeBar]) -> str:
    """Return what the bars measure: a ring at the baseline, the mark now, the upright rule at the target."""
    kinds = {bar.kind == TIMES for bar in bars}
    if kinds == {True, False}:
        return "times better than baseline on a log scale, percentages on a linear one"
    return (
        "times better than baseline on a log scale"
        if kinds == {True}
        else "from 0 to 100 % on a linear scale"
    )


def _marks(bar: OutcomeBar) -> Markup:
    """Return the marks of a row: a ring at the baseline, a rule to the status mark, a dotted one on to the target."""
    status, marks = tables.status_of(bar.status), list[Markup]()
    start, now, goal = (None if at is None else 100 * at for at in (bar.start, bar.now, bar.goal))
    if now is not None and goal is not None:
        marks.append(mark("hw-to-go", left=min(now, goal), width=abs(goal - now)))
    if goal is not None:
        marks.append(mark("hw-goal", left=goal))
    if start is not None and now is not None:
        colour = LOOKS[status].colour
        marks.append(mark("hw-covered", colour=colour, left=min(start, now), width=abs(now - start)))
    if start is not None:
        marks.append(mark("hw-ring", left=start))
    if now is not None:
        marks.append(components.status_mark(status, now))
    return components.joined(marks)
