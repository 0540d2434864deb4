"""What to do next: from what is missing, what is late and the day of the plan. Nobody keeps this list by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from models.contracts import ContractState
from models.engagement import Engagement
from models.gate import Gate
from models.milestones import MilestoneState, MilestoneStatus
from models.permissions import Action
from models.pitfalls import NEXT_CYCLE_AFTER_DAY, PITFALLS
from models.plan import CYCLE_DAYS
from models.replacement_states import ReplacementState, replacement_status
from models.review import week_of
from models.summary import Summary
from models.wording import count, day_month, days
from reports.frames.decisions import needed
from reports.metrics.verdicts import UnnamedChange
from reports.replacements.rows import unused_approval

MAX_STEPS = 5
AHEAD_DAYS = 7
"""A milestone's work is suggested from so many days before it begins."""
CHECKS_WITHIN_DAYS = 7
WEEK = 7
WEEKLY_PAGES = {"pitfalls", "review"}


@dataclass(frozen=True)
class Step:
    """Something to do: `button` is what its link says, `who` does it, `action` is what that takes, `due` is by when.

    `query` names the record, the view or the drawer that the link opens on `page`.
    """

    what: str
    button: str
    who: str
    action: Action
    page: str
    due: date | None = None
    query: tuple[tuple[str, str], ...] = ()

    def text(self, on: date) -> str:
        """Return who does it and by when: "Dana Ruiz, by 2 Dec" or "Mei Tan, due 20 Nov, 3 days late"."""
        if self.due is None:
            return self.who
        late = (on - self.due).days
        if late > 0:
            return f"{self.who}, due {day_month(self.due)}, {days(late)} late"
        return f"{self.who}, today" if late == 0 else f"{self.who}, by {day_month(self.due)}"


def next_steps(
    engagement: Engagement,
    summary: Summary,
    plan: list[MilestoneStatus],
    on: date,
    may: Callable[[Action], bool] = lambda action: True,
    gates: Mapping[int, Gate] | None = None,
    changes: Iterable[UnnamedChange] = (),
) -> list[Step]:
    """Return what somebody who `may` do it should do next, what is late first; callers show the first MAX_STEPS.

    `gates` are those of the replacements, by id; `changes` are those of metrics whose cause nobody has named.
    """
    steps = [
        *_decisions(engagement),
        *(step for row in plan if _is_up(row, on) for step in _milestone(engagement, summary, row)),
        *_contracts(engagement, summary, on),
        *_replacements(engagement, summary, gates or {}, on),
        *map(partial(_cause, engagement), changes),
        *_weekly(engagement, summary, on),
        *_end_of_cycle(engagement, summary, on),
    ]
    # Two milestones may need the same: the one that is due first asks for it.
    latest_first = sorted(steps, key=lambda step: step.due or date.max, reverse=True)
    first = {(step.what, step.page, step.query): step for step in latest_first}
    allowed = [step for step in steps if may(step.action) and first[step.what, step.page, step.query] is step]
    return sorted(allowed, key=lambda step: (_rank(step, on), step.due or date.max))


def _rank(step: Step, on: date) -> int:
    """Decisions lead, as others wait for them; then what is late; the week's own work comes behind the plan's."""
    if step.page == "decisions" and step.query:
        return 0
    if step.due is not None and step.due < on:
        return 1
    return 3 if step.page in WEEKLY_PAGES else 2


def _decisions(engagement: Engagement) -> Iterator[Step]:
    for row in needed(engagement):
        yield Step(
            row.title,
            "Decide",
            row.owner,
            Action.DECIDE,
            "decisions",
            row.needed_by,
            (("decision", str(row.id)),),
        )


def _is_up(row: MilestoneStatus, on: date) -> bool:
    begun = on >= row.milestone.start_on - timedelta(days=AHEAD_DAYS)
    return row.is_open and (begun or row.state is not MilestoneState.PLANNED)


