"""The five pitfalls of the guide: signals computed from evidence, and people's weekly answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from models.confirmability import nothing_confirmable
from models.health import days_since_release, last_release_on
from models.replacement_states import ReplacementState, replacement_status
from models.status import Status
from models.summary import CheckFacts, ContractFacts, Summary, WorkflowFacts
from models.wording import count, day_month, days, quoted_list

# Over-engineering
MAX_DAYS_SINCE_RELEASE = 14  # applies from the day below
RELEASES_FROM_DAY = 45
MAX_WORKFLOWS_IN_PROGRESS = 2
FIRST_WORKFLOW_BY_DAY = 60
# User research
INTERVIEWS_FROM_DAY = 10
INTERVIEWS_BY_DAY = 30
# Instrumentation
BASELINES_BY_DAY = 60
# Change management
SIGNED_BY_DAY = 30
TRAINED_WITHIN_DAYS = 14
# A project with an end date
NEXT_CYCLE_AFTER_DAY = 75
ROADMAP_FROM_DAY = 61  # of the first cycle: before, no result is there to adjust the roadmap by
DECISION_WITHIN_DAYS = 30
# A check is due every week.
CHECK_WITHIN_DAYS = 7
# Number of simultaneous signals from which a pitfall counts as happening.
SIGNALS_OFF_TRACK = 2

# Shown before a pitfall's name, where "On track" would read as succeeding at it.
LABELS = {
    Status.ON_TRACK: "No sign of",
    Status.AT_RISK: "Signs of",
    Status.OFF_TRACK: "Clear signs of",
    Status.NOT_KNOWN: "No evidence yet",
}


@dataclass(frozen=True)
class Signal:
    """Evidence that points to a pitfall, and the page that shows it."""

    text: str
    page: str


@dataclass(frozen=True)
class Pitfall:
    """A pitfall on a date.

    `unknown` is the reason why there is not enough evidence yet, else None. `answer` is the newest weekly check,
    `answer_is_due` whether this week's is missing.
    """

    key: str
    name: str
    question: str
    signals: list[Signal]
    unknown: str | None
    answer: CheckFacts | None
    answer_is_due: bool

    @property
    def status(self) -> Status:
        if self.signals:
            return Status.OFF_TRACK if len(self.signals) >= SIGNALS_OFF_TRACK else Status.AT_RISK
        return Status.NOT_KNOWN if self.unknown else Status.ON_TRACK

    @property
    def reason(self) -> str:
        if self.signals:
            return "; ".join(signal.text for signal in self.signals)
        return self.unknown or "Nothing in the evidence points to it"

    @property
    def disagreement(self) -> str | None:
        """A sentence with both, if the answer and the evidence contradict each other; else None."""
        if self.answer is None or self.answer.happening == bool(self.signals):
            return None
        when = day_month(self.answer.answered_on)
        if self.signals:
            signals = count(len(self.signals), "signal")
            return f"The answer of {when} is no, but the evidence shows {signals}. Look at both before you trust either."
        return (
            f"The answer of {when} is yes, but nothing in the evidence points to it: "
            "what people saw may not be recorded yet."
        )

    @property
    def label(self) -> str:
        """How clearly the evidence points to it, to be shown before its name: "Signs of"."""
        return LABELS[self.status]


@dataclass(frozen=True)
class Rule:
    """One pitfall: the question of its weekly check, the function that computes its signals, and the one that says why
    there is not enough evidence yet (None once there is)."""

    key: str
    name: str
    question: str
    signals: Callable[[Summary, date], list[Signal]]
    unknown: Callable[[Summary, date], str | None]


def pitfalls(summary: Summary, on: date) -> list[Pitfall]:
    """Return the five pitfalls, in the guide's order."""
    return [_pitfall(summary, rule, on) for rule in PITFALLS]


def _pitfall(summary: Summary, rule: Rule, on: date) -> Pitfall:
    answered = [check for check in summary.checks if check.pitfall == rule.key and check.answered_on <= on]
    # Of several answers on one day the last one counts.
    answer = max(reversed(answered), key=lambda check: check.answered_on, default=None)
    running = summary.day(on) >= 1 and summary.closed_on is None
    return Pitfall(
        key=rule.key,
        name=rule.name,
        question=rule.question,
        signals=rule.signals(summary, on),
        unknown=rule.unknown(summary, on),
        answer=answer,
        answer_is_due=running and (answer is None or (on - answer.answered_on).days >= CHECK_WITHIN_DAYS),
    )


