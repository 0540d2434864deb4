"""Guide: the user's guide, part by part, each with an address of its own."""

import streamlit as st

from ui import guide_text, html, navigation

parts = guide_text.parts()
# The sidebar's help names the page that it was asked on.
asked = st.query_params.get("part") or guide_text.part_for(st.query_params.get("page", ""))
current = asked if asked in parts else guide_text.START
html.show(
    html.link_group(
        "Parts of the guide",
        {title: navigation.address("guide", part=key) for key, title in parts.items()},
        parts[current],
    )
)
st.markdown(guide_text.text_of(current))
