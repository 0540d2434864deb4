"""Whatever somebody may type, in every field that takes what they type: links, pictures, scripts, formulas, colours.

The fields are found in the schema. A new text column is a person's own words unless it is listed here as the
program's, and it has to stand on a row of the sample that is dressed up here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Column, Table, Text, select, update
from sqlalchemy.orm import Session

from models import append_only
from models.base import Base, Part
from models.database import engine
from models.engagement import Engagement
from models.metrics import SignOff
from models.people import Actor, Member, Role, User, operator
from models.permissions import Action
from models.sessions import Purpose
from models.sign_off import SignOffRecord
from services import sample
from services.core.transaction import open_engagement, transaction
from services.engagement import invitations
from services.events import endpoints, noticing
from services.imports.applying import File, import_file
from services.imports.choices import Choices
from services.interviews import interviews
from services.measurements import pulling
from services.metrics import phases
from services.notes.notes import write_note
from services.people import accounts, authentication, tokens
from services.people.client_info import ClientInfo
from services.plan import milestones
from services.privacy import erasure
from services.replacements import gate_addresses
from services.review import reviews
from services.sample.people import email_of
from services.sign_off import links, receipts, requests
from store.states import state

SLUG = "larkspur-lending"
HOST = "elsewhere.invalid"
# Each marker is shown between the signs that were typed around it, or else the signs were taken for something.
MARKERS = {
    "picturemark": "![picturemark]", "linkmark": "[linkmark]", "farmark": "[farmark]", "colourmark": ":red[colourmark]",
    "mathmark": "$mathmark$", "codemark": "`codemark`", "boldmark": "**boldmark**", "struckmark": "~~struckmark~~",
    "cellmark": "| cellmark |", "badgemark": ":green-badge[badgemark]",
}  # fmt: skip
WORDS = (
    f'=HYPERLINK("http://{HOST}/f","x") ![picturemark](http://{HOST}/i.png) '
    f'<img src="http://{HOST}/p.png" onerror="window.ran=1"><script>window.ran=1</script> '
    f"[linkmark](javascript:window.ran=1) [farmark](http://{HOST}/l) :red[colourmark] :green-badge[badgemark] "
    ":material/skull: :tada: $mathmark$ `codemark` **boldmark** ~~struckmark~~ | cellmark | </div>"
)
# What passes for an address, or for an e-mail.
LINK = f"http://{HOST}/a)![picturemark](http://{HOST}/i.png)[x](javascript:window.ran=1)<img/src=x/onerror=window.ran=1>"
EMAIL = f"![picturemark](http://{HOST}/e.png)$mathmark$`codemark`@example.org"
LINKS = {
    "pipeline.link",
    "pipeline_run.link",
    "document.link",
    "evidence.link",
    "metric_pull.address",
    "proof.link",
}
EMAILS = {"user.email", "invitation.email"}

_DEFINED = {
    "unit", "direction", "scale", "statistic", "calendar", "kind", "rules", "baseline_digest", "baseline_method",
}  # fmt: skip
# What the program writes itself, or takes from a list of its own.
OURS: dict[str, set[str]] = {
    "engagement": {"slug", "zone", "template", "head"},
    "user": {"password_hash"},
    "member": {"role"},
    "invitation": {"role"},
    "sign_in_failure": {"account", "address", "browser_digest"},
    "one_time_link": {"token_digest", "purpose"},
    "user_session": {"token_digest", "browser_digest", "began_by", "address"},
    "security_event": {"kind", "address"},
    "api_token": {"scope", "shown", "token_digest"},
    "calendar_feed": {"secret_hash"},
    "submission": {"name"},
    "intake_key": {"key", "body_digest", "answer"},
    "journal": {"via", "use_case", "change", "kind", "payload", "salt", "redacted", "digest", "previous", "hash"},
    "summary": {"content"},
    "snapshot": {"digest", "content", "interviews", "redacted"},
    "erasure": {"pseudonym", "digests", "snapshots"},
    "import_run": {"kind", "digest"},
    "import_mapping": {"kind", "column", "meaning"},
    "measurement_batch": {"digest"},
    "metric": {"slug", *_DEFINED},
    "definition": {"digest", *_DEFINED},
    "sign_off": {"digest", "meaning", "record_digest"},
    "sign_off_request": {"content"},
    "sign_off_item": {"digest"},
    "sign_off_link": {"content", "token_digest"},
    "sign_off_event": {"kind"},
    "sign_off_record": {"digest", "content"},
    "sign_off_receipt": {"sha256"},
    "forecast": {"basis", "model", "why_not"},
    "metric_pull": {"kind"},
    "endpoint": {"kind", "address", "secrets", "types"},
    "cursor": {"token", "last_answer"},
    "state_checkpoint": {"head", "form", "digest"},
    "delivery_attempt": {"event_id", "type", "answer"},
    "lease": {"name", "token"},
    "notice": {"key", "kind"},
    "note": {"kind"},
    "sent_mail": {"key"},
    "unsubscribe_link": {"token_digest", "what"},
    "milestone": {"key", "criterion"},
    "claim": {"says"},
    "pitfall_check": {"pitfall"},
    "pipeline": {"kind"},
    "system": {"criticality", "lifecycle"},
    "dependency": {"kind"},
    "pain_point": {"frequency"},
    "friction": {"frequency"},
    "workflow": {"state"},
    "survey": {"head", "since", "until", "left_out", "content"},
    "contract": {"kind"},
    "contract_version": {"digest", "findings"},
    "contract_document": {"digest"},
    "trial": {"kind"},
    "review": {"head", "digest", "health"},
    "review_passage": {"key"},
    "review_download": {"format", "sha256"},
    "engagement_mark": {"kind"},
    "reading": {"baseline_digest"},
    "proof": {"kind", "outcome", "edges"},
    "gate_waiver": {"check", "covers"},
    "gate_address": {"secret_hash"},
    "cutover": {"gate", "digest"},
    "runbook_step": {"key", "after", "owner_kind"},
    "run": {"kind", "plan", "digest"},
    "run_report": {"name", "step", "direction", "outcome"},
}  # fmt: skip


def typed_columns() -> Iterator[Column]:
    """Every column that holds what people type."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Text) and column.name not in OURS.get(table.name, set()):
                yield column


