"""What the page of a week holds, composed of two moments of an engagement and its measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from models import review_text
from models.contract_states import ContractState
from models.difference import difference
from models.golden_thread import gaps
from models.health import Health, days_since_release, health_from, last_release_on
from models.interviews import nameless
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import Outcome, outcomes
from models.pitfalls import pitfalls
from models.replacement_states import ReplacementStatus, headline, replacement_status
from models.review import WEEKS, week_heading, week_of
from models.state_changes import Change, DatedState
from models.status import Status
from models.summary import Summary
from models.wording import count, day_month, upper_first
from reports.metrics.verdicts import CONFIRMED_BETTER, NO_CHANGE, TOO_EARLY
from reports.review.series import NONE, age, exception_of, is_behind, metric_row, raw

# How far ahead the review looks, and how many recent days of interviews it takes its voice from first.
AHEAD_DAYS = 14
VOICE_WITHIN_DAYS = 14
# How files of the week are drawn: from 2 on with the moments of the engagement's own zone, from 3 on with one page that
# is the week and an appendix (reports/exports/one_page), from 4 on so that a workbook prints on few pages and words are
# as large as there is room (week_facts.at_least_layout). Earlier weeks have no layout, and all keep their bytes.
LAYOUT = 4
# A verdict that says more than this many gaps is a list nobody reads.
GAPS_SHOWN = 6


@dataclass(frozen=True)
class Since:
    """What a review compares with: the moment, how it is called ("week 6"), and the forecasts that it made."""

    moment: DatedState
    called: str
    forecasts: Mapping[str, str]


@dataclass(frozen=True)
class Composed:
    """A week as data: the page, its drafted passages by key, and the voice from the interviews.

    `measured` holds by metric the raw measurements of the weeks shown, as moment, value, n and note.
    """

    content: dict[str, Any]
    measured: dict[str, list[list[Any]]]
    drafts: dict[str, str]
    quote: dict[str, str] | None


def compose(now: DatedState, since: Since | None, points: pd.DataFrame) -> Composed:
    """The week that `now` is in. `points` are the measurements that count: `metric_id`, `at` (UTC) and `value`."""
    summary, on, engagement = now.summary, now.on, now.engagement
    plan, measured = milestone_statuses(summary, on), outcomes(summary, on)
    health = health_from(summary, plan, measured, on)
    rows = _metrics(now, measured, points, since)
    changes = difference(since.moment, now) if since else []
    waiting = _decisions(now)
    exceptions = [
        *_late(plan, engagement.lead), *_behind(rows), *_replacements(now), *_contracts(now), *_pitfalls(now)
    ]  # fmt: skip
    content = {
        "head": _head(now, health.status),
        "since": since.called if since else None,
        "checks": _checks(health),
        "decisions": waiting,
        "metrics": rows,
        "leading": _leading(now, since),
        "changes": [_change(change) for change in changes],
        "exceptions": exceptions,
        "routine": [
            row["name"]
            for row in rows
            if row["verdict"] in (NO_CHANGE, TOO_EARLY) and row["key"] not in _keys(exceptions)
        ],
        "coming": _coming(plan, on),
        "plan": [_milestone(row) for row in plan],
        "footer": _footer(now),
    }
    confirmed = [_confirmed(row, outcome) for row, outcome in _with_outcomes(rows, measured)]
    drafts = {
        "verdict": _verdict(now, health, rows, confirmed, len(waiting)),
        "changes": review_text.changes(changes, since.called)
        if since
        else "There is no earlier week to compare with.",
        "note": "",
    }
    drafts |= {f"exception {row['key']}": f"{row['reason']}." for row in exceptions}
    return Composed(content, raw(now, points), drafts, _voice(now))


def _verdict(
    now: DatedState, health: Health, rows: list[dict[str, Any]], confirmed: list[str], waiting: int
) -> str:
    """Draft the verdict; `confirmed` has a text for each metric, "" where its verdict doesn't claim an improvement."""
    day = review_text.day_of_plan(now.summary, now.on)
    unclaimed = sum(row["verdict"] == CONFIRMED_BETTER for row in rows) - sum(map(bool, confirmed))
    return review_text.verdict(now.summary, health, day, list(filter(None, confirmed)), waiting, unclaimed)


