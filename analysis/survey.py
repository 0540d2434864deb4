"""Take a survey: what a repository's history says of the systems of an inventory.

    python survey.py REPOSITORY --systems systems.csv --out survey.json

This file runs alone, with Python 3.11 and git. systems.csv has the columns system and path; a path is a folder
from the repository's root, and a system may have several (several rows, or separated by semicolons). The survey
holds counts, months, names of systems and short commit hashes. It holds no author, e-mail address, subject or
file content, so it may leave the place where the clone is. (Being one script, it is longer than other files.)

A change is a commit that isn't a merge. Left out, each counted by its reason: commits by bots, of generated or
lock files only, of more than 30 files, outside every system, of build manifests only. Renamed files count at both
paths (git's --no-renames), as in Tornhill's Code Maat, whose limit of 30 files is used here too.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

FORMAT = "headway.survey/1"
# What counts and what is left out. A changed rule makes a new number, so that old surveys stay explainable.
RULES = 1
MAX_FILES = 30
MAX_HASHES = 5
HASH_LENGTH = 10
WINDOW_MONTHS = 24
BOTS, GENERATED, LARGE, OUTSIDE, MANIFESTS = REASONS = (
    "bots",
    "generated",
    "over 30 files",
    "outside",
    "manifests",
)

# The forges' own marks of a bot ("[bot]", an account whose name ends in bot), and bots that run elsewhere too.
# Not every "... bot": people have such names, and --bot names the rest.
_BOT = re.compile(
    r"\[bot\]|bot@users\.noreply\.|\b(?:project|group)_\d+_bot|^(dependabot|renovate|greenkeeper|snyk|pyup|mergify|imgbot|allcontributors"
    r"|semantic-release|pre-commit-ci|github[- ]actions?)([- ]?bot)?\n",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|packages\.lock\.json|gradle\.lockfile|go\.sum"
    r"|bun\.lockb|[^/]*\.lock|change(?:log|s)\.(?:md|rst|txt))$"
    r"|\.pb\.|_pb2(?:_grpc)?\.pyi?$|\.(?:g|freezed)\.dart$|\.designer\.cs$|\.min\.(?:js|css)$|\.snap$"
    r"|(?:^|/)(?:genproto|__generated__|__snapshots__|node_modules|migrations|cassettes)/"
    r"|\.(?:png|jpe?g|gif|svg|ico|webp)$",
    re.IGNORECASE,
)
_MANIFEST = re.compile(
    r"(?:^|/)(?:package\.json|requirements[^/]*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|go\.mod"
    r"|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|[^/]*\.(?:cs|fs|vb)proj|Directory\.\w+\.props|Gemfile"
    r"|composer\.json|mix\.exs|pubspec\.yaml|Package\.swift|Podfile|Dockerfile[^/]*|[^/]*\.Dockerfile"
    r"|readme(?:\.\w+)?)$",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_HASH = re.compile(rb"\x01(?:[0-9a-f]{40}|[0-9a-f]{64})$")
# Set by a git hook, these would point git at another repository than the one that was asked for.
_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
)
_FILTERS_SINCE = (2, 37)  # the first git with --since-as-filter
_READ_AT_ONCE = 1 << 16
_PROGRESS_EVERY = 500

Progress = Callable[[int, int], None]


class SurveyError(ValueError):
    """A survey can't be taken, read or used; `str(error)` is a sentence for the user."""


class Commit(NamedTuple):
    """One commit that isn't a merge. `at` is the author's time in seconds since 1970, UTC."""

    hash: str
    author: str
    email: str
    at: int
    files: list[str]


