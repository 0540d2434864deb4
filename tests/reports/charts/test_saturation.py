"""The saturation curve."""

import pandas as pd

from reports.charts.saturation import saturation
from tests.reports.charts.drawing import marks, texts


def test_the_saturation_curve_marks_where_interviews_stopped_teaching():
    frame = pd.DataFrame({"interview": list("abcd"), "new": [2, 1, 0, 0], "cumulative": [2, 3, 3, 3]})
    chart = saturation(frame, stopped_after=2)
    assert marks(chart, "bar")[0].values("new") == [2, 1, 0, 0]
    assert marks(chart, "line")[0].values("cumulative") == [2, 3, 3, 3]
    assert marks(chart, "rule")[0].values("after") == [2.5]
    assert texts(chart) == ["Nothing new after interview 2"]
    assert marks(saturation(frame), "rule") == []
