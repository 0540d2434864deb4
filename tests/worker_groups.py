"""Which tests one worker runs one after the other, since they share what takes long to start.

The marks that pytest-xdist has for this say nothing to it on pytest 9.2, which keeps the name of a test where xdist
doesn't look for it.
"""

from xdist.scheduler import LoadScopeScheduling

SIGNED_IN = {f"tests/browser/test_{name}.py" for name in ("authentication", "streams", "two_clients")}
# Each of these has a server or a database of its own.
ALONE = {f"tests/browser/test_{name}.py" for name in ("every_page", "harness", "payloads")}
ALONE |= {"tests/migrations/test_normalised_names.py"}
ALONE |= {"tests/services/test_sample.py", "tests/test_two_processes.py", "tests/api/test_connections.py"}


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
