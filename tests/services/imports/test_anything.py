"""Whatever arrives: a sheet and its problems, or a sentence; never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import HeadwayError
from services.imports.kinds import KINDS, MEASUREMENTS
from services.imports.measurements import parse_measurements
from services.imports.rows import parse
from services.imports.templates import csv_template, xlsx_template
from services.parsing.reading import read

KIND = st.sampled_from(list(KINDS.values()))
STARTS = [
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"sep=;\n",
    b"PK\x03\x04",
    b"%PDF",
    b"name,note\n",
    b'name\n"',
    b"name\n\xff",
]


def take_in(data, kind):
    try:
        sheet = read(data, "anything", prefer=kind.name)
        results = [parse(sheet, kind), *([parse_measurements(sheet)] if kind is MEASUREMENTS else [])]
    except HeadwayError:
        return
    for result in results:
        assert all(sentence.endswith(".") for sentence in result.problems.sentences())
        assert all(len(problem.sentence) < 700 for problem in result.problems)


@given(st.sampled_from(STARTS), st.binary(max_size=300), KIND)
def test_any_bytes(start, data, kind):
    take_in(start + data, kind)


@given(st.text(max_size=200), KIND, st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_below_a_proper_header(text, kind, encoding):
    take_in((",".join(kind.names) + "\n" + text).encode(encoding, "surrogatepass"), kind)


@given(KIND, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_template_with_flipped_bytes(kind, flips):
    data = bytearray(csv_template(kind))
    for at, byte in flips:
        data[at % len(data)] = byte
    take_in(bytes(data), kind)


@settings(max_examples=60)
@given(KIND, st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_damaged_workbook(kind, flips):
    data = bytearray(xlsx_template(kind))
    for at, byte in flips:
        data[at % len(data)] = byte
    take_in(bytes(data), kind)
