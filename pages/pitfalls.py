"""Pitfalls: what the evidence says about the five of them, beside what people answer each week."""

import streamlit as st

from models.permissions import Action
from models.pitfalls import pitfalls
from models.wording import count, day_month, join_list
from reports.frames.pitfall_checks import answer_table, answer_text, newest_answer
from ui import frame, html, markdown, navigation
from ui.review import checks_view

ALL = "All pitfalls"

engagement = frame.engagement()
summary, on = frame.head("Pitfalls", engagement)
may_answer = frame.may(engagement, Action.CHECK_PITFALLS)
rows = pitfalls(summary, on)
waiting = sum(pitfall.answer_is_due for pitfall in rows)


signalled = [pitfall.name for pitfall in rows if pitfall.signals]
sentence = (
    f"Signals of {count(len(signalled), 'pitfall')}: {join_list(signalled, 5)}"
    if signalled
    else "No signal of any pitfall"
)
due = f"{count(waiting, 'check')} of this week to answer" if waiting else "This week's checks are answered"
st.markdown(f"**{sentence}.** {due}.")

for pitfall in rows:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            html.show(html.badge(pitfall.status, pitfall.label), width="content")
            st.header(pitfall.name, width="content")
        for signal in pitfall.signals:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(markdown.escaped(signal.text), width="content")
                place = navigation.PAGES_BY_KEY[signal.page].title.lower()
                html.show(html.link(signal.page, engagement.slug, f"See {place}"), width="content")
        if not pitfall.signals:
            st.markdown(f"{markdown.escaped(pitfall.reason)}.")
        newest = newest_answer(engagement, pitfall.key)
        if newest is not None:
            st.markdown(
                f"**{answer_text(newest.happening)}**, says {markdown.escaped(newest.by)} on "
                f"{day_month(newest.answered_on)}: {markdown.escaped(newest.evidence)}"
            )
        if pitfall.disagreement:
            st.markdown(f":orange-badge[:material/compare_arrows: They disagree] {pitfall.disagreement}")
        if may_answer and not pitfall.answer_is_due:
            st.toggle("Answer again", key=f"{pitfall.key} again")
        elif not may_answer:
            st.markdown(f"**{pitfall.question}**")

if may_answer:
    again = [row for row in rows if row.answer_is_due or st.session_state.get(f"{row.key} again")]
    st.header("This week's checks")
    if not again:
        st.caption("Answered this week.")
    else:
        checks_view.same_as_last_week(engagement, again)
    checks_view.show(engagement, again)
else:
    st.caption("The lead and contributors answer this every week.")

with st.expander("Answers so far"):
    if engagement.pitfall_checks:
        names = {None: ALL} | {pitfall.key: pitfall.name for pitfall in rows}
        about = st.selectbox("Pitfall", list(names), format_func=names.__getitem__, width=360)
        answers = answer_table(engagement, about)
        if len(answers):
            html.show(html.table(answers.to_dict("list"), "Answers to the checks, newest first"))
        else:
            st.write("Nobody has answered this one yet.")
    else:
        st.write(
            "Nobody has answered a check yet. Answers are kept as they were given, so that a pattern can be seen."
        )
