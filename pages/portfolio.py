"""Portfolio: every engagement that the reader may see, worst first."""

import streamlit as st
from markupsafe import Markup

from models.engagement_marks import Mark
from models.names import normalize_name
from models.status import Status
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.frames.portfolio import portfolio
from services.engagement import archiving, invitations
from ui import feedback, frame, html, markdown, navigation
from ui.current_user import actor
from ui.engagement import archive_view
from ui.radar_view import show_radar
from ui.review import pack_view

VIEWS = CARDS, TABLE = "Cards", "Table"
CARD = Markup(
    '<section class="hw-card"><div class="hw-ends"><p><strong>{client}</strong><br>{name}</p>{badge}</div>'
    '<p>{reason}</p><p style="width: 100%">{how_far}<progress value="{share}" aria-hidden="true"></progress></p>'
    '<div class="hw-ends"><span class="hw-faint">{next}</span>{link}</div></section>'
)
TILE = Markup(
    '<section class="hw-card hw-tight"><p class="hw-said">{icon} {word}</p><p class="hw-figure">{number}</p></section>'
)
MIN_TILE_WIDTH = 150
# Pixels: in less, each card is below the one before it.
MIN_CARD_WIDTH = 330
# Pixels: on a narrower page, the table scrolls.
MIN_TABLE_WIDTH = 1300
CARDS_A_PAGE, ROWS_A_PAGE = 12, 25
HEALTHS = [Status.OFF_TRACK, Status.AT_RISK, Status.NOT_KNOWN, Status.ON_TRACK]

me = actor()
of_sample = {slug for slug, _ in archiving.marked(me, Mark.SAMPLE)}
everything = portfolio(me)
on = me.today("UTC")

tally = everything["status"].value_counts()


def tile(status: Status) -> Markup:
    """Return how many engagements have this status."""
    look = LOOKS[status]
    return TILE.format(
        icon=html.coloured(look.markdown, html.icon(look.icon)),
        word=status.label,
        number=f"{tally.get(status, 0):,}",
    )


many = (
    "No engagement yet" if everything.empty else f"{count(len(everything), 'engagement')}, worst health first"
)
tiles = Markup() if everything.empty else html.grid(map(tile, HEALTHS), MIN_TILE_WIDTH)
scope = f"{many}. As of {day_month(on)} {on.year}."
html.show(html.stack([html.render("page_head.html", title="Portfolio", badges=[], scope=scope), tiles]))


def answer(use_case, invitation_id: int, done: str) -> None:
    feedback.attempt(lambda: use_case(actor(), invitation_id), done)


for invitation in invitations.my_invitations(me):
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
    archive_view.show_below_portfolio(me, of_sample)
    frame.empty(
        "There is no engagement yet",
        "An engagement is one client's transformation, with its 30-60-90 plan, its evidence and its metrics. "
        "Create the first one: the plan is laid out for you.",
    )
    html.show(html.link("new", None, "Create engagement"), width="content")
    st.stop()


def choices(column: str) -> list[str]:
    return sorted(value for value in everything[column].unique() if value)


def chosen_view() -> str:
    """Return what the address asks for, and else cards for up to a page of engagements and a table for more."""
    asked = st.query_params.get("show")
    return asked if asked in VIEWS else CARDS if len(everything) <= CARDS_A_PAGE else TABLE


def page_of(pages: int) -> int:
    """Return the page of the list that the address asks for, or the nearest one."""
    asked = st.query_params.get("page", "")
    return min(max(int(asked) if asked.isdecimal() and len(asked) < 9 else 1, 1), pages)


with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input("Find", placeholder="Client or engagement", key="find", bind="query-params")
    with st.popover("Filter", icon=":material/filter_list:"):
        healths = st.multiselect(
            "Health", [status.value for status in HEALTHS], key="health", bind="query-params"
        )
        regions = st.multiselect("Region", choices("region"), key="region", bind="query-params")
        sectors = st.multiselect("Sector", choices("sector"), key="sector", bind="query-params")
        leads = st.multiselect("Lead", choices("lead"), key="lead", bind="query-params")
    html.show(
        html.link_group(
            "Show as",
            {view: navigation.here("portfolio", show=view, page=None) for view in VIEWS},
            chosen_view(),
        ),
        width="content",
    )

shown = everything
for column, chosen in {"status": healths, "region": regions, "sector": sectors, "lead": leads}.items():
    if chosen:
        shown = shown[shown[column].isin(chosen)]
if text:
    wanted = normalize_name(text)
    matches = [
        shown[column].map(normalize_name).str.contains(wanted, regex=False) for column in ("name", "client")
    ]
    shown = shown[matches[0] | matches[1]]

if shown.empty:
    st.info("No engagement matches these filters. Clear one of them.", icon=":material/filter_alt_off:")
    st.stop()


def sample_badge(slug: str) -> Markup:
    """Return a badge for an engagement of the sample, and nothing for others."""
    return html.coloured_badge("blue", "science", "Sample") if slug in of_sample else Markup()


def card(row) -> Markup:
    """Return an engagement: its client, status and why, its progress, and what is next."""
    share = row.done / row.milestones if row.milestones else 0.0
    return CARD.format(
        client=row.client,
        name=row.name,
        badge=html.badge(Status(row.status)) + sample_badge(row.slug),
        reason=row.reason,
        how_far=f"{row.where}, {row.done} of {count(row.milestones, 'milestone')} done",
        share=f"{share:.2f}",
        next=f"Next: {row.next_milestone}" if row.next_milestone else "Nothing is due",
        link=html.link("overview", row.slug, "Open overview"),
    )


rows_a_page = CARDS_A_PAGE if chosen_view() == CARDS else ROWS_A_PAGE
pages = -(-len(shown) // rows_a_page)
page = page_of(pages)
rows = shown.iloc[(page - 1) * rows_a_page : page * rows_a_page]
if chosen_view() == CARDS:
    html.show(html.grid(map(card, rows.itertuples()), MIN_CARD_WIDTH))
else:
    maximum = max(int(rows["milestones"].max()), 1)
    html.show(
        html.table(
            {
                "Health": map(html.badge, map(Status, rows["status"])),
                "Engagement": [
                    html.title_link("overview", row.slug, row.name) + sample_badge(row.slug)
                    for row in rows.itertuples()
                ],
                "Client": rows["client"],
                "Where": rows["where"],
                "Done": [f"{row.done} of {row.milestones}" for row in rows.itertuples()],
                "Done by week": [html.sparkline(weeks, maximum) for weeks in rows["done_by_week"]],
                "Why": rows["reason"],
                "Next milestone": rows["next_milestone"],
                "Lead": rows["lead"],
                "Region": rows["region"],
                "Sector": rows["sector"],
            },
            "Engagements, worst health first",
            MIN_TABLE_WIDTH,
        )
    )
if pages > 1:
    html.show(
        html.pagination(
            "Pages of the list", pages, page, lambda at: navigation.here("portfolio", page=str(at))
        )
    )

show_radar(everything.itertuples(), on)
pack_view.show(me)
archive_view.show_below_portfolio(me, of_sample)
