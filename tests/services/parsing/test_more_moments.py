"""Further days and times, made up, as programs and people of several countries write them."""

import pytest

from services.parsing.cell import BadCell
from services.parsing.dates import Moment


def moments(*cells):
    """What a column of these cells is read as; None for a cell that is refused."""
    read = Moment().for_column(cells)
    moments = [read(cell) for cell in cells]
    return [None if isinstance(each, BadCell) else each.isoformat(timespec="minutes") for each in moments]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["05/Oct/26 2:30 PM", "6/Oct/26 11:00 am"], ["2026-10-05T14:30", "2026-10-06T11:00"]),
        (["05/OCT/26", "5-Okt-26"], ["2026-10-05T00:00"] * 2),
        (["13/10/26", "05/11/26"], ["2026-10-13T00:00", "2026-11-05T00:00"]),
        (["10/13/26", "11/05/26"], ["2026-10-13T00:00", "2026-11-05T00:00"]),
        (["5 octobre 2026", "5 de octubre de 2026"], ["2026-10-05T00:00"] * 2),
        (["5 października 2026", "5. Oktober 2026"], ["2026-10-05T00:00"] * 2),
        (["2026年10月5日", "20261005"], ["2026-10-05T00:00"] * 2),
        (["Monday, October 5, 2026"], ["2026-10-05T00:00"]),
        (["5.10.2026 14:30 Uhr"], ["2026-10-05T14:30"]),
        (["2026-10-05T14:30:00.000+0200"], ["2026-10-05T14:30+02:00"]),
        (["2026-10-05 14:30:00 UTC"], ["2026-10-05T14:30+00:00"]),
        (["46300"], ["2026-10-05T00:00"]),
    ],
)
def test_what_a_person_reads(cells, read):
    assert moments(*cells) == read


@pytest.mark.parametrize(
    "cell",
    [
        "25/10/26",  # 25 October 2026 or 26 October 2025
        "5/10/2026 2:30 PM",
        "31/02/2026",
        "29.02.2026",
        "5-Oct",
        "Oct-26",
        "Q4 2026",
        "2026",
        "2026-W41",
        "1759622400",
        "2026-10-05 25:00",
        "12/31/1899",
        "today",
    ],
)
def test_what_can_be_read_otherwise_or_is_no_day_is_refused_with_an_example(cell):
    assert moments(cell) == [None]
    assert "2026" in Moment().for_column([cell])(cell).expected
