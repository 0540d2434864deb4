"""Evidence that programs report: one way in for runs of pipelines, rehearsals, go-lives, shares, proofs and the rest.

The API and the command line take the same path. A kind of evidence is a line in `KINDS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.survey_file import MAX_BYTES as MAX_SURVEY
from models.base import Part
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.pipelines import Pipeline
from models.replacements import Replacement
from models.wording import quoted_list
from models.workflows import Workflow
from services.architecture.contracts import put_version
from services.architecture.openapi_document import MAX_BYTES as MAX_CONTRACT
from services.architecture.openapi_document import read_openapi
from services.architecture.survey_metric import put_trend
from services.architecture.surveys import put_survey, sentence_of, uploaded_survey
from services.core import strict_json
from services.core.idempotency import CREATED, StoredAnswer, UseCase, carry_out_once
from services.core.transaction import open_engagement, transaction
from services.replacements.proofs import put_proof
from services.replacements.replacements import put_share
from services.replacements.traces import MAX_FILE as MAX_TRACES
from services.replacements.traces import parse as parse_traces
from services.replacements.traces import put_traces
from services.workflows.pipelines import put_run
from services.workflows.workflows import RehearsalResult, put_rehearsal, put_workflow

P = TypeVar("P", bound=Part)
USE_CASE = UseCase("report evidence", Action.REPORT_EVIDENCE, open_engagement)


class Reported(BaseModel):
    """The fields of a kind of evidence. `on` is today where it isn't given."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = None


class PipelineRunReported(Reported):
    pipeline: str | int
    green: bool = True
    link: str | None = None


class RehearsalReported(Reported):
    workflow: str | int
    worked: bool
    minutes: int | None = None
    note: str | None = None


class GoLiveReported(Reported):
    workflow: str | int


class ShareReported(Reported):
    replacement: str | int
    percent: float
    why: str | None = None


class ProofReported(Reported):
    replacement: str | int
    proof: Literal["rollback", "breaker", "comparison"]
    outcome: Literal["passed", "failed", "inconclusive"]
    n: int | None = None
    bad: int | None = None
    seconds: int | None = None
    link: str | None = None
    note: str | None = None


class TracesReported(BaseModel):
    """`until` is needed: a file of calls doesn't hold the time that it is of."""

    model_config = ConfigDict(extra="forbid")

    replacement: str | int
    until: date
    days: int
    content: Any
    note: str | None = None


class ContractReported(BaseModel):
    """`content` is an OpenAPI document: its text, in JSON or YAML, or the JSON object itself. Only people freeze one."""

    model_config = ConfigDict(extra="forbid")

    contract: str
    content: str | dict[str, Any]
    label: str | None = None
    system: str | None = None


class SurveyReported(BaseModel):
    """`content` is what the survey's script wrote."""

    model_config = ConfigDict(extra="forbid")

    content: dict[str, Any]


