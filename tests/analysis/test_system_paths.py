"""Paths of systems: which system a file is of, and which paths a repository has."""

from analysis.survey import SystemPaths, paths_in


def test_a_path_is_a_folder_not_the_beginning_of_a_name():
    paths = SystemPaths({"Ad": ["src/ad"], "Start": ["main.go"], "Rest": ["src"]})
    assert paths.system_of("src/ad/x.py") == "Ad"
    assert paths.system_of("src/advert/x.py") == "Rest"
    assert paths.system_of("main.go") == "Start"
    assert paths.system_of("main.gone") is None


def test_an_empty_path_is_the_whole_repository():
    paths = SystemPaths({"All": [""], "Docs": ["docs/"]})
    assert paths.system_of("Makefile") == "All"
    assert paths.system_of("docs/a/b.md") == "Docs"


def test_code_names_a_path_in_each_repository():
    code = {"Ledger": "bank:ledger; books:", "Portal": "web:src", "Shared": "common", "None": " "}
    assert paths_in("Bank", code) == {"Ledger": ["ledger"], "Shared": ["common"]}
    assert paths_in("books", code) == {"Ledger": [""], "Shared": ["common"]}
