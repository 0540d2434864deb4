"""`manage.py judge`: a file in, one sentence out."""

import json
from pathlib import Path

import pytest

import manage

CALM = [10, 12, 11, 9, 10, 11, 12, 10, 9, 11, 10, 12]
BETTER = [5, 6, 4, 5, 5, 6, 4, 5, 6, 5, 4, 5]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Judge a text as a file: the exit code, what was printed, and what was said beside it."""

    def run(text: str | bytes, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "series.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        monkeypatch.setattr("sys.argv", ["manage.py", "judge", str(file), *options])
        with pytest.raises(SystemExit) as ended:
            manage.main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def months(values: list[float], extra: str = "") -> str:
    """Values on the first of successive months from November 2012 on, as the real file has them."""
    rows = [
        f"{2012 + (10 + i) // 12}-{(10 + i) % 12 + 1:02}-01,{value}{extra}" for i, value in enumerate(values)
    ]
    return "\n".join([f"at,value{',n' if extra else ''}", *rows]) + "\n"


def test_one_sentence_says_whether_when_and_by_how_much_it_changed_and_whether_the_target_is_met(judge):
    code, out, err = judge(
        months(CALM + BETTER, ",17"), "--direction", "lower", "--baseline-until", "2013-10-31",
        "--phase", "2013-11-01=New routine", "--target", "8", "--target-on", "2014-12-01",
    )  # fmt: skip
    assert (code, err) == (0, "")
    sentence, caveat = out.strip().split("\n")
    assert sentence.startswith(
        "Better since 1 Nov 2013 (New routine): confirmed by 12 points (odds over 1,000 to 1). 10.6 before, 5 since, "
        "2.1x better ("
    )
    assert "The target of 8 is met consistently; on 1 Dec 2014 it will likely be met" in sentence
    assert caveat.startswith(
        "Of 100 unchanged metrics, looked at after each of 13 points, up to 3 are called confirmed"
    )


def test_json_holds_the_limits_signals_verdict_effect_and_forecast_of_the_current_phase(judge):
    code, out, _ = judge(months(CALM + BETTER), "--direction", "lower", "--phase", "2013-11-01", "--json")
    analysis = json.loads(out)
    assert code == 0
    assert analysis["verdict"] == "confirmed better"
    assert analysis["odds"] > 1000
    assert (analysis["changed_at"][:10], analysis["date_found"]) == ("2013-11-01", False)
    assert analysis["first_confirmed"]["points"] == 2
    assert analysis["points"] == 24
    assert analysis["mean"] == pytest.approx(5)
    assert [phase["start"] for phase in analysis["phases"]] == [0, 12]
    assert analysis["limits"]["lower"] == pytest.approx(5 - 2.66 * analysis["mean_moving_range"])
    assert analysis["effect"]["factor"] == pytest.approx(sum(CALM) / sum(BETTER))
    assert analysis["forecast"]["state"] == "forecast"
    assert analysis["left_out"] == []
    assert analysis["assurance"] is None
    assert analysis["variation"] == "common cause"


def test_lower_and_higher_mirror_each_other(judge):
    text = [
        json.loads(judge(months(CALM + BETTER), "--direction", way, "--phase", "2013-11-01", "--json")[1])[
            "verdict"
        ]
        for way in ("lower", "higher")
    ]
    assert text == ["confirmed better", "confirmed worse"]


def test_the_other_rules_have_their_own_name(judge):
    assert json.loads(judge(months(CALM), "--direction", "lower", "--rules", "nhs", "--json")[1])[
        "rules"
    ] == {
        "name": "nhs",
        "version": 2,
    }


def test_rows_that_cannot_be_read_are_left_out_and_named_by_their_line(judge):
    text = (
        months(CALM + BETTER).replace("2012-12-01,12", "2012-12-01,twelve").replace("2013-01-01,11", "soon,")
    )
    code, out, err = judge(text, "--direction", "lower", "--json")
    assert code == 0
    assert json.loads(out)["points"] == 22
    assert json.loads(out)["left_out"] == [
        "Line 3 was left out: value is “twelve”, not a number such as 1234.5.",
        "Line 4 was left out: at is “soon”, not a date such as 2026-11-20 or 20 Nov 2026, or with a time such as "
        "2026-11-20 14:30 and value is empty.",
    ]
    code, out, err = judge(text, "--direction", "lower")
    assert err.startswith("Line 3 was left out")
    assert "Line" not in out


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "NULL", "", "12 apples", "\x07"])
def test_what_is_no_number_is_never_a_point(judge, value):
    code, out, _ = judge(months([*CALM, value]), "--direction", "lower", "--json")
    assert code == 0
    assert json.loads(out)["points"] == len(CALM)
    assert len(json.loads(out)["left_out"]) == 1


@pytest.mark.parametrize(
    "values", [[], [3], [0, 0, 0, 0], [4] * 20, [-1, -2, -3], [1e300, -1e300] * 6, [5e-324] * 9]
)
def test_little_or_strange_data_neither_crashes_nor_claims(judge, values):
    for rules in ("wheeler", "nhs"):
        code, out, _ = judge(
            months(values), "--direction", "higher", "--target", "1", "--rules", rules, "--json"
        )
        assert code == 0
        assert json.loads(out)["verdict"] in ("no change", "too early")


def test_points_of_any_year_order_and_spelling_are_judged_as_the_same_series(judge):
    plain = judge(months(CALM + BETTER), "--direction", "lower", "--json")[1]
    header, *rows = months(CALM + BETTER).strip().split("\n")
    again = "\n".join([header, *reversed([f"{row[:10]}T00:00:00Z{row[10:]}" for row in rows])])
    assert judge(again, "--direction", "lower", "--json")[1] == plain
    without_days = "\n".join([header, *[row[:7] + row[10:] for row in rows]])
    assert judge(without_days, "--direction", "lower", "--json")[1] == plain
    semicolons = months(CALM + BETTER).replace(",", ";").encode("utf-16")
    assert judge(semicolons, "--direction", "lower", "--json")[1] == plain
    long_ago = judge(
        months(CALM).replace("2012", "1989").replace("2013", "1990"), "--direction", "lower", "--json"
    )
    assert json.loads(long_ago[1])["points"] == len(CALM)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--direction", "up"], "“up” is no direction. Choose lower or higher."),
        (["--direction", "lower", "--rules", "own"], "There is no rule set “own”."),
        (["--direction", "lower", "--baseline-until", "2001-01-01"], "No point lies in the baseline"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_sentence_and_exit_code_1(judge, options, sentence):
    code, out, err = judge(months(CALM), *options)
    assert code == 1
    assert sentence in err
    assert out == ""


def test_a_file_without_the_columns_is_refused_with_what_it_has(judge):
    code, _, err = judge("from,to,kind\na,b,call\n", "--direction", "lower")
    assert code == 1
    assert err.strip() == (
        "series.csv needs one column at, beside value; its header has from, to, kind. Nothing was judged."
    )


@pytest.mark.parametrize("options", [[], ["--direction", "lower", "--target", "many"], ["--phase", "x"]])
def test_a_command_that_was_typed_wrong_exits_with_2(judge, options):
    assert judge(months(CALM), *options)[0] == 2
