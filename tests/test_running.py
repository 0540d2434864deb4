"""`manage.py run`: where a run stands, for operators and scripts."""

import json

import pytest

from services.runbooks import runs
from tests.services.runbooks.builders import a_runbook, lead

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_it_says_where_the_newest_run_stands_and_what_is_open(manage):
    runbook_id = a_runbook()
    runs.rehearse(lead(), "acme", runbook_id)
    done = manage("run", "acme", "loan decision")
    assert done.returncode == 0, done.stderr
    assert "Switch the nightly batch off: rehearsal run 1 is running." in done.stdout
    assert "1. Freeze intake (Mei Tan): started" in done.stdout


def test_it_answers_programs_in_json(manage):
    runbook_id = a_runbook()
    runs.rehearse(lead(), "acme", runbook_id)
    status = json.loads(manage("run", "acme", "Loan decision", "--json").stdout)
    assert [step["step"] for step in status["open"]] == ["1"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["nothing"], "no replacement “nothing”"), (["Loan decision"], "has no run yet"),
     (["Loan decision", "--number", "7"], "has no run 7")],
)  # fmt: skip
def test_what_isnt_there_is_a_sentence_and_exit_code_1(manage, words, sentence):
    a_runbook()
    done = manage("run", "acme", *words)
    assert done.returncode == 1
    assert sentence in done.stderr
