"""Drawers, and the forms in them and in dialogs.

A drawer is a record opened in the right-hand dialog; it has an address (`?workflow=12`). A dialog asks for one act.
The form in either stays open, with what was typed, until that is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

import streamlit as st

from models.engagement import Engagement
from models.people import Actor
from models.wording import past_tense
from ui import feedback
from ui.current_user import actor
from ui.markdown import escaped

FIELD_WIDTH = 240
"""Pixels below which the fields of a form stand below each other; beside each other they follow in rows, as Tab does."""
FieldKey = Callable[[str], str]
"""Returns the key of a field's widget by the field's name."""


def drawer(
    title: str,
    body: Callable[[], None],
    on_dismiss: Callable[[], None] | Literal["ignore", "rerun"] = "ignore",
) -> None:
    """Open a dialog on the right that shows `body`. Saving a form in it draws the page anew."""
    st.dialog(escaped(title), position="right", width=600, on_dismiss=on_dismiss)(_with_feedback)(body)


def _with_feedback(body: Callable[[], None]) -> None:
    feedback.show_in_dialog()
    body()


def form(
    name: str,
    fields: Callable[[FieldKey], None],
    carry_out: Callable[[Actor, Mapping[str, Any]], object],
    *,
    button: str,
    done: str | Callable[[], str],
) -> None:
    """Draw a form. `fields(key)` draws its widgets, each with `key=key("its field")`.

    `carry_out(actor, values)` gets what was typed by field; `button` is verb and object, `done` what was done, or
    returns it afterwards.
    """
    prefix = f"{name}: "
    submission = feedback.submission(name)

    def save() -> None:
        values = {
            str(key).removeprefix(prefix): value
            for key, value in st.session_state.items()
            if str(key).startswith(prefix)
        }
        attempt(name, lambda actor: carry_out(actor, values), done, submission)

    with st.form(name, border=False):
        fields(lambda field: prefix + field)
        st.form_submit_button(button, type="primary", on_click=save)


def open_form(
    title: str,
    name: str,
    fields: Callable[[FieldKey], None],
    carry_out: Callable[[Actor, Mapping[str, Any]], object],
    *,
    button: str,
    done: str,
    about: str = "",
) -> None:
    """Open a dialog with one form in it (see `form`), below a line of Markdown `about` what it does."""

    def body() -> None:
        if about:
            st.write(about)
        form(name, fields, carry_out, button=button, done=done)

    drawer(title, body)


def attempt(
    name: str,
    use_case: Callable[[Actor], object],
    done: str | Callable[[], str],
    submission: str | None = None,
) -> bool:
    """Carry out a use case of a dialog, once for each time that its form or button `name` is drawn.

    `submission` is the id that it was drawn with: the second click of a double click comes when the first has renewed it.
    """
    once = submission or feedback.submission(name)
    if not feedback.attempt(lambda: use_case(actor(once=once)), done):
        return False
    feedback.renew(name)
    return True


def attempting(name: str, use_case: Callable[[Actor], object], done: str) -> Callable[[], None]:
    """Return a callback of a dialog's button that carries out a use case, as `attempt` does."""
    submission = feedback.submission(name)

    def callback() -> None:
        attempt(name, use_case, done, submission)

    return callback


def evidence_date(
    engagement: Engagement, on: date, label: str, value: date | None, key: str, **options: Any
) -> None:
    """Draw a field for the date of evidence: from day 1 to today, which it begins with unless there is a `value`."""
    # Before day 1 there is no date to choose yet; the services say so.
    last = max(on, engagement.day_1)
    first = engagement.day_1
    st.date_input(
        label, value or last, key=key, min_value=first, max_value=last, format="YYYY-MM-DD", **options
    )


def remove_button(
    kind: str, row: Any, use_case: Callable[..., None], slug: str, consequence: str, verb: str = "remove"
) -> None:
    """Draw the button that removes a record, in a popover that states the consequence."""

    def remove() -> None:
        done = f"{past_tense(verb).capitalize()} the {kind}"
        if attempt(f"{verb} {kind} {row.id}", lambda actor: use_case(actor, slug, row.id, row.version), done):
            take_out_of_address(kind)

    with st.popover(verb.capitalize(), type="tertiary"):
        st.write(consequence)
        st.button(f"{verb.capitalize()} the {kind}", on_click=remove)


def record_select(kind: str, records: list[Any]) -> None:
    """Draw a list from which a record of the table above is opened by its title."""
    titles, key = {row.id: row.title for row in records}, f"open a {kind}"

    def open_selected() -> None:
        if st.session_state[key] is not None:
            put_in_address(kind, st.session_state[key])
            # It offers all of them again once the drawer is closed.
            st.session_state[key] = None

    st.selectbox(
        f"Open a {kind}", list(titles), index=None, format_func=lambda row_id: titles.get(row_id, ""), key=key,
        on_change=open_selected, placeholder="Choose by title", width=360,
    )  # fmt: skip


def open_from_address(kinds: Mapping[str, tuple[list[Any], Callable[[Any], None]]]) -> None:
    """Open the record that the address names (`?workflow=12`): `kinds` has the records of each kind, and the function
    that opens one."""
    kind = next((kind for kind in kinds if kind in st.query_params), None)
    if kind is None:
        return
    records, open_record = kinds[kind]
    record = next((row for row in records if str(row.id) == st.query_params[kind]), None)
    if record is None:
        st.warning(f"There is no such {kind} here: it was removed, or the address is wrong.")
    else:
        open_record(record)


def put_in_address(kind: str, record_id: int) -> None:
    """Name this one record in the address, so that it opens and can be linked to."""
    st.query_params.from_dict({"engagement": st.query_params["engagement"], kind: str(record_id)})


def take_out_of_address(kind: str) -> None:
    """Name no record any more: its drawer was closed."""
    st.query_params.pop(kind, None)
