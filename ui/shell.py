"""The main script: it declares the pages and draws the frame around the one that was asked for."""

from pathlib import Path

import streamlit as st

from models.errors import Forbidden
from ui import feedback, frame, navigation, who

ASSETS = Path(__file__).resolve().parent / "assets"
# Ending a session is a post of its own: a page elsewhere can't make a browser do it.
SIGN_OUT = (
    '<form method="post" action="/session/sign-out">'
    f'<button type="submit" style="{frame.LIKE_OTHER_BUTTONS}">Sign out</button></form>'
)

pages = [navigation.home(), *(navigation.page(key) for key in navigation.PLACES)]
chosen = st.navigation(pages, position="hidden")
# A page's own icon would be drawn with a font from another host.
st.set_page_config(page_title=f"{chosen.title} · Headway", page_icon=str(ASSETS / "mark.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "mark.svg"), size="large")

try:
    me = who.account()
except Forbidden as refused:
    st.title("You aren't signed in")
    st.write(str(refused))
    st.markdown("[Sign in](/session/sign-in)")
    st.stop()

slug = st.query_params.get("engagement")
with st.sidebar:
    for section, places in navigation.SECTIONS.items():
        shown = [place for place in places if navigation.is_shown(place, slug, me.administrator)]
        if shown:
            st.caption(section)
        for place in shown:
            navigation.link(place.key, slug)
    st.caption("Signed in as")
    navigation.link("account", label=frame.escaped(me.name))
    st.html(SIGN_OUT)

# Streamlit's primary colour on a chosen segment, pill or tab is too faint on the dark ground.
st.html(
    "<style>[data-variant=segmented_control][data-selected=true], [data-variant=pills][data-selected=true], "
    "[data-testid=stTab][data-selected=true] { color: inherit !important }</style>"
)
feedback.show()
chosen.run()
