"""A pipeline in its drawer: its runs, and the forms that report a run and change the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from models.engagement import Engagement
from models.permissions import Action
from models.pipelines import PIPELINE_KINDS, Pipeline
from models.wording import count, day_month
from services.workflows import pipelines
from ui import drawer, frame, markdown

# Older runs are in the journal.
RUNS_SHOWN = 10


def open_pipeline(engagement: Engagement, pipeline: Pipeline, on: date) -> None:
    """Open a pipeline in its drawer; closing that takes it out of the address."""

    def body() -> None:
        if not frame.may(engagement, Action.EDIT_FOUNDATION):
            _runs(pipeline)
            return
        report, change, runs = st.tabs(["Report a run", "Change", "Runs"])
        with report:
            _report(engagement, pipeline, on)
        with change:
            _change(engagement, pipeline)
        with runs:
            _runs(pipeline)

    drawer.drawer(pipeline.name, body, on_dismiss=lambda: drawer.take_out_of_address("pipeline"))


def declare_pipeline(engagement: Engagement, kind: str) -> None:
    """Open a dialog that declares a pipeline of that kind."""

    def body() -> None:
        drawer.form(
            f"new {kind} pipeline",
            lambda key: _fields(key, kind.capitalize(), kind, None),
            lambda actor, values: pipelines.add_pipeline(actor, engagement.slug, _fields_of(values)),
            button="Declare the pipeline",
            done="Declared the pipeline",
        )

    drawer.drawer(f"Declare the {kind} pipeline", body)


def _fields(key: Callable[[str], str], name: str, kind: str, link: str | None) -> None:
    st.text_input("Name", name, key=key("name"))
    st.selectbox(
        "Kind", PIPELINE_KINDS, PIPELINE_KINDS.index(kind), format_func=str.capitalize, key=key("kind")
    )
    st.text_input("Link", link, key=key("link"), placeholder="https://ci.example.org/build")


def _fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("name", "kind", "link")}


def _report(engagement: Engagement, pipeline: Pipeline, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.radio(
            "The run was", [True, False], format_func={True: "Green", False: "Red"}.__getitem__, key=key("green"),
            horizontal=True,
        )  # fmt: skip
        drawer.evidence_date(engagement, on, "Ran on", None, key("ran_on"))
        st.text_input("Link to the run", None, key=key("link"), placeholder="https://")

    drawer.form(
        f"run of pipeline {pipeline.id} {len(pipeline.runs)}",
        fields,
        lambda actor, values: pipelines.report_run(
            actor,
            engagement.slug,
            pipeline.id,
            ran_on=values["ran_on"],
            green=values["green"],
            link=values["link"],
        ),
        button="Report the run",
        done="Reported the run",
    )


def _change(engagement: Engagement, pipeline: Pipeline) -> None:
    drawer.form(
        f"pipeline {pipeline.id} {pipeline.version}",
        lambda key: _fields(key, pipeline.name, pipeline.kind, pipeline.link),
        lambda actor, values: pipelines.change_pipeline(
            actor, engagement.slug, pipeline.id, _fields_of(values), pipeline.version
        ),
        button="Save the pipeline",
        done="Saved the pipeline",
    )

    consequence = f"The pipeline and its {count(len(pipeline.runs), 'run')} don't count any more. The journal keeps them."
    drawer.remove_button("pipeline", pipeline, pipelines.remove_pipeline, engagement.slug, consequence)


def _runs(pipeline: Pipeline) -> None:
    if not pipeline.runs:
        st.write("No run was reported yet.")
    newest_first = sorted(pipeline.runs, key=lambda run: (run.ran_on, run.id), reverse=True)
    for run in newest_first[:RUNS_SHOWN]:
        result = (
            ":green-badge[:material/check_circle: Green]" if run.green else ":red-badge[:material/error: Red]"
        )
        link = " " + markdown.external_link("See the run", run.link) if run.link else ""
        st.markdown(f"{result} {day_month(run.ran_on)}{link}")
    if len(newest_first) > RUNS_SHOWN:
        st.caption(f"The newest {RUNS_SHOWN} of {len(newest_first)}.")
