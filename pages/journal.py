"""The journal: who changed what, from what to what."""

from itertools import groupby

import streamlit as st
from markupsafe import Markup

from models.wording import count
from store.journal import ENTRIES_A_PAGE, Entry, JournalFilter, choices, entries
from ui import frame, html
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
PAGE = "journal page"
# Of what was chosen just now there may be fewer pages.
if st.session_state.get("journal filter", chosen) != chosen:
    st.session_state.pop(PAGE, None)
st.session_state["journal filter"] = chosen
rows, number = entries(actor(), engagement.slug, chosen, st.session_state.get(PAGE, 1))
user_id = dict(people).get(person) if person else None
if user_id is not None:
    html.show(html.link("activity", None, f"All that {person} did", person=str(user_id)), width="content")
if not rows:
    st.info("Nothing in the journal matches. Choose another person, thing or date.")
    st.stop()
st.caption(f"{count(number, 'entry', 'entries')}, the newest first.")


def change_of(field: tuple[str, str | None, str | None]) -> str:
    """Return a field's change as one line: only the new value of a new row, and "nothing" after a removed one."""
    name, before, after = field
    values = [value for value in (before, after) if value is not None]
    if before is not None and after is None:
        values.append("nothing")
    return f"{name.replace('_', ' ').capitalize()}: {' → '.join(values)}"


def entry_details(entry: Entry) -> list[str]:
    """Return an entry's lines: what it changed, its number, and each field."""
    gone = " Personal data was erased from it." if entry.erased else ""
    what = f"{entry.change} {entry.kind.replace('_', ' ')} {entry.row_id}, entry {entry.sequence}, by {entry.via}.{gone}"
    return [what.capitalize(), *map(change_of, entry.fields)]


def act(same: list[Entry]) -> Markup:
    """Return the entries that one person made at once as one line, with their details folded."""
    first = same[0]
    local = first.at.astimezone(frame.zone_of(engagement))
    each = (f"{entry.change} {entry.kind.replace('_', ' ')} {entry.row_id}" for entry in same[:3])
    things = ", ".join(dict.fromkeys(each))
    more = f" and {len(same) - 3} more" if len(same) > 3 else ""
    title = f"{local:%d %b %Y, %H:%M:%S}: {first.person} {things}{more} to {first.use_case}"
    return html.collapsible(title, html.bullet_list(line for entry in same for line in entry_details(entry)))


acts = groupby(rows, key=lambda entry: (entry.person, entry.use_case, entry.at))
html.show(html.stack(act(list(same)) for _, same in acts))
if number > ENTRIES_A_PAGE:
    st.pagination(-(-number // ENTRIES_A_PAGE), key=PAGE)
