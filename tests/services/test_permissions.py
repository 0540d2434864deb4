"""Every use case and every read, tried by everybody: the table of models/permissions.py decides, and nothing else does.

The functions are found by looking for a parameter `actor`. One that isn't listed here fails: say which action it is.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import reports
import services
import store
from models.api_tokens import SCOPES, Scope
from models.database import engine
from models.engagement import Engagement
from models.errors import Forbidden, HeadwayError, Invalid, NotFound
from models.journal import JournalEntry
from models.people import Actor, Role, User
from models.permissions import Action, Administration, permits
from services.imports.applying import File, import_file
from services.interviews.frictions import FrictionEdits
from services.measurements.batches import Rows
from services.people import client_info, sessions, tokens
from services.sign_off.signing import Answer
from store.reviews import Week
from tests.builders import (
    a_metric,
    a_session,
    a_user,
    an_actor,
    an_engagement,
    noon,
    on_day,
    the_operator,
    the_state,
)
from tests.db_snapshots import once_a_run

DAY = 20
SIGNED_IN = "whoever is signed in"
OPERATOR = "whoever runs the program"
# Called by what is listed, or by nobody who is an actor.
NOT_A_USE_CASE = {
    # What a report of a rehearsal entails, within the transaction of the report.
    "runbooks.rehearsals.record_rehearsal",
    "core.transaction.transaction",
    "core.idempotency.carry_out_once",
    "people.security_log.log_refusal",
    # Makes a document of a draft, which was refused to whom it isn't for. Of the actor it only takes the name.
    "review.reviews.snapshot_of",
    # Judges the metrics of an engagement that states.state gave out; what it reads, measurements.measurements lets it.
    "metrics.verdicts.metric_verdicts",
    # The same, of the gates of replacements.
    "replacements.gates.gates",
}

SYSTEMS = File("systems", "name\nLedger", "systems.csv")
# A revision at which the engagement has its whole plan.
PLANNED = 20
A_WEEK = Week(
    id=1,
    cycle=1,
    week=1,
    day=2,
    on=on_day(2),
    revision=PLANNED,
    digest="x",
    health="on track",
    verdict="V",
    frozen_by="Mei Tan",
    frozen_at=noon(2),
    supersedes_id=None,
    reason=None,
    superseded=False,
)
OPENAPI = b"openapi: 3.0.0"
A_SHARE = b'{"kind": "share", "replacement": 1, "percent": 5}'
ONE_VALUE = b'{"measurements": [{"metric": "cycle", "at": "2026-10-10", "value": 1}]}'

A = Action
TABLE: dict[str, tuple[Action | Administration | str, dict[str, Any]]] = {
    "workflows.adoption.record_training": (
        A.EDIT_ADOPTION,
        {"given": {"title": "T", "held_on": on_day(9), "attendance": 3}},
    ),
    "workflows.adoption.change_training": (A.EDIT_ADOPTION, {"training_id": 1, "given": {}}),
    "workflows.adoption.remove_training": (A.EDIT_ADOPTION, {"training_id": 1}),
    "workflows.adoption.publish_document": (
        A.EDIT_ADOPTION,
        {"given": {"title": "D", "link": "https://x.example"}},
    ),
    "workflows.adoption.change_document": (A.EDIT_ADOPTION, {"document_id": 1, "given": {}}),
    "workflows.adoption.remove_document": (A.EDIT_ADOPTION, {"document_id": 1}),
    "metrics.baselines.take_baseline": (
        A.DEFINE_METRICS,
        {"metric_id": 1, "since": None, "until": on_day(9), "seen": None},
    ),
    "review.calendar_feed.open_feed": (SIGNED_IN, {}),
    "review.calendar_feed.revoke_feed": (SIGNED_IN, {}),
    "review.calendar_feed.has_feed": (SIGNED_IN, {}),
    "measurements.corrections.correct": (
        A.RECORD_MEASUREMENTS,
        {"metric_id": 1, "at": noon(9), "value": "1", "reason": "Mistyped"},
    ),
    "plan.decisions.request_decision": (A.DECIDE, {"title": "D", "owner": "Mei", "needed_by": on_day(30)}),
    "plan.decisions.decide": (
        A.DECIDE,
        {"decision_id": 1, "decided_on": on_day(9), "outcome": "Yes", "rests_on": "The chart"},
    ),
    "plan.decisions.record_decision": (A.DECIDE, {"given": {"title": "D", "owner": "Mei"}}),
    "plan.decisions.change_decision": (A.DECIDE, {"decision_id": 1, "given": {}}),
    "plan.decisions.drop_decision": (A.DECIDE, {"decision_id": 1}),
    "engagement.engagements.create_engagement": (
        Administration.OPEN_ENGAGEMENTS,
        {"slug": "another", "name": "A", "client": "C", "day_1": on_day(1)},
    ),
    "engagement.engagements.update_details": (
        A.CHANGE_ENGAGEMENT,
        {
            "name": "N",
            "client": "C",
            "sector": "",
            "region": "",
            "zone": "UTC",
            "lead": "L",
            "sponsor": "S",
            "hide_interviewees": False,
        },
    ),  # fmt: skip
    "engagement.engagements.move_day_1": (A.PLAN, {"day_1": on_day(2)}),
    "engagement.engagements.members": (A.MANAGE_MEMBERS, {}),
    "engagement.engagements.add_member": (OPERATOR, {"email": "nobody@example.org", "role": "viewer"}),
    "engagement.engagements.add_first_administrator": (A.MANAGE_MEMBERS, {}),
    "engagement.engagements.remove_member": (A.MANAGE_MEMBERS, {"user_id": 999}),
    "workflows.pipelines.add_pipeline": (A.EDIT_FOUNDATION, {"given": {"name": "P", "kind": "build"}}),
    "workflows.pipelines.change_pipeline": (A.EDIT_FOUNDATION, {"pipeline_id": 1, "given": {}}),
    "workflows.pipelines.remove_pipeline": (A.EDIT_FOUNDATION, {"pipeline_id": 1}),
    "workflows.pipelines.report_run": (
        A.EDIT_FOUNDATION,
        {"pipeline_id": 1, "ran_on": on_day(9), "green": True},
    ),
    "measurements.intake.accept": (A.RECORD_MEASUREMENTS, {"key": "k", "body": ONE_VALUE}),
    "imports.applying.preview": (A.EDIT_INVENTORY, {"file": SYSTEMS}),
    "imports.applying.import_file": (A.EDIT_INVENTORY, {"file": SYSTEMS}),
    "imports.undoing.undo": (A.EDIT_INVENTORY, {"import_id": 1}),
    "interviews.interviews.plan_interview": (
        A.RECORD_INTERVIEWS,
        {"given": {"interviewee": "S", "planned_on": on_day(9)}},
    ),
    "interviews.interviews.record_interview": (
        A.RECORD_INTERVIEWS,
        {"given": {"interviewee": "S", "held_on": on_day(9)}},
    ),
    "interviews.interviews.change_interview": (A.RECORD_INTERVIEWS, {"row_id": 1, "given": {}}),
    "interviews.interviews.remove_interview": (A.RECORD_INTERVIEWS, {"row_id": 1, "with_frictions": 0}),
    "interviews.same_person.merge_people": (A.RECORD_INTERVIEWS, {"name": "S", "spelling": "T"}),
    "interviews.same_person.take_apart": (A.RECORD_INTERVIEWS, {"spelling": "T"}),
    "interviews.frictions.save": (A.RECORD_INTERVIEWS, {"edits": FrictionEdits([])}),
    "interviews.frictions.rename_theme": (A.RECORD_INTERVIEWS, {"old": "a", "new": "b"}),
    "inventory.systems.save": (A.EDIT_INVENTORY, {"added": [{"name": "Billing"}]}),
    "inventory.dependencies.save": (A.EDIT_INVENTORY, {}),
    "inventory.pain_points.save": (A.EDIT_INVENTORY, {}),
    "engagement.invitations.invite": (A.MANAGE_MEMBERS, {"email": "new@example.org", "role": "viewer"}),
    "engagement.invitations.pending_invitations": (A.MANAGE_MEMBERS, {}),
    "core.undo.last_act": (A.READ, {}),
    "core.undo.undo": (A.READ, {"act": 1}),
    "engagement.sponsors.named_sponsors": (A.ASK_FOR_SIGN_OFF, {}),
    "engagement.sponsors.ask_by_email": (
        A.ASK_FOR_SIGN_OFF,
        {"metric_ids": [], "name": "Dana", "email": "new@example.org"},
    ),
    "engagement.invitations.withdraw": (A.MANAGE_MEMBERS, {"invitation_id": 1}),
    "imports.evidence_files.export_evidence": (A.READ, {"kind": "systems", "format": "csv"}),
    "engagement.invitations.my_invitations": (SIGNED_IN, {}),
    "engagement.archiving.archive": (A.CHANGE_ENGAGEMENT, {}),
    "engagement.archiving.restore": (A.CHANGE_ENGAGEMENT, {}),
    "engagement.archiving.delete_engagement": (
        Administration.DELETE_ENGAGEMENTS,
        {"slug": "acme", "typed_name": "Lending platform"},
    ),
    "engagement.archiving.remove_sample": (Administration.DELETE_ENGAGEMENTS, {}),
    "engagement.archiving.marked": (SIGNED_IN, {"kind": "archived"}),
    "engagement.archiving.is_marked": (A.READ, {"kind": "archived"}),
    "engagement.invitations.join": (SIGNED_IN, {"invitation_id": 1}),
    "engagement.invitations.decline": (SIGNED_IN, {"invitation_id": 1}),
    "operations.journal_check.verify": (A.READ_JOURNAL, {}),
    "measurements.grid_entry.save_rows": (
        A.RECORD_MEASUREMENTS,
        {"metric_id": 1, "typed": [{"at": "2026-10-10", "value": "1"}]},
    ),
    "measurements.batches.record": (A.RECORD_MEASUREMENTS, {"rows": Rows([], [], []), "source": "x.csv"}),
    "measurements.batches.withdraw": (A.RECORD_MEASUREMENTS, {"batch_id": 1}),
    "measurements.batches.reinstate": (A.RECORD_MEASUREMENTS, {"batch_id": 1}),
    "metrics.definitions.define": (A.DEFINE_METRICS, {"definition": {"name": "Time", "unit": "h"}}),
    "metrics.definitions.change": (A.DEFINE_METRICS, {"metric_id": 1, "definition": {}, "seen": None}),
    "metrics.definitions.judge_by_newest_rules": (A.DEFINE_METRICS, {"metric_id": 1, "seen": None}),
    "metrics.definitions.retire": (A.DEFINE_METRICS, {"metric_id": 1}),
    "metrics.definitions.reactivate": (A.DEFINE_METRICS, {"metric_id": 1}),
    "people.accounts.list_accounts": (Administration.MANAGE_USERS, {}),
    "people.accounts.add_user": (Administration.MANAGE_USERS, {"email": "new@example.org", "name": "New"}),
    "people.accounts.make_link": (Administration.MANAGE_USERS, {"email": "viewer@example.org"}),
    "people.accounts.disable": (Administration.MANAGE_USERS, {"email": "viewer@example.org"}),
    "people.accounts.enable": (Administration.MANAGE_USERS, {"email": "viewer@example.org"}),
    "people.accounts.sign_out_user": (Administration.MANAGE_USERS, {"email": "viewer@example.org"}),
    "review.packs.build": (SIGNED_IN, {}),
    "review.packs.download": (SIGNED_IN, {"key": "x"}),
    "people.accounts.own_account": (SIGNED_IN, {}),
    "people.accounts.change_email": (
        Administration.MANAGE_USERS,
        {"email": "viewer@example.org", "new": "renamed@example.org"},
    ),
    "people.accounts.change_own_name": (SIGNED_IN, {"name": "New name"}),
    "people.accounts.choose_password": (SIGNED_IN, {"password": "a wholly new secret", "current": ""}),
    "people.accounts.needs_current_password": (SIGNED_IN, {}),
    "metrics.phases.begin_phase": (
        A.DEFINE_METRICS,
        {"metric_id": 1, "began_on": on_day(9), "cause": "A release"},
    ),
    "metrics.phases.remove_phase": (A.DEFINE_METRICS, {"phase_id": 1}),
    "plan.pitfall_checks.answer_check": (
        A.CHECK_PITFALLS,
        {"pitfall": "end_date", "happening": False, "evidence": "Seen"},
    ),
    "plan.pitfall_checks.answer_checks": (A.CHECK_PITFALLS, {"answers": []}),
    "plan.milestones.add_milestone": (A.PLAN, {"phase_id": 1, "name": "M", "start_day": 1, "due_day": 9}),
    "plan.milestones.change_milestone": (
        A.PLAN,
        {"milestone_id": 1, "name": "M", "needed": 1, "start_day": 1, "due_day": 9, "seen": None},
    ),
    "plan.milestones.link_evidence": (
        A.PLAN,
        {"milestone_id": 1, "title": "E", "link": "https://x.example", "dated": on_day(9)},
    ),
    "plan.milestones.state_claim": (
        A.CLAIM,
        {"milestone_id": 1, "says": "done", "reason": "Seen", "expires_on": on_day(25)},
    ),
    "plan.milestones.withdraw_claim": (A.CLAIM, {"claim_id": 1}),
    "plan.milestones.waive": (
        A.WAIVE,
        {"milestone_id": 1, "reason": "R", "approver": "Dana", "expires_on": on_day(25)},
    ),
    "plan.milestones.revoke_waiver": (A.WAIVE, {"waiver_id": 1}),
    "plan.cycles.plan_next_cycle": (A.PLAN, {}),
    "plan.cycles.close_cycle": (A.PLAN, {}),
    "plan.reopening.reopen_cycle": (A.PLAN, {}),
    "privacy.erasure.interviewees": (A.EXPORT_PERSONAL_DATA, {}),
    "privacy.erasure.hand_over": (A.EXPORT_PERSONAL_DATA, {"name": "Nobody"}),
    "privacy.erasure.erase": (A.ERASE_PERSONAL_DATA, {"name": "Nobody", "reason": "asked"}),
    "measurements.pulling.configure": (
        A.DEFINE_METRICS,
        {"metric": "m", "kind": "prometheus", "address": "https://x.example", "step_seconds": 3600},
    ),
    "measurements.pulling.stop": (A.DEFINE_METRICS, {"metric": "m"}),
    "measurements.pulling.pull": (OPERATOR, {"slug": None}),
    "runbooks.runbooks.write_runbook": (A.EDIT_RUNBOOKS, {"given": {"replacement_id": 1, "name": "N"}}),
    "runbooks.runbooks.change_runbook": (A.EDIT_RUNBOOKS, {"runbook_id": 1, "given": {"name": "N"}}),
    "runbooks.runbooks.save_steps": (A.EDIT_RUNBOOKS, {"runbook_id": 1}),
    "runbooks.runs.rehearse": (A.START_RUNS, {"runbook_id": 1}),
    "runbooks.runs.prepare_run": (
        A.START_RUNS,
        {"runbook_id": 1, "window_from": noon(DAY), "window_until": noon(DAY + 1)},
    ),
    "runbooks.runs.say_go": (A.SAY_GO, {"runbook_id": 1, "number": 1, "shown": "x"}),
    "runbooks.reporting.report": (
        A.REPORT_STEPS,
        {"runbook_id": 1, "number": 1, "given": {"outcome": "roll back"}, "name": "n"},
    ),
    "runs.run_of": (A.FOLLOW_RUNS, {"runbook_id": 1, "number": 1}),
    "runs.runs_under_way": (A.FOLLOW_RUNS, {}),
    "sign_off.receipts.issue_receipt": (A.READ, {"record_id": 999}),
    "review.reviews.edit_passages": (A.WRITE_REVIEWS, {"on": on_day(9), "texts": {"verdict": "Late"}}),
    "review.reviews.freeze": (A.WRITE_REVIEWS, {"on": on_day(9)}),
    "review.reviews.supersede": (A.WRITE_REVIEWS, {"review_id": 1, "reason": "Learned since"}),
    "review.reviews.mark_read": (A.READ, {"review_id": 1}),
    "review.reviews.note_download": (A.READ, {"review_id": 1, "format": "pdf", "data": b""}),
    "review.reviews.note_sent": (A.WRITE_REVIEWS, {"review_id": 1, "data": b""}),
    "events.week_mail.recipients": (A.WRITE_REVIEWS, {"review_id": 1}),
    "events.week_mail.send_week": (A.WRITE_REVIEWS, {"review_id": 1, "to": [1]}),
    "events.week_mail.ready_text": (A.WRITE_REVIEWS, {"review_id": 1}),
    "people.security_log.events": (Administration.READ_SECURITY_LOG, {}),
    "people.sessions.my_sessions": (SIGNED_IN, {}),
    "people.sessions.end_session": (SIGNED_IN, {"session_id": 999}),
    "people.sessions.end_other_sessions": (SIGNED_IN, {}),
    "people.sessions.end_all_sessions": (SIGNED_IN, {}),
    "sign_off.signing.sign": (A.SIGN, {"answers": [Answer(1, "x")], "name": "Dana Ruiz"}),
    "sign_off.links.make_link": (A.ASK_FOR_SIGN_OFF, {"request_id": 1}),
    "sign_off.requests.ask": (A.ASK_FOR_SIGN_OFF, {"metric_ids": [1], "of": 999}),
    "sign_off.requests.note_viewed": (A.SIGN, {"request_id": 1}),
    "sign_off.requests.withdraw": (A.ASK_FOR_SIGN_OFF, {"request_id": 1, "reason": "R"}),
    "events.endpoints.add_endpoint": (A.MANAGE_DELIVERIES, {"address": "https://x.example/hook"}),
    "events.endpoints.rotate_secret": (A.MANAGE_DELIVERIES, {"endpoint_id": 1}),
    "events.endpoints.switch_off": (A.MANAGE_DELIVERIES, {"endpoint_id": 1}),
    "events.endpoints.send_again": (A.MANAGE_DELIVERIES, {"endpoint_id": 1}),
    "events.endpoints.replay": (A.MANAGE_DELIVERIES, {"endpoint_id": 1, "since": 0}),
    "events.endpoints.send_test": (A.MANAGE_DELIVERIES, {"endpoint_id": 999}),
    "events.mail_choices.choices": (A.READ, {}),
    "events.mail_choices.choose": (A.READ, {"weeks": True}),
    "events.noticing.notice": (OPERATOR, {}),
    "notes.notes.write_note": (A.WRITE_NOTES, {"about": "metric", "row_id": 1, "text": "Seen"}),
    "notes.notes.remove_note": (A.WRITE_NOTES, {"note_id": 1}),
    "people.tokens.make_token": (A.MANAGE_TOKENS, {"name": "CI", "scope": "read", "days": 9}),
    "people.tokens.list_tokens": (A.MANAGE_TOKENS, {}),
    "people.tokens.revoke_token": (A.MANAGE_TOKENS, {"token_id": 1}),
    "workflows.workflows.add_workflow": (A.EDIT_WORKFLOWS, {"given": {"name": "W"}}),
    "workflows.workflows.change_workflow": (A.EDIT_WORKFLOWS, {"workflow_id": 1, "given": {}}),
    "workflows.workflows.go_live": (A.EDIT_WORKFLOWS, {"workflow_id": 1, "live_on": on_day(9)}),
    "workflows.workflows.rehearse_fallback": (
        A.EDIT_WORKFLOWS,
        {"workflow_id": 1, "rehearsed_on": on_day(9)},
    ),
    "workflows.workflows.link_frictions": (A.EDIT_WORKFLOWS, {"workflow_id": 1, "friction_ids": []}),
    "workflows.workflows.remove_workflow": (A.EDIT_WORKFLOWS, {"workflow_id": 1}),
    "architecture.surveys.survey_clone": (A.READ, {"folder": "nowhere"}),
    "architecture.surveys.record_survey": (A.EDIT_INVENTORY, {"survey": {}}),
    "architecture.contracts.receive_version": (A.EDIT_INVENTORY, {"name": "Ledger", "content": OPENAPI}),
    "architecture.contracts.freeze_version": (A.EDIT_INVENTORY, {"version_id": 1}),
    "replacements.replacements.add_replacement": (A.EDIT_REPLACEMENTS, {"given": {"name": "R"}}),
    "replacements.replacements.change_replacement": (A.EDIT_REPLACEMENTS, {"replacement_id": 1, "given": {}}),
    "replacements.replacements.remove_replacement": (A.EDIT_REPLACEMENTS, {"replacement_id": 1}),
    "replacements.replacements.record_share": (
        A.EDIT_REPLACEMENTS,
        {"replacement_id": 1, "on": on_day(9), "percent": 5},
    ),
    "replacements.proofs.record_proof": (A.EDIT_REPLACEMENTS, {"replacement_id": 1, "given": {}}),
    "replacements.proofs.withdraw_proof": (A.EDIT_REPLACEMENTS, {"proof_id": 1}),
    "replacements.traces.record_traces": (
        A.EDIT_REPLACEMENTS,
        {"replacement_id": 1, "content": {"data": []}, "until": on_day(9), "days": 7},
    ),
    "replacements.traces.declare_seen_call": (A.EDIT_INVENTORY, {"caller_id": 1, "called_id": 2}),
    "replacements.gating.replacement_id": (A.READ, {"which": "1"}),
    "replacements.gating.ask_gate": (A.ASK_GATE, {"which": "1"}),
    "replacements.gate_addresses.open_address": (A.MANAGE_TOKENS, {"replacement_id": 1}),
    "replacements.gate_addresses.revoke_address": (A.MANAGE_TOKENS, {"replacement_id": 1}),
    "replacements.gate_addresses.open_addresses": (A.MANAGE_TOKENS, {}),
    "replacements.evidence.accept": (A.REPORT_EVIDENCE, {"key": "e", "body": A_SHARE}),
    "replacements.evidence.report": (A.REPORT_EVIDENCE, {"kind": "share", "fields": {"percent": 5}}),
    "replacements.gating.approve_cutover": (A.CUT_OVER, {"replacement_id": 1, "shown": "x"}),
    "replacements.gating.waive_check": (
        A.WAIVE,
        {
            "replacement_id": 1,
            "check": "rollback",
            "reason": "R",
            "approver": "Dana",
            "expires_on": on_day(21),
        },
    ),
    "replacements.gating.revoke_gate_waiver": (A.WAIVE, {"waiver_id": 1}),
    "plan.trials.record_trial": (A.DECIDE, {"decision_id": 1, "given": {}}),
    "plan.trials.remove_trial": (A.DECIDE, {"trial_id": 1}),
    "plan.trials.conclude_trials": (A.DECIDE, {"decision_id": 1}),
    "states.state": (A.READ, {}),
    "states.known_later": (A.READ, {"revision": 1, "on": on_day(9)}),
    "review.draft.draft": (A.READ, {"on": on_day(9)}),
    "review.compare.changes_since": (A.READ, {"read": A_WEEK, "until": on_day(9)}),
    "review.compare.moment": (A.READ, {"on": on_day(9)}),
    "review.compare.newer_knowledge": (A.READ, {"row": A_WEEK}),
    "review.compare.frozen_state": (A.READ, {"row": A_WEEK}),
    "review.compare.of_dates": (A.READ, {"first": on_day(2), "last": on_day(9)}),
    "revisions.at_revision": (A.READ, {"revision": 1}),
    "revisions.on_date": (A.READ, {"on": on_day(9)}),
    "frames.activity.acts_since": (A.READ_JOURNAL, {"since": noon(1)}),
    "activity.acts_since": (A.READ_JOURNAL, {"since": noon(1)}),
    "frames.imports.imports": (A.READ, {}),
    "imports.past_imports": (A.READ, {}),
    "forecasts.past_forecasts": (A.READ, {"metric_id": 1}),
    "endpoints.endpoints": (A.MANAGE_DELIVERIES, {}),
    "endpoints.attempts": (A.MANAGE_DELIVERIES, {"endpoint_id": 1}),
    "endpoints.failing": (OPERATOR, {}),
    "events.events": (A.READ_JOURNAL, {"home": "https://h.example"}),
    "notes.notes": (A.READ, {"about": "metric", "row_id": 1}),
    "notes.note_counts": (A.READ, {"about": "metric"}),
    "journal.entries": (A.READ_JOURNAL, {}),
    "journal.choices": (A.READ_JOURNAL, {}),
    "measurements.measurements": (A.READ, {}),
    "measurements.batches": (A.READ, {"metric_id": 1}),
    "measurements.corrections": (A.READ, {"metric_id": 1}),
    "reviews.weeks": (A.READ, {}),
    "reviews.week": (A.READ, {"asked": 1}),
    "reviews.document": (A.READ, {"digest": "x"}),
    "reviews.passages": (A.READ, {"cycle": 1, "number": 1, "friday": on_day(5)}),
    "reviews.readers": (A.READ, {"review_id": 1}),
    "reviews.last_read": (A.READ, {}),
    "sign_off.identities": (A.READ, {"record_ids": [1]}),
    "sign_off.own_record": (A.SIGN, {"record_id": 1}),
    "sign_off.record": (A.READ, {"record_id": 1}),
    "sign_off.requests": (A.READ, {}),
    "sign_off.sheet.sheet": (A.SIGN, {}),
    "sign_off.signing_request": (A.SIGN, {}),
    "sign_off.sponsors": (A.ASK_FOR_SIGN_OFF, {}),
}
# What lists what one may see is tried below, by what it lists.
LISTS = {"frames.portfolio.portfolio", "portfolio.visible_engagements", "activity.acts_of_person"}
# So is what isn't asked for by the name of an engagement, but with a file or with what was read of one.
TRIED_BELOW = {"exports.verify.verify", "reviews.find_review", "metrics.forecasts.past_forecasts"}
# Makes a link as people.accounts.make_link does; without a mail server it refuses everybody alike.
NOT_A_USE_CASE.add("events.account_mail.mail_link")
# Refuse whoever didn't come by a mailed link (tests/services/engagement/test_sponsors.py).
# Find what one is a member of (tests/store/test_search.py).
LISTS |= {"search.search", "search.membership"}
NOT_A_USE_CASE |= {"engagement.sponsors.needs_password", "engagement.sponsors.choose_first_password"}
# What a program can't do even where its token's scope allows the action: only a person reads.
FOR_PEOPLE = {"review.reviews.mark_read", "events.mail_choices.choices", "events.mail_choices.choose"}


def use_cases() -> dict[str, Callable[..., Any]]:
    """Every public function of the services and the reports that takes an actor, by "module.name"."""
    found = {}
    for package in (services, reports, store):
        prefix = f"{package.__name__}."
        for module in pkgutil.walk_packages(package.__path__, prefix):
            for name, thing in vars(importlib.import_module(module.name)).items():
                if (
                    inspect.isfunction(thing)
                    and thing.__module__ == module.name
                    and not name.startswith("_")
                    and "actor" in inspect.signature(thing).parameters
                    and module.name != "store.access"
                ):
                    found[f"{module.name.removeprefix(prefix)}.{name}"] = thing
    return found


USE_CASES = use_cases()


def test_every_use_case_is_tried_here():
    assert set(USE_CASES) - NOT_A_USE_CASE - LISTS - TRIED_BELOW - set(TABLE) == set()


def test_nothing_is_tried_that_is_no_more():
    assert (set(TABLE) | NOT_A_USE_CASE | LISTS | TRIED_BELOW) - set(USE_CASES) == set()


def the_engagement() -> None:
    """One with an import in it, which might be undone, and with everybody."""

    def tell() -> None:
        an_engagement()
        import_file(the_operator(DAY), "acme", SYSTEMS)
        list(everybody())

    once_a_run("an engagement with everybody", tell)


def everybody() -> Iterator[tuple[str, Role | None, Actor]]:
    """People by what they are called here, their role (None: none that counts), and as actors."""
    for role in Role:
        yield role.value, role, an_actor(role.value, role=role, day=DAY)
    yield "nobody", None, an_actor("nobody", role=None, day=DAY)
    yield "an administrator who is no member", None, administrator()
    yield "a person whose session was revoked", None, revoked("gone")
    yield "a disabled lead", None, disabled("left")
    yield "nobody at all", None, Actor(name="nobody", at=noon(DAY), via="test")


def administrator() -> Actor:
    return Actor("Admin", noon(DAY), "test", a_user("Admin", administrator=True))


def revoked(name: str) -> Actor:
    actor = an_actor(name, role=Role.LEAD, day=DAY)
    session_id, token = a_session(actor.user_id, noon(DAY))
    sessions.sign_out(token, noon(DAY), client_info.ClientInfo("test"))
    return Actor(name, noon(DAY), "test", actor.user_id, session_id=session_id)


def disabled(name: str) -> Actor:
    actor = an_actor(name, role=Role.LEAD, day=DAY)
    with Session(engine()) as session, session.begin():
        session.get(User, actor.user_id).disabled = True
    return actor


def written() -> tuple[int, int, int]:
    """What would differ if anything had been written."""
    with Session(engine()) as session:
        return (
            session.scalar(select(func.count()).select_from(JournalEntry)),
            session.scalar(select(func.count()).select_from(User)),
            session.scalar(select(func.count()).select_from(Engagement)),
        )


def call(name: str, actor: Actor) -> HeadwayError | None:
    """Carry out the use case; what refused it, if anything did."""
    given = dict(TABLE[name][1])
    if "slug" in inspect.signature(USE_CASES[name]).parameters:
        given.setdefault("slug", "acme")
    try:
        USE_CASES[name](actor, **given)
    except HeadwayError as refused:
        return refused
    return None


def hides(refused: HeadwayError | None) -> bool:
    return isinstance(refused, NotFound) and "There is no engagement “acme”" in str(refused)


def lets_in(refused: HeadwayError | None) -> bool:
    """Whether it was carried out, or refused for another reason than who asked."""
    return not isinstance(refused, Forbidden) and not hides(refused)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if isinstance(action, Action)])
def test_only_the_roles_of_the_table_do_it(name):
    the_engagement()
    action = TABLE[name][0]
    people = list(everybody())
    before = written()
    for who, role, actor in people:
        if role is None:
            assert hides(call(name, actor)), f"{who} can {name}"
        elif not permits(role, action):
            refused = call(name, actor)
            assert isinstance(refused, Forbidden), f"a {who} can {name}"
            assert f"can't {action}" in str(refused)
    assert written() == before
    for who, role, actor in people:
        if role is not None and permits(role, action):
            refused = call(name, actor)
            assert lets_in(refused), f"a {who} can't {name}: {refused}"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "name", [name for name, (action, _) in TABLE.items() if isinstance(action, Administration)]
)
def test_only_administrators_do_it(name):
    an_engagement()
    people = [(who, actor) for who, _, actor in everybody() if "administrator" not in who]
    gone = revoked("Gone Admin")
    with Session(engine()) as session, session.begin():
        session.get(User, gone.user_id).administrator = True
    boss, before = administrator(), written()
    for who, actor in [*people, ("an administrator whose session was revoked", gone)]:
        refused = call(name, actor)
        assert isinstance(refused, Forbidden), f"{who} can {name}"
        assert "Only an administrator can" in str(refused)
    assert written() == before
    assert not isinstance(call(name, boss), Forbidden)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if action == SIGNED_IN])
def test_only_whoever_is_signed_in_does_it(name):
    an_engagement()
    for actor in (revoked("gone"), disabled("left"), Actor("nobody", noon(DAY), "test")):
        assert isinstance(call(name, actor), Forbidden)
    assert not isinstance(call(name, an_actor("nobody", role=None, day=DAY)), Forbidden)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if action == OPERATOR])
def test_only_whoever_runs_the_program_does_it(name):
    an_engagement()
    for who, _, actor in everybody():
        assert isinstance(call(name, actor), Forbidden), f"{who} can {name}"
    assert call(name, the_operator(DAY)) is None


@pytest.mark.usefixtures("database")
def test_a_file_of_a_frozen_week_tells_a_stranger_as_much_as_a_made_up_one():
    an_engagement()
    lead = an_actor("lead", day=DAY)
    digest = USE_CASES["review.reviews.freeze"](lead, "acme", on_day(9)).digest
    verify = USE_CASES["exports.verify.verify"]
    file, made_up = f"Snapshot {digest[:16]}".encode(), b"Snapshot 0123456789abcdef"
    for who, role, actor in everybody():
        if role is not None:
            assert verify(actor, file).engagement == "acme", who
        else:
            words = []
            for data in (file, made_up):
                with pytest.raises(Invalid, match="No week that is frozen here") as refused:
                    verify(actor, data)
                words.append(str(refused.value).replace(data.decode().split()[1], "…"))
            assert words[0] == words[1], who


@pytest.mark.usefixtures("database")
def test_forecasts_are_told_to_those_who_may_read_the_engagement():
    an_engagement()
    metric_id = a_metric()
    at = [noon(day) for day in range(2, DAY + 1)]
    rows = Rows([metric_id] * len(at), at, [float(5 + day % 3) for day in range(len(at))])
    USE_CASES["measurements.batches.record"](the_operator(DAY), "acme", rows=rows, source="x.csv")
    people = list(everybody())
    engagement = the_state()
    (metric,) = engagement.metrics
    values = USE_CASES["measurements.measurements"](the_operator(DAY), "acme")
    past = USE_CASES["metrics.forecasts.past_forecasts"]
    made = len(past(the_operator(DAY), engagement, metric, values))
    assert made > 0
    for who, role, actor in people:
        if role is not None:
            assert len(past(actor, engagement, metric, values)) == made, who
            continue
        with pytest.raises(NotFound, match="There is no engagement “acme”"):
            past(actor, engagement, metric, values)


@pytest.mark.usefixtures("database")
def test_the_portfolio_lists_only_what_one_is_a_member_of():
    an_engagement()
    an_engagement("secret", name="Somebody else's")
    for _, role, actor in everybody():
        listed = list(USE_CASES["frames.portfolio.portfolio"](actor)["slug"])
        assert listed == (["acme"] if role else [])


@pytest.mark.usefixtures("database")
def test_a_person_exists_only_for_those_who_share_an_engagement_with_them():
    an_engagement()
    lead = an_actor("lead", day=DAY)
    activity = USE_CASES["activity.acts_of_person"]
    USE_CASES["inventory.systems.save"](lead, "acme", added=[{"name": "Billing"}])
    for who, role, actor in everybody():
        if role is None:
            with pytest.raises(NotFound, match="no such person in an engagement of yours"):
                activity(actor, lead.user_id)
        else:
            name, acts = activity(actor, lead.user_id)
            assert (name, [act.use_case for act in acts]) == ("lead", ["edit the systems"]), who


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scope_says_in_its_engagement_only(scope):
    the_engagement()
    an_engagement("other")
    lead = an_actor("lead", day=DAY)
    token = tokens.make_token(lead, "acme", name="CI", scope=scope, days=9)
    program = tokens.actor_of_token(token, noon(DAY))
    for name, (action, _) in TABLE.items():
        if action in SCOPES[scope] and name not in FOR_PEOPLE:
            refused = call(name, program)
            assert lets_in(refused), f"{name}: {refused}"
        else:
            assert isinstance(call(name, program), Forbidden), f"a token to {scope} can {name}"
    with pytest.raises(NotFound):
        USE_CASES["states.state"](program, "other")
    tokens.revoke_token(lead, "acme", 1)
    assert tokens.actor_of_token(token, noon(DAY)) is None
    assert hides(call("states.state", program))


@pytest.mark.usefixtures("database")
def test_what_doesnt_exist_and_what_isnt_ones_own_are_told_alike():
    the_engagement()
    stranger = an_actor("nobody", role=None, day=DAY)
    for name in TABLE:
        if TABLE[name][0] in set(Action):
            given = dict(TABLE[name][1])
            words = []
            for slug in ("acme", "nowhere"):
                with pytest.raises(NotFound) as refused:
                    USE_CASES[name](stranger, **(given | {"slug": slug}))
                words.append(str(refused.value).replace(slug, "…"))
            assert words[0] == words[1]


def test_the_table_names_every_action_and_says_yes_or_no_for_every_role():
    from models.permissions import _TABLE, as_markdown

    assert set(_TABLE) == set(Action)
    assert all(len(row) == len(Role) for row in _TABLE.values())
    assert as_markdown().count("\n") == 1 + len(Action) + len(Administration)


def test_the_guide_prints_the_table_from_the_code():
    from pathlib import Path

    from models.permissions import as_markdown

    guide = Path(__file__).resolve().parents[2] / "docs" / "guide" / "access.md"
    assert as_markdown() in guide.read_text(encoding="utf-8")


def test_it_is_the_clock_of_the_edge_that_expires_a_token(database):
    an_engagement()
    token = tokens.make_token(an_actor("lead", day=1), "acme", name="CI", scope="read", days=3)
    assert tokens.actor_of_token(token, noon(3)) is not None
    assert tokens.actor_of_token(token, noon(5)) is None
    assert tokens.actor_of_token(token.swapcase(), noon(3)) is None
