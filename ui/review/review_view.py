"""A weekly review on the page: as complete as its PDF, and drawn from the same data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.difference import Change
from models.engagement import Engagement
from models.milestones import MilestoneState
from models.review_text import without_status_label
from models.status import Status
from models.units import unit
from models.wording import day_month
from reports.charts.process_behaviour import BAND_MARK, MEAN_MARK, SIGNAL_MARK, TARGET_MARK
from reports.charts.theme import legend
from reports.charts.value_axis import unit_above
from reports.exports import tables
from reports.review.charts import chart_of, drawn
from ui import frame, html
from ui.frame import escaped
from ui.memoize import memoize

# Pixels: on a narrower page, a table scrolls within its card.
NARROWEST_CHANGES = 640
NARROWEST_TABLE = 900
MOST_SIGNALS = 4
# Pixels: below this, a metric's chart stands under the one before it.
LEAST_CHART = 420
METRIC = Markup(
    '<section class="hw-card"><p><strong>{name}</strong>{above}<br>{sentence}</p>{beside}{chart}{signals}</section>'
)


@dataclass(frozen=True)
class ShownWeek:
    """What is shown of a week: its content, the text of each passage, and the voice where the reader may hear it."""

    content: dict[str, Any]
    passage: Callable[[str], str]
    quote: dict[str, str] | None
    hides_interviews: bool
    key: str


def show(of: Engagement, week: ShownWeek) -> None:
    """Draw the whole week."""
    content = week.content
    _verdict(week)
    _ahead(content)
    st.header("Metrics")
    _metrics(of, week)
    _measures_and_checks(content)
    st.header("What changed")
    st.markdown(escaped(week.passage("changes")))
    changes_table(content["changes"], _since(content))
    st.header("Exceptions")
    _exceptions(week)
    _voice(week)
    _footer(content["footer"])


def _ahead(content: dict[str, Any]) -> None:
    """Decisions needed, and the next two weeks."""
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
            state = frame.badge_text(Status(row["status"]), row["state"].capitalize())
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
            due = "" if check["due"] else " (not due yet)"
            st.markdown(
                f"{frame.badge_text(Status(check['status']))} **{check['name']}**: {escaped(check['reason'])}{due}"
            )


def _since(content: dict[str, Any]) -> str:
    return (
        f"In {content['since']}"
        if (content["since"] or "").startswith("week")
        else content["since"] or "Before"
    )


def _day(text: str) -> str:
    return day_month(date.fromisoformat(text))


def _verdict(week: ShownWeek) -> None:
    with st.container(border=True):
        st.markdown(
            f"{frame.badge_text(Status(week.content['head']['status']))} {week.content['head']['signatures']}"
        )
        st.markdown(
            f"**{escaped(without_status_label(week.content['head']['status'], week.passage('verdict')))}**"
        )
        if note := week.passage("note"):
            st.markdown(escaped(note))


def _metrics(of: Engagement, week: ShownWeek) -> None:
    rows = week.content["metrics"]
    if not rows:
        st.write("No metric is defined yet.")
        return
    html.show(
        html.table(
            {
                "Metric": [html.bold(row["name"]) for row in rows],
                "Status": [html.badge(Status(row["status"])) for row in rows],
                "Baseline": [row["baseline"] for row in rows],
                "Current": [row["current"] for row in rows],
                "Target": [row["target"] for row in rows],
                "Factor (95% interval)": map(tables.factor, rows),
                "Verdict": [row["verdict"] for row in rows],
                "Forecast": [row["forecast"] for row in rows],
                "Last forecast": [row["forecast_before"] for row in rows],
            },
            "Each metric with its verdict and forecast",
            NARROWEST_TABLE,
        )
    )
    _process_behaviour(of, week)


def _process_behaviour(of: Engagement, week: ShownWeek) -> None:
    """Thirteen weeks of each metric, with the words of its verdict."""
    html.show(legend([BAND_MARK, MEAN_MARK, SIGNAL_MARK, TARGET_MARK]))
    html.show(html.grid((_metric(of, week, row) for row in week.content["metrics"]), LEAST_CHART))


def _metric(of: Engagement, week: ShownWeek, row: dict[str, Any]) -> Markup:
    """A metric with what its data says, and its chart where it has points."""
    long_unit = unit_above(unit(row["unit"]))
    above = f", in {long_unit}" if long_unit else ""
    chart = memoize(f"review {row['slug']}", of, lambda: chart_of(row), week.key) if drawn(row) else ""
    beside = html.caption(row["caveat"]) if row["caveat"] else ""
    return METRIC.format(
        name=row["name"],
        above=above,
        sentence=row["sentence"],
        beside=beside,
        chart=chart,
        signals=_signals(row),
    )


def _signals(row: dict[str, Any]) -> Markup:
    """The newest signals of a metric in words, as its chart marks them."""
    signals = [(at, value, rules) for at, value, rules in row["chart"]["points"] if rules]
    newest = signals[-MOST_SIGNALS:]
    said = [f"{_day(at[:10])}, {unit(row['unit']).format(value)} ({rules})" for at, value, rules in newest]
    some = f"The newest {len(newest)} of {len(signals)} signals" if len(signals) > len(newest) else "Signals"
    return html.caption(f"{some}: {'; '.join(said)}.") if said else Markup()


def changes_table(changes: list[dict[str, str]], before: str, after: str = "Now") -> None:
    """Changes with the old words beside the new ones; nothing where there are none."""
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
            "What changed, with the old words beside the new",
            NARROWEST_CHANGES,
        )
    )


def as_rows(changes: list[Change]) -> list[dict[str, str]]:
    """Changes as the table takes them."""
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
        status, word = _state(row["status"])
        line = week.passage(f"exception {row['key']}")
        st.markdown(
            f"{frame.badge_text(status, word)} **{escaped(row['name'])}**  \n{escaped(row['owner'])}: {escaped(line)}"
        )
    if not week.content["exceptions"]:
        st.write("Nothing is out of the ordinary.")
    if week.content["routine"]:
        st.caption(f"Routine variation, no action: {escaped(', '.join(week.content['routine']))}.")


def _state(word: str) -> tuple[Status, str]:
    """The status that a row's word is shown with; a milestone's states have words of their own."""
    if word in set(MilestoneState):
        return MilestoneState(word).status, word.capitalize()
    return Status(word), Status(word).label


def _voice(week: ShownWeek) -> None:
    if week.hides_interviews or week.quote is None:
        return
    st.header("One voice from the interviews")
    voice = week.quote
    st.markdown(
        f"> {escaped(voice['said'])}\n>\n> {escaped(voice['who'])}, {voice['on']}, on {escaped(voice['theme'])}"
    )


def _footer(footer: dict[str, list[str]]) -> None:
    st.header("What to know of the data")
    for title, rows in [
        ("Data gaps", footer["gaps"]),
        ("Out of date", footer["stale"]),
        ("Not signed", footer["unsigned"]),
    ]:
        st.markdown(f"**{title}**: {escaped('; '.join(rows)) if rows else 'none'}")
