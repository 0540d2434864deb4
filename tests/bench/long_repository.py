"""`python -m tests.bench.long_repository [FOLDER]`: what a survey of 56,817 commits costs beside git itself.

Makes a bare repository in FOLDER (else in a temporary one), with `git fast-import`, and surveys it by the script that
the Imports page offers, in a process of its own (Linux). Prints the processor time of the script and of git, and
the memory of the script; exits with 1 above 6 s or 40 MB. Some 80 MB are needed on disk; making it takes half a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.architecture import COMMITS, SYSTEMS

SCRIPT = Path(__file__).parents[2] / "analysis" / "survey.py"
MAX_SECONDS, MAX_MB = 6.0, 40.0
FIRST_AT, APART = 1_400_000_000, 6_000
# Runs the script and tells what this process took, apart from git, which is its child.
MEASURE = """
import json, resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code, ended.code
own, git = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
# Not ru_maxrss, in which a process begins with the peak of the one that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")).split()[1]
print(json.dumps([own.ru_utime + own.ru_stime, int(peak), git.ru_utime + git.ru_stime]))
"""


def make(folder: Path) -> Path:
    """Make the repository: a tenth of its commits by a bot, some of over 30 files or of manifests only."""
    repository = folder / "long.git"
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", repository], check=True)
    importer = subprocess.Popen(["git", "-C", repository, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert importer.stdin is not None
    for number in range(COMMITS):
        importer.stdin.write(_commit(number).encode())
    importer.stdin.close()
    if importer.wait():
        raise SystemExit("git fast-import failed")
    return repository


def _commit(number: int) -> str:
    who = (
        f"Person {number % 97} <p{number % 97}@x.example>" if number % 11 else "dependabot[bot] <b@x.example>"
    )
    text = f"Change {number}"
    lines = [
        "commit refs/heads/main",
        f"mark :{number + 1}",
        f"committer {who} {FIRST_AT + number * APART} +0000",
    ]
    lines += [f"data {len(text)}", text, *([f"from :{number}"] if number else [])]
    for file in range(40 if number % 101 == 0 else 1 + number % 5):
        system = (number + file * file) % (SYSTEMS + 3)
        path = f"m{number % 50}/f{file}.py" if number % 23 else "package.json"
        content = f"{number} {file}"
        lines += [f"M 100644 inline src/s{system}/{path}", f"data {len(content)}", content]
    return "\n".join(lines) + "\n"


def main(folder: Path) -> int:
    repository, systems, out = make(folder), folder / "systems.csv", folder / "survey.json"
    rows = [f"s{number},src/s{number}" for number in range(SYSTEMS)]
    systems.write_text("\n".join(["system,path", *rows]) + "\n")
    asked = ["--systems", systems, "--since", "2014-01-01", "--out", out]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, SCRIPT, repository, *asked], stdout=subprocess.PIPE, check=True
    )
    seconds, peak, git_seconds = json.loads(done.stdout)
    survey = json.loads(out.read_text())
    assert survey["read"] == COMMITS == survey["counted"] + sum(survey["left_out"].values())
    print(f"{survey['read']:,} commits read, {survey['counted']:,} counted")
    print(f"the script {seconds:.1f} s, {peak / 1024:.0f} MB; git {git_seconds:.1f} s")
    return int(seconds > MAX_SECONDS or peak / 1024 > MAX_MB)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary)))
