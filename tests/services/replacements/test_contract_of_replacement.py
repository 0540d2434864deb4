"""The contract between an old part and a new one: a row of the same engagement, whose state the gate asks for."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models.contract_states import FRESH_DAYS
from models.database import engine
from models.errors import NotFound
from services.architecture.contracts import receive_version
from services.replacements import gating, replacements
from tests.analysis.documents import shop
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    a_replacement,
    a_system,
    may_cut_over,
    the_gate,
    the_lead,
)

pytestmark = pytest.mark.usefixtures("database")


def receive(version: int, slug: str = "acme", day: int = DAY, **given) -> int:
    """A version of the contract of the system intake-api, or of another. Returns the contract's id."""
    content = json.dumps(shop(version)).encode()
    name = given.pop("name", "Intake API")
    receive_version(the_operator(day), slug, name, content, system=given.pop("system", "intake-api"), **given)
    return next(row.id for row in the_state(slug).contracts if row.name == name)


def name_it(row_id: int, contract_id: int | None) -> None:
    replacements.change_replacement(the_lead(), "acme", row_id, {"contract_id": contract_id})


def contract_check(row_id: int, day: int = DAY) -> tuple[str, str]:
    check = next(row for row in the_gate(row_id, day).checks if row.name == "contract")
    return check.outcome.value, check.why


def test_a_contract_of_another_engagement_doesnt_exist_and_nothing_is_changed():
    row_id = a_replacement()
    an_engagement("other", name="Somebody else's")
    a_system("Their core", "other")
    theirs = receive(1, "other", name="Their API", system="Their core")
    the_lead()  # whose membership is a revision
    before = the_state().revision
    for contract_id in (theirs, 99):
        with pytest.raises(NotFound, match="There is no such contract any more. Nothing was saved."):
            name_it(row_id, contract_id)
    assert the_state().revision == before
    assert the_state().replacements[0].contract is None


def test_the_database_itself_refuses_a_contract_that_isnt_there():
    a_replacement()
    with pytest.raises(IntegrityError), engine().execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE replacement SET contract_id = 99"))


def test_the_gate_asks_for_the_contract_that_is_named():
    row_id = a_replacement()
    assert contract_check(row_id) == ("not known", "no contract is named")
    name_it(row_id, receive(1))
    assert contract_check(row_id) == ("failed", "Intake API isn't frozen")
    receive(1, freeze=True)
    assert contract_check(row_id) == ("passed", "Intake API is frozen and nothing breaks it")
    assert contract_check(row_id, DAY + FRESH_DAYS + 1)[0] == "out of date"
    name_it(row_id, None)
    assert contract_check(row_id)[0] == "not known"


def waive_contract(row_id: int) -> None:
    gating.waive_check(
        the_lead(), "acme", row_id, check="contract", reason="Agreed with the partners", approver="R. Osei",
        expires_on=on_day(DAY) + timedelta(days=20),
    )  # fmt: skip


def test_a_waiver_covers_the_changes_that_break_it_and_a_new_one_closes_the_gate_again():
    row_id = may_cut_over()
    name_it(row_id, receive(1, freeze=True))
    assert the_gate(row_id).open
    receive(3)
    assert contract_check(row_id) == ("failed", "8 changes break Intake API")
    waive_contract(row_id)
    outcome, why = contract_check(row_id)
    assert (outcome, the_gate(row_id).open) == ("inconclusive", False)
    assert why.startswith("2 changes may break Intake API (8 that break it waived by R. Osei until")
    waive_contract(row_id)
    assert (contract_check(row_id)[0], the_gate(row_id).open) == ("waived", True)
    worse = shop(3)
    del worse["paths"]["/orders"]["post"]["responses"]["200"]
    receive_version(the_operator(DAY), "acme", "Intake API", json.dumps(worse).encode())
    outcome, why = contract_check(row_id)
    assert (outcome, the_gate(row_id).open) == ("failed", False)
    assert "waived by R. Osei until" in why
