"""Commands on a database that isn't at the newest migration: a sentence that names the command, and no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = [
    ("status", "acme"),
    ("sample",),
    ("user", "list"),
    ("pull",),
    ("journal", "verify"),
    ("sign-off", "verify", "README.md"),
]


def is_told(ran: subprocess.CompletedProcess) -> None:
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("The database's schema is at nothing, this program needs ")
    assert ran.stderr.endswith("Run: python manage.py upgrade\n")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_without_a_schema_gets_the_command_that_brings_it(words, empty, manage):
    is_told(manage(*words))


def test_a_process_of_its_own_ends_with_that_sentence_and_exit_code(empty):
    command = [sys.executable, "manage.py", *COMMANDS[0]]
    is_told(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False))
