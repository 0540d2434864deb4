"""A weekly review on the page: as complete as its PDF, and drawn from the same data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.milestones import MilestoneState
from models.review_text import without_status_label
from models.state_changes import Change
from models.status import Status
from models.units import unit
from models.wording import day_month
from reports.charts.process_behaviour import BAND_MARK, MEAN_MARK, SIGNAL_MARK, TARGET_MARK
from reports.charts.theme import legend
from reports.charts.value_axis import unit_above
from reports.exports import tables
from reports.review.charts import chart_of, drawn
from ui import html, markdown
from ui.markdown import escaped
from ui.memoize import memoize

# Pixels: in less, a table scrolls within its card.
MIN_CHANGES_WIDTH = 640
MIN_TABLE_WIDTH = 900
MAX_SIGNALS = 4
MIN_CHART_WIDTH = 420
"""Pixels: in less, each metric's chart is below the one before it."""
METRIC = Markup(
    '<section class="hw-card"><p><strong>{name}</strong>{above}<br>{sentence}</p>{caveat}{chart}{signals}</section>'
)


@dataclass(frozen=True)
class ShownWeek:
    """A week as it is drawn: its content, the text of each passage, and the quote if the reader may read interviews.
    `key` names the content in the cache."""

    content: dict[str, Any]
    passage: Callable[[str], str]
    quote: dict[str, str] | None
    hides_interviews: bool
    key: str


def show(engagement: Engagement, week: ShownWeek) -> None:
    """Draw the whole week."""
    content = week.content
    _verdict(week)
    _coming(content)
    st.header("Metrics")
    _metrics(week)
    st.header("Exceptions")
    _exceptions(week)
    st.header("What changed")
    st.markdown(escaped(week.passage("changes")))
    if content["changes"]:
        with st.expander(f"The changes: {len(content['changes'])}"):
            changes_table(content["changes"], _since(content))
    with st.expander("Appendix: a chart of each metric, leading measures, health checks, data caveats"):
        if content["metrics"]:
            _process_behaviour(engagement, week)
        _measures_and_checks(content)
        _quote(week)
        _footer(content["footer"])


def _coming(content: dict[str, Any]) -> None:
    """Draw the decisions needed, and the next two weeks."""
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.header("Decisions needed")
        for row in content["decisions"]:
            late = " :orange[overdue]" if row["overdue"] else ""
            st.markdown(f"**{escaped(row['title'])}**  \n{escaped(row['owner'])}, by {row['by']}{late}")
        if not content["decisions"]:
            st.write("No decision is needed.")
    with right.container(border=True, height="stretch"):
        st.header("Next two weeks")
        for row in content["coming"]:
            state = markdown.badge(Status(row["status"]), row["state"].capitalize())
            st.markdown(
                f"{state} **{escaped(row['name'])}**, due {_day(row['due'])}  \n{escaped(row['reason'])}"
            )
        if not content["coming"]:
            st.write("No milestone is due.")


def _measures_and_checks(content: dict[str, Any]) -> None:
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.header("Leading measures")
        rows = content["leading"]
        html.show(
            html.table(
                {
                    "What moves first": [row["name"] for row in rows],
                    "Now": [row["now"] for row in rows],
                    _since(content): [row["before"] for row in rows],
                },
                "Leading measures now and at the last review",
            )
        )
    with right.container(border=True, height="stretch"):
        st.header("Health checks")
        for check in content["checks"]:
            st.markdown(
                f"{markdown.badge(Status(check['status']))} **{check['name']}**: {escaped(check['reason'])}"
            )


def _since(content: dict[str, Any]) -> str:
    return (
        f"In {content['since']}"
        if (content["since"] or "").startswith(("week", "the week"))
        else content["since"] or "Before"
    )


def _day(text: str) -> str:
    return day_month(date.fromisoformat(text))


def _verdict(week: ShownWeek) -> None:
    with st.container(border=True):
        st.markdown(
            f"{markdown.badge(Status(week.content['head']['status']))} {week.content['head']['signatures']}"
        )
        st.markdown(
            f"**{escaped(without_status_label(week.content['head']['status'], week.passage('verdict')))}**"
        )
        if note := week.passage("note"):
            st.markdown(escaped(note))


