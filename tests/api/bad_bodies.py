"""Requests that are no measurements, as programs send them by mistake or on purpose."""

import json

from hypothesis import strategies as st

GOOD = {"metric": "loan-decision-time", "at": "2026-11-16", "value": 4}
# In place of a field that is needed, or of n.
WRONG = [
    None,
    True,
    [],
    {},
    "",
    "soon",
    "NaN",
    "1e999",
    "\x00",
    "\ud800",
    "4 invoices",
    "9" * 5_000,
    -(10**400),
]
# In place of a number, as only somebody who writes JSON by hand would.
NO_NUMBERS = [
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-1e999",
    b"0x1F",
    b"01",
    b"1_000",
    b"1,5",
    b"+1",
    b".5",
    b"9" * 500,
]
DEEP = 100_000

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def written(*rows: object) -> bytes:
    """The request of these rows."""
    return json.dumps({"measurements": rows}).encode()


def in_place_of_4(raw: bytes) -> bytes:
    """A good row beside one whose value is written so."""
    return written(GOOD, {**GOOD, "at": "2026-11-17"}).replace(b"4}]", raw + b"}]")


wrong_fields = st.builds(
    lambda name, wrong: written(GOOD, {**GOOD, "at": "2026-11-17", name: wrong}),
    st.sampled_from(["metric", "at", "value"]),
    st.sampled_from(WRONG),
) | st.builds(
    lambda name, wrong: written({**GOOD, name: wrong}),
    st.sampled_from(["n", "note", "reason", "colour"]),
    st.sampled_from([True, [], {}, "a\x00b", "\ud800", "x" * 10_001, 0.5, -1]),
).filter(lambda body: b'"n": ""' not in body)
twice = st.builds(
    lambda name, other: written(GOOD).replace(b"}]", f', "{name}": {json.dumps(other)}}}]'.encode()),
    st.sampled_from(["metric", "at", "value"]),
    st.sampled_from(["loan-decision-time", "2026-11-16", 4]),
)
deep = st.sampled_from(
    [
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b'{"measurements": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        in_place_of_4(b"[" * DEEP + b"]" * DEEP),
        in_place_of_4(b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ]
)
bad_bodies = st.one_of(
    wrong_fields,
    twice,
    deep,
    st.sampled_from(NO_NUMBERS).map(in_place_of_4),
    json_values.map(lambda row: written(GOOD, row)),
    json_values.map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=200),
    st.sampled_from(["utf-16", "utf-16-be", "utf-32"]).map(lambda code: written(GOOD).decode().encode(code)),
)
