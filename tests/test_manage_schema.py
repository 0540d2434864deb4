"""Commands on a database that isn't at the newest migration: a sentence that names the command, and no traceback."""

import os
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


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_without_a_schema_gets_the_command_that_brings_it(words, tmp_path):
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("The database's schema is at nothing, this program needs ")
    assert ran.stderr.endswith("Run: python manage.py upgrade\n")