class SystemPaths:
    """The systems of a repository by the paths of their code; the longest path wins.

    `paths` holds each system's folders or files, from the repository's root; "" is the whole repository. Raises
    SurveyError without any path, and for two systems of one path.
    """

    def __init__(self, paths: Mapping[str, Iterable[str]]):
        self.paths = {name: sorted({_clean(path) for path in each}) for name, each in paths.items()}
        self._owner: dict[str, str] = {}
        for name, each in self.paths.items():
            for path in each:
                other = self._owner.setdefault(path, name)
                if other != name:
                    raise SurveyError(
                        f"“{other}” and “{name}” have the same path, “{path}”. Change one of them."
                    )
        if not self._owner:
            raise SurveyError(
                "No system has a path in this repository. Say where the code of the systems is."
            )
        self._cache: dict[str, str | None] = {}
        self._matched: set[str] = set()

    def system_of(self, file: str) -> str | None:
        """Return the system that `file` belongs to, None outside every system."""
        if file in self._owner:
            self._matched.add(file)
            return self._owner[file]
        folder = file.rpartition("/")[0]
        if folder not in self._cache:
            self._cache[folder] = self._system_of_folder(folder)
        return self._cache[folder]

    def unmatched(self) -> list[str]:
        """Return the paths that held none of the files asked for so far."""
        return sorted(self._owner.keys() - self._matched)

    def _system_of_folder(self, folder: str) -> str | None:
        while folder not in self._owner and folder:
            folder = folder.rpartition("/")[0]
        if folder in self._owner:
            self._matched.add(folder)
        return self._owner.get(folder)


def _clean(path: str) -> str:
    return "/".join(part for part in path.strip().replace("\\", "/").split("/") if part not in ("", "."))


def parse_code(text: str) -> list[tuple[str | None, str]]:
    """Return the (repository, path) of each part of "repository:path; ..."; repository is None where not named."""
    parts = (part.strip() for part in text.split(";"))
    split = (part.partition(":") for part in parts if part)
    return [(first.strip(), _clean(rest)) if colon else (None, _clean(first)) for first, colon, rest in split]


def code_text(code: Iterable[tuple[str | None, str]]) -> str:
    """Return what `parse_code` read as a text again: "repository:path; ..."."""
    return "; ".join(f"{where}:{path}" if where else path for where, path in code)


def paths_in(repository: str, code: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the paths in `repository` of each system that has one; `code` is each system's "repository:path; ...".

    A path without a repository counts for every repository.
    """
    wanted = (None, repository.casefold())
    paths_of = {
        name: [path for where, path in parse_code(text) if (where and where.casefold()) in wanted]
        for name, text in code.items()
    }
    return {name: paths for name, paths in paths_of.items() if paths}


class Tally:
    """Counts commits by system, month and pair of systems; `bots` are further names of bots."""

    def __init__(self, paths: SystemPaths, bots: Iterable[str] = ()):
        self.paths = paths
        self.bots = {name.casefold() for name in bots}
        self.read = 0
        self.left_out = Counter(dict.fromkeys(REASONS, 0))
        self.months: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.touched: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.months_of: dict[str, Counter[str]] = {name: Counter() for name in paths.paths}
        self.pairs: dict[tuple[str, str], tuple[list[int], list[str]]] = {}

    def add(self, commit: Commit) -> None:
        self.read += 1
        systems = self._reason_or_systems(commit)
        if isinstance(systems, str):
            self.left_out[systems] += 1  # the reason why it is not counted
            return
        month = _month(commit.at)
        self.months[month][0] += 1
        self.months[month][1] += len(systems) == 1
        for name in systems:
            self.months_of[name][month] += 1
            self.touched[name] += len(systems) - 1
            self.alone[name] += len(systems) == 1
        for pair in combinations(sorted(systems), 2):
            count, hashes = self.pairs.setdefault(pair, ([0], []))
            count[0] += 1
            if len(hashes) < MAX_HASHES:
                hashes.append(commit.hash[:HASH_LENGTH])

    def _reason_or_systems(self, commit: Commit) -> str | set[str]:
        if _is_bot(commit.author, commit.email) or commit.author.casefold() in self.bots:
            return BOTS
        files = list(islice((file for file in commit.files if not _is_generated(file)), MAX_FILES + 1))
        if not files:
            return GENERATED
        if len(files) > MAX_FILES:
            return LARGE
        owned = [(name, file) for file in files if (name := self.paths.system_of(file))]
        return {name for name, file in owned if not _MANIFEST.search(file)} or (
            MANIFESTS if owned else OUTSIDE
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the part of a survey that is counted; systems and pairs by name, months in order."""
        names = sorted(self.months_of, key=lambda name: (name.casefold(), name))
        return {
            "read": self.read,
            "counted": sum(changes for changes, _ in self.months.values()),
            "left_out": dict(self.left_out),
            "months": {m: {"changes": c, "alone": a} for m, (c, a) in sorted(self.months.items())},
            "systems": [
                {
                    "name": name,
                    "paths": self.paths.paths[name],
                    "changes": self.months_of[name].total(),
                    "alone": self.alone[name],
                    "touched": self.touched[name],
                    "months": dict(sorted(self.months_of[name].items())),
                }
                for name in names
            ],
            "pairs": [
                {"a": a, "b": b, "shared": count[0], "commits": hashes}
                for (a, b), (count, hashes) in sorted(self.pairs.items())
            ],
        }


@lru_cache(maxsize=1 << 12)
def _is_bot(author: str, email: str) -> bool:
    return bool(_BOT.search(f"{author}\n{email}"))


@lru_cache(maxsize=1 << 14)
def _is_generated(file: str) -> bool:
    return bool(_GENERATED.search(file))


def _month(at: int) -> str:
    try:
        day = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):  # a commit may carry any number as its time
        return "1970-01"
    return f"{day.year:04}-{day.month:02}"


