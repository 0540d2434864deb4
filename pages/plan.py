"""Plan: the cycle's milestones, the status of each and why, and what people claim about them."""

import streamlit as st
from markupsafe import Markup

from models.milestones import MilestoneState, milestone_statuses
from models.permissions import Action
from models.reopening import closed_last, what_was_built_on
from models.wording import count
from services.plan import reopening
from store.notes import note_counts
from ui import frame, html, navigation
from ui.current_user import reader
from ui.drawer import attempting, open_from_address
from ui.memoize import memoize
from ui.plan import cycle_dialogs, milestone_dialogs
from ui.plan.milestone_cards import cycle_list, milestone_cards
from ui.plan.plan_chart import plan_card

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = milestone_statuses(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
done = sum(row.state is MilestoneState.DONE for row in plan)

caption = f"{done} of {count(len(plan), 'milestone')} done. Grey is the plan, colour is what is now expected."
noted = note_counts(reader(), engagement.slug, "milestone")


def content() -> Markup:
    """Return the whole page below its head: nothing on it is interactive but links."""
    return html.stack(
        [
            plan_card(engagement, plan, on, html.caption(caption)),
            milestone_cards(engagement, plan, noted, may_plan),
            cycle_list(engagement, cycle_dialogs.cycle_acts(engagement, summary) if may_plan else {}),
        ]
    )


html.show(
    memoize("plan page", engagement, content, on, may_plan, tuple(noted.items()), str(navigation.as_of()))
)


def open_act(act: str, wanted: str) -> None:
    """Open what a link of the page asks for; nothing if it isn't offered (any more)."""
    if not may_plan:
        return
    if act == "add":
        milestone_dialogs.add_milestone(engagement)
    elif act in cycle_dialogs.cycle_acts(engagement, summary):
        if act == "next":
            cycle_dialogs.plan_next(engagement)
        else:
            cycle_dialogs.close(engagement, len(plan) - done)
    else:
        for row in plan:
            if str(row.milestone.id) == wanted:
                milestone_dialogs.open_act(act, engagement, by_id[row.milestone.id], row, on)


if asked := navigation.take_act("milestone"):
    open_act(asked["do"], asked.get("milestone", ""))
else:
    milestones = [milestone for each in engagement.cycles for milestone in each.milestones]
    open_from_address({"milestone": (milestones, lambda row: milestone_dialogs.open_notes(engagement, row))})

last_closed = closed_last(engagement)
if may_plan and last_closed is not None:
    built = what_was_built_on(engagement, last_closed)
    if built:
        st.caption(
            f"Cycle {last_closed.number} can't be opened again: {built} in cycle {last_closed.number + 1}."
        )
    else:
        st.button(
            f"Open cycle {last_closed.number} again",
            help="Takes back what closing it made: the milestones that it carried on, and the next cycle unless that "
            "was planned before.",
            on_click=attempting(
                "open again",
                lambda who: reopening.reopen_cycle(who, engagement.slug),
                f"Opened cycle {last_closed.number} again",
            ),
        )
