"""Imports that are refused, all or nothing: every problem is told at once, with its place, and nothing is changed."""

import pytest

from models.errors import Invalid
from services.imports.applying import File, import_file
from tests.builders import an_engagement, the_operator, the_state
from tests.services.imports.imported_lines import DAY, everything, imported, previewed, problems_of

pytestmark = pytest.mark.usefixtures("database")


def test_one_bad_row_keeps_all_the_others_out():
    an_engagement()
    text = problems_of("systems", "name,criticality", "Kafka,high", "Ledger,huge")
    assert text == ["Line 3, criticality: “huge” is not one of low, medium, high, critical."]
    assert the_state().systems == []


def test_every_bad_row_is_told_at_once_with_line_column_value_and_what_was_expected():
    an_engagement()
    imported("systems", "name", "Kafka")
    plan = previewed("dependencies", "from,to,kind", "Kafka,Kafak,call", "Ledgr,Kafka,call", "Kafka,x,mail")
    assert [(p.line, p.column, p.value, p.expected) for p in plan.problems] == [
        (2, "to", "Kafak", "a system in the inventory"),
        (3, "from", "Ledgr", "a system in the inventory"),
        (4, "kind", "mail", "one of call, event, shared data, file, manual"),
        (4, "to", "x", "a system in the inventory"),
    ]
    assert "did you mean “Kafka”?" in plan.problems.sentences()[0]


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        ("systems", ["name,colour", "Kafka,red"], "systems have no such column"),
        ("systems", ["name", "Kafka", " KAFKA"], "Line 3, name: “KAFKA” is on line 2 already"),
        (
            "systems",
            ["name,reviewed_on", "Kafka,2099-10-04"],
            "Line 2, reviewed_on: The review can't be on 2099-10-04",
        ),
        ("systems", ["name,reviewed_on", "Kafka,9999-01-01"], "a date from 2000 to 2100"),
        ("interviews", ["date,interviewee", "2026-10-04,Sam"], "Line 2, date: "),
        ("interviews", ["date,interviewee", "2099-10-04,Sam"], "Line 2, date: The interview can't be on"),
        ("dependencies", ["from,to,kind", "Ledger,ledger,call"], "can't depend on itself"),
        ("dependencies", ["from,to,kind", "Ledger,Bank,call", "ledger,bank,call"], "is on line 2 already"),
        ("pain_points", ["system,title", "Ledger,Slow"], "Line 2, severity: it is empty or not in the file"),
        (
            "frictions",
            ["date,interviewee,theme,observed,severity,frequency", "2026-10-06,Sam,wait,Waits,3,daily"],
            "“Sam” has no interview on 2026-10-06",
        ),
        (
            "workflows",
            ["name,state", "Score,live"],
            "Line 2, live_on: Give the date on which the workflow went live",
        ),
        ("workflows", ["name,live_on", "Score,2026-10-20"], "Line 2, live_on: "),
        ("workflows", ["name,rehearsed_on", "Score,2026-10-20"], "Line 2, rehearsed_on: "),
        ("workflows", ["name,metric,systems", "Score,nothing,Ledger"], "Line 2, metric: “nothing” is not"),
        (
            "workflows",
            ["name,systems", "Score,Ledger;Nowhere"],
            "“Nowhere” is not a system in the inventory",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,baseline,target", "t,T,h,lower,4 h,5 h"],
            "Line 2, target: A target of 5 h is no better",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,baseline", "t,T,h,lower,4 EUR"],
            "Line 2, baseline: “4 EUR” is not read: it is in EUR",
        ),
        ("metrics", ["slug,name,unit,direction,target", "t,T,h,lower,NaN"], "Line 2, target: “NaN” is not"),
        (
            "metrics",
            ["slug,name,unit,direction,target", "t,T,h,lower,1e999"],
            "Line 2, target: “1e999” is not",
        ),
        (
            "metrics",
            ["slug,name,unit,direction,target_day", "t,T,h,lower,91"],
            "Line 2, target_day: “91” is not",
        ),
        (
            "metrics",
            ["slug,name,unit,direction", "t,T,h,lower", "u,t,h,lower"],
            "Line 3, name: There is a metric “t”",
        ),
        (
            "measurements",
            ["metric,at,value", "nothing,2026-10-20,1"],
            "Line 2, metric: “nothing” is not a metric",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_with_its_place(kind, lines, expected):
    an_engagement()
    imported("systems", "name", "Ledger", "Bank")
    text = problems_of(kind, *lines)
    assert any(expected in sentence for sentence in text), text


def test_a_refused_row_hides_no_problem_of_the_next():
    an_engagement()
    imported("systems", "name,owner", "Kafka,Ada", "Ledger,Bo")
    text = problems_of(
        "systems",
        "name,owner,reviewed_on",
        "Kafka,Cy,2099-01-01",
        "New,Di,2099-01-01",
        "Ledger,Ed,2099-01-01",
    )
    assert [sentence.split(":")[0] for sentence in text] == [
        f"Line {line}, reviewed_on" for line in (2, 3, 4)
    ]


def test_a_file_that_is_too_large_or_no_table_is_refused_and_nothing_is_changed():
    an_engagement()
    before = everything()
    for content in (b"x" * 300 * 1024 * 1024, b"PK\x03\x04 broken", b"%PDF-1.7", b""):
        with pytest.raises(Invalid, match="Nothing was changed"):
            import_file(the_operator(DAY), "acme", File("systems", content, "systems.csv"))
    assert everything() == before
