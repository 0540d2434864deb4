"""A week that was frozen before snapshots said their layout is exported to the bytes that it had then.

`frozen_before_layouts.json` is a snapshot of a story's week 9, frozen by commit 6da9409, the last one before layouts, and
DIGESTS are the SHA-256 of the files which that commit made of it.
"""

import hashlib
from pathlib import Path

import pytest

from models.snapshot import SnapshotDocument
from reports.exports.week_files import FORMATS, export

SNAPSHOT = Path(__file__).with_name("frozen_before_layouts.json")
DIGESTS = {
    "pdf": "b4b32bf6f14cb3b79067f789c0831ea41c1ab743dddfc3dfdf5b1fedb48c384a",
    "pptx": "60f059784b4415fb6baf3e0191648e5726f8ed3b93837657c5cb2adef2c5364c",
    "xlsx": "f6f5a2427f6305a359aebd662e5320fecd40ff68b59497e49a7d135aa8da1e1e",
    "md": "6c35f8c7136bb15838175c28a34dfbed7c368daa24ea3cb7023865ed4f9a41cd",
    "csv": "6a239f739f9f7367466e4928725e53c56679a0c81ce5ecb5585f181754e04d49",
    "json": "8787bd40c1fe4e6937a9c7a0d3a59a5b43423588edfff56dd612b397557e6154",
    "pack": "0bb922410dca21b99fefa6bac060bb8bf62438a6503e16c05c007479ff296ae1",
}


@pytest.fixture(scope="module")
def week() -> SnapshotDocument:
    document = SnapshotDocument.from_bytes(SNAPSHOT.read_bytes())
    assert "layout" not in document.content["head"]
    return document


def test_every_format_has_a_digest():
    assert DIGESTS.keys() == {*FORMATS, "pack"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_week_of_before_has_the_bytes_of_before(week, format):
    assert hashlib.sha256(export(week, format)).hexdigest() == DIGESTS[format]
