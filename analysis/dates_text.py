"""Days of a series as text."""

import pandas as pd

from analysis.series_analysis import SeriesAnalysis

MAX_DAYS_WITHOUT_YEAR = 300  # a series that spans more has dates with their year


def day_text(at: pd.Timestamp | None, analysis: SeriesAnalysis) -> str:
    """Return a day such as "3 Nov", with its year where the series is long; "" for None."""
    if at is None:
        return ""
    with_year = (analysis.at[-1] - analysis.at[0]).days > MAX_DAYS_WITHOUT_YEAR
    return f"{at.day} {at:%b %Y}" if with_year else f"{at.day} {at:%b}"
