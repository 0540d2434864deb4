import json
from datetime import date

import pytest

from models.errors import NotFound
from models.units import unit
from services.imports.kinds import KINDS, MEASUREMENTS, kind_named
from services.imports.problems import MAX_LISTED, Problem
from services.imports.rows import parse
from services.parsing.reading import read
from tests.services.parsing.sheets import parsed


def sentences(text, kind="systems"):
    return parsed(text, kind).problems.sentences()


def test_rows_hold_only_the_columns_of_the_file():
    result = parsed("Reviewed On;NAME;criticality\n20.11.2026;ledger;HIGH\n;crm;\n")
    assert result.rows == [
        (2, {"reviewed_on": date(2026, 11, 20), "name": "ledger", "criticality": "high"}),
        (3, {"reviewed_on": None, "name": "crm", "criticality": None}),
    ]
    assert result.columns == ["name", "criticality", "reviewed_on"]
    assert len(result.problems) == 0


def test_an_empty_cell_says_what_its_column_says_and_a_new_record_takes_the_same():
    result = parsed("name,standalone\nledger,\n")
    assert result.rows == [(2, {"name": "ledger", "standalone": False})]
    full = KINDS["workflows"].completed({"name": "Loan decision", "live_on": None})
    assert (full["state"], full["live_on"], full["systems"]) == ("candidate", None, None)


def test_an_unknown_column_is_told_with_the_closest_known_one():
    (sentence,) = sentences("name,onwer\nledger,Ann\n")
    assert sentence.startswith(
        "Line 1, onwer: systems have no such column; did you mean owner? The columns are name, kind"
    )


def test_missing_and_repeated_and_nameless_columns_are_told_at_once():
    problems = sentences("kind,kind,,note\nstore,store,x,y\n")
    assert problems == [
        "Line 1, kind: the header names this column twice; delete one of them.",
        "Line 1: column 3 has values but no name; name it or delete it.",
        "Line 1, name: this column is missing; systems need name.",
    ]


def test_a_nameless_column_without_values_is_passed_over():
    assert sentences("name,,note\nledger,,x\ncrm,,\n") == []


def test_every_bad_cell_is_told_with_line_column_value_and_what_was_expected():
    result = parsed(
        "system,title,severity,frequency\nledger,slow,9,never\n,\x00,2,daily\n\ncrm,x\n", "pain_points"
    )
    assert result.problems.sentences() == [
        "Line 2, severity: “9” is not a whole number from 1 to 5.",
        "Line 2, frequency: “never” is not one of daily, weekly, monthly, rarely.",
        "Line 3, system: it is empty, not a name of at most 200 characters.",
        "Line 3, title: “\ufffd” is not a text that can be shown (it holds control characters).",
        "Line 5, severity: it is empty, not a whole number from 1 to 5.",
        "Line 5, frequency: it is empty, not one of daily, weekly, monthly, rarely.",
    ]
    problems = json.loads(json.dumps([problem.as_json() for problem in result.problems]))
    assert problems[0] == {
        "line": 2,
        "column": "severity",
        "value": "9",
        "expected": "a whole number from 1 to 5",
        "sentence": "Line 2, severity: “9” is not a whole number from 1 to 5.",
    }


def test_a_row_given_twice_names_both_lines():
    assert sentences("name\nKafka\nledger\nkafka \n") == [
        "Line 4, name: “kafka” is on line 2 already; keep one of the two."
    ]


def test_a_dependency_given_twice_or_on_itself_is_refused():
    problems = sentences("from,to,kind\na,b,call\nA,B,Call\na,b,event\na,A,call\n", "dependencies")
    assert problems == [
        "Line 3, from, to, kind: “A, B, call” is on line 2 already; keep one of the two.",
        "Line 5, to: “A” can't depend on itself.",
    ]


def test_a_row_with_too_many_cells_is_refused():
    (sentence,) = sentences("name,note\nledger,one, two\n")
    assert sentence == "Line 2: “two” stands beyond the last of the 2 named columns."


def test_many_problems_are_counted_not_listed():
    problems = sentences("name,reviewed_on\n" + "".join(f"s{i},soon\n" for i in range(1500)))
    assert len(problems) == MAX_LISTED + 1
    assert problems[-1] == "And 1,300 more."


def test_a_long_value_is_cut_in_the_sentence():
    sentence = Problem(1, "note", "x" * 60, "short").sentence
    assert len(sentence) < 120
    (sentence,) = sentences("name\n" + "x" * 5000 + "\n")
    assert len(sentence) < 160


def test_a_header_alone_is_no_problem_but_noted():
    result = parsed("name,kind\n")
    assert (result.rows, len(result.problems)) == ([], 0)
    assert result.notes == ["The file has a header, but no rows below it."]


def test_a_number_that_could_be_meant_otherwise_is_noted():
    doubtful, clear = (
        parsed(text, "metrics").rows[0][1]["baseline"].read(unit("h"))
        for text in ('slug,baseline\nlead-time,"8,500"\n', "slug,baseline\na,8.500\nb,1.5\n")
    )
    assert (doubtful.value, doubtful.others, doubtful.doubt) == (8500, (8.5,), "decimal mark")
    assert (clear.value, clear.doubt) == (8.5, "")


def test_metrics_to_change_need_less_than_metrics_to_add():
    ((_, row),) = parsed("slug,target\nlead-time,90 s\n", "metrics").rows
    assert KINDS["metrics"].lacking(row) == ["name", "unit", "direction"]
    assert sentences("slug,unit\nlead-time,\n", "metrics") == [
        "Line 2, unit: it is empty, not a short text of at most 200 characters."
    ]


def test_a_column_can_be_given_by_the_caller():
    sheet = read(b"at,value\n2026-11-20,3\n", "x.csv")
    assert parse(sheet, MEASUREMENTS, {"metric": "lead-time"}).rows[0][1]["metric"] == "lead-time"


def test_kinds_are_found_by_name():
    assert kind_named("Pain-points") is KINDS["pain_points"]
    with pytest.raises(NotFound, match="no import called budgets. Choose one of systems, dependencies"):
        kind_named("budgets")
