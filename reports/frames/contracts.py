"""Contracts as pages and the command line show them: states, who is hit, and the findings of a version as rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from analysis.coupling import name_key
from models.contracts import Contract, ContractVersion
from models.inventory import System
from models.wording import count, day_month, join_list


def hit_by(system: System) -> list[str]:
    """Return the systems that depend on the provider, by name: who a breaking change hits."""
    return sorted({row.source.name for row in system.needed_by}, key=name_key)


def hit_sentence(system: System) -> str:
    """Return who is hit, in one sentence."""
    names = hit_by(system)
    if not names:
        return f"No system in the inventory is known to depend on {system.name}."
    verb = "depends" if len(names) == 1 else "depend"
    return f"{join_list(names, most=len(names))} {verb} on {system.name}."


def state_sentence(contract: Contract, on: date) -> str:
    """Return a contract's state and the reason for it, in one sentence."""
    status = contract.status(on)
    return f"{status.state.value.capitalize()}: {status.sentence}."


def broken_sentence(contract: Contract, since: date) -> str:
    """Return how often the seam broke since a day."""
    times = sum(when >= since for when in contract.break_dates())
    return f"Broke {count(times, 'time')} since {day_month(since)} {since.year}" if times else ""


def version_rows(contract: Contract) -> list[dict[str, Any]]:
    """Return the versions as a table's rows, the newest first."""
    return [
        {
            "Version": row.label,
            "Received": f"{day_month(row.received_on)} {row.received_on.year}",
            "Compared with": contract.compared_with(row),
            "Breaks": row.breaks,
            "May break": row.may_break,
            "Harmless": row.harmless,
            "Frozen": frozen_text(row),
        }
        for row in reversed(contract.versions)
    ]


def frozen_text(row: ContractVersion) -> str:
    """On 5 Nov by Mei Tan"""
    return f"{day_month(row.frozen_on)} by {row.frozen_by}" if row.frozen_on else ""


def finding_rows(row: ContractVersion) -> list[dict[str, str]]:
    """Return what a version changed as a table's rows, the worst first."""
    return [
        {"Severity": finding["severity"], "What changed": finding["sentence"], "Key": finding["key"]}
        for finding in row.listed
    ]