def dressed(column: Column, number: object) -> str:
    """What stands in that column of a row; `number` keeps it apart from other rows'."""
    name = f"{column.table.name}.{column.name}"
    return (
        f"{LINK}{number}" if name in LINKS else f"{number}{EMAIL}" if name in EMAILS else f"{WORDS} {number}"
    )


def plant(at: datetime) -> Actor:
    """Load the sample and dress up one of its engagements, and everything that isn't of an engagement. Its lead."""
    sample.load(at, only=SLUG)
    lead = _a_lead(at)
    frozen = _things_the_sample_lacks(lead)
    with engine().execution_options(writes=True).begin() as connection:
        append_only.remove_triggers(connection)  # what is append-only was written by somebody once
    _dress_the_engagement(lead)
    _dress_the_rest(lead)
    with engine().execution_options(writes=True).begin() as connection:
        append_only.install_triggers(connection)
    dressed_up = replace(lead, name=WORDS)
    reviews.supersede(dressed_up, SLUG, frozen, WORDS)
    return dressed_up


def bare(table: str) -> list[str]:
    """The columns of a table that should hold a person's words, and hold none of these."""
    with engine().connect() as connection:
        return [
            str(column)
            for column in typed_columns()
            if column.table.name == table
            and not connection.execute(select(column).where(column.contains("picturemark")).limit(1)).first()
        ]


def _a_lead(at: datetime) -> Actor:
    """The lead, from now on an administrator as well, so that one person sees every page."""
    with Session(engine()) as session, session.begin():
        lead = session.scalars(
            select(User)
            .join(Member, Member.user_id == User.id)
            .join(Engagement, Engagement.id == Member.engagement_id)
            .where(Engagement.slug == SLUG, Member.role == Role.LEAD)
            .order_by(User.administrator)
        ).first()
        lead.administrator = True
        return Actor(lead.name, at, "test", lead.id)


