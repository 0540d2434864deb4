"""The one table that decides who may do what. A role that isn't named here may not."""

from enum import StrEnum

from models.people import Role


class Action(StrEnum):
    """What a use case does, in the words of the message that refuses it."""

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
    SIGN = "sign metrics"
    CHECK_PITFALLS = "answer pitfall checks"
    WRITE_REVIEWS = "write and freeze weekly reviews"


_EVERYONE = frozenset(Role)
_TEAM = frozenset({Role.LEAD, Role.CONTRIBUTOR})
_LEAD = frozenset({Role.LEAD})

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.READ: _EVERYONE,
    Action.READ_INTERVIEWS: _TEAM | {Role.VIEWER},
    Action.READ_JOURNAL: _EVERYONE,
    Action.CHANGE_ENGAGEMENT: _LEAD,
    Action.MANAGE_MEMBERS: _LEAD,
    Action.PLAN: _LEAD,
    Action.CLAIM: _LEAD,
    Action.WAIVE: _LEAD,
    Action.EDIT_INVENTORY: _TEAM,
    Action.RECORD_INTERVIEWS: _TEAM,
    Action.EDIT_WORKFLOWS: _TEAM,
    Action.EDIT_FOUNDATION: _TEAM,
    Action.EDIT_ADOPTION: _TEAM,
    Action.DECIDE: _TEAM | {Role.SPONSOR},
    Action.DEFINE_METRICS: _LEAD,
    Action.RECORD_MEASUREMENTS: _TEAM,
    # Not even the lead: a signature is worth something because the one who asks can't give it.
    Action.SIGN: frozenset({Role.SPONSOR}),
    Action.CHECK_PITFALLS: _TEAM,
    Action.WRITE_REVIEWS: _LEAD,
}


def permits(role: str | None, action: Action) -> bool:
    """Whether `role` may do `action`; no role may do nothing."""
    return role is not None and Role(role) in PERMISSIONS[action]
