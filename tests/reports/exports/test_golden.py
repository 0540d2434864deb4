"""Every file of a week and the pack have known bytes: what changes one of them is a new layout, not an accident.

`fixtures/frozen/week-layout-N.json` is a week as that layout froze it, and `week-layout-N.sums.json` the SHA-256 of its
files. `python -m tests.reports.exports.test_golden` prints the sums of the newest one, for a layout that is not released.
"""

import hashlib
import json
from pathlib import Path

import pytest

from models.snapshot import SnapshotDocument
from reports.exports.pack import pack
from reports.exports.week_files import FORMATS, export
from reports.review.content import LAYOUT
from tests import databases
from tests.reports.exports.test_exports import a_frozen_story

FROZEN = Path(__file__).parents[2] / "fixtures" / "frozen"
LAYOUTS = (2, 3, 4)
WITHOUT = [("Payments", "Birch Bank")]


def document_of(layout: int) -> SnapshotDocument:
    return SnapshotDocument.from_bytes((FROZEN / f"week-layout-{layout}.json").read_bytes())


def sums_of(layout: int) -> dict[str, str]:
    return json.loads((FROZEN / f"week-layout-{layout}.sums.json").read_text())


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def a_pack() -> bytes:
    return pack([document_of(layout) for layout in LAYOUTS], WITHOUT)


def test_the_newest_layout_has_a_frozen_week():
    assert LAYOUTS[-1] == LAYOUT == document_of(LAYOUT).content["head"]["layout"]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format", FORMATS)
def test_a_frozen_week_has_the_bytes_of_its_layout(layout, format):
    assert sum_of(export(document_of(layout), format)) == sums_of(layout)[format]


def test_a_pack_has_known_bytes_each_time():
    assert sum_of(a_pack()) == sum_of(a_pack()) == sums_of(LAYOUT)["pack"]


def test_two_databases_give_the_same_content_and_files(tmp_path, monkeypatch):
    """The salt of the interviews and the journal's hashes differ; all that a reader is shown doesn't."""
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        with databases.sqlite_database(tmp_path / name) as url:
            monkeypatch.setenv("DATABASE_URL", url)
            body = a_frozen_story().body
            head = {
                key: body["content"]["head"][key] for key in ("revision", "status", "layout", "week_text")
            }
            shown = body["content"] | {"head": head}
            made.append([shown, body["text"], body["measurements"], sum_of(a_pack())])
    assert made[0] == made[1]


if __name__ == "__main__":
    week = document_of(LAYOUT)
    sums = {format: sum_of(export(week, format)) for format in FORMATS} | {"pack": sum_of(a_pack())}
    print(json.dumps(sums, indent=1))
