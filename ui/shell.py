"""The main script: declare the pages, and draw the frame around the one in the address."""

import streamlit as st

from models import telemetry
from models.errors import Forbidden, Unavailable
from ui import current_user, feedback, navigation, outage, sidebar, static, undo_bar
from ui.turns import drawing

with drawing.turn():
    chosen = st.navigation(navigation.pages(), position="hidden")
    # A page's own icon would be drawn with a font from another host.
    st.set_page_config(
        page_title=f"{chosen.title} · Headway", page_icon=str(static.ASSETS / "mark.svg"), layout="wide"
    )
    st.logo(str(static.ASSETS / "logo.svg"), icon_image=str(static.ASSETS / "mark.svg"), size="large")

    with telemetry.span(f"page {chosen.url_path or 'portfolio'}"):
        try:
            try:
                me = current_user.account()
            except Forbidden as refused:
                st.title("You aren't signed in")
                st.write(str(refused))
                st.markdown("[Sign in](/session/sign-in)")
                st.stop()

            sidebar.show(me, st.query_params.get("engagement"))
            feedback.show_feedback()
            undo_bar.show(st.query_params.get("engagement"))
            chosen.run()
        except Unavailable as refused:
            outage.wait_until_over(refused)
