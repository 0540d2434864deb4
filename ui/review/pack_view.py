"""The section "Portfolio pack" of the portfolio: build the pack behind a progress bar, then download it by its route."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from models.errors import HeadwayError
from models.people import Actor
from models.wording import count, quoted_list
from services.review import packs
from ui import feedback, html, navigation

BUILT_PACK, PACK = "portfolio pack", "pack"
MAKE, ABOUT = (
    "Make the portfolio pack",
    "One PDF of your engagements: a table of all in front, and the newest frozen week of each on a page.",
)
DOWNLOAD = Markup(
    '<p><a class="hw-link hw-back" href="/api/v1/portfolio/packs/{key}.pdf" target="_blank" data-icon="download">'
    "{label}</a></p>"
)


def show(actor: Actor, above: Sequence[Markup], wanted: str | None) -> None:
    """Draw the section: the link that has the pack made, and the pack that was made; make it if that is `wanted`.

    `above` is drawn with its head, as one component.
    """
    make = html.link_group("The pack", {MAKE: navigation.here("portfolio", do=PACK)}, "")
    pack: packs.Pack | None = st.session_state.get(BUILT_PACK)
    below = [_made(pack)] if pack is not None and wanted != PACK else []
    html.show(html.stack([*above, html.section("Portfolio pack", html.caption(ABOUT), make, *below)]))
    if wanted == PACK:
        _build(actor)
        st.rerun()


def _made(pack: packs.Pack) -> Markup:
    """Return the way to the pack, and which engagements are without a frozen week in it."""
    label = f"Download the pack of {count(len(pack.weeks), 'engagement')}"
    without = f"No week is frozen yet in {quoted_list(pack.without)}."
    return DOWNLOAD.format(key=pack.key, label=label) + (html.caption(without) if pack.without else Markup())


def _build(actor: Actor) -> None:
    bar = st.progress(0.0, "Reading frozen weeks")

    def report(done: int, total: int) -> None:
        bar.progress(done / total, f"Read {done:,} of {count(total, 'engagement')}")

    try:
        st.session_state[BUILT_PACK] = packs.build(actor, report)
    except HeadwayError as refused:
        st.session_state.pop(BUILT_PACK, None)
        feedback.set_feedback("error", str(refused))
    finally:
        bar.empty()
