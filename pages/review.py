"""Weekly review: this week as it stands, or a frozen one, with what is new since one last read.

The address names a week by its date (`&week=2026-11-20`), or by its number (`&week=7`, with `&cycle=2`).
"""

from datetime import date
from functools import partial

import streamlit as st

from models.errors import RuleBroken
from models.permissions import Action
from models.pitfalls import pitfalls
from models.review import WEEKS, week_name, week_of_plan
from models.review_text import without_status_label
from models.snapshot import SnapshotDocument
from models.status import Status
from models.wording import count, day_month, lower_first, upper_first
from reports.review import compare
from reports.review.draft import Draft, draft
from services.review import reviews
from store import reviews as stored_reviews
from ui import drawer, feedback, frame, html, markdown, navigation
from ui.current_user import actor
from ui.markdown import escaped
from ui.notes import show_notes
from ui.review import calendar_view, checks_view, review_view, send_view

LABELS = {
    "verdict": "The week in one sentence",
    "changes": "What changed",
    "note": "Your judgement (may stay empty)",
}
FORMATS = {
    "pdf": "PDF", "pptx": "PowerPoint", "xlsx": "Excel", "md": "Text for chat or mail", "csv": "CSV", "json": "Snapshot",
}  # fmt: skip

engagement = frame.engagement()
slug = engagement.slug
summary, on = frame.head("Weekly review", engagement)
who = actor()
weeks = stored_reviews.weeks(who, slug)
asked = st.query_params.get("week", "")
current_weeks = [row for row in weeks if not row.superseded]
may_write = frame.may(engagement, Action.WRITE_REVIEWS)


def name_of(choice: str) -> str:
    row = next((row for row in current_weeks if row.on.isoformat() == choice), None)
    if row is None:
        return "This week, not frozen"
    if not 1 <= row.week <= WEEKS:
        return upper_first(row.name)
    cycle = f"Cycle {row.cycle}, week" if row.cycle > 1 else "Week"
    return f"{cycle} {row.week}, {day_month(row.on)} {row.on.year}"


def asked_week() -> int | date:
    """Return the week that the address names: a number, or a date. Raises ValueError."""
    return int(asked) if asked.removeprefix("-").isdecimal() else date.fromisoformat(asked)


def shown_week() -> str:
    """The choice that the address names; "" for the week that isn't frozen."""
    cycle = st.query_params.get("cycle")
    for row in current_weeks:
        if asked in (str(row.week), row.on.isoformat()) and cycle in (None, str(row.cycle)):
            return row.on.isoformat()
    return ""


def shown_day(document: SnapshotDocument) -> str:
    """Return the day that a frozen week shows: "day 47 of 90"; weeks of before have no text of it."""
    head = document.content["head"]
    return lower_first(head.get("day_text") or f"Day {head['day']} of {head['days']}")


def open_week() -> None:
    choice = st.session_state["review week"]
    for name in ("version", "cycle", "week"):
        st.query_params.pop(name, None)
    if choice:
        st.query_params["week"] = choice


def freeze(seen: int) -> None:
    frozen = []
    sender = actor(once=feedback.submission("freeze"))
    if feedback.attempt(
        lambda: frozen.append(reviews.freeze(sender, slug, seen=seen)),
        lambda: f"Froze {week_name(frozen[0].week, frozen[0].reviewed_on)}",
    ):
        feedback.renew("freeze")
        if frozen:
            st.query_params["week"] = frozen[0].reviewed_on.isoformat()


def mark_read(review_id: int) -> None:
    feedback.attempt(lambda: reviews.mark_read(actor(), slug, review_id), "Marked as read")


def edit(week: Draft, known_now: bool = False) -> None:
    exceptions = {row["key"]: row["name"] for row in week.composed.content["exceptions"]}

    def fields(key: drawer.FieldKey) -> None:
        for name, drafted in week.composed.drafts.items():
            label = LABELS.get(name) or f"{escaped(exceptions[name.removeprefix('exception ')])}, in one line"
            written = week.edits.get(name)
            st.text_area(label, (written["text"] if written else None) or drafted, key=key(name), height=90)
            if written and written["draft"] != drafted:
                st.caption(f"The evidence moved since you wrote this. The draft says now: {escaped(drafted)}")

    drawer.drawer(
        f"Edit {week.name}",
        partial(
            drawer.form, "edit review", fields,
            lambda sender, given: reviews.edit_passages(sender, slug, week.moment.on, dict(given), known_now=known_now),
            button="Save the text", done="Saved the text; the draft is kept beside it",
        ),
    )  # fmt: skip


