"""The script that counts what a comparison misses reads the cases as they are meant."""

import json
from pathlib import Path

from tests.analysis.documents import PET, requested
from tests.analysis.oasdiff_cases import cases, levels, main

RULES = """
newBackwardCompatibilityRule(NameRemovedId, ERR, Check, DirectionRequest),
newBackwardCompatibilityRule(NoteAddedId, INFO, Check, DirectionRequest),
"""
TEST = """
func {name}(t *testing.T) {{
	s1, err := open("../data/old.json")
	s2, err := open("../data/{new}.json")
	{more}
}}
"""


def a_clone(folder: Path, *tests: tuple[str, str, str]) -> Path:
    """A folder as the other tool's clone is; each test with its name, its newer document and what it says."""
    (folder / "checker").mkdir()
    (folder / "data").mkdir()
    (folder / "checker" / "rules.go").write_text(RULES)
    text = "".join(TEST.format(name=name, new=new, more=more) for name, new, more in tests)
    (folder / "checker" / "check_test.go").write_text(text)
    tighter = PET | {"required": ["name", "age"]}
    for name, schema in {"old": PET, "same": PET, "tighter": tighter}.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(requested(schema)))
    return folder


def test_a_test_that_changes_a_document_is_no_case_and_a_rule_that_is_denied_isnt_expected(tmp_path):
    clone = a_clone(
        tmp_path,
        ("TestOne", "tighter", "checker.NameRemovedId"),
        ("TestChanged", "same", 's2.Spec.Paths.Value("/x").Post = nil\n checker.NameRemovedId'),
        ("TestDenied", "same", "require.NotEqual(t, checker.NameRemovedId, x)\n checker.NoteAddedId"),
        ("TestSelf", "old", "checker.NameRemovedId"),
    )
    rules = {case.name: case.rules for case in cases(clone)}
    assert rules == {"TestOne": {"NameRemovedId"}, "TestDenied": {"NoteAddedId"}}
    assert levels(clone) == {"NameRemovedId": "ERR", "NoteAddedId": "INFO"}


def test_an_error_that_is_called_harmless_is_counted_and_named(tmp_path, capsys):
    clone = a_clone(
        tmp_path,
        ("TestSeen", "tighter", "checker.NameRemovedId"),
        ("TestMissed", "same", "checker.NameRemovedId"),
    )
    assert main(clone) == 1
    assert "called harmless: TestMissed (NameRemovedId)" in capsys.readouterr().out
