"""`kill -9` at any moment of an import leaves all of it or nothing, and the journal verifies.

At each step of an import, and ten times from outside: HEADWAY_FULL=1. Otherwise at some of them.
"""

import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from services.metrics import definitions
from tests import forked_python
from tests.builders import an_engagement, the_operator
from tests.forked_python import ForkedPython
from tests.services.imports.killed import stored

pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("database")]

SEED = 90
FULL = bool(os.environ.get("HEADWAY_FULL"))
ROUNDS = 10 if FULL else 1
STRIDE = 1 if FULL else 4
MIN_STEPS = 20
IN_A_FILE = {"systems": 5, "measurements": 200}
ROWS_OF_RANDOM_KILLS = 20_000 if FULL else 8_000
SECONDS_TO_START, SECONDS_TO_END = 0.1, 1.5


def a_file(folder: Path, kind: str, rows: int) -> Path:
    an_engagement()
    definitions.define(
        the_operator(), "acme", {"slug": "wait", "name": "Wait", "unit": "h", "direction": "lower"}
    )
    path = folder / f"{kind}.csv"
    if kind == "systems":
        path.write_text("name,owner\n" + "".join(f"System {i},Ada\n" for i in range(rows)))
    else:
        first = datetime(2026, 1, 1)
        moments = ((first + timedelta(minutes=i)).isoformat() for i in range(rows))
        path.write_text("metric,at,value\n" + "".join(f"wait,{at},{i}\n" for i, at in enumerate(moments)))
    return path


@pytest.mark.parametrize("kind", IN_A_FILE)
def test_killed_at_each_step_an_import_is_there_whole_or_not_at_all(kind, tmp_path):
    path = a_file(tmp_path, kind, IN_A_FILE[kind])
    before = stored()
    ran = forked_python.run("-m", "tests.services.imports.killed", kind, path, STRIDE)
    assert ran.returncode == 0, ran.stderr
    *kills, last = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(kills) * STRIDE > MIN_STEPS
    for kill in kills:
        assert kill == {"killed": True} | before
    table = "system" if kind == "systems" else "measurement"
    assert (last[table], last["import_run"], last["broken"]) == (IN_A_FILE[kind], 1, None)


def test_killed_from_outside_at_any_moment_an_import_is_there_whole_or_not_at_all(tmp_path):
    path = a_file(tmp_path, "measurements", ROWS_OF_RANDOM_KILLS)
    before, chance = stored(), Random(SEED)
    command = ["manage.py", "import", "measurements", path, "--engagement", "acme"]
    for _ in range(ROUNDS):
        with (tmp_path / "log").open("ab") as log:
            importing = ForkedPython(*command, stdout=log, stderr=log)
        time.sleep(chance.uniform(SECONDS_TO_START, SECONDS_TO_END))
        importing.kill()
        importing.wait()
        after = stored()
        assert after["broken"] is None
        assert (after["measurement"], after["import_run"]) in [(0, 0), (ROWS_OF_RANDOM_KILLS, 1)]
        assert after["import_run"] or after == before
    assert forked_python.run(*command).returncode == 0
    after = stored()
    assert (after["measurement"], after["broken"]) == (ROWS_OF_RANDOM_KILLS, None)
