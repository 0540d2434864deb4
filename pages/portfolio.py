"""Portfolio: every engagement that the reader may see, worst first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.engagement_marks import Mark
from models.people import Actor
from models.review import WEEK_DAYS
from models.status import Status
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.frames.derived import derived
from reports.frames.portfolio import portfolio
from reports.frames.portfolio_changes import changes_since
from reports.frames.portfolio_list import (
    ASCENDING,
    DESCENDING,
    arranged_index,
    change_text,
    changes,
    read_date,
    review_text,
    view_of,
)  # fmt: skip
from services.engagement import archiving, invitations
from ui import feedback, frame, html, markdown, navigation
from ui.current_user import actor
from ui.engagement import archive_view
from ui.radar_view import radar_section
from ui.review import pack_view

VIEWS = CARDS, TABLE = "Cards", "Table"
FIELDS = {"filter": "Filter", "date": "As of"}
"""The fields that a link opens, by what the address calls them."""
CARD = Markup(
    '<section class="hw-card"><div class="hw-title"><strong>{client}</strong><p>{name}</p><span>{badge}</span></div>'
    '<p>{reason}</p><p style="width: 100%">{how_far}<progress value="{share}" aria-hidden="true"></progress></p>'
    '<div class="hw-ends"><span class="hw-faint">{next}</span>{link}</div></section>'
)
TILE = Markup(
    '<section class="hw-card hw-tight"><p class="hw-said">{icon} {word}</p>'
    '<p class="hw-figure"><a class="within" href="{href}" aria-label="Show only {word}: {number}">{number}</a></p>'
    "</section>"
)
SORT = Markup('<a class="within" href="{href}" aria-label="Sort by {name}{now}">{name}{arrow}</a>')
DOWNLOAD = Markup('<a class="hw-link hw-back" href="{href}" data-icon="download">{label}</a>')
CHOICES = Markup('<div class="hw-choice hw-groups">{}</div>')
ROW = Markup('<div class="hw hw-row">{}</div>')
NAMED = Markup("{name}<br>{client}")
MIN_TILE_WIDTH = 150
# Pixels: in less, each card is below the one before it.
MIN_CARD_WIDTH = 330
MIN_FIELD_WIDTH = 180
# Pixels: on a narrower page, the table scrolls. All of it is to be seen at 1,280.
MIN_TABLE_WIDTH = 860
CARDS_A_PAGE, ROWS_A_PAGE, CHANGES_SHOWN = 12, 20, 25
HEALTHS = [Status.OFF_TRACK, Status.AT_RISK, Status.NOT_KNOWN, Status.ON_TRACK]

me = actor()
wanted = navigation.take_act().get("do")
of_sample = {slug for slug, _ in archiving.marked(me, Mark.SAMPLE)}
today = me.today("UTC")
asked_on = read_date(st.query_params.get("on", ""))
past = asked_on and min(asked_on, today)
on = past or today
everything = portfolio(me, past)

tally = derived(everything, "tally", lambda: everything["status"].value_counts())


def tile(status: Status) -> Markup:
    """Return how many engagements have this status."""
    look = LOOKS[status]
    return TILE.format(
        icon=html.coloured(look.markdown, html.icon(look.icon)),
        word=status.label,
        number=f"{tally.get(status, 0):,}",
        href=navigation.here("portfolio", health=status.value, page=None),
    )


many = (
    "No engagement yet" if everything.empty else f"{count(len(everything), 'engagement')}, worst health first"
)
tiles = Markup() if everything.empty else html.grid(map(tile, HEALTHS), MIN_TILE_WIDTH)
scope = f"{many}. As of {day_month(on)} {on.year}{', by what is known today' if past else ''}."
# Neighbours are one component: each of them takes the browser as long as all that is in it.
above = [html.render("page_head.html", title="Portfolio", badges=[], scope=scope), *filter(None, [tiles])]


def show_above() -> None:
    """Draw what was to be drawn with the next component: something other than HTML comes first."""
    html.show(html.stack(above))
    above.clear()


def answer(use_case: Callable[[Actor, int], object], invitation_id: int, done: str) -> None:
    feedback.attempt(lambda: use_case(actor(), invitation_id), done)


invited = invitations.my_invitations(me)
if invited:
    show_above()
for invitation in invited:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{markdown.escaped(invitation.invited_by)} invites you to **{markdown.escaped(invitation.engagement)}** for "
            f"{markdown.escaped(invitation.client)}, as {invitation.role}."
        )
        for word, use_case, done in [
            ("Join", invitations.join, "You are a member now"),
            ("Decline", invitations.decline, "Declined the invitation"),
        ]:
            st.button(
                word, key=f"{word} {invitation.id}", type="primary" if word == "Join" else "secondary",
                on_click=answer, args=(use_case, invitation.id, done),
            )  # fmt: skip
if everything.empty:
    show_above()
    archive_view.show_below_portfolio(me, of_sample, wanted)
    frame.empty(
        "There is no engagement yet",
        "An engagement is one client's transformation, with its 30-60-90 plan, its evidence and its metrics. "
        "Create the first one: the plan is laid out for you.",
    )
    html.show(html.link("new", None, "Create engagement"), width="content")
    st.stop()


def choices(column: str) -> list[str]:
    return derived(everything, ("choices", column), lambda: sorted(filter(None, everything[column].unique())))


def chosen_view() -> str:
    """Return what the address asks for, and else cards for up to a page of engagements and a table for more."""
    asked = st.query_params.get("show")
    return asked if asked in VIEWS else CARDS if len(everything) <= CARDS_A_PAGE else TABLE


def page_of(pages: int) -> int:
    """Return the page of the list that the address asks for, or the nearest one."""
    asked = st.query_params.get("page", "")
    return min(max(int(asked) if asked.isdecimal() and len(asked) < 9 else 1, 1), pages)


def ask_for(name: str) -> None:
    """Put what was chosen in a field of the filters into the address."""
    chosen = st.session_state[f"filter {name}"]
    st.query_params[name] = chosen.isoformat() if name == "on" else chosen
    st.query_params.pop("page", None)


address = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
asked = replace(view_of(address), on=past)
open_fields = st.query_params.get("fields")
fields = {
    label: navigation.here("portfolio", fields=None if open_fields == name else name)
    for name, label in FIELDS.items()
}
views = {view: navigation.here("portfolio", show=view, page=None) for view in VIEWS}
find = html.render(
    "find.html",
    text=asked.text,
    others=[(name, value) for name, value in address if name not in ("find", "page")],
)
ways = [
    find,
    html.link_group("Which engagements, and as of when", fields, FIELDS.get(open_fields or "", "")),
    html.link_group("Show as", views, chosen_view()),
]
above.append(CHOICES.format(html.join(ways)))
# Fields are the heaviest thing on the page: they are drawn for who wants them.
if open_fields == "filter":
    show_above()
    with st.grid(4, min_column_width=MIN_FIELD_WIDTH):
        for name, options in {
            "health": [status.value for status in HEALTHS],
            "region": choices("region"),
            "sector": choices("sector"),
            "lead": choices("lead"),
        }.items():
            st.multiselect(
                name.capitalize(), options, [each for each in asked.chosen.get(name, ()) if each in options],
                key=f"filter {name}", on_change=ask_for, args=(name,),
            )  # fmt: skip
elif open_fields == "date":
    show_above()
    st.date_input("As of", on, max_value=today, key="filter on", width=200, on_change=ask_for, args=("on",))

shown = arranged_index(everything, asked)

if shown.empty:
    show_above()
    st.info("No engagement matches these filters. Clear one of them.", icon=":material/filter_alt_off:")
    st.stop()


def sample_badge(slug: str) -> Markup:
    """Return a badge for an engagement of the sample, and nothing for others."""
    return html.coloured_badge("blue", "science", "Sample") if slug in of_sample else Markup()


def card(row: Any) -> Markup:
    """Return an engagement: its client, status and why, its progress, and what is next."""
    share = row.done / row.milestones if row.milestones else 0.0
    return CARD.format(
        client=row.client,
        name=row.name,
        badge=html.join([sample_badge(row.slug), " ", html.badge(Status(row.status))]),
        reason=row.reason,
        how_far=f"{row.where}, {row.done} of {count(row.milestones, 'milestone')} done",
        share=f"{share:.2f}",
        next=f"Next: {row.next_milestone}" if row.next_milestone else "Nothing is due",
        link=html.link("overview", row.slug, "Open overview"),
    )


def sort_text() -> str:
    return f"sorted by {asked.sort}, {asked.direction}ending" if asked.sort else "worst health first"


def head(name: str, key: str) -> Markup:
    """Return the head of a column as a link that sorts by it, and turns the order where it is sorted by it."""
    is_sorted = asked.sort == key
    turned = DESCENDING if asked.direction == ASCENDING else ASCENDING
    href = navigation.here("portfolio", sort=key, order=turned if is_sorted else None, page=None)
    arrow = "" if not is_sorted else " ▲" if asked.direction == ASCENDING else " ▼"
    return SORT.format(
        href=href, name=name, arrow=arrow, now=f", now {asked.direction}ending" if is_sorted else ""
    )


def table_cells(rows: pd.DataFrame) -> dict[str | Markup, list[Any]]:
    """Return the list's columns by their heads."""
    each = list(rows.itertuples())
    maximum = max(int(rows["milestones"].max()), 1)
    return {
        head("Health", "health"): [html.badge(Status(row.status)) for row in each],
        head("Engagement", "engagement"): [
            NAMED.format(
                name=html.title_link("overview", row.slug, row.name) + sample_badge(row.slug),
                client=row.client,
            )
            for row in each
        ],
        head("Day", "day"): [row.where.removeprefix("Day ") for row in each],
        head("Done", "done"): [
            html.join([f"{row.done} of {row.milestones} ", html.sparkline(row.done_by_week, maximum)])
            for row in each
        ],
        head("Better than baseline", "outcomes"): [f"{row.better} of {row.metrics}" for row in each],
        head("Since last week", "change"): [change_text(row.newly_done) for row in each],
        head("Last review", "review"): [review_text(row.reviewed_on, row.on) for row in each],
        head("Next milestone", "next"): [row.next_milestone for row in each],
        head("Lead", "lead"): [row.lead for row in each],
    }


