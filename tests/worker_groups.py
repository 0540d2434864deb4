"""Which tests one worker runs one after the other, since they share what takes long to start.

The marks that pytest-xdist has for this say nothing to it on pytest 9.2, which keeps the name of a test where xdist
doesn't look for it.
"""

from xdist.scheduler import LoadScopeScheduling

SIGNED_IN = {f"tests/browser/test_{name}.py" for name in ("authentication", "streams", "two_clients")}
# Each of these has something of its own that all its tests share: a server, a database, files that are made once.
ALONE = {f"tests/browser/test_{name}.py" for name in ("every_page", "harness", "payloads")}
ALONE |= {f"tests/reports/exports/test_{name}.py" for name in ("before_layouts", "exports", "opened")}
ALONE |= {f"tests/test_{name}.py" for name in ("app", "house", "survey_command", "telling", "two_processes")}
ALONE |= {
    "tests/analysis/test_survey.py",
    "tests/api/test_connections.py",
    "tests/migrations/test_normalised_names.py",
    "tests/services/test_sample.py",
}


def group(test: str) -> str:
    """What that test is run together with, of `test` as pytest names it; most are a group of their own."""
    file = test.partition("::")[0]
    if file in SIGNED_IN:
        return "signed in"
    if file in ALONE:
        return file
    return "headway" if file.startswith("tests/browser/") else test


class Together(LoadScopeScheduling):
    """Gives a worker one group at a time, those of most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