def _things_the_sample_lacks(lead: Actor) -> int:
    """What the sample's engagement has none of. Returns the id of a week that was frozen today."""
    now = state(lead, SLUG)
    today = lead.today(now.zone)
    metric = next(row for row in now.metrics if row.active)
    interviews.record_interview(lead, SLUG, {"interviewee": "Gone Soon", "held_on": today})
    erasure.erase(lead, SLUG, "Gone Soon", "Asked for it")
    erasure.hand_over(lead, SLUG, now.interviews[0].interviewee)
    called = Choices(columns={"called": "name"})
    import_file(lead, SLUG, File("systems", "Called\nBrought in", "systems.csv", choices=called))
    phases.begin_phase(lead, SLUG, metric.id, metric.baseline_end + timedelta(days=1), "A release")
    pulling.configure(lead, SLUG, metric.slug, "prometheus", "https://x.example", 3600, query="q")
    phase = next(row.phase_id for row in now.milestones if row.cycle.closed_on is None)
    milestone = milestones.add_milestone(lead, SLUG, phase_id=phase, name="Minutes", start_day=1, due_day=90)
    milestones.link_evidence(lead, SLUG, milestone, title="Minutes", link="https://x.example", dated=today)
    authentication.sign_in_by_link(
        accounts.make_link(lead, email_of(lead.name), Purpose.SIGN_IN),
        lead.at,
        ClientInfo("10.0.0.1", "A browser"),
    )
    sponsor = next(one.user_id for one in now.members if one.role == Role.SPONSOR)
    request = requests.ask(lead, SLUG, [metric.id], of=sponsor, note_to_them="Please")
    links.make_link(lead, SLUG, request)
    with Session(engine()) as session:
        signed = select(SignOffRecord.id).join(SignOff, SignOff.record_digest == SignOffRecord.digest)
        record = session.scalar(signed.where(SignOff.engagement_id == now.id).limit(1))
    receipts.issue_receipt(lead, SLUG, record)
    tokens.make_token(lead, SLUG, name="CI", scope="read", days=9)
    invitations.invite(lead, SLUG, "new@example.org", "viewer")
    reviews.edit_passages(lead, SLUG, today, {"verdict": "In my own words"})
    endpoint = endpoints.add_endpoint(lead, SLUG, "https://x.example/hook")
    endpoints.switch_off(lead, SLUG, endpoint.id)
    write_note(lead, SLUG, "metric", metric.id, "Seen")
    gate_addresses.open_address(lead, SLUG, now.replacements[0].id)
    noticing.notice(operator(lead.at))
    frozen = reviews.freeze(lead, SLUG, today).id
    reviews.mark_read(lead, SLUG, frozen)
    reviews.note_download(lead, SLUG, frozen, "pdf", b"%PDF")
    return frozen


def _dress_the_engagement(lead: Actor) -> None:
    """Through the journal, as any change."""
    kinds: list[type[Base]] = [Engagement, *Part.__subclasses__()]
    with transaction(lead, "dress up the engagement") as session:
        engagement = open_engagement(session, SLUG, Action.CHANGE_ENGAGEMENT)
        for kind in kinds:
            own = kind.id if kind is Engagement else kind.engagement_id
            for row in session.scalars(select(kind).where(own == engagement.id)):
                for column in _of(kind.__table__):
                    setattr(row, column.name, dressed(column, row.id))


def _of(table: Table) -> list[Column]:
    return [column for column in typed_columns() if column.table is table]


def _dress_the_rest(lead: Actor) -> None:
    """What isn't journalled: people and their sessions, tokens, the security log, notes of measurements."""
    parts = {kind.__table__ for kind in Part.__subclasses__()} | {Engagement.__table__}
    with engine().execution_options(writes=True).begin() as connection:
        for table in {column.table for column in typed_columns()} - parts:
            keys = list(table.primary_key.columns)
            for number, row in enumerate(connection.execute(select(*keys)).all()):
                this = [key == value for key, value in zip(keys, row, strict=True)]
                values = {column.name: dressed(column, number) for column in _of(table)}
                connection.execute(update(table).where(*this).values(values))