class Repository:
    """A git clone, read through git. Raises SurveyError, with a sentence, for whatever git can't do."""

    def __init__(self, folder: str | Path):
        self.folder = str(folder)
        if not Path(folder).is_dir():
            is_file = Path(folder).exists()
            raise SurveyError(
                f"“{folder}” is a file, no folder." if is_file else f"There is no folder “{folder}”."
            )
        if self.ask("rev-parse", "--is-shallow-repository") == "true":
            raise SurveyError(
                f"“{folder}” is a shallow clone: most of its history is missing. "
                f"Run “git -C {folder} fetch --unshallow”, then try again."
            )
        self.head = self.ask("rev-parse", "--verify", "--end-of-options", "HEAD^{commit}")
        self.until = int(self.ask("log", "-1", "--format=%ct", self.head))

    @property
    def name(self) -> str:
        """The folder's name, without the .git of a bare clone."""
        bare = self.ask("rev-parse", "--is-bare-repository") == "true"
        top = self.ask("rev-parse", "--absolute-git-dir" if bare else "--show-toplevel")
        return Path(top).name.removesuffix(".git")

    def begins(self) -> int:
        """Return the committer time of the oldest first commit, in seconds since 1970."""
        return min(
            int(line) for line in self.ask("log", "--max-parents=0", "--format=%ct", self.head).split()
        )

    def files(self) -> Iterator[str]:
        """Yield the path of every file at the head."""
        with self._run("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.head) as stream:
            yield from (token.decode(errors="replace") for token in _tokens(stream))

    def commits(self, since: str, progress: Progress | None = None) -> Iterator[Commit]:
        """Yield the commits since then that aren't merges, newest first.

        `progress` is called with how many were read, and of how many. Raises SurveyError if git ends midway or
        lists fewer than it counted.
        """
        window = (f"--{self._since_option()}={since}", "--no-merges", self.head)
        total, read = int(self.ask("rev-list", "--count", *window)), 0
        form = "--format=%x01%H%x00%an%x00%ae%x00%at"
        order = ("log", "-z", "--no-renames", "--no-show-signature", "--no-ext-diff", "--name-only", form)
        with self._run(*order, *window, whole=total) as stream:
            for read, commit in enumerate(parse(stream), 1):
                if progress and read % _PROGRESS_EVERY == 0:
                    progress(read, total)
                yield commit
        if read != total:
            raise SurveyError(f"git listed {read:,} of {total:,} commits. Check the clone with “git fsck”.")
        if progress:
            progress(read, total)

    def _since_option(self) -> str:
        """Return the option that leaves out what is older, and goes on: --since ends at the first commit that is."""
        version = [int(number) for number in re.findall(r"\d+", self.ask("version"))[:2]]
        return "since-as-filter" if tuple(version) >= _FILTERS_SINCE else "since"

    def ask(self, *arguments: str) -> str:
        """Return what git answers, without the spaces around it."""
        with self._run(*arguments) as stream:
            return stream.read().decode(errors="replace").strip()

    def _run(self, *arguments: str, whole: int | None = None) -> "_Git":
        return _Git(self.folder, arguments, whole)


class _Git:
    """git at work, as a context: its output on entry; SurveyError on exit if it didn't end well."""

    def __init__(self, folder: str, arguments: Sequence[str], whole: int | None):
        self.folder, self.whole = folder, whole
        fixed = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
        quiet = {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        self.complaint: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed on exit)
        try:
            self.process = subprocess.Popen(
                ["git", *fixed, "-C", folder, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self.complaint,
                env=kept | quiet,
            )
        except FileNotFoundError:
            self.complaint.close()
            raise SurveyError("git isn't installed here, or isn't on the PATH.") from None

    def __enter__(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        if kind and not issubclass(kind, SurveyError):  # the reader gave up; git goes on
            self.process.kill()
        code = self.process.wait()
        with self.complaint:
            self.complaint.seek(0)
            reason = self.complaint.read().decode(errors="replace").strip().partition("\n")[0]
        if code and (kind is None or issubclass(kind, SurveyError)):
            raise SurveyError(self._sentence(code, reason)) from None

    def _sentence(self, code: int, reason: str) -> str:
        how = f"signal {-code}" if code < 0 else f"code {code}"
        if self.whole is not None:
            return f"git ended midway ({how}): {reason or 'it gave no reason'}. Nothing was kept; try again."
        if "not a git repository" in reason:
            return f"“{self.folder}” is no git repository."
        if "Needed a single revision" in reason or "unknown revision" in reason:
            return f"“{self.folder}” has no commits yet."
        return f"git can't read “{self.folder}” ({how}): {reason or 'it gave no reason'}."


def parse(stream: IO[bytes]) -> Iterator[Commit]:
    """Yield the commits of `git log -z --name-only --format=%x01%H%x00%an%x00%ae%x00%at`, read bit by bit.

    Raises SurveyError where the log breaks off within a commit's first line.
    """
    commit: Commit | None = None
    tokens = _tokens(stream)
    for token in tokens:
        if token[:1] == b"\x01" and _HASH.match(token):
            if commit:
                yield commit
            author, email, at = (next(tokens, b"").decode(errors="replace") for _ in range(3))
            if not at.lstrip("-").isdecimal():
                raise SurveyError("git's log breaks off in the middle of a commit.")
            commit = Commit(token[1:].decode(), author, email, int(at), [])
        elif commit and token:
            commit.files.append(token.decode(errors="replace").removeprefix("\n"))
    if commit:
        yield commit


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_READ_AT_ONCE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole
    if rest:
        yield rest


def moment(text: str) -> str:
    """Return a date or a date and time as "2024-08-22T00:00:00Z"; a date alone is its start, UTC.

    git would read a date without a time as that day at the present time of day. Raises SurveyError for other text.
    """
    try:
        at = datetime.fromisoformat(f"{text}T00:00:00Z" if _DAY.match(text) else text)
        return _written(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise SurveyError(f"“{text}” is no date. Write it as 2024-08-22 or 2024-08-22T00:00:00Z.") from None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _from_seconds(at: int) -> datetime:
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        raise SurveyError("The newest commit has no usable date. Survey another commit.") from None


def _months_before(at: datetime, months: int) -> datetime:
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return datetime(max(years, 1), month + 1, min(at.day, 28), tzinfo=UTC)


def window_of(clone: Repository, since: str | None) -> tuple[str, str]:
    """Return where the window begins and ends: "2024-08-22T00:00:00Z", "2026-08-22T13:06:24Z".

    It ends with the newest commit, and begins 24 months before, or with the first commit where that is later. Raises
    SurveyError if it would begin after its end.
    """
    ends = _written(_from_seconds(clone.until))
    begins = moment(since) if since else _written(_months_before(datetime.fromisoformat(ends), WINDOW_MONTHS))
    begins = max(begins, _written(_from_seconds(max(clone.begins(), 0))))
    if begins > ends:
        raise SurveyError(
            f"The window would begin on {begins[:10]} and end on {ends[:10]}. Choose an earlier start."
        )
    return begins, ends


def take_survey(
    folder: str | Path,
    paths: Mapping[str, Iterable[str]],
    *,
    taken_on: str,
    repository: str | None = None,
    since: str | None = None,
    bots: Iterable[str] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the survey of the clone in `folder`, as a dictionary for JSON.

    `paths` holds each system's folders; `taken_on` is today as YYYY-MM-DD; `repository` is the name to keep, else the
    folder's. Raises SurveyError, with a sentence, for whatever stands in the way, a path without a file among it.
    """
    systems, clone = SystemPaths(paths), Repository(folder)
    begins, ends = window_of(clone, since)
    tally = Tally(systems, bots)
    for commit in clone.commits(begins, progress):
        tally.add(commit)
    if not tally.read:
        raise SurveyError(f"“{folder}” has no commits since {begins[:10]}. Choose an earlier day.")
    for file in clone.files():
        systems.system_of(file)
    if lost := systems.unmatched():
        raise SurveyError(
            f"No file is or was in {', '.join(f'“{path}”' for path in lost)}. Correct the path."
        )
    return {
        "format": FORMAT,
        "rules": RULES,
        "repository": repository or clone.name,
        "head": clone.head,
        "head_on": _written(_from_seconds(clone.until))[:10],
        "since": begins,
        "until": ends,
        "taken_on": taken_on,
        **tally.as_dict(),
    }


def read_systems(file: Path) -> dict[str, str]:
    """Return each system's paths, joined by semicolons, from a CSV file with the columns system and path (or code).

    Raises SurveyError if it can't be read or names no system with a path.
    """
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise SurveyError(f"“{file}” can't be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SurveyError(f"“{file}” can't be read as CSV: {error}.") from None
    paths: dict[str, str] = {}
    for row in rows:
        name = (row.get("system") or row.get("name") or "").strip()
        path = (row.get("path") or row.get("code") or "").strip()
        if name and path:
            paths[name] = f"{paths[name]}; {path}" if name in paths else path
    if not paths:
        raise SurveyError(f"“{file}” names no system with a path. It needs the columns system and path.")
    return paths


def _show(read: int, total: int) -> None:
    print(
        f"\r{read:,} of {total:,} commits read", end="" if read < total else "\n", file=sys.stderr, flush=True
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a script: print the survey or write it to --out. Return 0, or 1 after a sentence on stderr."""
    parser = argparse.ArgumentParser(description="Survey which systems change together, and how often.")
    parser.add_argument("repository", help="folder of a full git clone")
    parser.add_argument(
        "--systems", required=True, type=Path, help="CSV file with the columns system and path"
    )
    parser.add_argument("--since", help="first day, such as 2024-08-22 (24 months before the newest commit)")
    parser.add_argument("--name", help="the repository's name (the folder's)")
    parser.add_argument(
        "--bot", action="append", default=[], help="author whose commits are a bot's; repeat it"
    )
    parser.add_argument("--out", type=Path, help="file to write (the screen)")
    options = parser.parse_args(arguments)
    try:
        name = options.name or Repository(options.repository).name
        survey = take_survey(
            options.repository,
            paths_in(name, read_systems(options.systems)),
            taken_on=time.strftime(
                "%Y-%m-%d", time.gmtime()
            ),  # a script of its own has no edge above it to ask
            repository=name,
            since=options.since,
            bots=options.bot,
            progress=_show,
        )
        text = json.dumps(survey, ensure_ascii=False, indent=1) + "\n"
        options.out.write_text(text, encoding="utf-8") if options.out else sys.stdout.write(text)
    except (SurveyError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