def _head(now: DatedState, status: Status) -> dict[str, Any]:
    summary, on, engagement = now.summary, now.on, now.engagement
    day = summary.day(on)
    signed = sum(metric.signed_on is not None for metric in summary.metrics)
    broken = sum(metric.seal == "broken" for metric in summary.metrics)
    return {
        "name": engagement.name,
        "client": engagement.client,
        "lead": engagement.lead,
        "sponsor": engagement.sponsor,
        "cycle": summary.cycle,
        "week": week_of(day),
        "weeks": WEEKS,
        "layout": LAYOUT,
        "week_text": week_heading(week_of(day), on),
        "day": day,
        "day_text": upper_first(review_text.day_of_plan(summary, on)),
        "days": summary.days,
        "on": on.isoformat(),
        "revision": engagement.revision,
        "journal": engagement.head,
        "status": status.value,
        "signatures": f"{signed} of {count(len(summary.metrics), 'metric')} signed"
        + (f", {broken} changed after signing" if broken else ""),
    }


def _checks(health: Health) -> list[dict[str, Any]]:
    return [
        {"name": check.name, "status": check.status.value, "reason": check.reason, "due": check.due}
        for check in health.checks
    ]


def _metrics(
    now: DatedState, measured: list[Outcome], points: pd.DataFrame, since: Since | None
) -> list[dict[str, Any]]:
    """Each active metric, the furthest improved first, with last week's forecast beside today's."""
    by_id = {metric.id: metric for metric in now.engagement.metrics}
    groups = dict(tuple(points.groupby("metric_id"))) if len(points) else {}
    rows = []
    for outcome in sorted(measured, key=lambda row: -(row.factor or 0)):
        metric = by_id[outcome.metric.id]
        own = groups.get(metric.id, points.iloc[:0])
        row = metric_row(outcome, metric, own, now.on, now.engagement)
        before = since.forecasts.get(metric.slug, NONE) if since else NONE
        rows.append(row | {"key": f"metric {metric.slug}", "forecast_before": before})
    return rows


def _with_outcomes(
    rows: list[dict[str, Any]], measured: list[Outcome]
) -> list[tuple[dict[str, Any], Outcome]]:
    by_slug = {outcome.metric.slug: outcome for outcome in measured}
    return [(row, by_slug[row["slug"]]) for row in rows]


def _confirmed(row: dict[str, Any], outcome: Outcome) -> str:
    """Return a metric that the data shows to be better, with its factor; "" for any other. Unknown is never claimed."""
    if row["verdict"] != CONFIRMED_BETTER or outcome.status is Status.NOT_KNOWN:
        return ""
    return f"{row['name']} ({row['factor'].removesuffix(' better')})"


def _decisions(now: DatedState) -> list[dict[str, Any]]:
    waiting = sorted(
        (row for row in now.engagement.decisions if row.is_open),
        key=lambda row: (row.needed_by is None, row.needed_by, row.id),
    )
    return [
        {
            "title": row.title,
            "owner": row.owner,
            "by": NONE if row.needed_by is None else day_month(row.needed_by),
            "overdue": row.needed_by is not None and row.needed_by < now.on,
        }
        for row in waiting
    ]


def _leading(now: DatedState, since: Since | None) -> list[dict[str, str]]:
    """What moves before outcomes do: how it stands now, and how it stood at the last review."""
    values = _leads(now)
    before = _leads(since.moment) if since else {}
    return [{"name": name, "now": value, "before": before.get(name, NONE)} for name, value in values.items()]


def _leads(at: DatedState) -> dict[str, str]:
    summary, on = at.summary, at.on
    plan = milestone_statuses(summary, on)
    done = sum(row.state is MilestoneState.DONE for row in plan)
    live = sum(flow.is_live(on) for flow in summary.workflows)
    trainings = at.engagement.trainings
    moved = [replacement_status(row, on) for row in summary.replacements]
    fresh = sum(metric.last_on is not None and not metric.is_stale(on) for metric in summary.metrics)
    return {
        "Milestones done": f"{done} of {len(plan)}",
        "End users interviewed": str(len(summary.end_users_on)),
        "Workflows live": str(live),
        "People trained": f"{sum(row.attended for row in trainings)} of {sum(row.invited for row in trainings)} invited",
        "Metrics measured on time": f"{fresh} of {len(summary.metrics)}",
        "Days since last release to users": _since_release(summary, on),
    } | _moved(moved)


def _since_release(summary: Summary, on: date) -> str:
    waited = days_since_release(summary, on)
    return str(waited) if last_release_on(summary, on) else f"none yet in {waited}"


def _moved(rows: list[ReplacementStatus]) -> dict[str, str]:
    """How many replacements were cut over; nothing where none is named."""
    if not rows:
        return {}
    done = sum(row.cut_over_on is not None for row in rows)
    return {"Replacements cut over": f"{done} of {len(rows)}"}


def _change(change: Change) -> dict[str, str]:
    return {
        "kind": change.kind.value,
        "status": change.kind.status.value,
        "about": change.about,
        "old": change.old,
        "new": change.new,
        "page": change.page,
    }


