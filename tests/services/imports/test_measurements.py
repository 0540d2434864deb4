import csv
import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from models.units import unit
from services.imports.kinds import MEASUREMENTS
from services.imports.measurements import parse_measurements
from services.imports.rows import parse
from services.parsing.number_result import Refusal
from services.parsing.reading import read
from tests.services.parsing.sheets import xlsx

HEADER = "metric,at,value,n,note\n"


def measured(text, **more):
    return parse_measurements(read(text.encode(), "m.csv"), **more)


def values(result, unit_name="h"):
    """All values in one unit, with a refusal in the place of what isn't read; and the kinds of doubts."""
    read = result.values.read([unit(unit_name)] * len(result.metrics), result.metric)
    numbers = [read.refused.get(i, value) for i, value in enumerate(read.value.tolist())]
    return numbers, [doubt.kind for doubt in read.doubts]


def test_clean_columns_come_as_arrays():
    result = measured(HEADER + "lead-time,2026-11-20,3.5,12,\nLEAD-time,2026-11-21T14:30,-4,,slow\n")
    assert [result.metrics[code] for code in result.metric] == ["lead-time", "lead-time"]
    assert result.at.tolist() == [datetime(2026, 11, 20), datetime(2026, 11, 21, 14, 30)]
    assert (values(result)[0], result.n, result.note) == ([3.5, -4], [12, None], [None, "slow"])
    assert (result.lines.tolist(), len(result), len(result.problems)) == ([2, 3], 2, 0)


def test_columns_that_are_not_there_stay_unknown():
    result = measured("at,value\n2026-11-20,3\n", given={"metric": "lead-time"})
    assert (result.metrics, result.metric.tolist()) == (["lead-time"], [0])
    assert (result.n, result.note) == (None, None)
    sentences = measured("at,value\n2026-11-20,3\n").problems.sentences()
    assert sentences == ["Line 1, metric: this column is missing; measurements need metric, at, value."]


def test_times_without_an_offset_are_the_engagements():
    result = measured(
        HEADER
        + "a,2026-11-20,1,,\na,2026-11-20T10:00:00Z,1,,\n"
        + "a,2026-11-20 10:00+05:30,1,,\na,20 Nov 2026 10:00,1,,\n",
        zone=ZoneInfo("Europe/Berlin"),
    )
    assert result.at.astype("datetime64[m]").astype(str).tolist() == [
        "2026-11-19T23:00", "2026-11-20T10:00", "2026-11-20T04:30", "2026-11-20T09:00",
    ]  # fmt: skip


def test_an_hour_that_the_clock_skips_or_shows_twice_asks_for_an_offset():
    berlin = ZoneInfo("Europe/Berlin")
    result = measured(HEADER + "a,2026-03-29T02:30,1,,\na,2026-10-25T02:30,1,,\n", zone=berlin)
    assert result.problems.sentences() == [
        "Line 2, at: “2026-03-29T02:30” is not one moment: on 29 Mar 2026 the clock in Europe/Berlin goes forward and "
        "never shows 02:30; write the time with its offset: 2026-03-29T03:30+02:00.",
        "Line 3, at: “2026-10-25T02:30” is not one moment: on 25 Oct 2026 the clock in Europe/Berlin goes back and shows "
        "02:30 twice; write which one is meant with its offset: 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00.",
    ]
    both = measured(HEADER + "a,2026-10-25T02:30+02:00,1,,\na,2026-10-25T02:30+01:00,1,,\n", zone=berlin)
    assert both.problems.sentences() == []


def test_units_are_those_of_the_metric():
    result = measured(HEADER + 'a,2026-11-20,4 h,,\na,2026-11-21,"8,500",,\na,2026-11-22,7,,\n')
    assert values(result) == ([4, 8500, 7], ["decimal mark"])
    assert values(result, "min") == ([240, 8500, 7], ["decimal mark"])
    assert result.written == ["4 h", "8,500", "7"]


def test_the_decimal_mark_is_the_columns():
    result = measured("metric;at;value\na;2026-11-20;8.500\na;2026-11-21;1,5\na;2026-11-22;7\n")
    assert values(result) == ([8500, 1.5, 7], [])
    (refusal, *others), _ = values(
        measured("metric;at;value\na;2026-11-20;8.500\na;2026-11-21;1,5\na;2026-11-22;7.25\n")
    )
    assert others == [1.5, 7.25]
    assert refusal.sentence == (
        "“8.500” is not read: it can be 8.5 or 8,500, and the column has decimal points and commas; write one kind"
    )
    assert values(measured("metric,at,value\na,2026-11-20,8.500\n")) == ([8.5], ["decimal mark"])