def _milestone(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    """Yield the work that a milestone's evidence still needs."""
    made = {
        "systems_inventoried": _inventory,
        "users_interviewed": _interviews,
        "metrics_signed": _metrics,
        "baselines_instrumented": _measurements,
    }.get(row.milestone.criterion, _evidence)
    yield from made(engagement, summary, row)


def _inventory(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    due, lead, facts = row.milestone.due_on, engagement.lead, summary.inventory
    at = (Action.EDIT_INVENTORY, "inventory", due)
    if not facts.systems:
        yield Step("Add your systems: paste from a spreadsheet", "Add systems", lead, *at)
        return
    if facts.without:
        lack, number = max(facts.without.items(), key=lambda item: item[1])
        what = f"Complete the inventory: {number} of {count(facts.systems, 'system')} without {lack}"
        yield Step(what, "Complete", lead, *at)
    if not facts.pain_points_on:
        yield Step("Record what hurts: pain points", "Add pain points", lead, *at, (("view", "Pain points"),))


def _interviews(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    planned = len([each for each in engagement.interviews if each.held_on is None])
    left = max(row.finding.needed - row.finding.have, 1)
    done = f"{row.finding.have} done, {planned} planned" if row.finding.have else f"{planned} planned"
    what = f"Interview {count(left, 'more user' if row.finding.have else 'user')}: {done}"
    query = (("do", "record"),)
    yield Step(
        what,
        "Record an interview",
        engagement.lead,
        Action.RECORD_INTERVIEWS,
        "interviews",
        row.milestone.due_on,
        query,
    )


def _metrics(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    due, lead = row.milestone.due_on, engagement.lead
    unsigned = [metric for metric in summary.metrics if metric.seal != "signed"]
    if not summary.metrics:
        yield Step(
            "Define the metrics of success",
            "Define a metric",
            lead,
            Action.DEFINE_METRICS,
            "metrics",
            due,
            (("do", "define"),),
        )
        return
    if unsigned:
        what = count(len(unsigned), "metric")
        yield Step(
            f"Ask for sign-off of {what}",
            "Ask for sign-off",
            lead,
            Action.ASK_FOR_SIGN_OFF,
            "metrics",
            due,
            (("do", "ask"),),
        )
        sponsor = engagement.sponsor or "The sponsor"
        yield Step(f"Sign {what}", f"Sign {what}", sponsor, Action.SIGN, "metrics", due)


def _measurements(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    if all(metric.seal == "unsigned" for metric in summary.metrics):
        # A baseline is that of a signed metric.
        yield from _metrics(engagement, summary, row)
        return
    at = (engagement.lead, Action.RECORD_MEASUREMENTS)
    query = (("kind", "measurements"),)
    yield Step(
        f"Enter measurements: {row.finding.text}", "Enter", *at, "imports", row.milestone.due_on, query
    )


_MAY = {
    "workflows": Action.EDIT_WORKFLOWS,
    "adoption": Action.EDIT_ADOPTION,
    "decisions": Action.DECIDE,
    "review": Action.WRITE_REVIEWS,
    "metrics": Action.RECORD_MEASUREMENTS,
    "inventory": Action.EDIT_INVENTORY,
    "interviews": Action.RECORD_INTERVIEWS,
}


def _evidence(engagement: Engagement, summary: Summary, row: MilestoneStatus) -> Iterator[Step]:
    page = row.finding.page
    what = f"{row.milestone.name}: {row.finding.text}"
    yield Step(what, "Open", engagement.lead, _MAY.get(page, Action.PLAN), page, row.milestone.due_on)


def _contracts(engagement: Engagement, summary: Summary, on: date) -> Iterator[Step]:
    for row in summary.contracts:
        if row.status(on).state is ContractState.BROKEN:
            yield Step(
                f"{row.name} breaks what it promised: take it back, or agree with who depends on {row.system}",
                "See what breaks",
                engagement.lead,
                Action.EDIT_INVENTORY,
                "inventory",
                query=(("system", str(row.system_id)),),
            )


def _replacements(
    engagement: Engagement, summary: Summary, gates: Mapping[int, Gate], on: date
) -> Iterator[Step]:
    """What replacements wait for: a way back from a cutover without a gate, the old part's end, and an approval."""
    for facts in summary.replacements:
        row, gate = replacement_status(facts, on), gates.get(facts.id)
        at = ("replacements", None, (("replacement", str(facts.id)),))
        if row.state is ReplacementState.UNGATED:
            what = f"{facts.name} cut over without an open gate: go back, or close what is missing"
            yield Step(what, "See the gate", engagement.lead, Action.EDIT_REPLACEMENTS, *at)
        elif row.late:
            what, by = f"Switch off {facts.old}", ("replacements", facts.retire_by, at[2])
            yield Step(what, "Open", engagement.lead, Action.EDIT_REPLACEMENTS, *by)
        elif (
            row.cut_over_on is None
            and gate is not None
            and gate.open
            and not _approved(engagement, facts.id, on)
        ):
            what = f"Approve the cutover of {facts.name}: its gate is open"
            yield Step(what, "Approve", engagement.lead, Action.CUT_OVER, *at)


def _cause(engagement: Engagement, change: UnnamedChange) -> Step:
    return Step(
        f"Name the cause of the change of {day_month(change.began_on)} in {change.metric.name}",
        "Name the cause",
        engagement.lead,
        Action.DEFINE_METRICS,
        "metrics",
        query=(("metric", change.metric.slug), ("do", "phase"), ("on", change.began_on.isoformat())),
    )


def _approved(engagement: Engagement, replacement_id: int, on: date) -> bool:
    row = next(row for row in engagement.replacements if row.id == replacement_id)
    return unused_approval(row, on) is not None


def _weekly(engagement: Engagement, summary: Summary, on: date) -> Iterator[Step]:
    """Yield the checks of the week, and the weeks that are over and not frozen."""
    day = summary.day(on)
    if day < 1:
        return
    since = on - timedelta(days=CHECKS_WITHIN_DAYS)
    answered = {check.pitfall for check in engagement.pitfall_checks if since < check.answered_on <= on}
    if left := len(PITFALLS) - len(answered & {rule.key for rule in PITFALLS}):
        what = f"Answer {count(left, 'check')}"
        yield Step(what, "Answer", engagement.lead, Action.CHECK_PITFALLS, "pitfalls", _end_of_week(day, on))
    over = week_of(day) - 1
    frozen = {review.week for review in summary.reviews if review.cycle == summary.cycle}
    if over >= 1 and over not in frozen:
        ended = on - timedelta(days=day - over * WEEK)
        what = f"Freeze week {over}"
        yield Step(
            what, what, engagement.lead, Action.WRITE_REVIEWS, "review", ended + timedelta(days=AHEAD_DAYS)
        )


def _end_of_week(day: int, on: date) -> date:
    return on + timedelta(days=week_of(day) * WEEK - day)


def _end_of_cycle(engagement: Engagement, summary: Summary, on: date) -> Iterator[Step]:
    """Plan the cycle after this one, and close this one once its days are over: only then the next is worked in."""
    last = engagement.cycle().date_of(CYCLE_DAYS)
    if summary.next_cycle_on is None and summary.day(on) > NEXT_CYCLE_AFTER_DAY:
        yield Step("Plan the next cycle", "Plan it", engagement.lead, Action.PLAN, "plan", last)
    if summary.closed_on is None and on > last:
        what = f"Close cycle {summary.cycle}, so that what is unfinished moves on"
        yield Step(what, f"Close cycle {summary.cycle}", engagement.lead, Action.PLAN, "plan", last)


def nothing_to_do(engagement: Engagement, summary: Summary, on: date) -> str:
    """Return the sentence for a list without a step: what is done, or when there is something to do again."""
    if summary.day(on) >= 1:
        return "Everything that is due is done."
    earlier = [cycle for cycle in engagement.cycles if cycle.closed_on is not None]
    begins = f"{day_month(summary.day_1)} {summary.day_1.year}"
    if earlier:
        return f"Cycle {earlier[-1].number} is closed; cycle {summary.cycle} begins on {begins}. Nothing is due before."
    return (
        f"The plan begins on {begins}. Nothing is due before; systems and interviews can be recorded already."
    )
