"""Search: pages, engagements and what is in them, by name (`?q=`). Ctrl+K leads here."""

import streamlit as st
from markupsafe import Markup

from models.wording import count
from store.search import MIN_LETTERS, search
from ui import html, sidebar
from ui.current_user import account, actor

ROW = Markup('<div class="hw-row"><p><strong>{title}</strong><br>{about}</p>{link}</div>')

st.title("Search")
text = st.text_input(
    "Find a page, an engagement, or anything in one by its name: a system, a person, a metric, a decision …",
    key="q",
    bind="query-params",
    max_chars=100,
)
if len(text.strip()) < MIN_LETTERS:
    st.caption(f"Type {MIN_LETTERS} letters or more and press Enter. Ctrl+K leads here from any page.")
    st.stop()

slug = st.query_params.get("engagement")
places = sidebar.find_pages(account(), slug, text)
matches = search(actor(), text)
rows = [
    ROW.format(title=place.title, about="Page", link=html.link(place.key, slug, f"Open {place.title}"))
    for place in places
]
for match in matches:
    about = f"{match.kind}, {match.engagement}"
    address = None if match.page == "activity" else match.slug
    link = html.link(match.page, address, f"Open {match.title}", **match.query)
    rows.append(ROW.format(title=match.title, about=about, link=link))
if not rows:
    st.write(f"Nothing that you may see holds “{text.strip()}” in its name. Try fewer letters.")
else:
    html.show(html.card(count(len(rows), "match", "matches"), html.join(rows)))
