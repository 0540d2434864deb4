"""The evidence goes out as it came in: imported again, an export changes nothing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Forbidden
from models.people import Role
from services.imports.applying import File, import_file
from services.imports.evidence_files import FORMATS, export_evidence, number_text
from services.imports.kinds import KINDS
from services.imports.templates import csv_template
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.parsing.forced_text import defuse, without_apostrophe
from services.workflows.workflows import rehearse_fallback
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state

DAY = 60
ORDER = [
    "systems", "dependencies", "pain_points", "interviews", "metrics", "workflows", "frictions", "measurements",
]  # fmt: skip


def worked_on() -> None:
    an_engagement(day_1=on_day(1).replace(month=11, day=1), zone="Europe/Berlin")
    who = the_operator(DAY)
    import_file(who, "acme", File("systems", "name\ncredit-bureau\nkafka\nloan-origination", "x"))
    for name in ORDER:
        import_file(who, "acme", File(name, csv_template(KINDS[name]), name))
    odd = [
        {"name": "=1+1", "note": "-5 on Mondays\nand +3"},
        {"name": "'=quoted", "owner": 'Søren, "the" Ärger; Müller'},
        {"name": "'' twice", "standalone": True, "reviewed_on": on_day(-90)},
    ]
    systems.save(who, "acme", added=odd)
    (metric,) = the_state().metrics
    (flow,) = the_state().workflows
    for day in (10, 25):
        rehearse_fallback(who, "acme", flow.id, rehearsed_on=on_day(1).replace(month=11, day=day))
    at = [noon(30), noon(31) + timedelta(seconds=7, microseconds=5), noon(32), noon(33)]
    batches.record(who, "acme", rows=Rows([metric.id] * 4, at, [1.234, 0.1 + 0.2, 1e-7, 12500.0]), source="x")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("format", FORMATS)
def test_an_export_of_every_kind_imported_again_changes_nothing(format):
    worked_on()
    for name in ORDER:
        data = export_evidence(the_operator(DAY), "acme", name, format)
        result = import_file(the_operator(DAY), "acme", File(name, data, f"{name}.{format}"))
        assert (result.plan.changes, result.import_id) == (0, None), name
        assert result.plan.unchanged > 0, name


@pytest.mark.usefixtures("database")
def test_an_export_of_one_engagement_fills_another():
    worked_on()
    an_engagement("second", day_1=on_day(1).replace(month=11, day=1), zone="Europe/Berlin")
    for name in ORDER:
        data = export_evidence(the_operator(DAY), "acme", name, "csv")
        import_file(the_operator(DAY), "second", File(name, data, name))
        assert export_evidence(the_operator(DAY), "second", name, "csv") == data, name


@pytest.mark.usefixtures("database")
def test_no_cell_of_an_export_is_a_formula_and_interviews_stay_with_who_may_read_them():
    worked_on()
    text = export_evidence(the_operator(DAY), "acme", "systems", "csv").decode("utf-8-sig")
    assert "\n'=1+1," in text
    sponsor = an_actor("sponsor", role=Role.SPONSOR, day=DAY)
    with pytest.raises(Forbidden):
        export_evidence(sponsor, "acme", "interviews", "csv")
    assert export_evidence(sponsor, "acme", "systems", "csv")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_can_be_read_back(value):
    text = number_text(value)
    assert float(text) == value
    assert len(text.partition(".")[2]) != 3


@given(st.text(alphabet="'=+-@ab \t", min_size=1))
def test_a_defused_text_is_read_back_and_never_begins_as_a_formula(text):
    assert without_apostrophe(defuse(text)) == text
    assert not defuse(text).startswith(("=", "+", "-", "@", "\t", "\r"))
