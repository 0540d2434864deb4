"""Portfolio: every engagement that the reader may see, worst first."""

import streamlit as st

from models.status import Status
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.frames.portfolio import portfolio
from services import invitations
from ui import feedback, frame, navigation, pack_view
from ui.who import actor

CARDS, TABLE = "Cards", "Table"
CARDS_A_PAGE, ROWS_A_PAGE = 12, 25
HEALTHS = [Status.OFF_TRACK, Status.AT_RISK, Status.NOT_KNOWN, Status.ON_TRACK]

who = actor()
everything = portfolio(who)
on = who.today("UTC")

st.title("Portfolio")


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
    st.caption(f"No engagement yet. As of {day_month(on)} {on.year}.")
    frame.empty(
        "There is no engagement yet",
        "An engagement is one client's transformation, with its 30-60-90 plan, its evidence and its metrics. "
        "Open the first one: the plan is laid out for you.",
    )
    navigation.link("new", label="Open an engagement")
    st.stop()
st.caption(f"{count(len(everything), 'engagement')}, worst health first. As of {day_month(on)} {on.year}.")

tiles = st.grid(4, min_column_width=150)
for status in HEALTHS:
    look = LOOKS[status]
    tiles.metric(
        f":{look.markdown}[{look.icon}] {status.word}",
        f"{int((everything['status'] == status).sum()):,}",
        border=True,
    )


def choices(column: str) -> list[str]:
    return sorted(value for value in everything[column].unique() if value)


with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input("Find", placeholder="Client or engagement", key="find", bind="query-params")
    with st.popover("Filter", icon=":material/filter_list:"):
        healths = st.multiselect(
            "Health", [status.value for status in HEALTHS], key="health", bind="query-params"
        )
        regions = st.multiselect("Region", choices("region"), key="region", bind="query-params")
        sectors = st.multiselect("Sector", choices("sector"), key="sector", bind="query-params")
        leads = st.multiselect("Lead", choices("lead"), key="lead", bind="query-params")
    show = st.segmented_control(
        "Show as",
        [CARDS, TABLE],
        default=CARDS if len(everything) <= CARDS_A_PAGE else TABLE,
        required=True,
        label_visibility="collapsed",
        key="show",
        bind="query-params",
    )

shown = everything
for column, chosen in {"status": healths, "region": regions, "sector": sectors, "lead": leads}.items():
    if chosen:
        shown = shown[shown[column].isin(chosen)]
if text:
    wanted = text.strip().casefold()
    found = shown["name"].str.casefold().str.contains(wanted, regex=False)
    shown = shown[found | shown["client"].str.casefold().str.contains(wanted, regex=False)]

if shown.empty:
    st.info("No engagement matches these filters. Clear one of them.", icon=":material/filter_alt_off:")
    st.stop()

rows_a_page = CARDS_A_PAGE if show == CARDS else ROWS_A_PAGE
pages = -(-len(shown) // rows_a_page)
page = min(st.session_state.get("page", 1), pages) if pages > 1 else 1
rows = shown.iloc[(page - 1) * rows_a_page : page * rows_a_page]
if show == CARDS:
    cards = st.grid(2, min_column_width=330)
    for row in rows.itertuples():
        with cards.container(border=True, height="stretch"):
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(f"**{frame.escaped(row.client)}**  \n{frame.escaped(row.name)}", width="content")
                frame.badge(Status(row.status))
            st.markdown(frame.escaped(row.reason))
            st.progress(
                row.done / row.milestones if row.milestones else 0.0,
                f"{row.where}, {row.done} of {count(row.milestones, 'milestone')} done",
            )
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                st.caption(
                    f"Next: {frame.escaped(row.next_milestone)}" if row.next_milestone else "Nothing is due"
                )
                navigation.link("overview", row.slug, label="Open overview")
else:
    table = rows.assign(
        health=[[f"{LOOKS[status].glyph} {Status(status).word}"] for status in rows["status"]],
        progress=[f"{row.done} of {row.milestones}" for row in rows.itertuples()],
        done_by_week=[list(weeks) for weeks in rows["done_by_week"]],
    )
    column = st.column_config
    with st.grid(1, wrap=False, min_column_width=900):
        chosen = st.dataframe(
            table,
            hide_index=True,
            column_order=[
                "health",
                "name",
                "client",
                "where",
                "progress",
                "done_by_week",
                "reason",
                "next_milestone",
                "lead",
                "region",
                "sector",
            ],  # fmt: skip
            column_config={
                "name": column.TextColumn("Engagement", width=210),
                "client": column.TextColumn("Client"),
                "health": column.MultiselectColumn(
                    "Health",
                    options=[f"{LOOKS[status].glyph} {status.word}" for status in HEALTHS],
                    color=[LOOKS[status].markdown for status in HEALTHS],
                ),
                "reason": column.TextColumn("Why", width=360),
                "where": column.TextColumn("Where"),
                "progress": column.TextColumn("Done"),
                "done_by_week": column.LineChartColumn(
                    "Done by week", y_min=0, y_max=int(rows["milestones"].max() or 1)
                ),
                "next_milestone": column.TextColumn("Next milestone"),
                "lead": column.TextColumn("Lead"),
                "region": column.TextColumn("Region"),
                "sector": column.TextColumn("Sector"),
            },
            on_select="rerun",
            selection_mode="single-row",
            key=f"engagements {page}",
            alt="; ".join(f"{row.name}: {row.status}, {row.reason}" for row in rows.itertuples()),
        )
    if chosen.selection.rows:
        navigation.go("overview", rows.iloc[chosen.selection.rows[0]]["slug"])
    slug = st.selectbox(
        "Open an engagement",
        list(rows["slug"]),
        format_func=dict(zip(rows["slug"], rows["name"], strict=True)).get,
        index=None,
        placeholder="Choose, or select a row above",
    )
    if slug:
        navigation.go("overview", slug)
if pages > 1:
    st.pagination(pages, key="page")

pack_view.show(who)