def _late(plan: list[MilestoneStatus], lead: str) -> list[dict[str, str]]:
    return [
        {
            "key": f"milestone {row.milestone.key}",
            "name": row.milestone.name,
            "status": row.state.status.value,
            "reason": row.reason,
            "owner": lead,
        }
        for row in plan
        if row.state in (MilestoneState.LATE, MilestoneState.AT_RISK)
    ]


def _behind(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "key": row["key"],
            "name": row["name"],
            "status": row["status"],
            "reason": row["reason"] if is_behind(row) else row["sentence"].rstrip("."),
            "owner": row["owner"] or "No owner",
        }
        for row in rows
        if exception_of(row)
    ]


def _replacements(now: DatedState) -> list[dict[str, str]]:
    """The replacements that are off track or came back."""
    exceptions = []
    for facts in now.summary.replacements:
        row = replacement_status(facts, now.on)
        if row.status in (Status.OFF_TRACK, Status.AT_RISK):
            exceptions.append(
                {
                    "key": f"replacement {facts.id}",
                    "name": facts.name,
                    "status": row.status.value,
                    "reason": headline(row, facts.old, now.on) or upper_first(row.text),
                    "owner": now.engagement.lead,
                }
            )
    return exceptions


def _contracts(now: DatedState) -> list[dict[str, str]]:
    """The contracts that are broken."""
    contracts = [(row, row.status(now.on)) for row in now.summary.contracts]
    return [
        {
            "key": f"contract {row.id}",
            "name": row.name,
            "status": Status.OFF_TRACK.value,
            "reason": status.sentence,
            "owner": now.engagement.lead,
        }
        for row, status in contracts
        if status.state is ContractState.BROKEN
    ]


def _pitfalls(now: DatedState) -> list[dict[str, str]]:
    return [
        {
            "key": f"pitfall {pitfall.key}",
            "name": pitfall.name,
            "status": pitfall.status.value,
            "reason": pitfall.reason,
            "owner": now.engagement.lead,
        }
        for pitfall in pitfalls(now.summary, now.on)
        if pitfall.status is Status.OFF_TRACK
    ]


def _keys(exceptions: list[dict[str, str]]) -> set[str]:
    return {row["key"] for row in exceptions}


def _coming(plan: list[MilestoneStatus], on: date) -> list[dict[str, str]]:
    coming = [
        row for row in plan if row.is_open and on <= row.milestone.due_on <= on + timedelta(days=AHEAD_DAYS)
    ]
    return [_milestone(row) for row in sorted(coming, key=lambda row: row.milestone.due_on)]


def _milestone(row: MilestoneStatus) -> dict[str, str]:
    """A milestone with its day, which its reason doesn't say again."""
    return {
        "name": row.milestone.name,
        "due": row.milestone.due_on.isoformat(),
        "start": row.milestone.start_on.isoformat(),
        "state": row.state.value,
        "status": row.state.status.value,
        "reason": row.reason.removesuffix(f"; due {day_month(row.milestone.due_on)}"),
        "claim": f"{row.claim.by} says {row.claim.says}: {row.claim.reason}" if row.claim else "",
    }


def _footer(now: DatedState) -> dict[str, list[str]]:
    """What the reader should know of the data: gaps, stale numbers, definitions that nobody signed.

    Gaps that are told in an interviewee's words stay out: not every reader may see them.
    """
    metrics = now.summary.metrics
    cut = [upper_first(gap.text) for gap in gaps(now.engagement) if gap.page != "interviews"]
    shown = cut[:GAPS_SHOWN] + ([f"and {len(cut) - GAPS_SHOWN} more"] if len(cut) > GAPS_SHOWN else [])
    return {
        "gaps": [f"{row.name}: never measured" for row in metrics if row.last_on is None] + shown,
        "stale": [
            f"{row.name}: {age(now.on, row.last_on)}"
            for row in metrics
            if row.last_on is not None and row.is_stale(now.on)
        ],
        "unsigned": [
            f"{row.name}: {'changed after signing' if row.seal == 'broken' else 'unsigned'}"
            for row in metrics
            if row.seal != "signed"
        ],
    }


def _voice(now: DatedState) -> dict[str, str] | None:
    """The worst that was observed in the newest interviews, without names."""
    held = [(when, row) for row in now.engagement.frictions if (when := row.interview.held_on) is not None]
    recent = [(when, row) for when, row in held if (now.on - when).days <= VOICE_WITHIN_DAYS] or held
    if not recent:
        return None
    held_on, worst = max(recent, key=lambda pair: (pair[1].severity, pair[0], pair[1].id))
    return {"said": nameless(now.engagement, worst.observed), "who": worst.interview.role or "An end user",
            "on": day_month(held_on), "theme": worst.theme}  # fmt: skip
