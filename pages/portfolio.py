"""Portfolio: every engagement that the reader may see, worst first."""

import streamlit as st
from markupsafe import Markup

from models.names import normalize_name
from models.status import Status
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.frames.portfolio import portfolio
from services.engagement import invitations
from ui import feedback, frame, html, navigation
from ui.current_user import actor
from ui.review import pack_view

WAYS = CARDS, TABLE = "Cards", "Table"
CARD = Markup(
    '<section class="hw-card"><div class="hw-ends"><p><strong>{client}</strong><br>{name}</p>{badge}</div>'
    '<p>{reason}</p><p style="width: 100%">{how_far}<progress value="{share}" aria-hidden="true"></progress></p>'
    '<div class="hw-ends"><span class="hw-faint">{next}</span>{link}</div></section>'
)
TILE = Markup(
    '<section class="hw-card hw-tight"><p class="hw-said">{icon} {word}</p><p class="hw-figure">{number}</p></section>'
)
LEAST_TILE = 150
# Pixels: below this, a card stands under the one before it.
LEAST_CARD = 330
# Pixels: on a narrower page, the table scrolls.
NARROWEST_TABLE = 1300
CARDS_A_PAGE, ROWS_A_PAGE = 12, 25
HEALTHS = [Status.OFF_TRACK, Status.AT_RISK, Status.NOT_KNOWN, Status.ON_TRACK]

who = actor()
everything = portfolio(who)
on = who.today("UTC")

tally = everything["status"].value_counts()


def tile(status: Status) -> Markup:
    """How many engagements stand so."""
    look = LOOKS[status]
    return TILE.format(
        icon=html.coloured(look.markdown, html.icon(look.icon)),
        word=status.label,
        number=f"{tally.get(status, 0):,}",
    )


many = (
    "No engagement yet" if everything.empty else f"{count(len(everything), 'engagement')}, worst health first"
)
tiles = Markup() if everything.empty else html.grid(map(tile, HEALTHS), LEAST_TILE)
scope = f"{many}. As of {day_month(on)} {on.year}."
html.show(html.stack([html.render("page_head.html", title="Portfolio", badges=[], scope=scope), tiles]))


def answer(use_case, invitation_id: int, done: str) -> None:
    feedback.attempt(lambda: use_case(actor(), invitation_id), done)


for one in invitations.my_invitations(who):
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{frame.escaped(one.invited_by)} invites you to **{frame.escaped(one.engagement)}** for "
            f"{frame.escaped(one.client)}, as {one.role}."
        )
        for word, use_case, done in [
            ("Join", invitations.join, "You are a member now"),
            ("Decline", invitations.decline, "Declined the invitation"),
        ]:
            st.button(
                word, key=f"{word} {one.id}", type="primary" if word == "Join" else "secondary",
                on_click=answer, args=(use_case, one.id, done),
            )  # fmt: skip
if everything.empty:
    frame.empty(
        "There is no engagement yet",
        "An engagement is one client's transformation, with its 30-60-90 plan, its evidence and its metrics. "
        "Open the first one: the plan is laid out for you.",
    )
    navigation.link("new", label="Open an engagement")
    st.stop()


def choices(column: str) -> list[str]:
    return sorted(value for value in everything[column].unique() if value)


def shown_as() -> str:
    """Cards while they fit on a page or two, then a table; unless the address says which."""
    asked = st.query_params.get("show")
    return asked if asked in WAYS else CARDS if len(everything) <= CARDS_A_PAGE else TABLE


def page_of(pages: int) -> int:
    """Which page of the list the address asks for; the nearest there is."""
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
        html.choice(
            "Show as", {way: navigation.here("portfolio", show=way, page=None) for way in WAYS}, shown_as()
        ),
        width="content",
    )

shown = everything
for column, chosen in {"status": healths, "region": regions, "sector": sectors, "lead": leads}.items():
    if chosen:
        shown = shown[shown[column].isin(chosen)]
if text:
    wanted = normalize_name(text)
    found = [
        shown[column].map(normalize_name).str.contains(wanted, regex=False) for column in ("name", "client")
    ]
    shown = shown[found[0] | found[1]]

if shown.empty:
    st.info("No engagement matches these filters. Clear one of them.", icon=":material/filter_alt_off:")
    st.stop()


def card(row) -> Markup:
    """An engagement: whose it is, how it stands and why, how far it came, and what is next."""
    share = row.done / row.milestones if row.milestones else 0.0
    return CARD.format(
        client=row.client,
        name=row.name,
        badge=html.badge(Status(row.status)),
        reason=row.reason,
        how_far=f"{row.where}, {row.done} of {count(row.milestones, 'milestone')} done",
        share=f"{share:.2f}",
        next=f"Next: {row.next_milestone}" if row.next_milestone else "Nothing is due",
        link=html.link("overview", row.slug, "Open overview"),
    )


rows_a_page = CARDS_A_PAGE if shown_as() == CARDS else ROWS_A_PAGE
pages = -(-len(shown) // rows_a_page)
page = page_of(pages)
rows = shown.iloc[(page - 1) * rows_a_page : page * rows_a_page]
if shown_as() == CARDS:
    html.show(html.grid(map(card, rows.itertuples()), LEAST_CARD))
else:
    most = max(int(rows["milestones"].max()), 1)
    html.show(
        html.table(
            {
                "Health": map(html.badge, map(Status, rows["status"])),
                "Engagement": [html.opener_of("overview", row.slug, row.name) for row in rows.itertuples()],
                "Client": rows["client"],
                "Where": rows["where"],
                "Done": [f"{row.done} of {row.milestones}" for row in rows.itertuples()],
                "Done by week": [html.spark(weeks, most) for weeks in rows["done_by_week"]],
                "Why": rows["reason"],
                "Next milestone": rows["next_milestone"],
                "Lead": rows["lead"],
                "Region": rows["region"],
                "Sector": rows["sector"],
            },
            "Engagements, worst health first",
            NARROWEST_TABLE,
        )
    )
if pages > 1:
    html.show(
        html.pages("Pages of the list", pages, page, lambda at: navigation.here("portfolio", page=str(at)))
    )

pack_view.show(who)
