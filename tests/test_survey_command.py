"""`manage.py survey`: a clone in, what a change costs out, on both databases; and what is refused."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.survey_file import read_survey
from models.database import read_connection
from models.errors import Invalid
from services.inventory import dependencies, systems
from tests.analysis.git_repository import Commit, git, make_repository
from tests.builders import an_engagement, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")
BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
SECRETS = ("Ada", "Secret", "private.example", "matter", "dependabot[bot]")


def history() -> list[Commit]:
    """12 months: loans changes alone and with cards; bots, generated files, manifests, mass commits and a merge."""
    commits = []
    for month in range(1, 13):
        for day in range(1, 12):
            files = {"src/loans/a.py": f"{month} {day}"}
            if day % 3 == 0:
                files["src/cards/b.py"] = f"{month} {day}"
            commits.append(Commit(f"2025-{month:02}-{day:02}", files))
    commits += [
        Commit("2025-12-20", {"src/cards/package.json": "{}"}, author=BOT),
        Commit("2025-12-21", {"src/cards/package-lock.json": "{}"}),
        Commit("2025-12-22", {"src/cards/package.json": "{ }"}),
        Commit("2025-12-23", {"docs/x.md": "x"}),
        Commit("2025-12-24", {f"src/loans/{n}.py": "x" for n in range(31)}),
        Commit("2025-12-25", merges=1),
    ]
    return commits


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    return make_repository(tmp_path_factory.mktemp("clones") / "bank", history())


@pytest.fixture
def acme() -> None:
    an_engagement()
    code = {"Loans": "bank:src/loans/", "Cards": "bank:src/cards", "Ledger": None, "Other": "other:src"}
    systems.save(the_operator(), "acme", added=[{"name": name, "code": path} for name, path in code.items()])


def test_a_survey_is_recorded_with_its_metric_and_baseline(acme, clone, manage):
    ran = manage("survey", "acme", clone, "--json")
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["read"] == 137 == answer["counted"] + sum(answer["left_out"].values())
    assert answer["left_out"] == {
        "bots": 1, "generated": 1, "over 30 files": 1, "outside": 1, "manifests": 1,
    }  # fmt: skip
    rows = {row["name"]: row for row in answer["systems"]}
    assert (rows["Loans"]["changes"], rows["Loans"]["others"], rows["Loans"]["system_changes"]) == (
        132,
        0.27,
        168,
    )
    assert (rows["Loans"]["costliest"], rows["Cards"]["costliest"]) == (True, False)
    assert (rows["Ledger"]["others"], rows["Ledger"]["costliest"]) == (None, False)
    assert [(pair["a"], pair["b"], pair["shared"]) for pair in answer["pairs"]] == [("Cards", "Loans", 36)]
    assert (answer["propagation_cost"], answer["largest_loop"]) == (25.0, [])
    assert "137 of 137 commits read" in ran.stderr

    (survey,) = the_state().surveys
    assert (survey.repository, survey.read) == ("bank", 137)
    (metric,) = the_state().metrics
    assert metric.name == "Changes that stay within one system (bank)"
    assert metric.baseline == pytest.approx(100 * 8 / 11, abs=0.05)
    assert (metric.aggregate.count, metric.baseline_n) == (11, 11)  # December isn't whole


def test_no_name_address_or_subject_of_the_repository_is_stored(acme, clone, manage, tmp_path):
    out = tmp_path / "survey.json"
    assert manage("survey", "acme", clone, "--out", out).returncode == 0
    with read_connection() as connection:
        journal = str(connection.exec_driver_sql("SELECT payload FROM journal").all())
        rows = str(connection.exec_driver_sql("SELECT * FROM survey").all())
    exported = "".join(exports(manage, tmp_path, "systems", "metrics", "measurements"))
    assert "bank:src/cards" in exported
    assert "2025-11-01" in exported
    for secret in SECRETS:
        assert secret not in rows + journal + exported + out.read_text()
    assert read_survey(out.read_bytes()) == the_state().surveys[0].as_survey()


def exports(manage, folder: Path, *kinds: str) -> Iterator[str]:
    for kind in kinds:
        file = folder / f"{kind}.csv"
        assert manage("export", kind, file, "--engagement", "acme").returncode == 0
        yield file.read_text()


def test_a_dry_run_says_the_same_and_saves_nothing(acme, clone, manage):
    ran = manage("survey", "acme", clone, "--dry-run")
    assert ran.returncode == 0
    assert "bank: 1 of 2 systems carries 70 % of what a change costs: Loans." in ran.stdout
    assert "Propagation cost: at least 25.0 %. Largest loop: none." in ran.stdout
    assert "Cards and Loans change together without a known dependency: 43 % of 36 shared" in ran.stdout
    assert "The clone's newest commit is of 25 Dec 2025: fetch the clone" in ran.stdout
    assert ran.stdout.endswith("Nothing was saved.\n")
    assert the_state().surveys == []


def test_a_dependency_that_is_known_explains_the_pair(acme, clone, manage):
    dependencies.save(the_operator(), "acme", added=[{"from": "Cards", "to": "Loans", "kind": "call"}])
    assert "change together" not in manage("survey", "acme", clone, "--dry-run").stdout


def test_the_same_survey_again_is_refused_and_a_later_one_adds_only_what_is_new(acme, clone, manage):
    assert manage("survey", "acme", clone).returncode == 0
    again = manage("survey", "acme", clone)
    assert again.returncode == 1
    assert "is there already. Nothing was saved." in again.stderr
    earlier = manage("survey", "acme", clone, "--since", "2025-06-01")
    assert "got 0 monthly points" in earlier.stdout
    assert len(the_state().surveys) == 2


def refused(manage, *words) -> str:
    before = the_state().revision
    ran = manage("survey", "acme", *words)
    assert (ran.returncode, ran.stdout) == (1, ""), ran.stdout
    assert the_state().revision == before
    return ran.stderr


def test_a_shallow_clone_is_refused_with_the_command_that_mends_it(acme, clone, manage, tmp_path):
    shallow = tmp_path / "bank"
    git(tmp_path, "clone", "-q", "--depth", "50", f"file://{clone}", str(shallow))
    text = refused(manage, shallow)
    assert "is a shallow clone" in text
    assert f"git -C {shallow} fetch --unshallow" in text


def test_git_that_ends_midway_is_refused(acme, clone, manage, tmp_path):
    copy = tmp_path / "bank"
    shutil.copytree(clone, copy)
    old = git(copy, "rev-parse", "HEAD~60^{tree}")
    git(copy, "repack", "-q", "-d", "-A")
    pack = next((copy / ".git/objects/pack").glob("*.pack"))
    moved = tmp_path / "moved.pack"
    shutil.move(pack, moved)
    for each in (copy / ".git/objects/pack").glob("*"):
        each.unlink()
    with moved.open("rb") as content:
        subprocess.run(["git", "-C", copy, "unpack-objects", "-q"], stdin=content, check=True)
    (copy / ".git/objects" / old[:2] / old[2:]).unlink()
    assert "git ended midway" in refused(manage, copy)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (None, "No system says where its code lies"),
        ("elsewhere:src", "No system has code in the repository “bank”"),
        ("bank:src/gone", "No file is or was in “src/gone”. Correct the path."),
    ],
)
def test_code_that_leads_nowhere_is_named(clone, manage, code, sentence):
    an_engagement()
    systems.save(the_operator(), "acme", added=[{"name": "Loans", "code": code}])
    assert sentence in refused(manage, clone)


def test_a_folder_without_history_and_a_day_that_is_none_are_named(acme, clone, manage, tmp_path):
    assert "is no git repository" in refused(manage, tmp_path)
    assert "There is no folder" in refused(manage, tmp_path / "nowhere")
    assert "“soon” is no date" in refused(manage, clone, "--since", "soon")


def test_two_systems_of_one_path_are_refused_where_they_are_entered(acme):
    with pytest.raises(Invalid, match="The code of “Loans” lies in “bank:src/loans” already"):
        systems.save(the_operator(), "acme", added=[{"name": "Twin", "code": "bank:/src/loans"}])
