"""What a use case answered, shown once: after the rerun that followed the click."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from models.errors import AlreadyDone, HeadwayError
from ui import current_user, navigation
from ui.frame import escaped


def attempt(use_case: Callable[[], object], done: str | Callable[[], str]) -> bool:
    """Carry out a use case, from a callback or a script. Say what was done, or the sentence that refused it.

    Returns whether it was carried out (also by an earlier click of the same submission).
    """
    if navigation.as_of():
        say_next("error", "You are reading the past, where nothing can be changed. Go back to today first.")
        return False
    try:
        use_case()
    except AlreadyDone as twice:
        say_next("info", str(twice))
        return True
    except HeadwayError as refused:
        current_user.note_refusal(refused)
        say_next("error", str(refused))
        return False
    say_next("success", done if isinstance(done, str) else done())
    return True


def say_next(kind: str, sentence: str) -> None:
    """Keep a sentence (success, info or error) for the top of the page that comes next."""
    st.session_state["feedback"] = (kind, sentence)


def show_feedback() -> None:
    """Show what the last click came to. A refusal stays on the page; a success passes by."""
    kind, sentence = st.session_state.pop("feedback", (None, ""))
    # It may repeat what somebody typed.
    sentence = escaped(sentence)
    if kind == "success":
        st.toast(sentence, icon=":material/check_circle:")
    elif kind == "info":
        st.toast(sentence, icon=":material/info:")
    elif kind == "error":
        st.error(sentence, icon=":material/error:")


def show_in_dialog() -> None:
    """At the top of a dialog: a refusal is shown in it, beside what was typed; a success closes it."""
    kind, _ = st.session_state.get("feedback", (None, ""))
    if kind == "error":
        show_feedback()
    elif kind is not None:
        st.rerun()


def submission(form: str) -> str:
    """The name of the submission that `form` will make: minted when it is drawn, new after it was carried out."""
    return st.session_state.setdefault(f"submission {form}", uuid4().hex)


def renew(form: str) -> None:
    """The next submission of `form` is another one."""
    st.session_state.pop(f"submission {form}", None)