rows_a_page = CARDS_A_PAGE if chosen_view() == CARDS else ROWS_A_PAGE
pages = -(-len(shown) // rows_a_page)
page = page_of(pages)


def listed() -> Markup:
    """Return the page of the list that the address asks for, with the links to its other pages."""
    rows = everything.loc[shown[(page - 1) * rows_a_page : page * rows_a_page]]
    if chosen_view() == CARDS:
        parts = [html.grid(map(card, rows.itertuples()), MIN_CARD_WIDTH)]
    else:
        parts = [html.table(table_cells(rows), f"Engagements, {sort_text()}", MIN_TABLE_WIDTH)]
    if pages > 1:
        turn = html.pagination(
            "Pages of the list", pages, page, lambda at: navigation.here("portfolio", page=str(at))
        )
        parts.append(turn)
    return html.join(parts)


query = navigation.here("portfolio", page=None, show=None, fields=None).partition("?")[2]
ways_on = [
    DOWNLOAD.format(href=f"/api/v1/portfolio/list.{suffix}" + (f"?{query}" if query else ""), label=label)
    for suffix, label in {"csv": "Download as CSV", "xlsx": "Download as Excel"}.items()
]
if past:
    ways_on.append(html.link("portfolio", None, "Back to today"))
amount = html.caption(f"{len(shown):,} of {count(len(everything), 'engagement')}, {sort_text()}.")
since = read_date(st.query_params.get("since", ""))
if since and since < on:
    news = [
        (row.slug, row.name, row.text)
        for row in changes_since(everything.loc[shown], portfolio(me, since), since)
    ]
    since_text = f"since {day_month(since)} {since.year}"
else:
    since, news, since_text = None, changes(everything, shown), "in the last week"
changes_open = since is not None or open_fields == "changes"
changes_title = f"What changed {since_text}: {count(len(news), 'engagement')}"
changes_way = navigation.here("portfolio", since=None, fields=None if changes_open else "changes")
ways_on.append(
    html.link_group("Changes", {changes_title: changes_way}, changes_title if changes_open else "")
)

# The address says which rows, in which order, and where the links of their heads lead.
rows_shown = derived(everything, ("list", tuple(address), asked.text, frozenset(of_sample)), listed)
above += [rows_shown, amount, ROW.format(html.join(ways_on))]
if changes_open:
    show_above()
    st.date_input(
        "Changes since", since or on - timedelta(days=WEEK_DAYS), max_value=on - timedelta(days=1),
        key="changes since", width=200,
        on_change=lambda: st.query_params.__setitem__("since", st.session_state["changes since"].isoformat()),
    )  # fmt: skip
    items = [
        html.join([html.text_link("overview", slug, name), f": {text}"])
        for slug, name, text in news[:CHANGES_SHOWN]
    ]
    html.show(html.bullet_list(items) or html.paragraph("Nothing changed."))
    html.show(html.more(len(news) - CHANGES_SHOWN, "engagement"))

radar = derived(everything, ("radar section", on), lambda: radar_section(everything, on))
pack_view.show(me, [*above, *filter(None, [radar])], wanted)
archive_view.show_below_portfolio(me, of_sample, wanted)
