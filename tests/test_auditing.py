"""The commands for who has to prove something, as an auditor runs them."""

import json

import pytest
from typer.testing import CliRunner

from manage import program
from models.errors import HeadwayError, Invalid
from models.people import Role
from reports.exports.week_files import export
from services.metrics import definitions
from services.review import reviews
from services.sign_off import signing
from store import reviews as stored_reviews
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture
def receipt(tmp_path) -> str:
    an_engagement()
    a_metric(name="Decision time", baseline="4 h", target="90 s")
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    record_id = signing.sign(dana, "acme", signing.approvals(shown), name="Dana Ruiz")
    return run("sign-off", "receipt", "acme", str(record_id), "--out", str(tmp_path)).strip()


def run(*words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(program, list(words), catch_exceptions=True)
    if isinstance(answer.exception, HeadwayError):
        raise answer.exception
    assert answer.exit_code == code, answer.output
    return answer.stdout


def test_a_receipt_is_written_and_verified(receipt):
    text = run("sign-off", "verify", receipt)
    assert text.startswith("This receipt is genuine, and what it shows holds today.\n")
    assert "  ok  The record in the file is the one that is kept here" in text
    verification = json.loads(run("sign-off", "verify", receipt, "--json"))
    assert (verification["genuine"], verification["holds"]) == (True, True)
    assert {row["about"] for row in verification["findings"]} == {"file", "record", "journal", "signature"}


def test_what_no_longer_holds_is_exit_code_1_and_says_why(receipt):
    definitions.change(the_operator(9), "acme", 1, {"target": "2 min"}, seen=None)
    assert "  NO  “Decision time”, version 1: no longer holds." in run("sign-off", "verify", receipt, code=1)
    verification = json.loads(run("sign-off", "verify", receipt, "--json", code=1))
    assert (verification["genuine"], verification["holds"]) == (True, False)


def test_a_file_that_isnt_there_or_is_none_is_refused(tmp_path):
    with pytest.raises(HeadwayError, match="There is no file"):
        run("sign-off", "verify", str(tmp_path / "none.pdf"))
    (tmp_path / "text.pdf").write_text("hello")
    with pytest.raises(Invalid, match="no PDF"):
        run("sign-off", "verify", str(tmp_path / "text.pdf"))


def test_the_journal_is_checked_against_a_receipt_a_review_and_a_head(receipt, tmp_path):
    head, revision = the_state().head, the_state().revision
    frozen = reviews.freeze(the_operator(6), "acme", on_day(6))
    document = stored_reviews.document(the_operator(6), "acme", frozen.digest)
    review = tmp_path / "review.json"
    review.write_bytes(export(document, "json"))
    for words in (
        ["--receipt", receipt],
        ["--review", str(review)],
        ["acme", "--head", f"{head}@{revision}"],
    ):
        text = run("journal", "verify", *words)
        assert f"acme: {the_state().revision} entries, unbroken" in text
        assert "after the head that was given" in text
    text = run("journal", "verify", "acme", "--head", f"{'0' * 16}@5", code=1)
    assert "acme: entry 5 isn't the one that the head that was given names" in text
    assert "the whole journal anew" in run("journal", "verify")
    with pytest.raises(Invalid, match="is of the engagement acme, not of another"):
        run("journal", "verify", "another", "--receipt", receipt)
    (markdown := tmp_path / "review.md").write_bytes(export(document, "md"))
    with pytest.raises(Invalid, match="has no snapshot in it"):
        run("journal", "verify", "--review", str(markdown))


def test_only_one_head_is_given_and_a_snapshot_that_names_none_is_refused(receipt, tmp_path):
    assert run("journal", "verify", "acme", "--head", "x@1", "--receipt", receipt, code=2) == ""
    (bare := tmp_path / "bare.json").write_text('{"schema": 1, "interviews": "x"}')
    with pytest.raises(Invalid, match="names no head"):
        run("journal", "verify", "--review", str(bare))
