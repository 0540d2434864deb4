"""Small files that unpack to much are refused with a sentence, in little memory."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.services.parsing.sheets import SHEET_PART, with_part, worksheet, xlsx

PROJECT = Path(__file__).parents[3]
MEMORY = 1 << 30
READ_IN_LITTLE_MEMORY = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from models.errors import Invalid
from services.parsing.reading import read_path
for path in sys.argv[1:]:
    try:
        read_path(path)
        print("read")
    except Invalid as refusal:
        print(refusal)
"""
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (i + 1, b"&l%d;" % i * 10) for i in range(9))
DOCTYPE = b'<!DOCTYPE worksheet [<!ENTITY l0 "ha">' + LAUGHS + b"]>"


def sheet_of(rows: bytes) -> bytes:
    return with_part(xlsx(["name"]), SHEET_PART, worksheet(rows))


def bombs():
    name = b'<row r="1"><c r="A1" t="str"><v>name</v></c></row>'
    yield "600 MB of spaces", _of_600_megabytes(), "unpacks to"
    yield (
        "one far cell",
        sheet_of(name + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "column 16,384",
    )
    yield "one endless row", sheet_of(b"<row>" + b"<c/>" * 30_000_000 + b"</row>"), "damaged"
    yield "endless empty rows", sheet_of(name + b"<row/>" * 20_000_000), "damaged"
    yield (
        "one endless text",
        sheet_of(b'<row><c t="str"><v>' + b"a" * 140_000_000),
        "more than 32,767 characters",
    )
    yield (
        "laughs",
        with_part(xlsx(["name"]), SHEET_PART, DOCTYPE + worksheet(b"<row>&l9;</row>")),
        "document type",
    )
    yield (
        "laughs behind a comment",
        with_part(
            xlsx(["name"]), "xl/workbook.xml", b"<!--" + b"x" * 9000 + b"-->" + DOCTYPE + b"<a>&l9;</a>"
        ),
        "document type",
    )
    yield (
        "strings",
        _with_strings(b"<si><t>" + b"a" * 100_000_000 + b"</t></si>"),
        "more than 32,767 characters",
    )
    yield "nesting", sheet_of(b"<a>" * 1_000_000), "damaged"
    yield "members", _with_members(30_000), "more than 2,000 parts"


def _of_600_megabytes() -> bytes:
    file = io.BytesIO(with_part(xlsx(["name"]), SHEET_PART, b""))
    deflated = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1}
    with zipfile.ZipFile(file, "a", **deflated) as archive, archive.open("xl/sheet2.xml", "w") as part:
        for _ in range(600):
            part.write(b" " * 1_000_000)
    return file.getvalue()


def _with_strings(strings: bytes) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_string(0, 0, "name")
    return with_part(file.getvalue(), "xl/sharedStrings.xml", b"<sst>" + strings + b"</sst>")


def _with_members(count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(count):
            archive.writestr(str(i), b"")
    return file.getvalue()


@pytest.mark.fault
def test_bombs_are_refused_in_little_memory(tmp_path):
    expected = {}
    for number, (what, data, sentence) in enumerate(bombs()):
        (tmp_path / f"{number}.xlsx").write_bytes(data)
        expected[what] = sentence
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            READ_IN_LITTLE_MEMORY,
            *(f"{tmp_path}/{n}.xlsx" for n in range(len(expected))),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=PROJECT,
    )
    refusals = run.stdout.splitlines()
    assert len(refusals) == len(expected), (run.stdout, run.stderr[-500:])
    for (what, sentence), refusal in zip(expected.items(), refusals, strict=True):
        assert sentence in refusal, what
