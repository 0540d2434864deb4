"""Bringing in files of every kind: added once, changed after that, told beforehand, and only by whoever may."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, NotFound
from models.journal import JournalEntry
from models.people import Role
from services.engagement import engagements
from services.imports.applying import File, ImportRefused, ImportResult, import_file, preview
from services.imports.kinds import KINDS
from services.imports.templates import csv_template, xlsx_template
from services.interviews import interviews
from services.inventory import systems
from services.operations import journal_check
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state
from tests.services.imports.imported_lines import DAY, a_file, a_metric, everything, imported, previewed, runs

pytestmark = pytest.mark.usefixtures("database")


# Every kind


def test_the_templates_of_all_kinds_import_one_after_the_other_and_again_change_nothing():
    an_engagement(day_1=on_day(1).replace(month=11, day=1))
    who = the_operator(60)
    imported("systems", "name", "credit-bureau", "kafka", "loan-origination")
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
    imported("systems", "name,owner,criticality", "Kafka,Ada,high", "Ledger,Bo,low", "Portal,Cy,low")
    plan = imported("systems", "NAME,Criticality", "kafka ,critical", "ledger,low", "Scoring,medium").plan
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
    imported("systems", "name,owner,note", "Kafka,Ada,Keep me")
    imported("systems", "name,owner", "Kafka,")
    (kafka,) = the_state().systems
    assert (kafka.owner, kafka.note) == (None, "Keep me")


def test_interviews_up_to_today_were_held_and_later_ones_are_planned():
    an_engagement()
    today, later = on_day(DAY), on_day(DAY + 3)
    imported("interviews", "date,interviewee,end_user", f"{today},Sam,yes", f"{later},Mo,yes")
    assert [(each.interviewee, each.planned_on, each.held_on) for each in the_state().interviews] == [
        ("Sam", today, today),
        ("Mo", later, None),
    ]


def test_a_planned_interview_is_held_when_its_day_has_come():
    an_engagement()
    interviews.plan_interview(
        the_operator(DAY - 5), "acme", {"interviewee": "Sam", "planned_on": on_day(DAY - 1)}
    )
    plan = imported("interviews", "date,interviewee,summary", f"{on_day(DAY - 1)},sam,Waits a lot").plan
    assert (plan.added, plan.changed) == (0, 1)
    assert [(d.column, d.before, d.after) for d in plan.rows[0].differences] == [
        ("summary", "", "Waits a lot"),
        ("held", "no", "yes"),
    ]
    assert the_state().interviews[0].held_on == on_day(DAY - 1)


def test_what_was_imported_is_journalled_as_one_act():
    an_engagement()
    came = imported("systems", "name", "Kafka", "Ledger")
    with Session(engine()) as session:
        last = select(func.max(JournalEntry.act)).scalar_subquery()
        entries = session.scalars(select(JournalEntry).where(JournalEntry.act == last)).all()
    assert {entry.use_case for entry in entries} == {"import systems"}
    assert sorted(entry.kind for entry in entries) == ["import_run", "system", "system"]
    assert [(run.id, run.added, run.file_name) for run in runs()] == [(came.import_id, 2, "systems.csv")]
    assert journal_check.verify(the_operator())[0].problem is None


# Looking beforehand


def test_a_look_changes_nothing():
    an_engagement()
    before = everything()
    plan = previewed("systems", "name,owner", "Kafka,Ada")
    assert (plan.text, plan.of_what) == ("1 added, 0 changed, 0 unchanged", "1 system")
    assert everything() == before
    assert the_state().systems == []


def test_what_was_looked_at_is_what_is_imported():
    an_engagement()
    lines = ("name,owner", "Kafka,Ada")
    plan = previewed("systems", *lines)
    came = import_file(the_operator(DAY), "acme", a_file("systems", *lines), expected=plan.digest)
    assert (came.plan.rows, came.plan.digest) == (plan.rows, plan.digest)


def test_an_import_that_would_do_something_else_by_now_says_so():
    an_engagement()
    lines = ("name,owner", "Kafka,Ada")
    plan = previewed("systems", *lines)
    systems.save(the_operator(DAY), "acme", added=[{"name": "Kafka", "owner": "Grace"}])
    with pytest.raises(Conflict, match="0 added, 1 changed, 0 unchanged. Nothing was imported"):
        import_file(the_operator(DAY), "acme", a_file("systems", *lines), expected=plan.digest)
    assert the_state().systems[0].owner == "Grace"


def test_a_change_elsewhere_does_not_stop_what_comes_to_the_same():
    an_engagement()
    plan = previewed("systems", "name", "Kafka")
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
    plan = previewed("metrics", "slug,target", "decision-time,2 h")
    assert plan.notes == ["This breaks the sponsor's signature under 1 metric: sign anew after it."]
    assert the_state().metrics[0].valid_sign_off is not None
    imported("metrics", "slug,target", "decision-time,2 h")
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
    imported("interviews", "date,interviewee,summary", "2026-10-06,Sam Okafor,Old")
    state = the_state()
    settings = {
        name: getattr(state, name)
        for name in ("name", "client", "sector", "region", "zone", "lead", "sponsor")
    }
    engagements.update_details(
        the_operator(DAY), "acme", seen=state.version, hide_interviewees=True, **settings
    )
    lines = ("date,interviewee,summary", "2026-10-06,Sam Okafor,Sits by Mo Diaz", "2026-10-07,Mo Diaz,")
    rows = repr(previewed("interviews", *lines).rows)
    assert "Interviewee 1" in rows
    assert "Sits by Interviewee 2" in rows
    bad = previewed(
        "frictions",
        "date,interviewee,theme,observed,severity,frequency",
        "2026-10-09,Mo Diaz,wait,Waits,3,daily",
    )
    for text in (rows, *bad.problems.sentences(), str(ImportRefused(bad))):
        assert "Okafor" not in text
        assert "Diaz" not in text


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
