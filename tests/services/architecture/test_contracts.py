"""Versions of a contract: received, compared, frozen and stored, on both databases."""

import json
import zlib

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.contracts import ContractDocument, ContractState
from models.database import engine
from models.errors import Invalid
from reports.review.draft import draft
from services.architecture.contracts import freeze_version, receive_version
from services.inventory import dependencies, systems
from tests.analysis.documents import shop
from tests.builders import an_engagement, on_day, the_operator, the_state


@pytest.fixture(autouse=True)
def acme(database: str) -> None:
    an_engagement()
    systems.save(the_operator(), "acme", added=[{"name": name} for name in ("Shop", "Web", "Desk")])
    ends = [("Web", "Shop"), ("Desk", "Shop")]
    added = [{"from": a, "to": b, "kind": "call"} for a, b in ends]
    dependencies.save(the_operator(), "acme", added=added)


def bytes_of(version: int) -> bytes:
    return json.dumps(shop(version)).encode()


def receive(version: int, day: int = 5, **given):
    return receive_version(the_operator(day), "acme", "Shop", bytes_of(version), **given)


def contract():
    (row,) = the_state().contracts
    return row


def test_a_version_is_compared_with_the_one_before_and_once_one_is_frozen_with_that():
    assert receive(1, label="v1").text == "It is the first version."
    assert receive(2, label="v2").text.startswith("Compared with v1: 2 changes may break")
    freeze_version(the_operator(6), "acme", contract().versions[1].id)
    assert receive(3, 9, label="v3").breaks == 8
    receive(1, 10, label="v4")
    assert [contract().compared_with(row) for row in contract().versions] == [
        "", "v1", "v2", "v2",
    ]  # fmt: skip
    assert contract().frozen.label == "v2"
    assert (contract().frozen.frozen_on, contract().frozen.frozen_by) == (on_day(6), the_operator().name)
    assert contract().break_dates()[0] == on_day(9)


def test_the_same_document_again_adds_nothing_and_counts_as_compared_that_day():
    receive(1, freeze=True)
    assert contract().status(on_day(20)).state is ContractState.OUT_OF_DATE
    result = receive(1, 20)
    assert (result.is_new, len(contract().versions)) == (False, 1)
    assert contract().status(on_day(20)).state is ContractState.STABLE


def test_the_label_is_the_documents_own_unless_one_is_given():
    assert receive(1).label == "1"
    assert receive(2, label="2026-11").label == "2026-11"


def test_what_is_refused_leaves_nothing_behind():
    revision = the_state().revision
    for name, content, sentence in [
        ("Nobody", bytes_of(1), "There is no contract “Nobody”, and no system “Nobody” in the inventory"),
        ("Shop", b"swagger: '2.0'", "The file is Swagger 2.0"),
        (" ", bytes_of(1), "Give the name of the contract"),
    ]:
        with pytest.raises(Invalid, match=sentence):
            receive_version(the_operator(5), "acme", name, content)
    assert the_state().revision == revision
    with Session(engine()) as session:
        assert session.scalars(select(ContractDocument)).all() == []


def test_freezing_twice_is_refused():
    receive(1, freeze=True)
    with pytest.raises(Invalid, match="was frozen on 9 Oct already"):
        freeze_version(the_operator(6), "acme", contract().versions[0].id)


def test_the_document_is_stored_compressed_and_neither_it_nor_a_finding_can_be_rewritten():
    receive(1)
    with Session(engine()) as session:
        (row,) = session.scalars(select(ContractDocument))
        assert zlib.decompress(row.content) == bytes_of(1)
    for statement in (
        "UPDATE contract_version SET findings = '[]', breaks = 3",
        "DELETE FROM contract_version",
        "DELETE FROM contract_document",
    ):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            engine().execution_options(writes=True).begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_broken_contract_is_among_the_exceptions_of_the_weekly_review():
    receive(1, freeze=True)
    receive(2, 8)
    assert [row for row in exceptions(8) if row["key"].startswith("contract")] == []
    receive(3, 9, label="v3")
    (row,) = [row for row in exceptions(9) if row["key"].startswith("contract")]
    assert (row["name"], row["status"]) == ("Shop", "off track")
    assert row["reason"] == "8 changes of v3 break what 1 promised"


def exceptions(day: int) -> list[dict[str, str]]:
    return draft(the_operator(day), "acme", on_day(day)).composed.content["exceptions"]


def test_the_command_says_the_state_and_who_is_hit(manage, tmp_path, monkeypatch):
    monkeypatch.setattr("commands.contracting.the_operator", lambda via: the_operator(5))
    for version in (1, 2, 3):
        (tmp_path / f"{version}.json").write_bytes(bytes_of(version))
    assert "Draft: No version is frozen" in manage("contract", "acme", "Shop", tmp_path / "1.json").stdout
    assert "Stable:" in manage("contract", "acme", "shop", tmp_path / "1.json", "--freeze").stdout
    ran = manage("contract", "acme", "Shop", tmp_path / "3.json", "--label", "v3")
    assert ran.returncode == 0
    assert "Broken: 8 changes of v3 break what 1 promised." in ran.stdout
    assert "Desk and Web depend on Shop." in ran.stdout
    answer = json.loads(manage("contract", "acme", "Shop", tmp_path / "3.json", "--json").stdout)
    assert (answer["state"], answer["breaks"], answer["hits"]) == ("broken", 8, ["Desk", "Web"])
    assert manage("contract", "acme", "Shop", tmp_path / "none.json").returncode == 1


def test_a_contract_may_be_called_otherwise_than_its_system():
    receive_version(the_operator(5), "acme", "Orders API", bytes_of(1), system="shop")
    assert contract().system.name == "Shop"
    with pytest.raises(Invalid, match="isn't one of “Web”"):
        receive_version(the_operator(5), "acme", "Orders API", bytes_of(2), system="Web")
