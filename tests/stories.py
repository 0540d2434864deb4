"""An engagement with a history, told through the services: what reviews, exports and as-of pages have to show."""

from __future__ import annotations

from datetime import UTC, datetime, time

import numpy as np

from models.engagement import Engagement
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.metrics import definitions
from services.plan import decisions, pitfall_checks
from services.sign_off import signing
from services.workflows import adoption, pipelines
from services.workflows import workflows as flows
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run

NAUGHTY = [
    "=cmd|' /C calc'!A0",
    "José Ñandú 漢字 かな",
    "مرحبا بالعالم",
    "🚀 rocket | pipe `tick` <b>bold</b> $x$ #tag *star* _under_ [link](http://x) ![i](http://x/y.png)",
    "N" * 300,
    "@SUM(A1)",
    "+1+1",
    "-2+3",
    '"quoted", comma; semi\\back',
]
METRICS = [
    ("Loan decision time", "h", "lower", 4.0, 0.025, 0.4),
    ("Developer onboarding", "days", "lower", 90.0, 14.0, 30.0),
    ("Applications at peak", "/ min", "higher", 120.0, 8500.0, 2600.0),
    ("First-time-right applications", "%", "higher", 71.0, 98.0, 93.0),
]
GOES_LIVE = 44
SYSTEMS = ["Portal", "Scoring", "Ledger", "Payments", "Documents", "Warehouse"]


def a_story(slug: str = "acme", until: int = 60, **given: object) -> str:
    """An engagement as it went up to day `until`: inventory, interviews, four signed metrics, a workflow live."""

    def fill() -> None:
        an_engagement(slug, **given)
        for step in (_inventory, _interviews, _metrics, _foundation, _workflow, _measure, _adoption, _decide):
            step(slug, until)

    once_a_run(f"a story of {slug} until {until}: {given}", fill)
    return slug


