"""Charts kept over changes of something else: made again for other rows, and then the one before is gone."""

import pandas as pd

from ui import charts
from ui.charts import Drawn


def test_the_same_rows_have_the_chart_of_before_and_other_rows_one_of_their_own(monkeypatch):
    made: list[list[int]] = []

    def make(frame: pd.DataFrame) -> Drawn:
        made.append(frame["value"].tolist())
        return Drawn("{}", {}, len(made))

    monkeypatch.setattr(charts, "_drawn", lambda drawn: drawn)
    monkeypatch.setattr(charts, "_newest", type(charts._newest)())

    def drawn(*values: int, engagement: int = 1) -> Drawn:
        return charts._of_rows((engagement, "chart"), make, [pd.DataFrame({"value": values})])

    assert drawn(1, 2) is drawn(1, 2)
    assert drawn(1, 3) is not drawn(1, 3, engagement=2)
    drawn(1, 2)
    assert made == [[1, 2], [1, 3], [1, 3], [1, 2]]
