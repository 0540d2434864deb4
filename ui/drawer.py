"""Records open in a right-hand dialog. A form in it stays open, with what was typed, until that is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from models.people import Actor
from ui import feedback, frame
from ui.who import actor

_SAVED = "drawer saved"


def drawer(title: str, body: Callable[[], None], on_dismiss: Callable[[], None] | str = "ignore") -> None:
    """Open a dialog on the right that shows `body`. Saving a form in it draws the page anew."""
    st.dialog(frame.escaped(title), position="right", width=600, on_dismiss=on_dismiss)(_shown)(body)


def _shown(body: Callable[[], None]) -> None:
    if st.session_state.pop(_SAVED, False):
        st.rerun()
    feedback.show()
    body()


def form(
    name: str,
    fields: Callable[[Callable[[str], str]], None],
    carry_out: Callable[[Actor, Mapping[str, Any]], object],
    *,
    button: str,
    said: str,
) -> None:
    """A form of a drawer. `fields(key)` draws its widgets, each with `key=key("its field")`.

    `carry_out(actor, given)` gets what was typed by field; `button` is verb and object, `said` what was done.
    """
    prefix = f"{name}: "

    def save() -> None:
        given = {
            str(key).removeprefix(prefix): value
            for key, value in st.session_state.items()
            if str(key).startswith(prefix)
        }
        attempt(name, lambda who: carry_out(who, given), said)

    with st.form(name, border=False):
        fields(lambda field: prefix + field)
        st.form_submit_button(button, type="primary", on_click=save)


def attempt(name: str, use_case: Callable[[Actor], object], said: str) -> bool:
    """Carry out a use case of a drawer, once for each time that its form or button is drawn."""
    if not feedback.attempt(lambda: use_case(actor(once=feedback.submission(name))), said):
        return False
    feedback.renew(name)
    st.session_state[_SAVED] = True
    return True


def from_address(kind: str, records: list, show: Callable[[Any], None]) -> None:
    """Open the record that the address names (`?workflow=12`); closing the drawer takes it out of the address."""
    asked_for = st.query_params.get(kind)
    if asked_for is None:
        return
    record = next((row for row in records if str(row.id) == asked_for), None)
    if record is None:
        st.warning(f"There is no such {kind} here: it was removed, or the address is wrong.")
    else:
        show(record)


def into_address(kind: str, record_id: int) -> None:
    """Name a record in the address, so that it opens and can be linked to."""
    st.query_params[kind] = str(record_id)


def out_of_address(kind: str) -> None:
    """Name no record any more."""
    st.query_params.pop(kind, None)
