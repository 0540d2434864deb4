from datetime import date, datetime

from services.parsing.odd_dates import half_swapped


def doubts_of(*cells):
    return half_swapped(cells, range(2, len(cells) + 2))


def test_real_dates_beside_texts_of_the_other_order_are_told():
    (doubt,) = doubts_of(datetime(2026, 6, 10), "10/13/2026", date(2026, 3, 11), datetime(2026, 5, 5))
    assert (doubt.rows, doubt.seen, doubt.read) == ((2, 4), "2026-06-10", "10 Jun 2026")
    assert doubt.sentence == (
        "2026-06-10 is a date of the workbook, and “10/13/2026” beside it is a text with the month first, so days "
        "and months may have been swapped when the file was made. It was read as 10 Jun 2026; it may be 6 Oct 2026."
    )


def test_it_holds_the_other_way_round_as_well():
    assert doubts_of(date(2026, 6, 10), "13/10/2026")[0].sentence.startswith("2026-06-10 is a date")


def test_dates_that_can_not_have_been_swapped_are_left_alone():
    assert doubts_of(date(2026, 6, 10), date(2026, 6, 17), "10/13/2026") == []
    assert doubts_of(date(2026, 6, 10), "2026-10-13") == []
    assert doubts_of(date(2026, 6, 10), "05/06/2026") == []
    assert doubts_of(date(2026, 6, 6), "10/13/2026") == []
    assert doubts_of("10/13/2026", "06/10/2026") == []
