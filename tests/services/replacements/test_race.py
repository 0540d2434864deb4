"""Approving a cutover against withdrawing its last proof, at the same moment: never an approval without its proof."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import HeadwayError
from models.journal import CHANGED, JournalEntry
from models.replacements import Cutover
from services.replacements import gating, proofs
from tests.builders import on_day
from tests.services.replacements.cutting_over import DAY, may_cut_over, the_gate, the_lead, the_proof

ROUNDS = 200 if os.environ.get("HEADWAY_FULL") else 40


def at_once(*acts: Callable[[], object]) -> list[HeadwayError | None]:
    """Carry out the acts in threads that begin together; what refused each, if anything did."""
    barrier = threading.Barrier(len(acts))
    refusals: list[HeadwayError | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except HeadwayError as refused:
            refusals[number] = refused

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


@pytest.mark.usefixtures("database")
def test_no_cutover_is_approved_with_a_check_that_is_closed():
    row_id, lead = may_cut_over(), the_lead()
    # What it says is the same in each round: going back was tested on that day.
    shown, won = the_gate(row_id), 0
    assert shown.open
    for _ in range(ROUNDS):
        proof_id = the_proof("rollback")
        approved, withdrawn = at_once(
            lambda: gating.approve_cutover(lead, "acme", row_id, shown.digest),
            lambda proof_id=proof_id: proofs.withdraw_proof(lead, "acme", proof_id),
        )
        assert withdrawn is None
        won += approved is None
        if approved is not None:
            assert "going back was never tested" in str(approved) or "changed since" in str(approved)
        given = {"kind": "rollback", "on": on_day(DAY), "outcome": "passed"}
        proofs.record_proof(lead, "acme", row_id, given)
    kept = all_cutovers()
    assert len(kept) == won
    for cutover, sequence in kept:
        gate = json.loads(cutover.gate)
        assert gate["open"]
        assert all(check["outcome"] in ("passed", "waived") for check in gate["checks"])
        assert not was_withdrawn_then(sequence)


def all_cutovers() -> list[tuple[Cutover, int]]:
    """Each cutover with the sequence of its journal entry."""
    query = select(Cutover, JournalEntry.sequence).join(JournalEntry, JournalEntry.row_id == Cutover.id)
    with Session(engine()) as session:
        return list(session.execute(query.where(JournalEntry.kind == "cutover")).tuples())


def was_withdrawn_then(sequence: int) -> bool:
    """Whether the proof of going back that was newest at that place in the journal was withdrawn there already."""
    query = select(JournalEntry).where(JournalEntry.kind == "proof", JournalEntry.sequence < sequence)
    with Session(engine()) as session:
        entries = session.scalars(query.order_by(JournalEntry.sequence)).all()
    rollbacks = [row.row_id for row in entries if row.fields["after"].get("kind") == "rollback"]
    return any(row.row_id == rollbacks[-1] and row.change == CHANGED for row in entries)
