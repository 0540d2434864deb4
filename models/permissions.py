"""The permissions of each role, in one table. What it doesn't allow is denied."""

from enum import StrEnum

from models.people import Role
from models.wording import upper_first


class Action(StrEnum):
    """What a use case does. The value completes the message that refuses it: "You may not ..."."""

    READ = "read this engagement"
    READ_INTERVIEWS = "read interviews"
    READ_JOURNAL = "read the journal"
    CHANGE_ENGAGEMENT = "change the engagement"
    MANAGE_MEMBERS = "manage its members"
    PLAN = "change the plan"
    CLAIM = "state a claim"
    WAIVE = "waive a milestone"
    EDIT_INVENTORY = "edit the inventory"
    RECORD_INTERVIEWS = "record interviews"
    EDIT_WORKFLOWS = "edit workflows"
    EDIT_FOUNDATION = "edit the foundation"
    EDIT_ADOPTION = "edit trainings and documents"
    DECIDE = "record decisions"
    DEFINE_METRICS = "define metrics"
    RECORD_MEASUREMENTS = "record measurements"
    ASK_FOR_SIGN_OFF = "ask for sign-off"
    SIGN = "sign metrics"
    CHECK_PITFALLS = "answer pitfall checks"
    WRITE_REVIEWS = "write and freeze weekly reviews"
    EXPORT_PERSONAL_DATA = "export an interviewee's personal data"
    ERASE_PERSONAL_DATA = "erase an interviewee's personal data"
    MANAGE_TOKENS = "manage API tokens"
    EDIT_RUNBOOKS = "edit runbooks"
    START_RUNS = "start a run"
    SAY_GO = "say go for a run"
    FOLLOW_RUNS = "follow a run"
    REPORT_STEPS = "report steps of a run"
    DECIDE_RUNS = "decide how a run goes on"
    EDIT_REPLACEMENTS = "edit replacements"
    CUT_OVER = "approve a cutover"
    REPORT_EVIDENCE = "report evidence"
    ASK_GATE = "ask a gate"
    MANAGE_DELIVERIES = "manage deliveries"
    WRITE_NOTES = "write notes"


# Actions that change nothing.
READING = frozenset({Action.READ, Action.READ_INTERVIEWS, Action.READ_JOURNAL, Action.FOLLOW_RUNS})

YES, NO = True, False

# fmt: off
_TABLE: dict[Action, tuple[bool, bool, bool, bool]] = {
    #                            lead contributor sponsor viewer
    Action.READ:                 (YES, YES, YES, YES),
    Action.READ_INTERVIEWS:      (YES, YES, NO,  YES),
    Action.READ_JOURNAL:         (YES, YES, YES, YES),
    Action.CHANGE_ENGAGEMENT:    (YES, NO,  NO,  NO),
    Action.MANAGE_MEMBERS:       (YES, NO,  NO,  NO),
    Action.PLAN:                 (YES, NO,  NO,  NO),
    Action.CLAIM:                (YES, NO,  NO,  NO),
    Action.WAIVE:                (YES, NO,  NO,  NO),
    Action.EDIT_INVENTORY:       (YES, YES, NO,  NO),
    Action.RECORD_INTERVIEWS:    (YES, YES, NO,  NO),
    Action.EDIT_WORKFLOWS:       (YES, YES, NO,  NO),
    Action.EDIT_FOUNDATION:      (YES, YES, NO,  NO),
    Action.EDIT_ADOPTION:        (YES, YES, NO,  NO),
    Action.DECIDE:               (YES, YES, YES, NO),
    Action.DEFINE_METRICS:       (YES, NO,  NO,  NO),
    Action.RECORD_MEASUREMENTS:  (YES, YES, NO,  NO),
    Action.ASK_FOR_SIGN_OFF:     (YES, NO,  NO,  NO),
    # Not even the lead: who asks for a signature can't give it.
    Action.SIGN:                 (NO,  NO,  YES, NO),
    Action.CHECK_PITFALLS:       (YES, YES, NO,  NO),
    Action.EXPORT_PERSONAL_DATA: (YES, NO,  NO,  NO),
    Action.ERASE_PERSONAL_DATA:  (YES, NO,  NO,  NO),
    Action.MANAGE_TOKENS:        (YES, NO,  NO,  NO),
    Action.MANAGE_DELIVERIES:    (YES, NO,  NO,  NO),
    Action.WRITE_NOTES:          (YES, YES, YES, NO),
    Action.WRITE_REVIEWS:        (YES, NO,  NO,  NO),
    Action.EDIT_RUNBOOKS:        (YES, YES, NO,  NO),
    Action.START_RUNS:           (YES, YES, NO,  NO),
    # Not even the lead: who prepares a run can't say go for it.
    Action.SAY_GO:               (NO,  NO,  YES, NO),
    Action.FOLLOW_RUNS:          (YES, YES, YES, YES),
    Action.REPORT_STEPS:         (YES, YES, NO,  NO),
    Action.DECIDE_RUNS:          (YES, NO,  NO,  NO),
    Action.EDIT_REPLACEMENTS:    (YES, YES, NO,  NO),
    Action.CUT_OVER:             (YES, NO,  NO,  NO),
    Action.REPORT_EVIDENCE:      (YES, YES, NO,  NO),
    Action.ASK_GATE:             (YES, YES, NO,  NO),
}
# fmt: on
PERMISSIONS: dict[Action, frozenset[Role]] = {
    action: frozenset(role for role, may in zip(Role, row, strict=True) if may)
    for action, row in _TABLE.items()
}


class Administration(StrEnum):
    """What only an administrator may do. To see an engagement, they have to be a member like anybody else."""

    OPEN_ENGAGEMENTS = "create an engagement"
    MANAGE_USERS = "manage users"
    READ_SECURITY_LOG = "read the security log"
    DELETE_ENGAGEMENTS = "delete an engagement"


def permits(role: str | None, action: Action) -> bool:
    """Return whether `role` may do `action`; without a role nothing is allowed."""
    return role is not None and Role(role) in PERMISSIONS[action]


def as_markdown() -> str:
    """Return the table for the user's guide: a row per action, a column per role."""
    head = ["Action", *(role.value.capitalize() for role in Role), "Administrator who is no member"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for action, row in _TABLE.items():
        cells = [upper_first(action), *("yes" if may else "no" for may in row), "no"]
        lines.append(f"| {' | '.join(cells)} |")
    for administration in Administration:
        lines.append(f"| {upper_first(administration)} | no | no | no | no | yes |")
    return "\n".join(lines)
