"""Imports a file again and again, and is killed each time STRIDE steps later: `python -m ... KIND FILE STRIDE`.

A step is a statement, a table that is read, a commit, or a connection given back. Prints a line of JSON after each:
whether it was killed, and what the database holds then; it ends with the first import that is there.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.imports import ImportRun
from models.inventory import System
from models.measurements import Measurement
from services.imports.applying import File, import_file
from services.operations import journal_check
from tests.builders import the_operator
from tests.count_statements import before_each_statement

DAY = 47


def stored() -> dict[str, object]:
    """What the database holds, and what is wrong with its journal."""
    with Session(engine()) as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (System, Measurement, ImportRun)
        }
    (verdict,) = journal_check.verify(the_operator(DAY))
    return counts | {"revision": verdict.entries, "broken": verdict.problem}


@contextmanager
def dying_at(step: int) -> Iterator[None]:
    """Let this process be killed at its step of that number, as a power cut would."""
    steps = count(1)

    def pass_by(*_) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine(), "checkin", pass_by)
    with before_each_statement(pass_by):
        yield


class _Refused(Exception):
    pass


def warm_up(file: File) -> None:
    """Load and compile what an import needs once, not in each child: by one that is refused before it is kept."""

    def refuse(_: Session) -> None:
        raise _Refused

    event.listen(Session, "before_commit", refuse)
    with suppress(_Refused):
        import_file(the_operator(DAY), "acme", file)
    event.remove(Session, "before_commit", refuse)
    gc.freeze()


def main(kind: str, path: Path, stride: int) -> None:
    file = File(kind, path.read_bytes(), path.name)
    warm_up(file)
    for step in count(1, stride):
        engine().dispose()  # the child opens its own connections
        child = os.fork()
        if child == 0:
            with dying_at(step):
                import_file(the_operator(DAY), "acme", file)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        outcome = {"killed": os.WIFSIGNALED(status)} | stored()
        print(json.dumps(outcome), flush=True)
        if outcome["import_run"]:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