def _over_engineering(summary: Summary, on: date) -> list[Signal]:
    day, signals = summary.day(on), list[Signal]()
    waited = days_since_release(summary, on)
    if day >= RELEASES_FROM_DAY and waited > MAX_DAYS_SINCE_RELEASE:
        text = (
            f"Nothing was released to users in {days(waited)}"
            if last_release_on(summary, on) is None
            else f"{days(waited)} since the last release to users"
        )
        signals.append(Signal(text, "workflows"))
    building = [flow.name for flow in summary.workflows if flow.state == "building"]
    if len(building) > MAX_WORKFLOWS_IN_PROGRESS:
        signals.append(
            Signal(f"{len(building)} workflows are being built at once: {quoted_list(building)}", "workflows")
        )
    if day > FIRST_WORKFLOW_BY_DAY and not any(flow.was_live(on) for flow in summary.workflows):
        signals.append(Signal(f"No workflow has gone live by day {day}", "workflows"))
    moved = [row.name for row in summary.contracts if _moved_too_early(row, on)]
    if moved:
        signals.append(Signal(f"Work was moved before the seam was still: {quoted_list(moved)}", "inventory"))
    return signals


def _moved_too_early(contract: ContractFacts, on: date) -> bool:
    moved, frozen = contract.first_share_on, contract.frozen_on
    return moved is not None and moved <= on and (frozen is None or frozen > moved)


def _over_engineering_unknown(summary: Summary, on: date) -> str | None:
    begun = any(flow.state == "building" or flow.was_live(on) for flow in summary.workflows)
    return None if begun or summary.day(on) >= RELEASES_FROM_DAY else "Nothing is being built yet"


def _user_research(summary: Summary, on: date) -> list[Signal]:
    day, signals = summary.day(on), list[Signal]()
    needed = max(
        (row.needed for row in summary.milestones if row.criterion == "users_interviewed"), default=0
    )
    interviewed = sum(when <= on for when in summary.end_users_on)
    expected = needed * min(day / INTERVIEWS_BY_DAY, 1)
    if day >= INTERVIEWS_FROM_DAY and interviewed < expected and needed:
        signals.append(Signal(f"{interviewed} of {needed} interviews on day {day}", "interviews"))
    unasked = [
        flow.name for flow in summary.workflows if flow.state in ("building", "live") and not flow.asked_for
    ]
    if unasked:
        signals.append(Signal(f"No friction asked for {quoted_list(unasked)}", "workflows"))
    return signals


def _user_research_unknown(summary: Summary, on: date) -> str | None:
    if any(when <= on for when in summary.end_users_on) or summary.day(on) >= INTERVIEWS_FROM_DAY:
        return None
    return "No end user has been interviewed yet"


def _instrumentation(summary: Summary, on: date) -> list[Signal]:
    day, signals = summary.day(on), list[Signal]()
    unmeasured = [flow.name for flow in summary.workflows if flow.is_live(on) and not flow.measured]
    if unmeasured:
        text = f"{count(len(unmeasured), 'live workflow')} without a metric: {quoted_list(unmeasured)}"
        signals.append(Signal(text, "workflows"))
    without = [
        metric.name for metric in summary.metrics if metric.baseline is None or not metric.baseline_points
    ]
    if without and day > BASELINES_BY_DAY:
        signals.append(
            Signal(f"{count(len(without), 'metric')} without a baseline: {quoted_list(without)}", "metrics")
        )
    if nothing_confirmable(summary, on):
        signals.append(Signal(f"no metric can be confirmed before day {summary.days}", "metrics"))
    stale = [metric.name for metric in summary.metrics if metric.is_stale(on)]
    if stale:
        signals.append(Signal(f"{count(len(stale), 'metric')} out of date: {quoted_list(stale)}", "metrics"))
    ungated = [
        row.name
        for row in summary.replacements
        if replacement_status(row, on).state is ReplacementState.UNGATED
    ]
    if ungated:
        signals.append(Signal(f"{quoted_list(ungated)} cut over without an open gate", "replacements"))
    return signals


def _instrumentation_unknown(summary: Summary, on: date) -> str | None:
    if not summary.metrics:
        return "No metric is defined yet"
    measured = any(metric.last_on is not None and metric.last_on <= on for metric in summary.metrics)
    return None if measured else "No metric has a measurement yet"


