"""The pure function behind `manage.py judge`: what a series says, as values for JSON."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.analyse import analyse_series
from analysis.as_json import as_json


def judge(frame: pd.DataFrame, **options: Any) -> dict[str, Any]:
    """Return the analysis of `frame` (columns `at` and `value`) as values for JSON, with its sentence.

    `options` are those of `analyse_series`. No NaN occurs, dates are ISO text, and positions count from 0 over the whole
    series. Raises ValueError, with a sentence, for what can't be analysed.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # absurdly large numbers become None
        return as_json(analyse_series(frame, **options))
