"""The section "Portfolio pack" of the portfolio: build the pack behind a progress bar, then download it by its route."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from models.errors import HeadwayError
from models.people import Actor
from models.wording import count, quoted_list
from services.review import packs
from ui import html
from ui.markdown import escaped

BUILT_PACK = "portfolio pack"


def show(actor: Actor, above: Markup) -> None:
    """Draw the section: a button, and the pack that it built. `above` is drawn with its head, as one component."""
    caption = (
        "One PDF of your engagements: a table of all in front, and the newest frozen week of each on a page."
    )
    html.show(html.stack(filter(None, [above, html.section("Portfolio pack", html.caption(caption))])))
    if st.button("Make the portfolio pack", icon=":material/picture_as_pdf:"):
        _build(actor)
    pack: packs.Pack | None = st.session_state.get(BUILT_PACK)
    if pack is None:
        return
    st.link_button(
        f"Download the pack of {count(len(pack.weeks), 'engagement')}",
        f"/api/v1/portfolio/packs/{pack.key}.pdf",
        icon=":material/download:",
        type="primary",
    )
    if pack.without:
        st.caption(f"No week is frozen yet in {escaped(quoted_list(pack.without))}.")


def _build(actor: Actor) -> None:
    bar = st.progress(0.0, "Reading frozen weeks")

    def report(done: int, total: int) -> None:
        bar.progress(done / total, f"Read {done:,} of {count(total, 'engagement')}")

    try:
        st.session_state[BUILT_PACK] = packs.build(actor, report)
    except HeadwayError as refused:
        st.session_state.pop(BUILT_PACK, None)
        st.error(str(refused))
    finally:
        bar.empty()