def edit_next(row: stored_reviews.Week) -> None:
    edit(draft(actor(), slug, row.on, known_now=True), known_now=True)


def supersede(row: stored_reviews.Week) -> None:
    def fields(key: drawer.FieldKey) -> None:
        st.text_area("Why does this week need a corrected version?", key=key("reason"))
        st.caption(
            "The corrected version shows what is known by now. The old one stays readable, marked as superseded."
        )

    drawer.drawer(
        f"Publish a corrected version of {row.name}",
        partial(
            drawer.form, "supersede review", fields,
            lambda sender, given: reviews.supersede(sender, slug, row.id, given["reason"]),
            button=f"Publish a corrected version of {row.name}",
            done=f"Published a corrected version of {row.name}",
        ),
    )  # fmt: skip


def number_in_address(name: str) -> int | None:
    """Return the number that the address has under this name. Raises ValueError for anything else."""
    text = st.query_params.get(name)
    return int(text) if text else None


if weeks and not navigation.as_of():
    # The address says which week is shown; it changes without the widget when a week is frozen or a link followed.
    st.session_state["review week"] = shown_week()
    st.selectbox(
        "Week",
        ["", *[row.on.isoformat() for row in current_weeks]],
        format_func=name_of, key="review week", on_change=open_week, width=320,
    )  # fmt: skip