def _change_management(summary: Summary, on: date) -> list[Signal]:
    day, signals = summary.day(on), list[Signal]()
    unsigned = [metric.name for metric in summary.metrics if metric.signed_on is None]
    if day > SIGNED_BY_DAY and (unsigned or not summary.metrics):
        unsigned_text = f"{count(len(unsigned), 'metric')} unsigned on day {day}"
        signals.append(
            Signal(unsigned_text if unsigned else f"No metric to agree on by day {day}", "metrics")
        )
    live = [flow for flow in summary.workflows if flow.is_live(on)]
    untrained = [flow.name for flow in live if _lacks_training(flow, on)]
    if untrained:
        signals.append(Signal(f"{_are_live(untrained)} nobody was trained on {_it(untrained)}", "adoption"))
    undocumented = [flow.name for flow in live if not _is_by(flow.documented_on, on)]
    if undocumented:
        signals.append(Signal(f"{_are_live(undocumented)} {_has(undocumented)} no user guide", "adoption"))
    return signals


def _lacks_training(flow: WorkflowFacts, on: date) -> bool:
    """Return whether nobody was trained on a live workflow in time."""
    live_on = flow.live_by(on)
    is_over = live_on is not None and (on - live_on).days > TRAINED_WITHIN_DAYS
    return is_over and not _is_by(flow.trained_on, on)


def _are_live(names: list[str]) -> str:
    return f"{quoted_list(names)} {'is' if len(names) == 1 else 'are'} live but"


def _it(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _is_by(when: date | None, on: date) -> bool:
    return when is not None and when <= on


def _change_management_unknown(summary: Summary, on: date) -> str | None:
    if summary.day(on) > SIGNED_BY_DAY or any(flow.is_live(on) for flow in summary.workflows):
        return None
    return f"Nothing is live yet, and signatures are due by day {SIGNED_BY_DAY}"


def _end_date(summary: Summary, on: date) -> list[Signal]:
    day, signals = summary.day(on), list[Signal]()
    if day > NEXT_CYCLE_AFTER_DAY and summary.next_cycle_on is None and summary.closed_on is None:
        signals.append(Signal(f"No next cycle planned on day {day}", "plan"))
    decided = [
        row.decided_on for row in summary.decisions if row.decided_on is not None and row.decided_on <= on
    ]
    since_decision = (on - max(decided, default=summary.first_day_1)).days
    if since_decision > DECISION_WITHIN_DAYS and _roadmap_is_due(summary, on):
        text = f"{days(since_decision)} since the roadmap was last adjusted"
        signals.append(
            Signal(text if decided else f"The roadmap was never adjusted by day {day}", "decisions")
        )
    for row in summary.replacements:
        status = replacement_status(row, on)
        if status.late and status.cut_over_on is not None:
            since = days((on - status.cut_over_on).days)
            text = f"“{row.name}” cut over {since} ago, “{row.old}” still runs"
            signals.append(Signal(text, "replacements"))
    return signals


def _roadmap_is_due(summary: Summary, on: date) -> bool:
    return summary.cycle > 1 or summary.day(on) >= ROADMAP_FROM_DAY


def _end_date_unknown(summary: Summary, on: date) -> str | None:
    return None if _roadmap_is_due(summary, on) else f"The roadmap is reviewed from day {ROADMAP_FROM_DAY}"


PITFALLS = [
    Rule(
        "over_engineering",
        "Over-engineering the first iteration",
        "Are we building more than the next thin slice that users can work with?",
        _over_engineering,
        _over_engineering_unknown,
    ),
    Rule(
        "user_research",
        "Insufficient user research",
        "Are we building on assumptions instead of what we saw users do?",
        _user_research,
        _user_research_unknown,
    ),
    Rule(
        "instrumentation",
        "Skipping instrumentation",
        "Is anything in use whose effect we can't measure?",
        _instrumentation,
        _instrumentation_unknown,
    ),
    Rule(
        "change_management",
        "Underestimating change management",
        "Is there something live that people aren't ready for, or haven't agreed to?",
        _change_management,
        _change_management_unknown,
    ),
    Rule(
        "end_date",
        "Treating it as a project with an end date",
        "Would this stop if the plan's last day were today?",
        _end_date,
        _end_date_unknown,
    ),
]
PITFALL_KEYS = [rule.key for rule in PITFALLS]
