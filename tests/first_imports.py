"""What workers of a run import before they collect, each in another order.

In a fresh clone nothing is compiled yet. Workers that collect the same tests at the same time would each compile all of
them, and all that they import; so each begins at another place, and finds the rest compiled by others.
"""

import importlib
import os
from pathlib import Path

import pytest


def import_in_turn(folder: Path) -> None:
    """Import all tests in `folder`, beginning at this worker's share of them; what can't be is left to the collection."""
    names = sorted(
        ".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in folder.rglob("test_*.py")
    )
    worker, workers = int(os.environ["PYTEST_XDIST_WORKER"][2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    begin = len(names) * worker // workers
    for name in names[begin:] + names[:begin]:
        try:
            importlib.import_module(name)
        except (Exception, pytest.skip.Exception):  # noqa: BLE001, S112
            continue