def _inventory(slug: str, until: int) -> None:
    for number, name in enumerate(SYSTEMS[: until // 2], start=3):
        row = {"name": name, "owner": f"Owner of {name}", "criticality": "high", "standalone": True}
        systems.save(the_operator(number), slug, added=[row | {"reviewed_on": on_day(number)}])


def _interviews(slug: str, until: int) -> None:
    for number in range(min(10, (until - 4) // 2)):
        seen = {"theme": "Waiting", "observed": f"Waits {number + 2} days for an answer"}
        seen |= {"severity": 4, "frequency": "daily"}
        interviews.record_interview(
            the_operator(5 + 2 * number), slug,
            {"interviewee": f"Person {number}", "role": "Underwriter", "held_on": on_day(5 + 2 * number)},
            FrictionEdits(added=[seen], changed=[], removed=[]),
        )  # fmt: skip


def _metrics(slug: str, until: int) -> None:
    for name, unit, direction, baseline, target, _ in METRICS:
        definitions.define(the_operator(8), slug, {
            "name": name, "unit": unit, "direction": direction, "baseline": baseline, "target": target,
            "target_day": 90, "cadence_days": 7, "owner": "Omar Aziz", "source": "warehouse",
            "baseline_until": on_day(GOES_LIVE - 1),
        })  # fmt: skip
    if until >= 20:
        sponsor = an_actor("Dana Ruiz", slug, role="sponsor", day=20)
        signing.sign(
            sponsor,
            slug,
            signing.approvals({row.id: row.digest() for row in the_state(slug).metrics}),
            name="Dana Ruiz",
        )


def _foundation(slug: str, until: int) -> None:
    for kind in ("build", "test", "deploy") if until >= 30 else ():
        pipeline = {"name": kind.title(), "kind": kind, "link": f"https://ci.example.org/{kind}"}
        pipeline_id = pipelines.add_pipeline(the_operator(30), slug, pipeline)
        for day in range(33, until + 1, 7):
            pipelines.report_run(the_operator(day), slug, pipeline_id, ran_on=on_day(day), green=True)


def _workflow(slug: str, until: int) -> None:
    if until < 35:
        return
    state = the_state(slug)
    flow_id = flows.add_workflow(
        the_operator(32), slug,
        {"name": "Score an application", "state": "building", "fallback": "Paper form", "metric_id": state.metrics[0].id},
    )  # fmt: skip
    flows.link_frictions(the_operator(33), slug, flow_id, [row.id for row in state.frictions[:2]])
    flows.rehearse_fallback(the_operator(34), slug, flow_id, rehearsed_on=on_day(34))
    if until >= GOES_LIVE:
        flows.go_live(the_operator(GOES_LIVE), slug, flow_id, live_on=on_day(GOES_LIVE))


def _measure(slug: str, until: int) -> None:
    """Every metric three times a week, with a level that changes when the workflow goes live."""
    dice = np.random.default_rng(7)
    state = the_state(slug)
    for week_end in range(14, until + 1, 7):
        ids, at, values = [], [], []
        for row, (_, _, _, baseline, _, after) in zip(state.metrics, METRICS, strict=False):
            for day in range(week_end - 6, week_end + 1, 2):
                level = after if day >= GOES_LIVE else baseline
                ids.append(row.id)
                at.append(datetime.combine(on_day(day), time(9), UTC))
                values.append(round(float(level * dice.normal(1, 0.03)), 4))
        if ids:
            batches.record(the_operator(week_end), slug, Rows(ids, at, values), "warehouse")


def _adoption(slug: str, until: int) -> None:
    flow = next((row for row in the_state(slug).workflows if row.is_live), None)
    if flow is not None and until >= 50:
        training = {"title": "Scoring for underwriters", "held_on": on_day(50), "invited": 24, "attended": 21}
        adoption.record_training(the_operator(50), slug, training | {"workflow_id": flow.id})
        document = {
            "title": "How to score",
            "link": "https://docs.example.org/score",
            "published_on": on_day(50),
        }
        adoption.publish_document(the_operator(50), slug, document | {"workflow_id": flow.id})


def _decide(slug: str, until: int) -> None:
    decisions.request_decision(
        the_operator(min(40, until)), slug, title="Fund the parallel run for two more weeks", owner="Dana Ruiz, COO",
        needed_by=on_day(62),
    )  # fmt: skip
    answer = pitfall_checks.CheckAnswer("user_research", False, "Ten people were seen at work")
    pitfall_checks.answer_checks(the_operator(min(40, until)), slug, [answer])


def naughty(slug: str = "naughty", metrics_in_all: int = 40) -> Engagement:
    """An engagement whose texts are whatever people may type, with 40 metrics."""
    once_a_run(f"naughty {slug} with {metrics_in_all}", lambda: _tell_naughty(slug, metrics_in_all))
    return the_state(slug)


def _tell_naughty(slug: str, metrics_in_all: int) -> None:
    an_engagement(slug, name=NAUGHTY[3][:60], client=NAUGHTY[1])
    names = [f"{NAUGHTY[n % len(NAUGHTY)][:280]} {n}" for n in range(metrics_in_all)]
    for name in names:
        definitions.define(the_operator(5), slug, {"name": name, "unit": "h", "direction": "lower", "baseline": 4.0,
                                               "target": 1.0, "owner": NAUGHTY[0], "source": NAUGHTY[3]})  # fmt: skip
    state = the_state(slug)
    ids = [row.id for row in state.metrics for _ in range(13)]
    at = [datetime.combine(on_day(day), time(9), UTC) for _ in names for day in range(16, 42, 2)]
    values = [4 + (n * 7 % 5) / 10 for n in range(len(ids))]
    batches.record(the_operator(40), slug, Rows(ids, at, values), NAUGHTY[0])
    systems.save(the_operator(6), slug, added=[{"name": name} for name in NAUGHTY])
    for number, text in enumerate(NAUGHTY):
        seen = {"theme": text[:60], "observed": text, "severity": 5, "frequency": "daily"}
        interviews.record_interview(
            the_operator(6), slug, {"interviewee": f"{text[:200]} {number}", "role": text, "held_on": on_day(6)},
            FrictionEdits(added=[seen], changed=[], removed=[]),
        )  # fmt: skip
        decisions.request_decision(
            the_operator(7), slug, title=text, owner=text, needed_by=on_day(9 + number)
        )