def _metrics(week: ShownWeek) -> None:
    rows = week.content["metrics"]
    if not rows:
        st.write("No metric is defined yet.")
        return
    columns = {
        "Metric": [html.bold(row["name"]) for row in rows],
        "Status": [html.badge(Status(row["status"])) for row in rows],
        "Baseline": [row["baseline"] for row in rows],
        "Current": [row["current"] for row in rows],
        "Target": [row["target"] for row in rows],
        "Factor (95% interval)": list(map(tables.factor, rows)),
        "Verdict": [row["verdict"] for row in rows],
        "Forecast": [row["forecast"] for row in rows],
        "Last forecast": [row["forecast_before"] for row in rows],
    }
    names = list(columns)
    filled = tables.filled_columns(names, list(zip(*columns.values(), strict=True)))
    html.show(
        html.table(
            {names[place]: columns[names[place]] for place in filled},
            "Each metric with its verdict and forecast",
            MIN_TABLE_WIDTH,
        )
    )


def _process_behaviour(engagement: Engagement, week: ShownWeek) -> None:
    """Draw thirteen weeks of each metric, with its verdict."""
    html.show(legend([BAND_MARK, MEAN_MARK, SIGNAL_MARK, TARGET_MARK]))
    html.show(html.grid((_metric(engagement, week, row) for row in week.content["metrics"]), MIN_CHART_WIDTH))


def _metric(engagement: Engagement, week: ShownWeek, row: dict[str, Any]) -> Markup:
    """Return a metric with its verdict, and its chart if it has points."""
    long_unit = unit_above(unit(row["unit"]))
    above = f", in {long_unit}" if long_unit else ""
    chart = (
        memoize(f"review {row['slug']}", engagement, lambda: chart_of(row), week.key) if drawn(row) else ""
    )
    caveat = html.caption(row["caveat"]) if row["caveat"] else ""
    return METRIC.format(
        name=row["name"],
        above=above,
        sentence=row["sentence"],
        caveat=caveat,
        chart=chart,
        signals=_signals(row),
    )


def _signals(row: dict[str, Any]) -> Markup:
    """Return the newest signals of a metric in words, as its chart marks them."""
    signals = [(at, value, rules) for at, value, rules in row["chart"]["points"] if rules]
    newest = signals[-MAX_SIGNALS:]
    texts = [f"{_day(at[:10])}, {unit(row['unit']).format(value)} ({rules})" for at, value, rules in newest]
    title = f"The newest {len(newest)} of {len(signals)} signals" if len(signals) > len(newest) else "Signals"
    return html.caption(f"{title}: {'; '.join(texts)}.") if texts else Markup()


def changes_table(changes: list[dict[str, str]], before: str, after: str = "Now") -> None:
    """Draw a table of changes with the old text beside the new one; nothing if there are none."""
    if not changes:
        return
    html.show(
        html.table(
            {
                "What": [html.badge(Status(row["status"]), row["kind"].capitalize()) for row in changes],
                "About": [html.bold(row["about"]) for row in changes],
                before: [row["old"] for row in changes],
                after: [row["new"] for row in changes],
            },
            "What changed, with the old text beside the new",
            MIN_CHANGES_WIDTH,
        )
    )


def as_rows(changes: list[Change]) -> list[dict[str, str]]:
    """Return changes as `changes_table` takes them."""
    return [
        {
            "status": row.kind.status.value,
            "kind": row.kind.value,
            "about": row.about,
            "old": row.old,
            "new": row.new,
        }
        for row in changes
    ]


def _exceptions(week: ShownWeek) -> None:
    for row in week.content["exceptions"]:
        status, label = _status_and_label(row["status"])
        line = week.passage(f"exception {row['key']}")
        st.markdown(
            f"{markdown.badge(status, label)} **{escaped(row['name'])}**  \n{escaped(row['owner'])}: {escaped(line)}"
        )
    if not week.content["exceptions"]:
        st.write("Nothing is out of the ordinary.")
    if week.content["routine"]:
        st.caption(f"Routine variation, no action: {escaped(', '.join(week.content['routine']))}.")


def _status_and_label(name: str) -> tuple[Status, str]:
    """Return the status and the label of a status's or a milestone state's name."""
    if name in set(MilestoneState):
        return MilestoneState(name).status, name.capitalize()
    return Status(name), Status(name).label


def _quote(week: ShownWeek) -> None:
    if week.hides_interviews or week.quote is None:
        return
    st.header("Quote of the week")
    quote = week.quote
    st.markdown(
        f"> {escaped(quote['said'])}\n>\n> {escaped(quote['who'])}, {quote['on']}, on {escaped(quote['theme'])}"
    )


def _footer(footer: dict[str, list[str]]) -> None:
    st.header("Data caveats")
    for title, rows in [
        ("Data gaps", footer["gaps"]),
        ("Out of date", footer["stale"]),
        ("Not signed", footer["unsigned"]),
    ]:
        st.markdown(f"**{title}**: {escaped('; '.join(rows)) if rows else 'none'}")
