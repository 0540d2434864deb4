"""What a frozen week costs as files."""

from models.people import operator
from models.snapshot import Document
from reports.exports import FORMATS, export
from reports.exports.pack import pack
from reports.review.draft import draft
from services import reviews
from tests.bench import Measured, Stage, bench
from tests.bench.queries import an_overview
from tests.bench.timing import ratio
from tests.builders import noon

# Milliseconds that six formats of one week and a pack of 40 may take on two cores.
SIX_FORMATS, PACK, ENGAGEMENTS = 3_000, 60_000, 40


def _week() -> Document:
    who = operator(noon(75))
    return reviews.snapshot_of(draft(who, "larkspur-lending", noon(75).date()), who)


@bench("a week in six formats", limit=1.0, fill=an_overview, kinds=("sqlite",))
def six_formats(stage: Stage) -> Measured:
    """against the 3 s that it may take"""
    week = _week()
    measured = ratio(lambda: [export(week, format) for format in FORMATS], lambda: None, 3)
    return Measured(measured.ours, SIX_FORMATS)


@bench("a portfolio pack of 40", limit=1.0, fill=an_overview, kinds=("sqlite",))
def portfolio_pack(stage: Stage) -> Measured:
    """against the 60 s that it may take"""
    week = _week()
    measured = ratio(lambda: pack([week] * ENGAGEMENTS), lambda: None, 1)
    return Measured(measured.ours, PACK)
