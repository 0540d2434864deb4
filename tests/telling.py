"""What a reader is told of each kind of part, and of what not: so that a new kind can't be forgotten in silence.

Each kind of part is listed for each telling: among what it tells, or among what it doesn't, with the reason. A test holds
the lists against the tables (tests/test_telling.py).
"""

from __future__ import annotations

from typing import NamedTuple

OF_ITS_OWNER = "told with what it belongs to"
BOOKKEEPING = "bookkeeping of what arrived and of who read what"
NOT_YET = "nobody asked for it yet"
BY_PROOF = "a rehearsal is told by the proof that it leaves, and a real run by the share that follows it"


class Telling(NamedTuple):
    """One way of telling: the kinds that it tells, and why it doesn't tell the others."""

    covered: frozenset[str]
    not_covered: dict[str, str]


_BOOKKEEPING = [
    "erasure", "handover", "import_run", "invitation", "measurement_batch", "review_download", "review_passage",
    "review_reading", "sign_off_event", "sign_off_item", "sign_off_link", "sign_off_receipt", "sign_off_request",
]  # fmt: skip


def _because(reason: str, *kinds: str) -> dict[str, str]:
    return dict.fromkeys(kinds, reason)


_KEPT = _because(BOOKKEEPING, *_BOOKKEEPING)
DIFFERENCE = Telling(
    frozenset({
        "cutover", "cycle", "decision", "dependency", "document", "evidence", "friction", "gate_waiver", "interview",
        "metric", "milestone", "pain_point", "pipeline", "pipeline_run", "proof", "rehearsal", "replacement", "review",
        "share", "sign_off", "system", "training", "waiver", "workflow",
    }),
    _KEPT
    | _because(OF_ITS_OWNER, "definition", "phase", "metric_phase", "workflow_system", "metric_pull")
    | _because(NOT_YET, "claim", "member", "pitfall_check"),
)  # fmt: skip
REVIEW = Telling(
    frozenset({
        "claim", "cutover", "cycle", "decision", "document", "evidence", "friction", "gate_waiver", "interview", "metric",
        "metric_phase", "milestone", "pain_point", "pipeline_run", "pitfall_check", "proof", "rehearsal", "replacement",
        "share", "sign_off", "system", "training", "waiver", "workflow",
    }),
    _KEPT
    | _because(OF_ITS_OWNER, "definition", "phase", "pipeline", "workflow_system", "metric_pull")
    | _because(NOT_YET, "dependency", "member", "review"),
)  # fmt: skip
SAMPLE = Telling(
    frozenset({
        "claim", "cutover", "cycle", "decision", "definition", "dependency", "document", "evidence", "friction",
        "gate_waiver", "interview", "measurement_batch", "member", "metric", "milestone", "pain_point", "phase",
        "pipeline", "pipeline_run", "pitfall_check", "proof", "rehearsal", "replacement", "review", "share", "sign_off",
        "system", "training", "waiver", "workflow", "workflow_system",
    }),
    _because(NOT_YET, "metric_phase", "metric_pull", "import_run", "invitation", "erasure", "handover")
    | _because(
        BOOKKEEPING, "review_download", "review_passage", "review_reading", "sign_off_event", "sign_off_item",
        "sign_off_link", "sign_off_receipt", "sign_off_request",
    ),
)  # fmt: skip
GUIDE = Telling(
    frozenset({
        "claim", "cutover", "cycle", "decision", "definition", "dependency", "document", "erasure", "evidence",
        "friction", "gate_waiver", "handover", "import_run", "interview", "invitation", "measurement_batch", "member",
        "metric", "metric_phase", "metric_pull", "milestone", "pain_point", "phase", "pipeline", "pipeline_run",
        "pitfall_check", "proof", "rehearsal", "replacement", "review", "share", "sign_off", "sign_off_link",
        "sign_off_receipt", "sign_off_request", "system", "training", "waiver", "workflow",
    }),
    _because(
        OF_ITS_OWNER, "sign_off_event", "sign_off_item", "workflow_system", "review_passage", "review_reading",
        "review_download",
    ),
)  # fmt: skip
IMPORTS = Telling(
    frozenset({
        "dependency", "friction", "interview", "measurement_batch", "metric", "pain_point", "rehearsal", "system",
        "workflow",
    }),
    _because(
        NOT_YET, "claim", "decision", "document", "evidence", "metric_phase", "metric_pull", "milestone", "pipeline",
        "pitfall_check", "training", "waiver",
    )
    | _because("programs report it as evidence", "pipeline_run", "proof", "replacement", "share", "gate_waiver")
    | _because(OF_ITS_OWNER, "cycle", "definition", "phase", "workflow_system")
    | _because(
        "a person does it by name", "cutover", "erasure", "handover", "import_run", "invitation", "member", "review",
        "review_download", "review_passage", "review_reading", "sign_off", "sign_off_event", "sign_off_item",
        "sign_off_link", "sign_off_receipt", "sign_off_request",
    ),
)  # fmt: skip
# A runbook's steps and reports belong to it and to its runs.
_OF_RUNS = _because(OF_ITS_OWNER, "runbook_step", "run_report")
for _telling in (DIFFERENCE, REVIEW):
    _telling.not_covered.update(_OF_RUNS | _because(BY_PROOF, "runbook", "run"))
SAMPLE = Telling(SAMPLE.covered | {"runbook", "runbook_step", "run", "run_report"}, SAMPLE.not_covered)
GUIDE = Telling(GUIDE.covered | {"runbook", "run"}, GUIDE.not_covered | _OF_RUNS)
IMPORTS.not_covered.update(
    _OF_RUNS | _because(NOT_YET, "runbook") | _because("a person does it by name", "run")
)
# Notes are read where they were written; notices and the columns of past imports are bookkeeping.
_NOTED = (
    _because(BOOKKEEPING, "import_mapping", "notice")
    | _because(NOT_YET, "note")
    | _because(OF_ITS_OWNER, "note_mention")
)
_ARCHITECTURE = frozenset({"survey", "contract", "contract_version", "trial"})
DIFFERENCE = Telling(DIFFERENCE.covered | _ARCHITECTURE, DIFFERENCE.not_covered | _NOTED)
REVIEW = Telling(REVIEW.covered | _ARCHITECTURE, REVIEW.not_covered | _NOTED)
SAMPLE = Telling(SAMPLE.covered | _ARCHITECTURE, SAMPLE.not_covered | _NOTED)
GUIDE = Telling(
    GUIDE.covered | {"survey", "contract", "trial", "note", "notice"},
    GUIDE.not_covered
    | _because(OF_ITS_OWNER, "contract_version", "note_mention")
    | _because(BOOKKEEPING, "import_mapping"),
)
IMPORTS.not_covered.update(
    _NOTED
    | _because("a file of its own, not a table of rows", "survey", "contract", "contract_version")
    | _because(NOT_YET, "trial")
)
TELLINGS = {
    "difference": DIFFERENCE,
    "weekly review": REVIEW,
    "sample": SAMPLE,
    "guide": GUIDE,
    "imports": IMPORTS,
}
