"""The least that a page with a title and a button can be, inside a navigation as long as ours."""

import streamlit as st

from ui.navigation import PAGES_BY_KEY


def blank() -> None:
    st.title("Blank")
    st.button("Again")


names = ["start", "blank", *PAGES_BY_KEY][: len(PAGES_BY_KEY)]
st.navigation([st.Page(blank, title=name.capitalize(), url_path=name) for name in names]).run()
