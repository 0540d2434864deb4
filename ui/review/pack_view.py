"""The portfolio pack on the portfolio: made with a bar that counts, then taken away through the program's own route."""

from __future__ import annotations

import streamlit as st

from models.errors import HeadwayError
from models.people import Actor
from models.wording import count, quoted_list
from services.review import packs
from ui import html
from ui.frame import escaped

MADE = "portfolio pack"


def show(who: Actor) -> None:
    """Draw the section: a button, and what it made."""
    said = "One PDF of your engagements: a table in front, and the newest frozen week of each on a page."
    html.show(html.section("Portfolio pack", html.caption(said)))
    if st.button("Make the portfolio pack", icon=":material/picture_as_pdf:"):
        _make(who)
    made: packs.Pack | None = st.session_state.get(MADE)
    if made is None:
        return
    st.link_button(
        f"Download the pack of {count(len(made.weeks), 'engagement')}",
        f"/api/v1/portfolio/packs/{made.key}.pdf",
        icon=":material/download:",
        type="primary",
    )
    if made.without:
        st.caption(f"No week is frozen yet in {escaped(quoted_list(made.without))}.")


def _make(who: Actor) -> None:
    bar = st.progress(0.0, "Reading frozen weeks")

    def tell(done: int, all: int) -> None:
        bar.progress(done / all, f"Read {done:,} of {count(all, 'engagement')}")

    try:
        st.session_state[MADE] = packs.build(who, tell)
    except HeadwayError as refused:
        st.session_state.pop(MADE, None)
        st.error(str(refused))
    finally:
        bar.empty()
