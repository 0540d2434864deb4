"""Guide: the user's guide, part by part, each with an address of its own."""

import streamlit as st

from ui import guide_text, html, navigation

parts = guide_text.parts()
asked = st.query_params.get("part", guide_text.START)
current = asked if asked in parts else guide_text.START
html.show(
    html.link_group(
        "Parts of the guide",
        {title: navigation.address("guide", part=key) for key, title in parts.items()},
        parts[current],
    )
)
st.markdown(guide_text.text_of(current))