may_read_interviews = frame.may(engagement, Action.READ_INTERVIEWS)
if asked:
    try:
        cycle, version = (number_in_address(name) for name in ("cycle", "version"))
        row = stored_reviews.week(who, slug, asked_week(), cycle, version)
    except (RuleBroken, ValueError) as refused:
        st.write(str(refused) if isinstance(refused, RuleBroken) else f"There is no week “{escaped(asked)}”.")
        html.show(html.link("review", slug, "Open this week's review"), width="content")
        st.stop()
    document = stored_reviews.document(who, slug, row.digest)
    frozen_on = engagement.date_of(row.frozen_at)
    st.info(
        f"{upper_first(week_of_plan(row.week, row.on))}, {shown_day(document)}, as of {day_month(row.on)} "
        f"{row.on.year}. Frozen by "
        f"{escaped(row.frozen_by)} on {day_month(frozen_on)} at revision {row.revision}, journal "
        f"{document.body['head'][:12]}, snapshot {row.digest[:12]}.",
        icon=":material/lock:",
    )
    if document.erased or (may_read_interviews and document.interviews is None):
        st.caption("Personal data was erased from this week since it was frozen.")
    if row.superseded:
        st.warning("A corrected version of this week replaced this one.", icon=":material/history:")
        html.show(
            html.link("review", slug, "Open the current version", week=row.on.isoformat()),
            width="content",
        )
    if row.reason:
        st.caption(f"This version corrects an earlier one: {escaped(row.reason)}")
        html.show(
            html.link(
                "review",
                slug,
                "Open the earlier version",
                week=row.on.isoformat(),
                version=str(row.supersedes_id),
            ),
            width="content",
        )
    newer = [] if row.superseded else compare.newer_knowledge(who, slug, row)
    if newer:
        with st.expander(
            f"Newer knowledge exists: {count(len(newer), 'thing')} would read differently today"
        ):
            review_view.changes_table(review_view.as_rows(newer), "In this review")
    if may_write and not row.superseded and not navigation.as_of():
        send_view.show(slug, row)
    st.link_button("Open as a light page", f"/week/{slug}/{row.on.isoformat()}", icon=":material/article:")
    with st.container(horizontal=True):
        for format, label in FORMATS.items():
            st.link_button(
                label,
                f"/api/v1/engagements/{slug}/reviews/{row.id}.{'zip' if format == 'csv' else format}",
                icon=":material/download:",
            )
    readers = stored_reviews.readers(who, slug, row.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        if who.user_id not in {reader["user_id"] for reader in readers} and not navigation.as_of():
            st.button("Mark as read", icon=":material/done_all:", on_click=mark_read, args=(row.id,))
        if may_write and not row.superseded:
            st.button("Publish a corrected version", on_click=supersede, args=(row,))
            if newer:
                st.button("Edit the next version's text", on_click=edit_next, args=(row,))
        names = [f"{reader['name']}, {day_month(engagement.date_of(reader['at']))}" for reader in readers]
        st.caption(f"Read by {escaped('; '.join(names))}" if names else "Nobody marked it as read yet.")
    shown = review_view.ShownWeek(
        document.content, document.passage, document.quote, not may_read_interviews, row.digest
    )
    until: stored_reviews.Week | date = row
else:
    try:
        week = draft(who, slug, on)
    except RuleBroken as refused:
        frame.empty("There is no week to review yet", str(refused))
        st.stop()
    texts = week.text

    def passage(key: str) -> str:
        edited, drafted = texts[key]["edit"], texts[key]["draft"]
        return (drafted or "") if edited is None else edited

    shown = review_view.ShownWeek(
        week.composed.content,
        passage,
        week.composed.quote, not may_read_interviews, f"draft {week.moment.engagement.revision} {on}",
    )  # fmt: skip
    until = on
    held = any(row.friday == week.friday or row.on == on for row in weeks)
    st.caption(
        f"{upper_first(week_of_plan(week.week, on))}. Updates until you freeze it.",
        help=f"Drafted from revision {engagement.revision} of the engagement.",
    )
    due = [pitfall for pitfall in pitfalls(summary, on) if pitfall.answer_is_due]
    if due and not held and frame.may(engagement, Action.CHECK_PITFALLS):
        is_filled = checks_view.same_as_last_week(engagement, due)
        with st.expander(f"Answer {count(len(due), 'check')} of this week", expanded=is_filled):
            checks_view.show(engagement, due)
    if may_write and not held:
        with st.container(horizontal=True):
            st.button("Edit the text", icon=":material/edit:", on_click=edit, args=(week,))
            with st.popover(f"Freeze {week.name}", icon=":material/lock:"):
                st.write(
                    f"Freezing keeps {week.name} as it reads now, for everybody and for good. It can't be edited "
                    "afterwards. You can publish a corrected version, with a reason."
                )
                st.button(
                    f"Freeze {week.name}",
                    type="primary",
                    key="freeze",
                    on_click=freeze,
                    args=(engagement.revision,),
                )
    elif held:
        st.caption(f"{upper_first(week.name)} is frozen; what came in since will be in the next one.")

last = stored_reviews.last_read(who, slug)
is_past = (
    last is not None and isinstance(until, stored_reviews.Week) and (until.on, until.id) <= (last.on, last.id)
)
if last is not None and not is_past:
    fresh = compare.changes_since(who, slug, last, until)
    later = last.on < (until if isinstance(until, date) else until.on)
    if fresh or later:
        with st.container(border=True):
            st.header(f"New since you read {last.name}")
            review_view.changes_table(review_view.as_rows(fresh), f"In {last.name}")
            if not fresh:
                st.write("Nothing that a review shows.")

review_view.show(engagement, shown)
notes_of = next((row for row in current_weeks if row.on.isoformat() == shown_week()), None)
if notes_of is not None:
    show_notes(engagement, "review", notes_of.id)

with st.expander("Past weeks"):
    if not weeks:
        st.write("No week is frozen yet. Freeze one, and everybody gets it in the form they use.")
    for row in current_weeks:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{name_of(row.on.isoformat())}** {markdown.badge(Status(row.health))} "
                f"{escaped(without_status_label(row.health, row.verdict))}"
            )
            html.show(
                html.link("review", slug, f"Open {row.name}", week=row.on.isoformat()),
                width="content",
            )
    if len(current_weeks) > 1:
        st.caption("Health over time, oldest first")
        st.markdown(
            " ".join(
                markdown.badge(
                    Status(row.health), f"{row.week}" if 1 <= row.week <= WEEKS else day_month(row.on)
                )
                for row in reversed(current_weeks)
            )
        )

with st.expander("In your calendar"):
    calendar_view.show()
