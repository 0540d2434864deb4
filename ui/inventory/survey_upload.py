"""Uploading a survey: the script to run where the clone is, the list of systems for it, and the file that it writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from analysis import survey
from analysis.survey_file import MAX_BYTES
from models.engagement import Engagement
from models.errors import RuleBroken
from models.wording import count
from services.architecture.surveys import record_survey, sentence_of, uploaded_survey
from ui import feedback, markdown
from ui.current_user import actor


def upload_survey(engagement: Engagement) -> None:
    """Draw the section of the page that imports a survey."""
    number = st.session_state.setdefault("survey form", 0)
    with st.container(border=True):
        st.header("Survey a repository")
        st.write(
            "Which systems change, how often, and together with which: run the script where the clone is, and upload the "
            "file that it writes. Only counts, names of systems and short commit hashes are in it: no author, no "
            "e-mail address, no subject and no code."
        )
        with st.container(horizontal=True):
            script = Path(survey.__file__).read_bytes()
            st.download_button(
                "Script (Python 3.11, git)", script, "survey.py", "text/x-python", on_click="ignore"
            )
            st.download_button(
                "Systems for the script",
                systems_csv(engagement),
                "systems.csv",
                "text/csv",
                on_click="ignore",
            )
        st.code(
            "python survey.py REPOSITORY --systems systems.csv --out survey.json",
            language=None,
            wrap_lines=True,
        )
        uploaded = st.file_uploader(
            f"Survey (JSON, at most {MAX_BYTES / 1e6:.0f} MB)", key=f"survey file {number}"
        )
        if uploaded is not None:
            _show(engagement, uploaded.getvalue())


def _show(engagement: Engagement, content: bytes) -> None:
    try:
        taken = uploaded_survey(content)
    except RuleBroken as refused:
        st.error(markdown.escaped(str(refused)), icon=":material/error:")
        return
    left_out = ", ".join(f"{reason} {number:,}" for reason, number in taken["left_out"].items())
    st.markdown(f"**{markdown.escaped(sentence_of(taken))}**")
    st.caption(
        f"{count(taken['read'], 'commit')} since {taken['since'][:10]}: {taken['counted']:,} counted. "
        f"Left out: {left_out}."
    )
    label = f"Record the survey of {markdown.escaped(taken['repository'])}"
    st.button(label, type="primary", on_click=_record, args=(engagement.slug, taken))


def _record(slug: str, taken: Mapping[str, Any]) -> None:
    done = f"Recorded the survey of {taken['repository']}"
    if feedback.attempt(lambda: record_survey(actor(once=feedback.submission("survey")), slug, taken), done):
        feedback.renew("survey")
        st.session_state["survey form"] += 1


def systems_csv(engagement: Engagement) -> bytes:
    """Return the systems that say where their code lies, as the file that the script reads."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["system", "code"])
    writer.writerows([row.name, row.code] for row in engagement.systems if row.code)
    return text.getvalue().encode()
