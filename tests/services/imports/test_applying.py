"""Bringing in files of every kind: added once, changed after that, all or nothing, and told beforehand."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.imports import ImportRun
from models.journal import JournalEntry
from models.measurements import Measurement
from models.people import Role
from services.engagement import engagements
from services.imports.applying import File, ImportRefused, ImportResult, Plan, import_file, preview
from services.imports.kinds import KINDS
from services.imports.templates import csv_template, xlsx_template
from services.interviews import interviews
from services.inventory import systems
from services.metrics import definitions
from services.operations import journal_check
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

DAY = 47


def brought(kind: str, *lines: str, **more: object) -> ImportResult:
    """What came of importing these lines on day 47."""
    return import_file(the_operator(DAY), "acme", a_file(kind, *lines, **more))


def a_file(kind: str, *lines: str, metric: str | None = None) -> File:
    return File(kind, "\n".join(lines).encode(), f"{kind}.csv", metric)


def looked(kind: str, *lines: str) -> Plan:
    return preview(the_operator(DAY), "acme", a_file(kind, *lines))


def problems_of(kind: str, *lines: str) -> list[str]:
    """All that is wrong with these lines; the look finds it, and the import refuses it in the same words."""
    told = looked(kind, *lines).problems.sentences()
    before = everything()
    with pytest.raises(ImportRefused) as refused:
        brought(kind, *lines)
    assert refused.value.plan.problems.sentences() == told
    assert everything() == before
    return told


def everything() -> tuple[int, int, int]:
    """What would show that anything was written: the revision, journal entries, and measurements."""
    with Session(engine()) as session:
        entries = session.scalar(select(func.count()).select_from(JournalEntry))
        return the_state().revision, entries, session.scalar(select(func.count()).select_from(Measurement))


def runs() -> list[ImportRun]:
    with Session(engine()) as session:
        return list(session.scalars(select(ImportRun).order_by(ImportRun.id)))


def a_metric(slug: str = "decision-time", unit: str = "h", direction: str = "lower", **more: object) -> int:
    definition = {"slug": slug, "name": slug, "unit": unit, "direction": direction, **more}
    return definitions.define(the_operator(DAY), "acme", definition)


# Every kind


def test_the_templates_of_all_kinds_import_one_after_the_other_and_again_change_nothing():
    an_engagement(day_1=on_day(1).replace(month=11, day=1))
    who = the_operator(60)
    brought("systems", "name", "credit-bureau", "kafka", "loan-origination")
    order = [
        "systems",
        "dependencies",
        "pain_points",
        "interviews",
        "metrics",
        "workflows",
        "frictions",
        "measurements",
    ]
    for name in order:
        for content in (csv_template(KINDS[name]), xlsx_template(KINDS[name])):
            came = import_file(who, "acme", File(name, content, name))
            first = content == csv_template(KINDS[name])
            assert (came.plan.changes, came.import_id is not None) == (int(first), first), name
    state = the_state()
    assert [(each.source.name, each.target.name) for each in state.dependencies] == [
        ("loan-origination", "credit-bureau")
    ]
    assert state.pain_points[0].system.name == "loan-origination"
    assert (state.frictions[0].interview.interviewee, state.frictions[0].workflow.name) == (
        "Sam Okafor",
        "Loan decision",
    )
    workflow = state.workflows[0]
    assert sorted(use.system.name for use in workflow.uses) == ["kafka", "loan-origination"]
    assert (workflow.metric.slug, workflow.rehearsed_on.isoformat()) == ("loan-decision-time", "2026-11-18")
    assert (workflow.metric.baseline, workflow.metric.target, workflow.metric.aggregate.current) == (
        4,
        0.025,
        3.5,
    )
    text = workflow.metric
    assert (text.left_out, text.statistic, text.scale, text.cadence_days, text.kind, text.rules) == (
        "Withdrawn applications", "median", "log", 7, "outcome", "wheeler",
    )  # fmt: skip
    assert (text.calendar, text.source, text.owner, text.step_30, text.step_60) == (
        "Calendar days", "Decision log", "Dana Whitfield", 3, 1,
    )  # fmt: skip
    assert [run.kind for run in runs()] == ["systems", *order]


def test_rows_are_added_changed_and_left_by_their_natural_key():
    an_engagement()
    brought("systems", "name,owner,criticality", "Kafka,Ada,high", "Ledger,Bo,low", "Portal,Cy,low")
    plan = brought("systems", "NAME,Criticality", "kafka ,critical", "ledger,low", "Scoring,medium").plan
    assert (plan.added, plan.changed, plan.unchanged) == (1, 1, 1)
    (change,) = [row for row in plan.rows if row.change == "changed"]
    assert [(d.column, d.before, d.after) for d in change.differences] == [
        ("criticality", "high", "critical")
    ]
    assert [(s.name, s.owner, s.criticality) for s in the_state().systems] == [
        ("Kafka", "Ada", "critical"),
        ("Ledger", "Bo", "low"),
        ("Portal", "Cy", "low"),
        ("Scoring", None, "medium"),
    ]


def test_an_empty_cell_clears_and_a_missing_column_keeps():
    an_engagement()
    brought("systems", "name,owner,note", "Kafka,Ada,Keep me")
    brought("systems", "name,owner", "Kafka,")
    (kafka,) = the_state().systems
    assert (kafka.owner, kafka.note) == (None, "Keep me")


def test_interviews_up_to_today_were_held_and_later_ones_are_planned():
    an_engagement()
    today, later = on_day(DAY), on_day(DAY + 3)
    brought("interviews", "date,interviewee,end_user", f"{today},Sam,yes", f"{later},Mo,yes")
    assert [(each.interviewee, each.planned_on, each.held_on) for each in the_state().interviews] == [
        ("Sam", today, today),
        ("Mo", later, None),
    ]


def test_a_planned_interview_is_held_when_its_day_has_come():
    an_engagement()
    interviews.plan_interview(
        the_operator(DAY - 5), "acme", {"interviewee": "Sam", "planned_on": on_day(DAY - 1)}
    )
    plan = brought("interviews", "date,interviewee,summary", f"{on_day(DAY - 1)},sam,Waits a lot").plan
    assert (plan.added, plan.changed) == (0, 1)
    assert [(d.column, d.before, d.after) for d in plan.rows[0].differences] == [
        ("summary", "", "Waits a lot"),
        ("held", "no", "yes"),
    ]
    assert the_state().interviews[0].held_on == on_day(DAY - 1)


def test_what_was_imported_is_journalled_as_one_act():
    an_engagement()
    came = brought("systems", "name", "Kafka", "Ledger")
    with Session(engine()) as session:
        last = select(func.max(JournalEntry.act)).scalar_subquery()
        entries = session.scalars(select(JournalEntry).where(JournalEntry.act == last)).all()
    assert {entry.use_case for entry in entries} == {"import systems"}
    assert sorted(entry.kind for entry in entries) == ["import_run", "system", "system"]
    assert [(run.id, run.added, run.file_name) for run in runs()] == [(came.import_id, 2, "systems.csv")]
    assert journal_check.verify(the_operator())[0].problem is None


# All or nothing


def test_one_bad_row_keeps_all_the_others_out():
    an_engagement()
    text = problems_of("systems", "name,criticality", "Kafka,high", "Ledger,huge")
    assert text == ["Line 3, criticality: “huge” is not one of low, medium, high, critical."]
    assert the_state().systems == []


def test_every_bad_row_is_told_at_once_with_line_column_value_and_what_was_expected():
    an_engagement()
    brought("systems", "name", "Kafka")
    plan = looked("dependencies", "from,to,kind", "Kafka,Kafak,call", "Ledgr,Kafka,call", "Kafka,x,mail")
    assert [(p.line, p.column, p.value, p.expected) for p in plan.problems] == [
        (2, "to", "Kafak", "a system in the inventory"),
        (3, "from", "Ledgr", "a system in the inventory"),
        (4, "kind", "mail", "one of call, event, shared data, file, manual"),
        (4, "to", "x", "a system in the inventory"),
    ]
    assert "did you mean “Kafka”?" in plan.problems.sentences()[0]


@pytest.mark.parametrize(
    ("kind", "lines", "told"),
    [
        ("systems", ["name,colour", "Kafka,red"], "systems have no such column"),
        ("systems", ["name", "Kafka", " KAFKA"], "Line 3, name: “KAFKA” is on line 2 already"),
        (
            "systems",
            ["name,reviewed_on", "Kafka,2099-10-04"],
            "Line 2, reviewed_on: The review can't be on 2099-10-04",
        ),
        ("systems", ["name,reviewed_on", "Kafka,9999-01-01"], "a date from 2000 to 2100"),
        ("interviews", ["date,interviewee", "2026-10-04,Sam"], "Line 2, date: "),
        ("interviews", ["date,interviewee", "2099-10-04,Sam"], "Line 2, date: The interview can't be on"),
        ("dependencies", ["from,to,kind", "Ledger,ledger,call"], "can't depend on itself"),
        ("dependencies", ["from,to,kind", "Ledger,Bank,call", "ledger,bank,call"], "is on line 2 already"),
        ("pain_points", ["system,title", "Ledger,Slow"], "Line 2, severity: it is empty or not in the file"),
        (
            "frictions",
            ["date,interviewee,theme,observed,severity,frequency", "2026-10-06,Sam,wait,Waits,3,daily"],
            "“Sam” has no interview on 2026-10-06",
        ),
        (
            "workflows",
            ["name,state", "Score,live"],
            "Line 2, live_on: Give the date on which the workflow went live",
        ),
        ("workflows", ["name,live_on", "Score,2026-10-20"], "Line 2, live_on: "),
        ("workflows", ["name,rehearsed_on", "Score,2026-10-20"], "Line 2, rehearsed_on: "),
        ("workflows", ["name,metric,systems", "Score,nothing,Ledger"], "Line 2, metric: “nothing” is not"),
        (
            "workflows",
            ["name,systems", "Score,Ledger;Nowhere"],
            "“Nowhere” is not a system in the inventory",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,baseline,target", "t,T,h,lower,4 h,5 h"],
            "Line 2, target: A target of 5 h is no better",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,baseline", "t,T,h,lower,4 EUR"],
            "Line 2, baseline: “4 EUR” is not read: it is in EUR",
        ),
        ("metrics", ["slug,name,unit,direction,target", "t,T,h,lower,NaN"], "Line 2, target: “NaN” is not"),
        (
            "metrics",
            ["slug,name,unit,direction,target", "t,T,h,lower,1e999"],
            "Line 2, target: “1e999” is not",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,target_day", "t,T,h,lower,91"],
            "Line 2, target_day: “91” is not",
        ),
        (
            "metrics",
            ["slug,name,unit,direction", "t,T,h,lower", "u,t,h,lower"],
            "Line 3, name: There is a metric “t”",
        ),
        (
            "measurements",
            ["metric,at,value", "nothing,2026-10-20,1"],
            "Line 2, metric: “nothing” is not a metric",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_with_its_place(kind, lines, told):
    an_engagement()
    brought("systems", "name", "Ledger", "Bank")
    text = problems_of(kind, *lines)
    assert any(told in sentence for sentence in text), text


def test_a_refused_row_hides_no_problem_of_the_next():
    an_engagement()
    brought("systems", "name,owner", "Kafka,Ada", "Ledger,Bo")
    text = problems_of(
        "systems",
        "name,owner,reviewed_on",
        "Kafka,Cy,2099-01-01",
        "New,Di,2099-01-01",
        "Ledger,Ed,2099-01-01",
    )
    assert [sentence.split(":")[0] for sentence in text] == [
        f"Line {line}, reviewed_on" for line in (2, 3, 4)
    ]


def test_a_file_that_is_too_large_or_no_table_is_refused_and_nothing_is_changed():
    an_engagement()
    before = everything()
    for content in (b"x" * 300 * 1024 * 1024, b"PK\x03\x04 broken", b"%PDF-1.7", b""):
        with pytest.raises(Invalid, match="Nothing was changed"):
            import_file(the_operator(DAY), "acme", File("systems", content, "systems.csv"))
    assert everything() == before


# Looking beforehand


def test_a_look_changes_nothing():
    an_engagement()
    before = everything()
    plan = looked("systems", "name,owner", "Kafka,Ada")
    assert (plan.text, plan.of_what) == ("1 added, 0 changed, 0 unchanged", "1 system")
    assert everything() == before
    assert the_state().systems == []


def test_what_was_looked_at_is_what_is_imported():
    an_engagement()
    lines = ("name,owner", "Kafka,Ada")
    plan = looked("systems", *lines)
    came = import_file(the_operator(DAY), "acme", a_file("systems", *lines), expected=plan.digest)
    assert (came.plan.rows, came.plan.digest) == (plan.rows, plan.digest)


def test_an_import_that_would_do_something_else_by_now_says_so():
    an_engagement()
    lines = ("name,owner", "Kafka,Ada")
    plan = looked("systems", *lines)
    systems.save(the_operator(DAY), "acme", added=[{"name": "Kafka", "owner": "Grace"}])
    with pytest.raises(Conflict, match="0 added, 1 changed, 0 unchanged. Nothing was imported"):
        import_file(the_operator(DAY), "acme", a_file("systems", *lines), expected=plan.digest)
    assert the_state().systems[0].owner == "Grace"


def test_a_change_elsewhere_does_not_stop_what_comes_to_the_same():
    an_engagement()
    plan = looked("systems", "name", "Kafka")
    systems.save(the_operator(DAY), "acme", added=[{"name": "Ledger"}])
    import_file(the_operator(DAY), "acme", a_file("systems", "name", "Kafka"), expected=plan.digest)
    assert len(the_state().systems) == 2


def test_breaking_a_signature_is_told_before_and_done_after():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="1 h")
    from services.sign_off import signing

    sponsor = an_actor("Dana Ruiz", role=Role.SPONSOR, day=DAY)
    signing.sign(
        sponsor, "acme", signing.approvals({metric_id: the_state().metrics[0].digest()}), name="Dana Ruiz"
    )
    plan = looked("metrics", "slug,target", "decision-time,2 h")
    assert plan.notes == ["This breaks the sponsor's signature under 1 metric: sign anew after it."]
    assert the_state().metrics[0].valid_sign_off is not None
    brought("metrics", "slug,target", "decision-time,2 h")
    assert the_state().metrics[0].valid_sign_off is None


# Who may


def test_a_role_that_may_not_change_it_may_not_import_it_nor_look():
    an_engagement()
    viewer = an_actor("Vi", role=Role.VIEWER, day=DAY)
    contributor = an_actor("Con", role=Role.CONTRIBUTOR, day=DAY)
    stranger = an_actor("Stranger", role=None, day=DAY)
    for do in (preview, import_file):
        with pytest.raises(Forbidden):
            do(viewer, "acme", a_file("systems", "name", "Kafka"))
        with pytest.raises(Forbidden):
            do(contributor, "acme", a_file("metrics", "slug,name,unit,direction", "t,T,h,lower"))
        with pytest.raises(NotFound):
            do(stranger, "acme", a_file("systems", "name", "Kafka"))


def test_names_that_are_hidden_are_hidden_in_plans_and_problems():
    an_engagement()
    brought("interviews", "date,interviewee,summary", "2026-10-06,Sam Okafor,Old")
    state = the_state()
    settings = {
        name: getattr(state, name)
        for name in ("name", "client", "sector", "region", "zone", "lead", "sponsor")
    }
    engagements.update_details(
        the_operator(DAY), "acme", seen=state.version, hide_interviewees=True, **settings
    )
    lines = ("date,interviewee,summary", "2026-10-06,Sam Okafor,Sits by Mo Diaz", "2026-10-07,Mo Diaz,")
    told = repr(looked("interviews", *lines).rows)
    assert "Interviewee 1" in told
    assert "Sits by Interviewee 2" in told
    bad = looked(
        "frictions",
        "date,interviewee,theme,observed,severity,frequency",
        "2026-10-09,Mo Diaz,wait,Waits,3,daily",
    )
    for text in (told, *bad.problems.sentences(), str(ImportRefused(bad))):
        assert "Okafor" not in text
        assert "Diaz" not in text


# Measurements


def test_measurements_take_their_units_and_the_zone_of_the_engagement():
    an_engagement(zone="Europe/Berlin")
    a_metric()
    brought(
        "measurements",
        "metric,at,value,n,note",
        "decision-time,2026-10-20,90 min,4,slow",
        "decision-time,2026-10-21 08:00,2,,",
    )
    with Session(engine()) as session:
        rows = session.scalars(select(Measurement).order_by(Measurement.at)).all()
    assert [(row.at.isoformat(), row.value, row.n, row.note) for row in rows] == [
        ("2026-10-19T22:00:00+00:00", 1.5, 4, "slow"),
        ("2026-10-21T06:00:00+00:00", 2.0, None, None),
    ]


def test_a_corrected_value_supersedes_and_the_rest_stays():
    an_engagement()
    a_metric()
    brought(
        "measurements",
        "metric,at,value,n",
        "decision-time,2026-10-20,4,7",
        "decision-time,2026-10-21,3,8",
        "decision-time,2026-10-22,2,9",
    )
    plan = brought(
        "measurements",
        "metric,at,value",
        "decision-time,2026-10-22,1",
        "decision-time,2026-10-21,3",
        "decision-time,2026-10-23,1",
    ).plan
    assert (plan.added, plan.changed, plan.unchanged) == (1, 1, 1)
    assert [(row.label, row.change) for row in plan.rows] == [
        ("decision-time, 2026-10-22", "changed"),
        ("decision-time, 2026-10-23", "added"),
    ]
    aggregate = the_state().metrics[0].aggregate
    assert (aggregate.count, aggregate.current) == (4, 1.0)
    with Session(engine()) as session:
        newest = session.scalars(
            select(Measurement).order_by(Measurement.batch_id.desc(), Measurement.at)
        ).first()
    assert (newest.value, newest.n) == (1.0, 9)


def test_the_same_measurements_again_are_nothing_to_change():
    an_engagement()
    a_metric()
    lines = ("at,value,n,note", "2026-10-20,4,7,", "2026-10-21,3 h,,hm")
    brought("measurements", *lines, metric="decision-time")
    before = everything()
    again = brought("measurements", *lines, metric="decision-time")
    assert again.text == "Nothing to change: all 2 rows are stored like this already."
    assert everything() == before
    assert len(runs()) == 1


def test_all_that_is_wrong_with_measurements_is_told_at_once():
    an_engagement()
    a_metric()
    a_metric("error-rate", "%")
    retired = a_metric("old")
    definitions.retire(the_operator(DAY), "acme", retired)
    tomorrow = on_day(DAY) + timedelta(days=1)
    text = problems_of(
        "measurements",
        "metric,at,value",
        f"decision-time,{tomorrow},1",
        "decision-time,9999-10-20,1",
        "decision-time,2026-10-20,NaN",
        "decision-time,2026-10-21,1e999",
        "decision-time,2026-10-22,4 EUR",
        "error-rate,2026-10-20,120",
        "old,2026-10-20,1",
        "decison-time,2026-10-20,1",
    )
    assert [sentence.split(":")[0] for sentence in text] == [
        "Line 2, at",
        "Line 3, at",
        "Line 4, value",
        "Line 5, value",
        "Line 6, value",
        "Line 7, value",
        "Line 8, metric",
        "Line 9, metric",
    ]
    assert "did you mean “decision-time”?" in text[-1]


# At once


def test_two_imports_of_the_same_file_at_once_add_everything_once():
    an_engagement()
    file = a_file("systems", "name", *(f"System {number}" for number in range(30)))
    came: list[ImportResult] = []
    threads = [
        threading.Thread(target=lambda: came.append(import_file(the_operator(DAY), "acme", file)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((each.plan.added, each.plan.unchanged) for each in came) == [(0, 30), (30, 0)]
    assert len(the_state().systems) == 30
    assert journal_check.verify(the_operator())[0].problem is None
