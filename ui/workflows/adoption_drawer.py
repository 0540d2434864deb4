"""A training or a document in its drawer: the forms that record, change and remove one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from models.adoption import Document, Training
from models.engagement import Engagement
from models.people import Actor
from models.permissions import Action
from reports.frames.adoption import attendance
from services.workflows import adoption
from ui import drawer, frame, markdown

ALL = "All of them"
CONSEQUENCE = "It doesn't count any more. The journal keeps it."


def open_training(engagement: Engagement, on: date, training: Training | None = None) -> None:
    """Open a training, or an empty form for one; closing it takes it out of the address."""

    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Title", training.title if training else "", key=key("title"))
        drawer.evidence_date(
            engagement, on, "Held on", training.held_on if training else None, key("held_on")
        )
        invited, attended = st.columns(2)
        invited.number_input(
            "Invited", 1, adoption.MAX_INVITED, training.invited if training else 1, key=key("invited")
        )
        attended.number_input(
            "Attended", 0, adoption.MAX_INVITED, training.attended if training else 0, key=key("attended")
        )
        _workflow(engagement, training, key("workflow_id"))
        st.text_area("Note", training.note if training else None, key=key("note"))

    def body() -> None:
        if training is None:
            _new(
                "training",
                adoption.record_training,
                engagement,
                fields,
                "Record the training",
                "Recorded the training",
            )
        elif frame.may(engagement, Action.EDIT_ADOPTION):
            _change("training", training, adoption.change_training, engagement, fields)
            drawer.remove_button("training", training, adoption.remove_training, engagement.slug, CONSEQUENCE)
        else:
            st.markdown(f"{attendance(training)} came. {markdown.escaped(training.note or '')}")

    drawer.drawer(training.title if training else "Record a training", body, _take_out_of_address("training"))


def open_document(engagement: Engagement, on: date, document: Document | None = None) -> None:
    """Open a document, or an empty form for one; closing it takes it out of the address."""

    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Title", document.title if document else "", key=key("title"))
        st.text_input("Link", document.link if document else "", key=key("link"), placeholder="https://")
        drawer.evidence_date(
            engagement,
            on,
            "Published on",
            document.published_on if document else None,
            key("published_on"),
        )
        _workflow(engagement, document, key("workflow_id"))

    def body() -> None:
        if document is None:
            _new(
                "document",
                adoption.publish_document,
                engagement,
                fields,
                "Add the document",
                "Added the document",
            )
        elif frame.may(engagement, Action.EDIT_ADOPTION):
            _change("document", document, adoption.change_document, engagement, fields)
            drawer.remove_button("document", document, adoption.remove_document, engagement.slug, CONSEQUENCE)
        else:
            st.markdown(markdown.external_link("Open the document", document.link))

    drawer.drawer(document.title if document else "Add a document", body, _take_out_of_address("document"))


def _take_out_of_address(kind: str) -> Callable[[], None]:
    return lambda: drawer.take_out_of_address(kind)


def _workflow(engagement: Engagement, row: Training | Document | None, key: str) -> None:
    names = {None: ALL} | {flow.id: flow.name for flow in engagement.workflows}
    chosen = list(names).index(row.workflow_id) if row else 0
    st.selectbox("Workflow", list(names), chosen, format_func=names.__getitem__, key=key)


def _new(
    kind: str,
    use_case: Callable[[Actor, str, Mapping[str, Any]], object],
    engagement: Engagement,
    fields: Callable[[drawer.FieldKey], None],
    button: str,
    done: str,
) -> None:
    drawer.form(
        f"new {kind}",
        fields,
        lambda actor, values: use_case(actor, engagement.slug, values),
        button=button,
        done=done,
    )


def _change(
    kind: str,
    row: Training | Document,
    use_case: Callable[[Actor, str, int, Mapping[str, Any], int], object],
    engagement: Engagement,
    fields: Callable[[drawer.FieldKey], None],
) -> None:
    drawer.form(
        f"{kind} {row.id} {row.version}",
        fields,
        lambda actor, values: use_case(actor, engagement.slug, row.id, values, row.version),
        button=f"Save the {kind}",
        done=f"Saved the {kind}",
    )
