"""Interviewees who may be one person in two spellings: merging them, and taking them apart again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from models.engagement import Engagement
from models.people import Actor
from models.same_person import likely_same
from services.interviews import same_person
from ui.drawer import attempt
from ui.markdown import escaped


def _carry_out(name: str, use_case: Callable[[Actor], object], done: str) -> None:
    attempt(name, use_case, done)


def show(engagement: Engagement) -> None:
    """Ask about spellings that may be one person's, and list those that somebody merged."""
    by_person = {row.person: row.same_as or row.interviewee for row in engagement.interviews}
    groups = likely_same(by_person.values())
    merged = {row.interviewee: row.same_as for row in engagement.interviews if row.same_as}
    if not groups and not merged:
        return
    st.header("One person or two?")
    for group in groups:
        _ask(engagement.slug, group)
    for spelling, name in merged.items():
        _merged(engagement.slug, spelling, name)


def _ask(slug: str, group: tuple[str, ...]) -> None:
    name = max(group, key=len)
    for spelling in (each for each in group if each != name):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"“{escaped(spelling)}” may be “{escaped(name)}”. They count as two people.")
            st.button(
                f"Merge {escaped(spelling)} into {escaped(name)}",
                key=f"merge {spelling} into {name}",
                on_click=_carry_out,
                args=(
                    f"merge {spelling} {name}",
                    lambda who, spelling=spelling: same_person.merge_people(who, slug, name, spelling),
                    f"{spelling} and {name} count as one person",
                ),
            )


def _merged(slug: str, spelling: str, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"“{escaped(spelling)}” counts as “{escaped(name)}”.")
        st.button(
            f"Take {escaped(spelling)} and {escaped(name)} apart",
            key=f"take {spelling} apart",
            on_click=_carry_out,
            args=(
                f"take apart {spelling}",
                lambda who: same_person.take_apart(who, slug, spelling),
                f"{spelling} and {name} count as two people",
            ),
        )
