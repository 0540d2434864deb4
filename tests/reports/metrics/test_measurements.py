"""What counts of many batches: the reading of a state, the frame and a plain dictionary agree."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.measurements.batches import Rows, record, withdraw
from store.measurements import measurements
from store.states import state
from tests.builders import DAY_1, a_metric, an_engagement, the_operator

pytestmark = pytest.mark.usefixtures("sqlite_database")

batches = st.lists(
    st.tuples(st.dictionaries(st.integers(0, 9), st.integers(0, 99), min_size=1), st.booleans()), max_size=6
)
numbers = count(1)


@settings(max_examples=15)
@given(arriving=batches)
def test_newest_batch_that_was_not_withdrawn_counts_at_each_moment(arriving):
    slug = an_engagement(f"acme-{next(numbers)}")
    metric_id = a_metric(slug)
    expected, ids = {}, []
    for values, _ in arriving:
        at = [DAY_1 + timedelta(days=day) for day in values]
        rows = Rows([metric_id] * len(values), at, list(values.values()))
        ids.append(record(the_operator(40), slug, rows, "a.csv"))
    for (values, withdrawn), batch_id in zip(arriving, ids, strict=True):
        if withdrawn:
            withdraw(the_operator(40), slug, batch_id)
        else:
            expected |= values

    frame = measurements(the_operator(), slug)
    assert frame["value"].tolist() == [expected[day] for day in sorted(expected)]
    now = state(the_operator(), slug)
    aggregate = now.metrics[0].aggregate
    if not expected:
        assert aggregate is None
        return
    assert (aggregate.count, aggregate.current) == (len(expected), expected[max(expected)])
    assert (aggregate.last_on - DAY_1).days == max(expected)
