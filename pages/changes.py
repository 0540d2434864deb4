"""What changed between any two dates, old text beside new; and links to read everything as of a date."""

from datetime import date, timedelta

import streamlit as st

from models.errors import RuleBroken
from models.wording import count, day_month
from reports.review import compare
from ui import frame, html
from ui.current_user import actor
from ui.review import review_view

WEEK = timedelta(days=7)

engagement = frame.engagement()
slug = engagement.slug
summary, on = frame.head("What changed", engagement)


def date_in_address(name: str, otherwise: date) -> date:
    """Return the date in the address, limited to the engagement's days."""
    try:
        asked = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        asked = otherwise
    return min(max(asked, engagement.day_1), max(on, engagement.day_1))


def choose() -> None:
    for name in ("from", "to"):
        chosen = st.session_state[f"changes {name}"]
        if chosen:
            st.query_params[name] = chosen.isoformat()


first, last = date_in_address("from", on - WEEK), date_in_address("to", on)
with st.container(horizontal=True):
    for name, label, value in [("from", "From (end of day)", first), ("to", "To (end of day)", last)]:
        st.date_input(
            label, value, key=f"changes {name}", on_change=choose, width=200,
            min_value=engagement.day_1, max_value=max(on, engagement.day_1),
        )  # fmt: skip

try:
    changes = compare.of_dates(actor(), slug, first, last)
except RuleBroken as refused:
    frame.empty("There is nothing to compare with", str(refused))
    st.stop()

st.header(f"{count(len(changes), 'change')} from {day_month(first)} to {day_month(last)}")
if not changes:
    st.write("What the rules say of the engagement is the same on both days.")
review_view.changes_table(
    review_view.as_rows(changes), day_month(first), "Now" if last >= on else day_month(last)
)

st.header("Read it as it was")
st.write(
    "Every page of the engagement can be read as it was known at the end of a day. Nothing can be changed there."
)
with st.container(horizontal=True):
    for day in dict.fromkeys([first, last]):
        html.show(
            html.link(
                "overview", slug, f"The overview of {day_month(day)} {day.year}", as_of=day.isoformat()
            ),
            width="content",
        )
