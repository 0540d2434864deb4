"""What holds for every chart: empty frames, odd names, text alternatives, colours of text."""

import json
from datetime import date

import pandas as pd
import pytest

from models.units import unit
from reports.charts.graph import graph
from reports.charts.heat_map import heat_map
from reports.charts.matrix import matrix
from reports.charts.outcomes import bullets, outcomes
from reports.charts.plan import plan
from reports.charts.process_behaviour import process_behaviour
from reports.charts.saturation import saturation
from tests.reports.charts.component_reader import Chart
from tests.reports.charts.drawing import layers, parts_named

ODD = """Rating [v2].x "it's" \\ {a: 1} 🚀 <b> datum.value"""
DAY = pd.Timestamp("2026-11-20")

PLAN = pd.DataFrame(
    {
        "milestone": [ODD], "start": [DAY], "due": [DAY], "forecast_start": [DAY], "forecast_end": [DAY],
        "status": ["at risk"], "note": [ODD],
    }
)  # fmt: skip
OUTCOMES = pd.DataFrame(
    {"metric": [ODD], "factor": [2.0], "target_factor": [3.0], "status": ["on track"], "label": [ODD]}
)
BULLETS = pd.DataFrame(
    {"metric": [ODD], "baseline": [1], "current": [2], "target": [3], "status": ["on track"], "label": [ODD]}
)
POINTS = pd.DataFrame({"at": [DAY, DAY], "value": [1.0, 2.0], "signal": ["", ODD]})
PHASES = pd.DataFrame(
    {
        "start": [DAY], "end": [DAY], "frozen": [DAY], "mean": [1.5], "lower": [1.0], "upper": [2.0], "cause": [ODD],
    }
)  # fmt: skip
PAIRS = pd.DataFrame({"from": [ODD], "to": ["Ledger"], "kinds": ["call"], "weight": [1], "kind": ["call"]})
SYSTEMS = pd.DataFrame({"name": [ODD, "Ledger"], "criticality": ["high", None]})
FRICTIONS = pd.DataFrame({"theme": [ODD], "system": [ODD], "count": [2], "severity": [3.5]})
INTERVIEWS = pd.DataFrame({"interview": [ODD], "new": [1], "cumulative": [1]})

COMPONENTS = {
    "plan": (lambda frame: plan(frame, date(2026, 11, 1), date(2026, 11, 20)), PLAN),
    "outcomes": (outcomes, OUTCOMES),
    "bullets": (lambda frame: bullets(frame, unit=ODD), BULLETS),
    "process_behaviour": (
        lambda frame: process_behaviour(frame, PHASES, unit("h"), target=1, target_label=ODD),
        POINTS,
    ),
}
DRAWN = {
    "matrix": (lambda frame: matrix(frame, [ODD, "Ledger"] if len(frame) else []), PAIRS),
    "graph": (lambda frame: graph(SYSTEMS.head(2 * len(frame)), frame, ODD if len(frame) else None), PAIRS),
    "heat_map": (heat_map, FRICTIONS),
    "saturation": (saturation, INTERVIEWS),
}
every_component = pytest.mark.parametrize(("draw", "frame"), COMPONENTS.values(), ids=COMPONENTS)
every_drawn = pytest.mark.parametrize(("draw", "frame"), DRAWN.values(), ids=DRAWN)


@every_component
def test_an_empty_frame_gives_a_sentence_that_says_so(draw, frame):
    assert Chart(draw(frame.head(0))).text.startswith("No ")


@every_drawn
def test_an_empty_frame_gives_a_chart_that_says_so(draw, frame):
    (only,) = layers(draw(frame.head(0)))
    assert only.values("sentence")[0].startswith("No ")


@pytest.mark.parametrize(
    ("draw", "frame"), [*COMPONENTS.values(), *DRAWN.values()], ids=[*COMPONENTS, *DRAWN]
)
def test_a_missing_column_is_named(draw, frame):
    with pytest.raises(ValueError, match="needs the column"):
        draw(frame.drop(columns=frame.columns))


@every_component
def test_what_people_typed_is_text_of_a_component_and_never_its_html(draw, frame):
    component = draw(frame)
    assert "<b> datum.value" not in component
    chart = Chart(component)
    read = "".join([chart.text, *chart.tooltips, *(mark.tooltip for mark in chart.marks)])
    assert ODD in read


@every_component
def test_a_component_has_words_for_those_who_cant_see_it_and_every_mark_lies_within_it(draw, frame):
    chart = Chart(draw(frame))
    assert chart.description.endswith(".")
    for mark in chart.marks:
        assert all(-0.01 <= place <= 100.01 for place in mark.places.values())


@every_drawn
def test_what_people_typed_is_never_part_of_an_expression_or_a_field_name(draw, frame):
    spec = draw(frame).to_dict()
    assert "🚀" in json.dumps(spec, ensure_ascii=False)
    code = parts_named(
        spec, "expr", "labelExpr", "filter", "calculate", "test", "field", "transform", "format"
    )
    assert "🚀" not in json.dumps(list(code), ensure_ascii=False)


@every_drawn
def test_text_follows_the_theme_and_the_chart_has_words_for_those_who_cant_see_it(draw, frame):
    spec = draw(frame).to_dict()
    assert spec["config"]["text"]["color"] == "currentColor"
    assert spec["config"]["axis"]["labelColor"] == spec["config"]["axis"]["titleColor"] == "currentColor"
    assert spec["description"].endswith(".")
    json.dumps(spec, allow_nan=False)


@every_drawn
def test_names_beside_the_rows_are_never_left_out(draw, frame):
    for layer in draw(frame).to_dict()["layer"]:
        y = layer["encoding"].get("y", {})
        if y.get("type") == "nominal":
            assert y["axis"]["labelOverlap"] is False
            assert y["axis"]["labelLimit"] == 230
            assert y["scale"]["domain"]
