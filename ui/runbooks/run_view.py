"""One run in the room: when it will end, the moment to turn back, who is next, and one button for each step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.permissions import Action
from models.run_times import Durations, forecast_end, turn_back_before
from models.runbooks import REAL, Run
from models.saga import DECISIONS, Direction, Progress, ReportOutcome, RunState, Task
from models.wording import clock_time
from reports.charts.theme import LOOKS
from reports.frames import runs as lines
from services.runbooks import reporting, runs
from store.runs import ENDS
from ui import current_user, feedback, frame, html
from ui.markdown import escaped

# How often an open page looks for the reports of others.
SECONDS = 10
BADGES = {
    RunState.WAITING_FOR_GO: ("gray", "schedule"),
    RunState.RUNNING: ("green", "play_circle"),
    RunState.ROLLING_BACK: ("orange", "undo"),
    RunState.NEEDS_PERSON: ("red", "front_hand"),
    RunState.DONE: ("blue", "task_alt"),
    RunState.ROLLED_BACK: ("gray", "undo"),
}
OVERDUE = ("red", "alarm")
BUTTONS = {
    ReportOutcome.DONE: "Report done",
    ReportOutcome.FAILED: "It failed",
    ReportOutcome.RETRY: "Try again",
    ReportOutcome.BY_HAND: "Done by hand",
    ReportOutcome.SKIPPED: "Skip it",
}


def show_run(engagement: Engagement, run: Run) -> None:
    """Draw a run as it stands now."""
    now, zone = current_user.now(), engagement.zone
    progress, durations = run.progress(now), run.runbook.durations(run.digest, now)
    html.show(html.back_link("runbooks", engagement.slug, "All runbooks"), width="content")
    _head(engagement, run, progress)
    _times(engagement.slug, run, engagement.revision)
    if progress.turned and progress.goes_back:
        st.warning(f"This run turned round: {escaped(progress.turned)}.", icon=":material/undo:")
    if progress.state is RunState.WAITING_FOR_GO:
        _go(engagement, run, zone)
    may_report = frame.may(engagement, Action.REPORT_STEPS)
    may_decide = frame.may(engagement, Action.DECIDE_RUNS)
    for task in progress.tasks:
        _task(engagement, run, task, progress, durations, zone, may_report=may_report, may_decide=may_decide)
    if may_report and not progress.turned and not progress.past_no_return:
        _roll_back(engagement.slug, run)
    with st.container(border=True):
        html.show(_steps(progress))
    st.caption("Every report is kept. Only members see this page.")


def _head(engagement: Engagement, run: Run, progress: Progress) -> None:
    finished = sum(work.ended is not None for work in progress.done.values())
    kind = "Real run" if run.kind == REAL else "Rehearsal"
    rehearsed = lines.rehearsed_text(run.runbook, run.digest, progress.clock)
    badge, label = BADGES[progress.state], progress.state.value
    if _is_overdue(run, progress):
        badge, label = OVERDUE, "overdue"
    html.show(
        html.render(
            "page_head.html",
            title=run.runbook.name,
            badges=[html.coloured_badge(*badge, label.capitalize())],
            scope=f"{kind} {run.number} · {finished} of {len(progress.plan)} steps reported · {rehearsed} · "
            f"in charge: {run.in_charge}",
        )
    )


def _is_overdue(run: Run, progress: Progress) -> bool:
    over = run.window_until is not None and progress.clock >= run.window_until
    return over and progress.state is RunState.RUNNING


@st.fragment(run_every=SECONDS)
def _times(slug: str, run: Run, revision: int) -> None:
    """Draw the two times, and draw the page anew where somebody reported meanwhile."""
    if frame.engagement().revision != revision:
        st.rerun()
    now, zone = current_user.now(), frame.engagement().zone
    progress, durations = run.progress(now), run.runbook.durations(run.digest, now)
    end, before = forecast_end(progress, durations), turn_back_before(progress, durations, run.window_until)
    window = "no window"
    if run.window_until is not None:
        window = f"window ends {clock_time(run.window_until, zone, now)}"
        window += "" if end else f" ({zone})"
    back = lines.turn_back_text(progress, durations, run.window_until)
    ends = "Ended" if progress.state in ENDS else "Forecast end"
    tiles = [
        _tile(ends, end, zone, now, window),
        _tile("Turn back before", before, zone, now, back) | {"urgent": before is not None},
    ]
    html.show(html.render("run_times.html", tiles=tiles))


def _tile(label: str, at: datetime | None, zone: str, now: datetime, text: str) -> dict[str, Any]:
    """Return a tile of a time: the clock large, with what day and zone it is of below."""
    if at is None:
        return {"label": label, "time": "–", "text": text, "urgent": False}
    day, _, clock = clock_time(at, zone, now).rpartition(", ")
    text = "; ".join(filter(None, [day, zone, text]))
    return {"label": label, "time": clock, "text": text, "urgent": False}


def _go(engagement: Engagement, run: Run, zone: str) -> None:
    assert run.window_from is not None  # a real run, the only one that waits for a go, has a window
    assert run.window_until is not None
    with st.container(border=True):
        opens = clock_time(run.window_from, zone)
        closes = clock_time(run.window_until, zone, run.window_from)
        window = escaped(f"Window: {opens} to {closes} ({zone})")
        st.markdown(f"**Waiting for the go of {escaped(engagement.sponsor)}**  \n{window}")
        st.caption(f"Plan {run.digest[:12]}, prepared by {escaped(run.prepared_by)}")
        if not frame.may(engagement, Action.SAY_GO):
            return

        def go() -> None:
            name = f"go {run.id}"
            actor = current_user.actor(once=feedback.submission(name))
            carried_out = feedback.attempt(
                lambda: runs.say_go(actor, engagement.slug, run.runbook_id, run.number, shown=run.digest),
                "You said go: the run has begun",
            )
            if carried_out:
                feedback.renew(name)

        st.button("Say go", type="primary", width="stretch", on_click=go)


def _task(
    engagement: Engagement,
    run: Run,
    task: Task,
    progress: Progress,
    durations: Durations,
    zone: str,
    *,
    may_report: bool,
    may_decide: bool,
) -> None:
    step, undoing = task.step, task.direction is Direction.UNDO
    with st.container(border=True):
        since = ""
        if task.work is not None:
            since = f", since {clock_time(task.work.started, zone, progress.clock)} ({zone})"
        st.caption(escaped(f"{step.owner}{since}"))
        st.header(escaped(f"{'Undo ' if undoing else ''}{step.key}. {step.title}"), anchor=False)
        st.markdown(escaped(step.undo if undoing else step.action))
        if not undoing:
            st.markdown(f"Done when: {escaped(step.check)}")
        st.caption(f"{lines.planned_text(task, durations)}. Times out after {step.timeout} min.")
        if task.waits_for_person:
            st.warning(f"{escaped(run.in_charge)} decides how the run goes on.", icon=":material/front_hand:")
        if may_report:
            _report_buttons(engagement.slug, run, task, lines.failure_text(task, progress, run.in_charge))
        if may_decide and task.outcomes & DECISIONS:
            _decision_form(engagement.slug, run, task)


def _report_buttons(slug: str, run: Run, task: Task, consequence: str) -> None:
    step = f"{'undo of ' if task.direction is Direction.UNDO else ''}step {task.step.key}"
    if ReportOutcome.STARTED in task.outcomes:
        _button(f"Start {step}", slug, run, task, ReportOutcome.STARTED, primary=True)
    if ReportOutcome.DONE in task.outcomes:
        _button(BUTTONS[ReportOutcome.DONE], slug, run, task, ReportOutcome.DONE, primary=True)
    if ReportOutcome.FAILED in task.outcomes:
        with st.popover(BUTTONS[ReportOutcome.FAILED], width="stretch"):
            st.write(escaped(consequence))
            _button(f"Report {step} failed", slug, run, task, ReportOutcome.FAILED, primary=False)


def _button(label: str, slug: str, run: Run, task: Task, outcome: ReportOutcome, *, primary: bool) -> None:
    st.button(
        label,
        key=f"{outcome} {task.direction} {task.step.key} of {run.id}",
        type="primary" if primary else "secondary",
        width="stretch",
        on_click=_report,
        args=(slug, run, task, outcome),
    )


def _report(slug: str, run: Run, task: Task | None, outcome: ReportOutcome, reason: str = "") -> None:
    """Report what was pressed, once for each time that its button was drawn."""
    step, direction = (task.step.key, task.direction) if task else ("", Direction.DO)
    name = f"report {run.id} {step} {direction} {outcome}"
    submission = feedback.submission(name)
    given = {"step": step, "direction": direction, "outcome": outcome, "reason": reason}
    done = "The run turns round" if task is None else f"Reported step {step}: {outcome}"
    actor = current_user.actor(once=submission)
    if feedback.attempt(
        lambda: reporting.report(actor, slug, run.runbook_id, run.number, given, name=submission), done
    ):
        feedback.renew(name)


def _decision_form(slug: str, run: Run, task: Task) -> None:
    key = f"why {task.direction} {task.step.key} of {run.id}"

    def decide(outcome: ReportOutcome) -> None:
        _report(slug, run, task, outcome, st.session_state[key])

    with st.form(f"decide {key}", border=False):
        st.text_input("Why", key=key)
        for outcome in (ReportOutcome.RETRY, ReportOutcome.BY_HAND, ReportOutcome.SKIPPED):
            st.form_submit_button(BUTTONS[outcome], width="stretch", on_click=decide, args=(outcome,))


def _roll_back(slug: str, run: Run) -> None:
    with st.popover("Roll back", width="stretch"):
        st.write("Nothing more is started. What was done is undone, newest first. This can't be taken back.")
        st.button(
            "Roll back the run",
            key=f"roll back {run.id}",
            width="stretch",
            on_click=_report,
            args=(slug, run, None, ReportOutcome.ROLL_BACK),
        )


def _steps(progress: Progress) -> Markup:
    steps = [
        {
            "number": line.number, "title": line.title, "text": line.status_text, "beside": line.beside,
            "no_return": line.no_return, "glyph": LOOKS[line.status].glyph, "colour": LOOKS[line.status].markdown,
        }
        for line in lines.step_lines(progress)
    ]  # fmt: skip
    return html.render("run_steps.html", steps=steps)
