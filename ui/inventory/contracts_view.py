"""The contracts that a system provides: their states, their versions as a row of marks, freezing, and a new version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.contracts import Contract, ContractVersion
from models.engagement import Engagement
from models.inventory import System
from models.people import Actor
from models.status import Status
from reports.charts.theme import LOOKS
from reports.frames import contracts as rows
from services.architecture.contracts import VersionResult, freeze_version, receive_version
from services.architecture.openapi_document import MAX_BYTES
from ui import drawer, feedback, html, markdown
from ui.current_user import actor

YEAR = timedelta(days=365)
MAX_SHOWN = 100
"""Findings of the newest version that the page shows."""
MARKS = Markup('<p class="hw-versions" role="img" aria-label="{label}">{marks}</p>')
MARK = Markup('<span class="hw-version{ring}" data-tip="{title}" style="color: {colour}">{glyph}</span> ')


def show_contracts(engagement: Engagement, system: System, on: date, may_edit: bool) -> None:
    """Draw the section of a system's page about what it promises to others."""
    st.header("Contracts")
    if not system.contracts:
        st.write(
            "No contract is recorded. Record the interface that others rely on before it is refactored, and freeze it: "
            "each later version is compared with that one."
        )
    for contract in system.contracts:
        with st.container(border=True):
            _show(engagement, contract, on, may_edit)
    if may_edit:
        _receive(engagement, system)


def _show(engagement: Engagement, contract: Contract, on: date, may_edit: bool) -> None:
    state = contract.status(on)
    badge = markdown.badge(state.state.status, state.state.value.capitalize())
    st.markdown(f"**{markdown.escaped(contract.name)}** {badge} {markdown.escaped(state.sentence)}.")
    st.caption(
        markdown.escaped(
            " ".join(
                filter(None, [rows.hit_sentence(contract.system), rows.broken_sentence(contract, on - YEAR)])
            )
        )
    )
    if not contract.versions:
        return
    html.show(marks(contract))
    listed = rows.version_rows(contract)
    html.show(
        html.table(
            {name: [row[name] for row in listed] for name in listed[0]}, f"Versions of {contract.name}", 640
        )
    )
    newest = contract.versions[-1]
    if newest.listed:
        with st.expander(f"What changed in {markdown.escaped(newest.label)}"):
            findings = rows.finding_rows(newest)[:MAX_SHOWN]
            cells = {name: [row[name] for row in findings] for name in findings[0]}
            html.show(html.table(cells, f"What changed in {newest.label}", 640))
    if may_edit and newest.frozen_on is None:
        with st.popover(f"Freeze {markdown.escaped(newest.label)}"):
            st.write(
                "From today on, each later version is compared with this one. Your name and the date stay with it."
            )
            st.button(
                f"Freeze {markdown.escaped(newest.label)} of {markdown.escaped(contract.name)}",
                key=f"freeze {newest.id}",
                type="primary",
                on_click=_freeze,
                args=(engagement.slug, newest.id, newest.version, newest.label),
            )


def _freeze(slug: str, version_id: int, seen: int, label: str) -> None:
    feedback.attempt(lambda: freeze_version(actor(), slug, version_id, seen), f"Froze {label}")


def marks(contract: Contract) -> Markup:
    """Return the versions as a row of marks: whether each breaks, may break or is harmless; frozen ones are ringed."""
    label = f"Versions of {contract.name}: " + "; ".join(_title(row) for row in contract.versions)
    return MARKS.format(label=label, marks=Markup().join(map(_mark, contract.versions)))


def _mark(row: ContractVersion) -> Markup:
    look = LOOKS[_status(row)]
    ring = " hw-frozen" if row.frozen_on else ""
    return MARK.format(title=_title(row), colour=look.colour, ring=ring, glyph=look.glyph)


def _status(row: ContractVersion) -> Status:
    return Status.OFF_TRACK if row.breaks else Status.AT_RISK if row.may_break else Status.ON_TRACK


def _title(row: ContractVersion) -> str:
    words = {Status.OFF_TRACK: "breaks", Status.AT_RISK: "may break", Status.ON_TRACK: "harmless"}
    frozen = f", frozen {rows.frozen_text(row)}" if row.frozen_on else ""
    return f"{row.label} {words[_status(row)]}{frozen}"


def _receive(engagement: Engagement, system: System) -> None:
    """Draw the form for a new version, or for the first one of a new contract."""
    with st.expander("Add a version"):
        number = st.session_state.setdefault("contract form", 0)
        uploaded = st.file_uploader(
            f"OpenAPI 3.0 or 3.1 (JSON or YAML, at most {MAX_BYTES / 1e6:.0f} MB)",
            key=f"contract file {system.id} {number}",
        )

        def fields(key: Callable[[str], str]) -> None:
            known = [contract.name for contract in system.contracts] or [system.name]
            st.text_input("Contract", known[0], key=key("name"))
            st.text_input("Label", key=key("label"), placeholder="The version that the document gives itself")
            st.checkbox("Freeze it", key=key("freeze"))

        if uploaded is not None:
            added = _Adding(engagement.slug, system.name, uploaded.getvalue())
            drawer.form(
                f"contract of {system.id} {number}",
                fields,
                added.add,
                button="Add the version",
                done=added.sentence,
            )


@dataclass
class _Adding:
    """Adds a document as a version, and tells what that came to."""

    slug: str
    system: str
    content: bytes
    result: VersionResult | None = None

    def add(self, who: Actor, values: Mapping[str, Any]) -> None:
        """Add the version, and empty the form for the next one."""
        self.result = receive_version(
            who,
            self.slug,
            values["name"],
            self.content,
            label=values["label"],
            system=self.system,
            freeze=values["freeze"],
        )
        st.session_state["contract form"] += 1

    def sentence(self) -> str:
        """Return what was done: a document that the newest version has already adds none."""
        if self.result is None:
            return "Added the version"
        added = f"Added {self.result.label} of {self.result.contract}. " if self.result.is_new else ""
        return f"{added}{self.result.text}"
