"""`manage.py import` and `undo-import`: what they answer, and with which exit code."""

import json
from pathlib import Path

import pytest

from tests.builders import an_engagement, the_state

pytestmark = pytest.mark.usefixtures("sqlite_database")

GOOD, BAD = "name,criticality\nKafka,high\nLedger,low\n", "name,criticality\nKafka,huge\nLedger,low\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    an_engagement()
    path = tmp_path / "systems.csv"
    path.write_text(GOOD)
    return path


def test_an_import_answers_with_counts_and_the_number_that_undoes_it(file, manage):
    dry = manage("import", "systems", file, "--engagement", "acme", "--dry-run", "--json")
    assert (dry.returncode, json.loads(dry.stdout)["import"], the_state().systems) == (0, None, [])
    ran = manage("import", "systems", file, "--engagement", "acme", "--json")
    report = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert (report["added"], report["changed"], report["unchanged"], report["problems"]) == (2, 0, 0, [])
    assert len(the_state().systems) == 2
    undone = manage("undo-import", report["import"], "--engagement", "acme")
    assert (undone.returncode, undone.stdout.split(":")[0]) == (0, "Undid the import of systems.csv")
    assert the_state().systems == []


def test_a_bad_file_exits_with_1_and_names_every_bad_row(file, manage):
    file.write_text(BAD)
    for more in ([], ["--dry-run"]):
        ran = manage("import", "systems", file, "--engagement", "acme", "--json", *more)
        assert ran.returncode == 1
        (problem,) = json.loads(ran.stdout)["problems"]
        assert (problem["line"], problem["column"], problem["value"]) == (2, "criticality", "huge")
        assert problem["expected"] == "one of low, medium, high, critical"
        assert ran.stderr.splitlines() == [
            "Line 2, criticality: “huge” is not one of low, medium, high, critical.",
            "systems.csv has 1 problem, so nothing was changed.",
        ]
    assert the_state().systems == []


def test_refusals_exit_with_1_and_a_sentence_and_usage_with_2(file, tmp_path, manage):
    for words in (
        ["import", "systems", file, "--engagement", "nowhere"],
        ["import", "systems", tmp_path / "nowhere.csv", "--engagement", "acme"],
        ["undo-import", "7", "--engagement", "acme"],
    ):
        ran = manage(*words)
        assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1), ran.stderr
    assert manage("import", "chairs", file, "--engagement", "acme").returncode == 2
    assert manage("import", "systems", file).returncode == 2
