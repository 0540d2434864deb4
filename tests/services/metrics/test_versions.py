"""Definitions as versions: what a change adds, what a signature holds, and what a baseline rests on."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import MetaData, select, text

from models.database import engine, engine_of
from models.errors import Conflict, Forbidden, Invalid
from models.metrics import DEFINITION_FIELDS, Definition, Metric
from models.people import Role
from models.summarise import summarise
from reports.metrics.definitions import versions
from services.measurements.batches import Rows, record
from services.metrics import definitions
from services.metrics.baselines import take_baseline
from services.operations.schema import upgrade
from services.sign_off import signing
from services.workflows import workflows
from store.states import state
from tests import databases
from tests.builders import (
    a_metric,
    an_actor,
    an_engagement,
    judged_by_version_1,
    on_day,
    the_operator,
    the_state,
)

pytestmark = pytest.mark.usefixtures("database")

EXACT = {
    "counted": "Applications decided in the week",
    "left_out": "Withdrawn applications",
    "scale": "log",
    "statistic": "median",
    "calendar": "Weeks from Monday",
    "query": "avg(decision_hours)",
    "kind": "leading",
    "rules": "nhs",
    "baseline": "4 h",
    "target": "90 s",
    "step_30": "3 h",
    "step_60": "20 min",
}


def the_metric() -> Metric:
    return the_state().metrics[0]


def change(metric_id, given, day=2):
    return definitions.change(the_operator(day), "acme", metric_id, given, seen=None)


def measured(metric_id, values, first_day=1):
    at = [on_day(first_day + i) for i in range(len(values))]
    record(the_operator(80), "acme", Rows([metric_id] * len(values), at, values), "a.csv")


def test_every_change_is_a_version_told_field_by_field():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    change(metric_id, {"target": "2 min", "left_out": "Withdrawn applications"})
    change(metric_id, {"target": "2 min"})
    change(metric_id, {"owner": "Risk"}, day=3)
    history = versions(the_metric())
    assert [version.number for version in history] == [3, 2, 1]
    assert the_metric().number == 3
    differences = [(one.field, one.before, one.after) for one in history[1].differences]
    assert differences == [("What is left out", "–", "Withdrawn applications"), ("Target", "90 s", "2 min")]
    assert [(one.field, one.after) for one in history[0].differences] == [("Owner", "Risk")]
    assert history[2].differences == []


def test_a_definition_says_everything_it_can_and_keeps_it():
    an_engagement()
    a_metric(**EXACT)
    metric = the_metric()
    assert (metric.statistic, metric.kind, metric.rules, metric.rules_version) == (
        "median",
        "leading",
        "nhs",
        2,
    )
    assert (metric.step_30, metric.step_60) == (3, 1 / 3)
    assert set(metric.values()) > {"counted", "left_out", "scale", "calendar", "query"}
    version = metric.definitions[0]
    assert {name: getattr(version, name) for name in DEFINITION_FIELDS} == {
        name: getattr(metric, name) for name in DEFINITION_FIELDS
    }
    assert version.digest == metric.digest()


def test_retiring_a_metric_is_no_new_version():
    an_engagement()
    metric_id = a_metric()
    definitions.retire(the_operator(2), "acme", metric_id)
    assert the_metric().number == 1


@pytest.mark.parametrize("field", list(EXACT))
def test_any_change_breaks_the_seal_and_changing_it_back_mends_it(field):
    an_engagement()
    metric_id = a_metric(**EXACT)
    signing.sign(
        an_actor("Dana", role=Role.SPONSOR),
        "acme",
        signing.approvals({metric_id: the_metric().digest()}),
        name="Dana Ruiz",
    )
    other = {"scale": "linear", "statistic": "p90", "kind": "outcome", "rules": "wheeler"}
    other |= {"baseline": "5 h", "target": "60 s", "step_30": "2 h", "step_60": "10 min"}
    assert change(metric_id, {field: other.get(field, "something else")}) is True
    assert the_metric().valid_sign_off is None
    change(metric_id, {field: EXACT[field]})
    assert the_metric().valid_sign_off.signed_by == "Dana"
    assert the_metric().valid_sign_off.digest in {version.digest for version in the_metric().definitions}


def test_who_signs_what_changed_meanwhile_is_told_the_difference():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    shown = the_metric().digest()
    change(metric_id, {"statistic": "median", "target": "2 min"})
    with pytest.raises(Conflict, match="statistic from – to median, target from 90 s to 2 min"):
        signing.sign(
            an_actor("Dana", role=Role.SPONSOR),
            "acme",
            signing.approvals({metric_id: shown}),
            name="Dana Ruiz",
        )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"step_30": "5 h"}, "isn't between 4 h and the target of 90 s"),
        ({"step_30": "1 h", "step_60": "2 h"}, "isn't between 1 h and the target"),
        ({"step_30": "1 h", "target": None}, "needs a baseline and a target"),
        ({"step_60": "4 invoices"}, "The step at day 60 can't be read"),
        ({"scale": "cubic"}, "There is no scale"),
        ({"statistic": "mode"}, "There is no statistic"),
        ({"kind": "wish"}, "There is no kind"),
        ({"rules": "own"}, "There is no rule set"),
        ({"query": "a\x00"}, "control character"),
    ],
)
def test_what_a_definition_cannot_say_is_refused(given, sentence):
    an_engagement()
    with pytest.raises(Invalid) as refused:
        a_metric(**{"baseline": "4 h", "target": "90 s"} | given)
    assert sentence in str(refused.value)
    assert str(refused.value).endswith("Nothing was saved.")


def test_a_new_unit_takes_the_steps_with_it():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s", step_30="2 h")
    change(metric_id, {"unit": "min"})
    assert the_metric().step_30 == 120


def test_a_baseline_taken_from_measurements_says_which_points_it_rests_on():
    an_engagement()
    metric_id = a_metric(target="90 s", statistic="median")
    measured(metric_id, [4, 5, 3, 4, 6, 4, 9, 1])
    taken = take_baseline(the_operator(80), "acme", metric_id, on_day(1), on_day(6), seen=None)
    metric = the_metric()
    assert (metric.baseline, metric.baseline_n, metric.baseline_method) == (
        4,
        6,
        "median of the measurements",
    )
    assert (metric.baseline_since, metric.baseline_until) == (on_day(1), on_day(6))
    moves = np.abs(np.diff([4, 5, 3, 4, 6, 4])).mean()
    assert metric.baseline_spread == pytest.approx(2.66 * moves / 3)
    assert metric.baseline_digest == taken.digest

    change(metric_id, {"owner": "Risk"})
    assert the_metric().baseline_n == 6
    change(metric_id, {"baseline": "5 h"})
    assert (the_metric().baseline_n, the_metric().baseline_digest) == (None, None)


def test_the_digest_of_a_baseline_tells_whether_its_data_changed():
    an_engagement()
    metric_id = a_metric(target="90 s")
    measured(metric_id, [4] * 6)
    take = [take_baseline(the_operator(80), "acme", metric_id, None, on_day(6), seen=None).digest]
    measured(metric_id, [4], first_day=20)
    take.append(take_baseline(the_operator(80), "acme", metric_id, None, on_day(6), seen=None).digest)
    measured(metric_id, [5], first_day=2)
    take.append(take_baseline(the_operator(80), "acme", metric_id, None, on_day(6), seen=None).digest)
    assert take[0] == take[1] != take[2]


def test_a_baseline_of_too_few_points_is_refused():
    an_engagement()
    metric_id = a_metric()
    measured(metric_id, [4] * 5)
    with pytest.raises(Invalid, match="5 measurements; a baseline takes at least 6"):
        take_baseline(the_operator(80), "acme", metric_id, None, on_day(6), seen=None)
    with pytest.raises(Invalid, match="Give the date"):
        take_baseline(the_operator(80), "acme", metric_id, None, None, seen=None)
    with pytest.raises(Forbidden):
        take_baseline(an_actor("Ann", role=Role.CONTRIBUTOR), "acme", metric_id, None, on_day(6), seen=None)


def test_an_earlier_revision_has_its_own_version():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    before = the_state().revision
    change(metric_id, {"target": "2 min"})
    assert state(the_operator(), "acme", before).metrics[0].number == 1
    assert state(the_operator(), "acme", before).metrics[0].target == 0.025


def test_steps_and_a_declared_scale_reach_the_summary():
    an_engagement()
    a_metric(**EXACT)
    (facts,) = summarise(the_state()).metrics
    assert facts.scale == "log"
    assert facts.steps == [(on_day(30), 3), (on_day(60), pytest.approx(1 / 3))]


@pytest.fixture
def older_database_url(database, tmp_path):
    """Another empty database of the same kind."""
    if database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'older.db'}"
    else:
        with databases.postgres_database(migrated=False) as url:
            yield url


def copy_what_it_held(older: str, newer: str) -> None:
    """Fill a database of an older form with what it would have held of a newer one."""
    tables = MetaData()
    tables.reflect(engine_of(older))
    with engine_of(newer).connect() as source, engine_of(older).begin() as target:
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = source.execute(text(f'SELECT {columns} FROM "{table.name}"')).mappings().all()
            if rows:
                places = ", ".join(f":{column.name}" for column in table.columns)
                target.execute(
                    text(f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'), [*map(dict, rows)]
                )
            if engine_of(older).dialect.name == "postgresql" and "id" in table.columns:
                newest = f'(SELECT coalesce(max(id), 0) + 1 FROM "{table.name}")'
                target.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), {newest}, false)")
                )


def test_a_database_from_before_keeps_its_metrics_their_signatures_and_measurements(
    database, older_database_url, monkeypatch
):
    """What 0002 held is there in the newest form, and the first change afterwards keeps what was as version 1."""
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    measured(metric_id, [4, 3])
    live = {"name": "Intake", "state": "live", "live_on": on_day(31), "metric_id": metric_id}
    workflows.add_workflow(the_operator(40), "acme", live)
    judged_by_version_1(metric_id)
    signed = {metric_id: the_metric().digest()}
    signing.sign(an_actor("Dana", role=Role.SPONSOR), "acme", signing.approvals(signed), name="Dana Ruiz")
    upgrade(older_database_url, "0002")
    copy_what_it_held(older_database_url, database)
    monkeypatch.setenv("DATABASE_URL", older_database_url)
    upgrade(older_database_url)
    metric = the_metric()
    assert metric.valid_sign_off.signed_by == "Dana"
    assert (metric.baseline, metric.kind, metric.rules, metric.number) == (4, "outcome", "wheeler", 1)
    assert metric.aggregate.count == 2
    assert metric.baseline_ended_on == on_day(30)
    change(metric_id, {"target": "2 min"})
    history = versions(the_metric())
    assert [(version.number, len(version.differences)) for version in history] == [(2, 1), (1, 0)]
    assert history[1].defined_by == "operator"
    with engine().connect() as connection:
        kept = connection.execute(select(Definition.target).order_by(Definition.number)).scalars().all()
    assert kept == [0.025, pytest.approx(1 / 30)]
    assert history[0].defined_at - history[1].defined_at > timedelta(0)
    engine().dispose()
