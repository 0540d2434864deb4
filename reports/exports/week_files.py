"""Export a frozen week in each format, from its snapshot alone: the same snapshot gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import Invalid
from models.snapshot import SnapshotDocument
from reports.exports.week_facts import at_least_layout

MAX_IN_NAME = 60


@dataclass(frozen=True)
class Format:
    """A format: what a file's name ends with, and its media type."""

    key: str
    suffix: str
    media_type: str


FORMATS = {
    format.key: format
    for format in [
        Format("pdf", "pdf", "application/pdf"),
        Format("pptx", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        Format("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format("md", "md", "text/markdown; charset=utf-8"),
        Format("csv", "zip", "application/zip"),
        Format("json", "json", "application/json"),
    ]
}


def export(document: SnapshotDocument, format: str, template: Path | None = None) -> bytes:
    """The week as a file; `template` is a firm's own .pptx for slides. Raises Invalid for a format that there isn't."""
    if format not in FORMATS:
        raise Invalid(f"There is no format “{format}”: it can be {', '.join(FORMATS)}.")
    if format == "pptx" and template is not None:
        if not template.is_file():
            raise Invalid(f"There is no template file {template}.")
        from reports.exports.slides import pptx

        return pptx(document, template)
    if format == "md" and at_least_layout(document, 3):
        from reports.exports.markdown import markdown

        return markdown(document)
    return _writer(format)(document)


def file_name(document: SnapshotDocument, format: str) -> str:
    """acme-week-7.pdf; with its cycle where it isn't the first."""
    head = document.content["head"]
    cycle = f"-cycle-{head['cycle']}" if head["cycle"] > 1 else ""
    week = f"week-{head['week']}" if 1 <= head["week"] <= head["weeks"] else document.body["on"]
    return f"{document.body['engagement'][:MAX_IN_NAME]}{cycle}-{week}.{FORMATS[format].suffix}"


def _writer(format: str) -> Callable[[SnapshotDocument], bytes]:
    # Imported when asked for: the writers load typst, python-pptx and XlsxWriter, which no page needs.
    if format == "pdf":
        from reports.exports.pdf import pdf as writer
    elif format == "pptx":
        from reports.exports.slides import pptx as writer
    elif format == "xlsx":
        from reports.exports.workbook import xlsx as writer
    elif format == "md":
        from reports.exports.markdown_of_layout_2 import markdown as writer
    elif format == "csv":
        from reports.exports.csv_zip import csv_zip as writer
    else:
        return SnapshotDocument.to_bytes
    return writer
