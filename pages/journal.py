"""The journal: who changed what, from what to what."""

import streamlit as st

from models.wording import count
from store.journal import ENTRIES_A_PAGE, JournalFilter, choices, entries
from ui import frame, html, markdown
from ui.current_user import actor

engagement = frame.engagement()
frame.head("Journal", engagement)
people, kinds = choices(actor(), engagement.slug)

with st.container(horizontal=True, vertical_alignment="bottom"):
    person = st.selectbox(
        "Person",
        [name for name, _ in people],
        index=None,
        placeholder="Anybody",
        key="by",
        bind="query-params",
    )
    kind = st.selectbox(
        "Thing",
        [kind.replace("_", " ") for kind in kinds],
        index=None,
        placeholder="Anything",
        key="thing",
        bind="query-params",
    )
    first = st.date_input("From", None, key="from")
    last = st.date_input("To", None, key="to")

chosen = JournalFilter(person, kind and kind.replace(" ", "_"), first, last)
rows, number = entries(actor(), engagement.slug, chosen, st.session_state.get("journal page", 1))
user_id = dict(people).get(person)
if user_id is not None:
    html.show(html.link("activity", None, f"All that {person} did", person=str(user_id)), width="content")
if not rows:
    st.info("Nothing in the journal matches. Choose another person, thing or date.")
    st.stop()
st.caption(f"{count(number, 'entry', 'entries')}, the newest first.")


def change_of(field: tuple[str, str | None, str | None]) -> str:
    """Return a field's change as one line: only the new value of a new row, and "nothing" after a removed one."""
    name, before, after = field
    values = [markdown.escaped(value) for value in (before, after) if value is not None]
    if before is not None and after is None:
        values.append("nothing")
    return f"{name.replace('_', ' ').capitalize()}: {' → '.join(values)}"


for entry in rows:
    with st.container(border=True):
        what = entry.kind.replace("_", " ")
        st.markdown(
            f"**{markdown.escaped(entry.person)}** {entry.change} {what} {entry.row_id} "
            f"to {markdown.escaped(entry.use_case)}"
        )
        local = entry.at.astimezone(frame.zone_of(engagement))
        gone = " Personal data was erased from it." if entry.erased else ""
        st.caption(f"{local:%d %b %Y, %H:%M:%S}, by {entry.via}, entry {entry.sequence}.{gone}")
        st.markdown("\n".join(f"- {line}" for line in map(change_of, entry.fields)))
if number > ENTRIES_A_PAGE:
    st.pagination(-(-number // ENTRIES_A_PAGE), key="journal page")
