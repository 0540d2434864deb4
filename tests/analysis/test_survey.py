"""Taking a survey of a repository: what counts, what is left out, what never leaves, what is refused."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import survey as surveying
from analysis.survey import SurveyError, take_survey
from analysis.survey_file import check
from tests.analysis.git_repository import Commit, git, make_repository

SCRIPT = Path(surveying.__file__)
SYSTEMS = {"Ledger": ["ledger"], "Portal": ["portal/"], "Rates": ["rates", "portal/rates"]}
HISTORY = [
    Commit("2023-12-31T23:59", {"ledger/old.py": "too old"}),
    Commit("2024-01-05", {"ledger/a.py": "1", "portal/a.py": "1", "rates/r.py": "1"}),
    Commit("2024-01-06", {"ledger/a.py": "2", "portal/package.json": "{}"}),
    Commit(
        "2024-01-07",
        {"ledger/a.py": "3"},
        "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
    ),
    Commit("2024-01-08", {"ledger/a.py": "4"}, "Acme Robot <1+acmebot@users.noreply.github.com>"),
    Commit("2024-01-09", {"ledger/a.py": "5"}, "Nightly <nightly@acme.example>"),
    Commit("2024-02-01", {"ledger/poetry.lock": "x", "portal/demo_pb2.py": "x"}),
    Commit("2024-02-02"),
    Commit("2024-02-03", {f"portal/pages/{n}.py": "x" for n in range(31)}),
    Commit("2024-02-04", {f"portal/pages/{n}.py": "y" for n in range(30)} | {"portal/yarn.lock": "y"}),
    Commit("2024-02-05", {"docs/plan.txt": "x"}),
    Commit("2024-02-06", {"ledger/Dockerfile": "FROM x", "portal/README.md": "x"}),
    Commit("2024-02-07", {"rates/r.py": None, "portal/rates/r.py": "1"}),
    Commit("2024-02-08", {"portal/a.py": "merged"}, merges=2),
    Commit("2024-03-01", {'ledger/Ünïcode "quoted"\nfile.py': "x", "ledger/with space.py": "x"}),
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    return make_repository(tmp_path_factory.mktemp("clones") / "bank", HISTORY)


@pytest.fixture(scope="module")
def survey(clone) -> dict:
    return take_survey(clone, SYSTEMS, since="2024-01-01", bots=["nightly"], taken_on="2024-03-02")


def system(survey: dict, name: str) -> dict:
    return next(each for each in survey["systems"] if each["name"] == name)


def test_every_commit_is_counted_once_or_left_out_for_one_reason(survey):
    assert survey["read"] == 13
    assert survey["counted"] == 5
    assert survey["left_out"] == {"bots": 3, "generated": 2, "over 30 files": 1, "outside": 1, "manifests": 1}
    assert survey["counted"] + sum(survey["left_out"].values()) == survey["read"]
    check(survey)


def test_a_survey_names_the_commit_and_the_window_that_it_read(survey, clone):
    assert survey["format"] == "headway.survey/1"
    assert survey["repository"] == "bank"
    assert survey["head"] == git(clone, "rev-parse", "HEAD")
    assert survey["head_on"] == "2024-03-01"
    assert (survey["since"], survey["until"]) == ("2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z")
    assert survey["taken_on"] == "2024-03-02"


def test_a_touch_of_a_manifest_only_is_no_touch(survey):
    ledger, portal = system(survey, "Ledger"), system(survey, "Portal")
    assert (ledger["changes"], ledger["alone"], ledger["touched"]) == (3, 2, 2)
    assert (portal["changes"], portal["alone"], portal["touched"]) == (2, 1, 2)
    assert ledger["months"] == {"2024-01": 2, "2024-03": 1}


def test_the_longest_path_wins_and_a_system_may_have_several(survey):
    """The commit that moves a file from rates to portal/rates stays within Rates."""
    assert system(survey, "Rates")["changes"] == 2
    assert system(survey, "Rates")["alone"] == 1


def test_a_pair_names_the_commits_behind_it(survey, clone):
    hashes = git(clone, "log", "--reverse", "--format=%H").split()
    assert {(pair["a"], pair["b"], pair["shared"]) for pair in survey["pairs"]} == {
        ("Ledger", "Portal", 1),
        ("Ledger", "Rates", 1),
        ("Portal", "Rates", 1),
    }
    assert survey["pairs"][0]["commits"] == [hashes[1][:10]]


def test_months_are_counted_as_a_whole_too(survey):
    assert survey["months"] == {
        "2024-01": {"changes": 2, "alone": 1},
        "2024-02": {"changes": 2, "alone": 2},
        "2024-03": {"changes": 1, "alone": 1},
    }


def test_no_author_address_subject_file_name_or_content_leaves(survey):
    text = json.dumps(survey, ensure_ascii=False)
    for secret in ("Ada", "private.example", "secret", "dependabot", "nightly", "a.py", "Ünïcode", "too old"):
        assert secret not in text


def test_the_window_is_24_months_and_begins_with_the_first_commit_where_that_is_later(clone, tmp_path):
    young = take_survey(clone, SYSTEMS, taken_on="2024-03-02")
    assert young["since"] == "2023-12-31T23:59:00Z"
    assert young["read"] == 14
    old = make_repository(
        tmp_path / "old", [Commit("2019-05-01", {"a/x": "1"}), Commit("2024-03-31", {"a/x": "2"})]
    )
    assert take_survey(old, {"A": ["a"]}, taken_on="2024-04-01")["since"] == "2022-03-28T00:00:00Z"


def test_a_day_begins_at_midnight_whatever_time_it_is_now(tmp_path):
    """git itself would read the day as that day at the present time of day."""
    days = ["2024-08-21T23:59:59", "2024-08-22T00:00:00", "2024-08-22T00:00:01", "2024-08-22T23:59:59"]
    folder = make_repository(tmp_path / "day", [Commit(day, {"a/x": day}) for day in days])
    assert take_survey(folder, {"A": ["a"]}, since="2024-08-22", taken_on="2024-09-01")["read"] == 3


def test_a_commit_with_a_wrong_clock_hides_none_of_those_before_it(tmp_path):
    """git itself ends at a commit from before the window, whatever the dates of those behind it."""
    days = ["2024-01-01", "2024-02-01", "2024-03-01", "2001-01-01", "2024-04-01"]
    folder = make_repository(tmp_path / "clock", [Commit(day, {"a/x": day}) for day in days])
    new_survey = take_survey(folder, {"A": ["a"]}, since="2024-01-15", taken_on="2024-09-01")
    assert (new_survey["read"], new_survey["counted"]) == (3, 3)


def test_a_git_from_before_2022_reads_the_window_its_own_way(clone, monkeypatch):
    monkeypatch.setattr("analysis.survey._FILTERS_SINCE", (99, 0))
    new_survey = take_survey(clone, SYSTEMS, since="2024-01-01", bots=["nightly"], taken_on="2024-03-02")
    assert new_survey["read"] == 13


def test_progress_tells_how_many_of_how_many(tmp_path):
    folder = make_repository(tmp_path / "long", [Commit("2024-01-01", {"a/x": f"{n}"}) for n in range(1201)])
    seen = []
    take_survey(folder, {"A": ["a"]}, taken_on="2024-01-02", progress=lambda *counts: seen.append(counts))
    assert seen == [(500, 1201), (1000, 1201), (1201, 1201)]


def test_a_bare_clone_is_surveyed_too_and_loses_its_git_in_the_name(clone, survey, tmp_path):
    bare = tmp_path / "bank.git"
    git(clone, "clone", "-q", "--bare", ".", str(bare))
    new_survey = take_survey(bare, SYSTEMS, since="2024-01-01", bots=["Nightly"], taken_on="2024-03-02")
    assert new_survey == survey


def test_a_git_hooks_environment_does_not_lead_elsewhere(clone, survey, tmp_path, monkeypatch):
    other = make_repository(tmp_path / "other", [Commit("2024-01-01", {"x": "1"})])
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    new_survey = take_survey(clone, SYSTEMS, since="2024-01-01", bots=["Nightly"], taken_on="2024-03-02")
    assert new_survey == survey


# What is refused.


def refusal(folder: Path, systems: dict | None = None, **how) -> str:
    with pytest.raises(SurveyError) as caught:
        take_survey(folder, systems or SYSTEMS, **({"since": "2024-01-01", "taken_on": "2024-03-02"} | how))
    return str(caught.value)


def test_a_shallow_clone_is_refused_with_the_command_that_mends_it(clone, tmp_path):
    shallow = tmp_path / "shallow"
    git(clone, "clone", "-q", "--depth", "5", f"file://{clone}", str(shallow))
    assert "shallow clone" in refusal(shallow)
    assert f"git -C {shallow} fetch --unshallow" in refusal(shallow)


@pytest.fixture
def broken_git(tmp_path, monkeypatch):
    """A git whose log ends early: `broken_git("exit 0")` says how it ends."""

    def install(end: str, keep: int = 700) -> None:
        real, folder = shutil.which("git"), tmp_path / "bin"
        folder.mkdir()
        script = folder / "git"
        script.write_text(
            "#!/bin/sh\n"
            f'case " $* " in *" log -z "*) {real} "$@" | head -c {keep}; {end};; *) exec {real} "$@";; esac\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def test_git_that_is_killed_midway_is_refused(clone, broken_git):
    broken_git("kill -9 $$")
    assert refusal(clone).startswith("git ended midway (signal 9)")


def test_git_that_fails_midway_is_refused_with_its_reason(clone, broken_git):
    broken_git("echo 'fatal: unable to read 012621ba' >&2; exit 128")
    assert refusal(clone) == (
        "git ended midway (code 128): fatal: unable to read 012621ba. Nothing was kept; try again."
    )


@pytest.mark.parametrize("keep", [0, 30, 60, 110, 250, 700])
def test_a_log_that_is_cut_is_refused_though_git_says_all_is_well(clone, broken_git, keep):
    broken_git("exit 0", keep)
    assert "of 13 commits" in (sentence := refusal(clone)) or "breaks off" in sentence


def test_a_folder_that_is_no_clone_is_refused(tmp_path):
    assert refusal(tmp_path) == f"“{tmp_path}” is no git repository."
    assert refusal(tmp_path / "nowhere") == f"There is no folder “{tmp_path / 'nowhere'}”."


def test_a_file_in_place_of_a_clone_is_called_a_file(tmp_path):
    file = tmp_path / "survey.json"
    file.write_text("{}")
    assert refusal(file) == f"“{file}” is a file, no folder."


def test_a_repository_without_a_commit_is_refused(tmp_path):
    git(tmp_path, "init", "-q")
    assert refusal(tmp_path) == f"“{tmp_path}” has no commits yet."


def test_a_window_without_a_commit_is_refused(clone):
    assert "Choose an earlier start" in refusal(clone, since="2025-01-01")


def test_a_missing_git_is_said(clone, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert refusal(clone) == "git isn't installed here, or isn't on the PATH."


def test_a_path_that_holds_no_file_is_named(clone):
    assert (
        refusal(clone, {"Ledger": ["ledger", "ledgerr"]})
        == "No file is or was in “ledgerr”. Correct the path."
    )


def test_a_folder_that_was_renamed_within_the_window_still_counts(clone):
    new_survey = take_survey(clone, {"Rates": ["rates"]}, since="2024-01-01", taken_on="2024-03-02")
    assert system(new_survey, "Rates")["changes"] == 2


def test_two_systems_of_one_path_are_refused(clone):
    twice = {"Ledger": ["ledger"], "Books": ["./ledger/"]}
    assert refusal(clone, twice) == "“Ledger” and “Books” have the same path, “ledger”. Change one of them."


def test_systems_without_any_path_are_refused(clone):
    assert "No system has a path" in refusal(clone, {"Ledger": []})


@pytest.mark.parametrize(
    "since", ["two years ago", "2024-13-01", "22.8.2024", "2024-01-01; rm -rf /", "--all"]
)
def test_a_start_that_is_no_date_is_refused(clone, since):
    assert refusal(clone, since=since) == (
        f"“{since}” is no date. Write it as 2024-08-22 or 2024-08-22T00:00:00Z."
    )


# The script by itself.


def run_alone(folder: Path, *arguments: object) -> subprocess.CompletedProcess:
    alone = folder / "survey.py"
    shutil.copy(SCRIPT, alone)
    command = [sys.executable, "-I", "-S", str(alone), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


@pytest.fixture
def systems_csv(tmp_path) -> Path:
    file = tmp_path / "systems.csv"
    file.write_text("system,path\nLedger,ledger/\nPortal,portal/\nRates,rates; portal/rates\n")
    return file


def test_the_script_runs_without_the_product_and_writes_the_same_survey(clone, survey, systems_csv, tmp_path):
    ran = run_alone(
        tmp_path,
        clone,
        "--systems",
        systems_csv,
        "--since",
        "2024-01-01",
        "--bot",
        "Nightly",
        "--out",
        "out.json",
    )
    assert ran.returncode == 0, ran.stderr
    assert "13 of 13 commits read" in ran.stderr
    written = json.loads((tmp_path / "out.json").read_text())
    assert written | {"taken_on": ""} == survey | {"taken_on": ""}
    check(written)


def test_the_script_ends_with_a_sentence_and_code_1(systems_csv, tmp_path):
    ran = run_alone(tmp_path, tmp_path / "nowhere", "--systems", systems_csv)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"There is no folder “{tmp_path / 'nowhere'}”.\n"


def test_the_script_refuses_a_list_of_systems_without_paths(clone, tmp_path):
    (tmp_path / "systems.csv").write_text("name,owner\nLedger,Ada\n")
    ran = run_alone(tmp_path, clone, "--systems", "systems.csv")
    assert ran.returncode == 1
    assert "names no system with a path" in ran.stderr
