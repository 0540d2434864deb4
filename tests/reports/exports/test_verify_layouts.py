"""Files of weeks that were frozen by any layout hold; an altered one doesn't, and one of another program says so."""

import pytest

from reports.exports import verify as review_verify
from reports.exports.verify import DOES_NOT_HOLD, HOLDS, OTHER_LAYOUT, verify
from reports.exports.week_files import FORMATS, export
from reports.review import content
from tests.builders import the_operator
from tests.reports.exports.test_exports import frozen
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.mark.parametrize("layout", [1, 2, 3])
def test_files_of_a_week_that_an_earlier_version_froze_hold(layout, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(content, "LAYOUT", layout)
        a_story()
        document = frozen()
    assert document.content["head"]["layout"] == layout
    for format in FORMATS:
        assert verify(the_operator(60), export(document, format)).outcome == HOLDS, format


def test_a_file_of_the_newest_layout_that_was_altered_does_not_hold():
    a_story()
    data = export(frozen(), "md")
    proof = verify(the_operator(60), data.replace(b"Loan", b"Lawn"))
    assert proof.outcome == DOES_NOT_HOLD
    assert any("it was altered" in each for each in proof.findings)


def test_an_altered_pdf_does_not_hold_though_the_typesetters_package_has_another_version():
    """PyPI's typst 0.15.2 carries Typst 0.15.1, and a PDF names what made it."""
    a_story()
    data = export(frozen(), "pdf")
    proof = verify(the_operator(60), data.replace(b"/Author", b"/Autxor", 1))
    assert proof.outcome == DOES_NOT_HOLD
    assert any("it was altered" in each for each in proof.findings)


def test_a_file_of_another_program_is_told_by_its_name(monkeypatch):
    a_story()
    data = export(frozen(), "pdf")
    monkeypatch.setattr(review_verify, "typesetter", lambda: "Typst 9.9")
    monkeypatch.setattr(review_verify, "export", lambda *given: b"set differently")
    proof = verify(the_operator(60), data)
    assert proof.outcome == OTHER_LAYOUT
    assert any("this version uses Typst 9.9" in each for each in proof.findings)
