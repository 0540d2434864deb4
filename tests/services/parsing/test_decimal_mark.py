from services.parsing.decimal_mark import Hint, hints_of_file, locale_of
from services.parsing.numerals import COMMA, POINT

SEMICOLONS = Hint(COMMA, "semicolons between the columns")
DOTTED = Hint(COMMA, "days such as 05.10.2026")


def test_a_number_that_can_be_meant_one_way_only_decides():
    assert (locale_of(["8,500", "1,5"]).mark, locale_of(["8,500", "1,5"]).certain) == (COMMA, True)
    assert locale_of(["8,500", "1.5"], [SEMICOLONS, DOTTED]).mark == POINT
    assert locale_of(["1.234.567"]).mark == COMMA


def test_numbers_that_contradict_each_other_leave_no_mark():
    assert locale_of(["1.5", "2,5"]).mark is None
    assert locale_of(["8.500", "8,500"]).mark is None


def test_hints_decide_and_are_named():
    locale = locale_of(["12,500"], hints_of_file(";", [["lead-time"], ["05.10.2026"]]))
    assert (locale.mark, locale.certain) == (COMMA, False)
    assert (
        locale.why == "semicolons between the columns and days such as 05.10.2026 speak for a decimal comma"
    )


def test_without_hints_the_mark_is_the_point():
    assert locale_of(["12,500"]).mark == POINT
    assert locale_of(["12,500"]).why == "nothing else tells which mark is the decimal one"


def test_hints_that_contradict_each_other_leave_the_point():
    assert locale_of(["12,500"], [SEMICOLONS, Hint(POINT, "days such as 10/31/2026")]).mark == POINT


def test_thousands_without_a_mark_tell_that_the_mark_of_others_is_the_decimal_one():
    locale = locale_of(["12,500", "12500"])
    assert (locale.mark, locale.why) == (COMMA, "thousands without a mark speak for a decimal comma")


def test_numbers_of_other_columns_are_hints():
    columns = [["12.500,00 €"], ["1’234"], ["10/31/2026"], ["Version 1.5"], [7, None]]
    assert [(hint.mark, hint.weight) for hint in hints_of_file(None, columns)] == [
        (COMMA, 2),
        (POINT, 1),
        (POINT, 1),
    ]


def test_a_hundred_numbers_are_one_hint():
    assert len(hints_of_file(",", [[f"{i}.5" for i in range(1, 100)]])) == 2
