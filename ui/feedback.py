"""The result of a use case, shown once: after the rerun that followed the click."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import uuid4

import streamlit as st

from models.errors import AlreadyDone, HeadwayError
from ui import current_user, navigation
from ui.markdown import escaped


def attempt(use_case: Callable[[], object], done: str | Callable[[], str]) -> bool:
    """Carry out a use case, from a callback or a script. Say what was done, or the sentence that refused it.

    Returns whether it was carried out (also by an earlier click of the same submission).
    """
    if navigation.as_of():
        set_feedback(
            "error", "You are reading the past, where nothing can be changed. Go back to today first."
        )
        return False
    try:
        use_case()
    except AlreadyDone as twice:
        set_feedback("info", str(twice))
        return True
    except HeadwayError as refused:
        current_user.note_refusal(refused)
        set_feedback("error", str(refused))
        return False
    set_feedback("success", done if isinstance(done, str) else done())
    st.session_state["may undo"] = True
    return True


def attempting(use_case: Callable[[], object], done: str | Callable[[], str]) -> Callable[[], None]:
    """Return a callback of a button that carries out a use case, as `attempt` does."""

    def callback() -> None:
        attempt(use_case, done)

    return callback


def set_feedback(kind: str, sentence: str) -> None:
    """Store a sentence (success, info or error) for the top of the page that is drawn next."""
    st.session_state["feedback"] = (kind, sentence)


def warn(sentences: Iterable[str]) -> None:
    """Keep sentences to be checked for the top of the page that comes next, below what the click came to."""
    st.session_state["feedback to check"] = list(sentences)


def show_feedback() -> None:
    """Show the result of the last click. A refusal stays on the page; a success passes by."""
    kind, sentence = st.session_state.pop("feedback", (None, ""))
    for to_check in st.session_state.pop("feedback to check", []):
        st.warning(f"Please check. {escaped(to_check)}", icon=":material/rule:")
    # It may repeat what somebody typed.
    sentence = escaped(sentence)
    if kind == "success":
        st.toast(sentence, icon=":material/check_circle:")
    elif kind == "info":
        st.toast(sentence, icon=":material/info:")
    elif kind == "error":
        st.error(sentence, icon=":material/error:")


def show_in_dialog() -> None:
    """Show a refusal at the top of a dialog, above what was typed. Close the dialog after a success."""
    kind, _ = st.session_state.get("feedback", (None, ""))
    if kind == "error":
        show_feedback()
    elif kind is not None:
        st.rerun()


def submission(form: str) -> str:
    """Return the id of the submission that `form` will make: new when it is drawn first, and after each success."""
    submission_id: str = st.session_state.setdefault(f"submission {form}", uuid4().hex)
    return submission_id


def renew(form: str) -> None:
    """Let the next submission of `form` be another one."""
    st.session_state.pop(f"submission {form}", None)