def test_every_bad_cell_is_told_at_once():
    text = HEADER + (
        "a b,2026-11-20,1,,\na,9999-01-01,2,,\na,2026-02-30,NaN,,\na,,1e999,-1,\n,2026-11-20,,2.5,\x01\n"
        "a,2026-11-21,1,1,\na,2026-11-22,1,1,\nA,2026-11-21T00:00,2,1,\na,2026-11-23,1,1,,extra\n"
    )
    sentences = measured(text).problems.sentences()
    starts = [sentence.split(":")[0] for sentence in sentences]
    assert starts == [
        "Line 2, metric", "Line 3, at", "Line 4, at", "Line 5, at", "Line 5, n",
        "Line 6, metric", "Line 6, value", "Line 6, n", "Line 6, note", "Line 9, metric, at", "Line 10",
    ]  # fmt: skip
    assert (
        sentences[-2]
        == "Line 9, metric, at: “a, 2026-11-21T00:00” is on line 7 already; keep one of the two."
    )


def test_a_workbook_gives_the_same_as_a_csv():
    at = datetime(2026, 11, 20, 14, 30)
    data = xlsx(
        ["metric", "at", "value", "n", "note"], ["a", at, 3.5, 12, "x"], ["a", 46347, "4 h", None, None]
    )
    result = parse_measurements(read(data, "m.xlsx"))
    assert len(result.problems) == 0
    assert result.at.tolist() == [at, datetime(2026, 11, 21)]
    assert (values(result)[0], result.n, result.note) == ([3.5, 4], [12, None], ["x", None])


DATES = ["2026-11-20", "2026-11-20T14:30", "2026-11-20 14:30:15", "2026-11-20T14:30:16Z", "20.11.2026"]
DATES += ["2026-02-30", "1999-01-01", "2026-1x-01", "20/11/2026", "03/04/2026", "2026-11-20T24:00", ""]
DATES += [" 2026-11-20", "46346", "x"]
VALUES = [
    "1",
    "1.5",
    "8.500",
    "8,500",
    "1,5",
    "-3",
    "+2",
    ".5",
    "5.",
    "4 h",
    "NaN",
    "1e999",
    "1e3",
    "",
    "1_0",
    " 7",
    "x",
]
ROW = st.tuples(
    st.sampled_from(["a", "A", "b", "b c", ""]),
    st.sampled_from(DATES),
    st.sampled_from(VALUES) | st.floats(-1e6, 1e6).map(str),
    st.sampled_from(["", "1", "007", "1.5", "-1", "9999999999", "1,000"]),
    st.sampled_from(["", "x", " y ", "#N/A", "a\x07", "line\nend"]),
)


def sentences_of(result):
    """The sentences; rows.py repeats a key as it was understood, measurements.py as it was written."""
    return sorted(
        re.sub("“.*” is on line", "is on line", sentence) for sentence in result.problems.sentences()
    )


@given(st.lists(ROW, max_size=8))
def test_whole_columns_say_what_the_cell_parsers_say(rows):
    # A short file with many control characters is no text at all.
    assume(sum("\a" in note for *_, note in rows) <= 1)
    file = io.StringIO(newline="")
    csv.writer(file).writerows([HEADER.strip().split(","), *rows])
    sheet = read(file.getvalue().encode(), "m.csv")
    fast, slow = parse_measurements(sheet), parse(sheet, MEASUREMENTS)
    assert sentences_of(fast) == sentences_of(slow)
    for i, (line, row) in enumerate(slow.rows):
        assert fast.lines[i] == line
        if len(slow.problems) == 0:
            at = row["at"].astimezone(UTC).replace(tzinfo=None) if row["at"].tzinfo else row["at"]
            assert (fast.metrics[fast.metric[i]], fast.at[i].item(), fast.n[i], fast.note[i]) == (
                row["metric"], at, row["n"], row["note"],
            )  # fmt: skip
            of_cell = row["value"].read(unit("h"))
            assert values(fast)[0][i] == (of_cell if isinstance(of_cell, Refusal) else of_cell.value)
