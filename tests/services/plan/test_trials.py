"""Trials inside a decision, on both databases: recorded, compared, concluded; and the radar that follows."""

import pytest

from models.errors import Invalid
from models.radar import comparison_of
from models.summarise import summarise
from reports.frames.portfolio import portfolio
from reports.frames.trials import firm_radar, table_of
from services.plan import decisions
from services.plan.trials import conclude_trials, record_trial, remove_trial
from tests.builders import an_engagement, on_day, the_operator, the_state


@pytest.fixture(autouse=True)
def decision(database: str) -> int:
    an_engagement()
    return decisions.request_decision(
        the_operator(2), "acme", title="Which tracing tool", owner="Dana", needed_by=on_day(30)
    )


def the_decision():
    (row,) = the_state().decisions
    return row


def tried(decision_id: int, tool: str, kind: str, *minutes: float, day: int = 5) -> None:
    task = {"build": "First trace", "debug": "Planted fault"}[kind]
    for person, taken in zip(("Mei", "Ann", "Bob"), minutes, strict=False):
        given = {
            "tool": tool,
            "task": task,
            "kind": kind,
            "person": person,
            "on": on_day(day),
            "minutes": taken,
        }
        record_trial(the_operator(day), "acme", decision_id, given)


def test_a_tool_without_a_debug_task_is_not_comparable_yet_and_cannot_be_concluded(decision):
    tried(decision, "Honeycomb", "build", 30, 40)
    tried(decision, "Jaeger", "build", 60, 60)
    tried(decision, "Jaeger", "debug", 20, 30)
    assert comparison_of(the_decision()).sentence == "Not comparable yet: Honeycomb has no debug task."
    with pytest.raises(Invalid, match="Honeycomb has no debug task"):
        conclude_trials(the_operator(6), "acme", decision)
    assert the_decision().rests_on is None
    assert table_of(the_decision())["Honeycomb"] == ["35 min, 2 people", "not tried"]


def test_the_winner_flips_where_it_was_computed_by_hand_and_the_sentence_goes_into_the_decision(decision):
    # Honeycomb 30 and 50 minutes, Jaeger 60 and 30: equal where 30 + 20 w = 60 - 30 w, so at w = 60 %.
    tried(decision, "Honeycomb", "build", 30, 30)
    tried(decision, "Honeycomb", "debug", 50, 50)
    tried(decision, "Jaeger", "build", 60, 60)
    tried(decision, "Jaeger", "debug", 30, 30)
    sentence = conclude_trials(the_operator(6), "acme", decision, the_decision().version)
    assert sentence == (
        "Honeycomb is first while debugging weighs less than 60%; Jaeger is first while it weighs more than 60%."
    )
    assert the_decision().rests_on == sentence
    with pytest.raises(Invalid, match="says that already"):
        conclude_trials(the_operator(6), "acme", decision)


def test_names_are_one_however_they_are_spelled_and_a_task_is_of_one_kind(decision):
    given = {
        "tool": "Jaeger",
        "task": "Fault",
        "kind": "debug",
        "person": "Mei",
        "on": on_day(5),
        "minutes": 9,
    }
    record_trial(the_operator(5), "acme", decision, given)
    record_trial(the_operator(5), "acme", decision, given | {"tool": " jaeger", "person": "Ann"})
    assert {trial.tool for trial in the_decision().trials} == {"Jaeger"}
    with pytest.raises(Invalid, match="“Fault” was a debug task in another trial"):
        record_trial(the_operator(5), "acme", decision, given | {"kind": "build", "person": "Bob"})


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("minutes", 0, "The minutes have to be above 0"),
        ("minutes", None, "has to be a number"),
        ("kind", "features", "There is no kind of task “features”"),
        ("on", on_day(9), "can't be on"),
        ("tool", " ", "Give the tool"),
    ],
)
def test_what_is_no_trial_is_refused(decision, field, value, sentence):
    given = {
        "tool": "Jaeger",
        "task": "Fault",
        "kind": "debug",
        "person": "Mei",
        "on": on_day(5),
        "minutes": 9,
    }
    with pytest.raises(Invalid, match=sentence):
        record_trial(the_operator(5), "acme", decision, given | {field: value})
    assert the_decision().trials == []


def test_a_trial_is_removed_and_an_open_decision_is_dropped_with_its_trials(decision):
    tried(decision, "Jaeger", "debug", 20, 30)
    remove_trial(the_operator(6), "acme", the_decision().trials[0].id)
    assert len(the_decision().trials) == 1
    decisions.drop_decision(the_operator(6), "acme", decision)
    assert (the_state().decisions, the_state().trials) == ([], [])


def rings() -> dict[str, str]:
    return {blip.tool: blip.ring for blip in firm_radar(portfolio(the_operator(20)).itertuples(), on_day(20))}


def test_the_radar_is_computed_from_decisions_and_names_its_evidence(decision):
    assert rings() == {}
    tried(decision, "Honeycomb", "build", 30, 30)
    tried(decision, "Jaeger", "build", 60, 60)
    assert rings() == {"Honeycomb": "assess", "Jaeger": "assess"}
    tried(decision, "Honeycomb", "debug", 20, 20)
    tried(decision, "Jaeger", "debug", 30, 30)
    assert rings() == {"Honeycomb": "trial", "Jaeger": "trial"}
    conclude_trials(the_operator(6), "acme", decision)
    decisions.decide(
        the_operator(7), "acme", decision, decided_on=on_day(7), outcome="Honeycomb",
        rests_on=the_decision().rests_on,
    )  # fmt: skip
    assert rings() == {"Honeycomb": "adopt", "Jaeger": "hold"}
    (adopted, _) = firm_radar(portfolio(the_operator(20)).itertuples(), on_day(20))
    assert adopted.evidence[0].facts.sentence == "Honeycomb is first at every weight of build against debug."
    assert [facts.ring for facts in summarise(the_state()).tools] == ["adopt", "hold"]
