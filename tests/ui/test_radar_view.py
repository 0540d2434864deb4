"""The radar on the portfolio names the newest trials of a tool, and says how many more there are."""

from datetime import date
from types import SimpleNamespace

from models.radar import Blip, Evidence
from ui.radar_view import EVIDENCE_SHOWN, _evidence


def a_blip(trials: int) -> Blip:
    facts = SimpleNamespace(on=date(2026, 10, 5), sentence="faster to debug")
    return Blip("Tilt", "adopt", tuple(Evidence(f"e-{n}", f"Client {n}", facts) for n in range(trials)))


def test_a_tool_that_many_tried_has_its_newest_trials_and_the_number_of_the_others():
    lines = _evidence(a_blip(EVIDENCE_SHOWN + 2))
    assert lines[0] == "Client 0, 5 Oct 2026: faster to debug"
    assert lines[-1] == "and 2 earlier trials"
    assert len(lines) == EVIDENCE_SHOWN + 1


def test_a_tool_that_few_tried_has_all_of_them():
    assert len(_evidence(a_blip(EVIDENCE_SHOWN))) == EVIDENCE_SHOWN
