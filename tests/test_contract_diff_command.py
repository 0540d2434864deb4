"""`manage.py contract-diff`: two files in, what breaks out, without any database."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from tests.analysis.documents import document, returned, shop


@pytest.fixture
def diff(tmp_path: Path, manage) -> Callable[..., CompletedProcess[str]]:
    """Compare two documents, or the texts of two files."""

    def run(old: Any, new: Any, *options: str) -> CompletedProcess[str]:
        files = []
        for name, content in (("old.json", old), ("new.json", new)):
            files.append(tmp_path / name)
            files[-1].write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return manage("contract-diff", *files, *options)

    return run


def test_what_breaks_is_told_first_with_its_key_and_exit_code_1(diff):
    ran = diff(shop(2), shop(3))
    lines = ran.stdout.splitlines()
    assert ran.returncode == 1
    assert lines[0] == "8 changes break."
    assert lines[1].startswith(
        "  breaks: Address in requests > state > maxLength: limit tightened from 1000 to 3. ["
    )
    assert len(lines) == 9


def test_what_may_break_is_said_and_ends_with_exit_code_0(diff):
    ran = diff(shop(1), shop(2), "--json")
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["breaks"], answer["may_break"], answer["harmless"]) == (0, 0, 2, 2)
    for finding in answer["findings"]:
        assert set(finding) == {"key", "rule", "place", "severity", "sentence"}


def test_a_document_with_itself_says_that_nothing_changed_also_across_json_and_yaml(diff):
    as_yaml = yaml.safe_dump(json.loads(json.dumps(shop(3)))).encode()
    assert diff(shop(3), as_yaml).stdout == "Nothing changed that a client could notice.\n"
    assert json.loads(diff(shop(3), as_yaml, "--json").stdout)["findings"] == []


def test_a_reference_into_another_file_is_not_fetched_and_not_judged(diff, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something was fetched"))
    there = {"$ref": "http://127.0.0.1:9/other.yaml#/Loan"}
    answer = json.loads(diff(returned(there), returned({"$ref": "./local.yaml#/Loan"}), "--json").stdout)
    assert {finding["rule"] for finding in answer["findings"]} == {"not-judged"}


BOMB = b"openapi: 3.0.0\na: &a [x, x]\nb: &b [*a, *a]\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"swagger: '2.0'", "new.json: The file is Swagger 2.0. Convert it to OpenAPI 3.0 or 3.1."),
        (b"PK\x03\x04", "new.json: The file is neither JSON nor YAML"),
        (b'{"openapi": "3.0.0", "openapi": "3.1.0"}', "new.json: “openapi” is there twice"),
        (BOMB, "new.json: Line 3 refers to another part with “*a”."),
        (b'{"openapi": "3.0.0", "x": ' + b"[" * 200 + b"]" * 200 + b"}", "new.json: The document is nested deeper"),
        (b" " * 10_000_001, "new.json: The file has 10.0 MB; 10 MB at most are read."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_compared_is_named_and_never_no_changes(diff, content, sentence):
    ran = diff(document(), content)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(sentence)
    assert ran.stderr.endswith("Nothing was compared.\n")


def test_a_missing_file_is_named(manage, tmp_path):
    ran = manage("contract-diff", tmp_path / "a.json", tmp_path / "b.json")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "There is no file" in ran.stderr