Record = Callable[[Session, Engagement, Any, Actor], dict[str, Any]]


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of evidence: its fields, and the function that records them and returns what is answered.

    `read_file` returns the field `content` of a file, for the kinds that have it; `max_file` is in bytes.
    """

    fields: type[BaseModel]
    record: Record
    read_file: Callable[[bytes], Any] | None = None
    max_file: int = 0


def _today(engagement: Engagement, actor: Actor) -> date:
    return actor.today(engagement.zone)


def _pipeline_run(
    session: Session, engagement: Engagement, given: PipelineRunReported, actor: Actor
) -> dict[str, Any]:
    today = _today(engagement, actor)
    pipeline = named(session, engagement, Pipeline, given.pipeline)
    run = put_run(session, engagement, pipeline, given.on or today, given.green, given.link, today)
    return {"id": run.id}


def _rehearsal(
    session: Session, engagement: Engagement, given: RehearsalReported, actor: Actor
) -> dict[str, Any]:
    today = _today(engagement, actor)
    workflow = named(session, engagement, Workflow, given.workflow)
    result = RehearsalResult(given.worked, given.minutes, given.note)
    return {"id": put_rehearsal(session, engagement, workflow, given.on or today, result, today).id}


def _go_live(session: Session, engagement: Engagement, given: GoLiveReported, actor: Actor) -> dict[str, Any]:
    today = _today(engagement, actor)
    workflow = named(session, engagement, Workflow, given.workflow)
    live = {"state": "live", "live_on": given.on or today}
    return {"id": put_workflow(session, engagement, live, workflow, today).id}


def _share(session: Session, engagement: Engagement, given: ShareReported, actor: Actor) -> dict[str, Any]:
    today = _today(engagement, actor)
    replacement = named(session, engagement, Replacement, given.replacement)
    share = put_share(session, engagement, replacement, given.on or today, given.percent, given.why, today)
    return {"id": share.id}


def _proof(session: Session, engagement: Engagement, given: ProofReported, actor: Actor) -> dict[str, Any]:
    today = _today(engagement, actor)
    replacement = named(session, engagement, Replacement, given.replacement)
    fields = given.model_dump() | {"kind": given.proof, "on": given.on or today}
    return {"id": put_proof(session, engagement, replacement, fields, today).id}


def _traces(session: Session, engagement: Engagement, given: TracesReported, actor: Actor) -> dict[str, Any]:
    today = _today(engagement, actor)
    replacement = named(session, engagement, Replacement, given.replacement)
    proof = put_traces(
        session, engagement, replacement, given.content, given.until, given.days, given.note, today
    )
    return {
        "id": proof.proof_id,
        "outcome": proof.outcome,
        "calls": proof.calls,
        "undeclared": [list(pair) for pair in proof.undeclared],
        "unknown": proof.unknown,
    }


def _contract(
    session: Session, engagement: Engagement, given: ContractReported, actor: Actor
) -> dict[str, Any]:
    text = given.content if isinstance(given.content, str) else json.dumps(given.content, ensure_ascii=False)
    content = text.encode()
    version = put_version(
        session, engagement, actor, given.contract, content, read_openapi(content), label=given.label,
        system=given.system,
    )  # fmt: skip
    return {
        "id": version.version_id,
        "contract": version.contract,
        "label": version.label,
        "new": version.is_new,
        "breaks": version.breaks,
        "sentence": version.text,
    }


def _survey(session: Session, engagement: Engagement, given: SurveyReported, actor: Actor) -> dict[str, Any]:
    survey, today = uploaded_survey(json.dumps(given.content).encode()), _today(engagement, actor)
    row = put_survey(session, engagement, survey, today)
    trend = put_trend(session, engagement, survey, today)
    return {"id": row.id, "sentence": sentence_of(survey), "metric": trend and trend.metric}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise Invalid("The file isn't text in UTF-8. Nothing was saved.") from broken


KINDS: dict[str, EvidenceKind] = {
    "pipeline_run": EvidenceKind(PipelineRunReported, _pipeline_run),
    "rehearsal": EvidenceKind(RehearsalReported, _rehearsal),
    "go_live": EvidenceKind(GoLiveReported, _go_live),
    "share": EvidenceKind(ShareReported, _share),
    "proof": EvidenceKind(ProofReported, _proof),
    "traces": EvidenceKind(TracesReported, _traces, parse_traces, MAX_TRACES),
    "contract": EvidenceKind(ContractReported, _contract, _text, MAX_CONTRACT),
    "survey": EvidenceKind(SurveyReported, _survey, uploaded_survey, MAX_SURVEY),
}
MAX_EVIDENCE = 12_000_000
"""Bytes of a request: enough for the largest document as a text."""


def accept(actor: Actor, slug: str, key: str, body: bytes) -> StoredAnswer:
    """Record the evidence in `body`, once for each `key` of the engagement, and return the answer.

    Raises Unreadable if the body isn't JSON, Invalid if it can't be accepted, and what `carry_out_once` raises.
    """

    def process(session: Session, engagement: Engagement) -> StoredAnswer:
        kind, given = _parse(body)
        return StoredAnswer(CREATED, _record(session, engagement, kind, given, actor))

    return carry_out_once(actor, slug, key, body, USE_CASE, process)


def report(actor: Actor, slug: str, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Record evidence as `accept` does, of fields that a person typed. Returns the same answer. Raises Invalid."""
    with transaction(actor, USE_CASE.name) as session:
        engagement = open_engagement(session, slug, USE_CASE.action)
        name = kind_named(kind)
        return _record(session, engagement, name, _validated(name, fields, strict=False), actor)


def kind_named(name: object) -> str:
    """Return the kind of that name, however it is written. Raises Invalid with those that there are."""
    text = name.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(name, str) else ""
    if text not in KINDS:
        problem = f"There is no kind of evidence “{name}”" if text else "Give the kind of the evidence"
        raise Invalid(f"{problem}: it can be {', '.join(KINDS)}. Nothing was saved.")
    return text


def _parse(body: bytes) -> tuple[str, BaseModel]:
    strict_json.parse(body)
    content = json.loads(body)
    if not isinstance(content, dict):
        raise Invalid("Send one object with the kind of the evidence and its fields. Nothing was saved.")
    kind = kind_named(content.pop("kind", None))
    return kind, _validated(kind, content, strict=True)


def _validated(kind: str, fields: Mapping[str, Any], *, strict: bool) -> BaseModel:
    try:
        return KINDS[kind].fields.model_validate_json(json.dumps(dict(fields), default=str), strict=strict)
    except (ValidationError, RecursionError, ValueError) as wrong:
        if not isinstance(wrong, ValidationError):
            raise Invalid(f"The {kind} can't be read. Nothing was saved.") from wrong
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:1]) or "the evidence"
        raise Invalid(
            f"In the {kind}, {where} can't be accepted: {_lower(first['msg'])}. It has the fields "
            f"{', '.join(KINDS[kind].fields.model_fields)}. Nothing was saved."
        ) from wrong


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _record(
    session: Session, engagement: Engagement, kind: str, given: BaseModel, actor: Actor
) -> dict[str, Any]:
    return {"kind": kind} | KINDS[kind].record(session, engagement, given, actor)


def named(session: Session, engagement: Engagement, kind: type[P], which: str | int) -> P:
    """Return the engagement's row of that name, in whatever spelling, or of that number. Raises NotFound."""
    rows = session.scalars(select(kind).where(kind.engagement_id == engagement.id).order_by(kind.id)).all()
    wanted = normalize_name(str(which))
    matches = [row for row in rows if isinstance(which, str) and normalize_name(row.name) == wanted]  # type: ignore[attr-defined]
    matches += [row for row in rows if str(row.id) == str(which).strip()]
    if not matches:
        noun = kind.__tablename__
        names = quoted_list([row.name for row in rows])  # type: ignore[attr-defined]
        there = f"there is {names}" if names else "none is named yet"
        raise NotFound(f"There is no {noun} “{which}” in this engagement: {there}. Nothing was saved.")
    return matches[0]
