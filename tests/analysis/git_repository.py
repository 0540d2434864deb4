"""Makes git repositories for tests, in one process each: commits of given authors, times and files."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@dataclass
class Commit:
    """`files` are written (None removes one); `merges` is the mark of a commit to merge, 1 for the first."""

    on: str
    files: dict[str, str | None] = field(default_factory=dict)
    author: str = "Ada Secret <ada@private.example>"
    merges: int | None = None


def make_repository(folder: Path, commits: Iterable[Commit]) -> Path:
    """Make a repository whose main branch has these commits, oldest first, checked out."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    stream = b"".join(_written(mark, commit) for mark, commit in enumerate(commits, 1))
    subprocess.run(
        ["git", "-C", folder, "fast-import", "--quiet"], input=stream, check=True, env=os.environ | QUIET
    )
    git(folder, "reset", "-q", "--hard", "main")
    return folder


def git(folder: Path, *arguments: str) -> str:
    run = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        run, check=True, capture_output=True, text=True, env=os.environ | QUIET
    ).stdout.strip()


def _written(mark: int, commit: Commit) -> bytes:
    seconds = int(datetime.fromisoformat(commit.on).replace(tzinfo=UTC).timestamp())
    who = f"{commit.author} {seconds} +0000"
    lines = [f"commit refs/heads/main\nmark :{mark}\nauthor {who}\ncommitter {who}\ndata 13\nsecret matter"]
    if mark > 1:
        lines.append(f"from :{mark - 1}")
    if commit.merges:
        lines.append(f"merge :{commit.merges}")
    for name, text in commit.files.items():
        path = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if text is None:
            lines.append(f"D {path}")
        else:
            lines.append(f"M 644 inline {path}\ndata {len(text.encode())}\n{text}")
    return ("\n".join(lines) + "\n\n").encode()
