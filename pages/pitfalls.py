"""Pitfalls: what the evidence says about the five of them, beside what people answer each week."""

import streamlit as st

from models.permissions import Action
from models.pitfalls import pitfalls
from models.wording import count, day_month, join_list
from reports.frames.pitfall_checks import answer_table, answer_text, newest_answer
from services.plan.pitfall_checks import answer_check
from ui import feedback, frame, html, markdown, navigation
from ui.current_user import actor

ALL = "All pitfalls"

engagement = frame.engagement()
summary, on = frame.head("Pitfalls", engagement)
may_answer = frame.may(engagement, Action.CHECK_PITFALLS)
rows = pitfalls(summary, on)
waiting = sum(pitfall.answer_is_due for pitfall in rows)


def answer(key: str) -> None:
    """Record this week's answer to a check."""
    happening, evidence = st.session_state[f"{key} happening"], st.session_state[f"{key} evidence"]
    if happening is None:
        feedback.say_next("error", "Choose yes or no. Nothing was saved.")
    elif feedback.attempt(
        lambda: answer_check(
            actor(once=feedback.submission(key)), engagement.slug, key, happening=happening, evidence=evidence
        ),
        "Answered the check",
    ):
        feedback.renew(key)
        st.session_state[f"{key} happening"], st.session_state[f"{key} evidence"] = None, ""


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
        left, right = st.columns([3, 2], gap="large")
        with left:
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
        with right:
            st.markdown(f"**{pitfall.question}**")
            if not may_answer:
                st.caption("The lead and contributors answer this every week.")
            elif pitfall.answer_is_due or st.toggle("Answer again", key=f"{pitfall.key} again"):
                with st.form(f"check {pitfall.key}", border=False):
                    st.radio(
                        "Your answer", [True, False], index=None, format_func=answer_text, horizontal=True,
                        key=f"{pitfall.key} happening", label_visibility="collapsed",
                    )  # fmt: skip
                    st.text_area(
                        "Evidence", key=f"{pitfall.key} evidence", height=80,
                        placeholder="What you saw or heard this week that says so",
                    )  # fmt: skip
                    st.form_submit_button("Answer the check", on_click=answer, args=(pitfall.key,))
            else:
                st.caption("Answered this week.")

st.header("Answers so far")
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
