"""The dialogs of a cycle: plan the next one, close this one."""

from __future__ import annotations

import streamlit as st

from models.engagement import Engagement
from models.summary import Summary
from models.wording import count
from services.plan import cycles
from ui.drawer import attempting, drawer


def cycle_acts(engagement: Engagement, summary: Summary) -> dict[str, str]:
    """Return the labels of what may be done about the current cycle, by what an address asks for (`do=close`)."""
    cycle = engagement.cycle()
    if cycle.closed_on is not None:
        return {}
    following = {"next": f"Plan cycle {cycle.number + 1}"} if summary.next_cycle_on is None else {}
    return following | {"close": f"Close cycle {cycle.number}"}


def plan_next(engagement: Engagement) -> None:
    """Open the dialog that plans the next cycle."""
    number = engagement.cycle().number

    def body() -> None:
        st.write(f"Cycle {number + 1} begins the day after cycle {number} ends, with milestones of its own.")
        st.button(
            f"Plan cycle {number + 1}",
            type="primary",
            key="plan the next cycle",
            on_click=attempting(
                "next cycle",
                lambda who: cycles.plan_next_cycle(who, engagement.slug),
                f"Planned cycle {number + 1}",
            ),
        )

    drawer(f"Plan cycle {number + 1}", body)


def close(engagement: Engagement, unfinished: int) -> None:
    """Open the dialog that closes the current cycle, of which so many milestones are `unfinished`."""
    number = engagement.cycle().number

    def body() -> None:
        st.write(
            f"Cycle {number} is closed as of today, and {count(unfinished, 'unfinished milestone')} "
            f"{'moves' if unfinished == 1 else 'move'} into cycle {number + 1}. "
            f"It can be opened again while nothing was built on cycle {number + 1}."
        )
        st.button(
            f"Close cycle {number}",
            type="primary",
            key="close for good",
            on_click=attempting(
                "close", lambda who: cycles.close_cycle(who, engagement.slug), f"Closed cycle {number}"
            ),
        )

    drawer(f"Close cycle {number}", body)
