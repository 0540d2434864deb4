"""What the comparison judges the short way has the same findings as if every schema was looked at whole."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contract_keywords import leaf_changes
from analysis.contract_pairs import Versions
from analysis.contracts import compare
from tests.analysis.documents import requested, returned

VALUES = {
    "type": st.sampled_from(["string", "integer", "object", ["string", "null"], None]),
    "enum": st.lists(st.sampled_from(["a", "b", 1, True, None]), max_size=3) | st.none(),
    "format": st.sampled_from(["int32", "int64", "float", "date"]),
    "pattern": st.sampled_from(["a", "b", None]),
    "default": st.sampled_from([0, 1, True, 1.0, "a", None]),
    "nullable": st.booleans(),
    "deprecated": st.booleans(),
    "description": st.sampled_from(["a", "b"]),
    "readOnly": st.booleans(),
    "additionalProperties": st.booleans(),
    "required": st.lists(st.sampled_from("xyz"), max_size=3, unique=True),
    "const": st.sampled_from(["a", 1]),
    "contains": st.sampled_from([True, "a", None]),
    "x-extensible-enum": st.lists(st.sampled_from("ab"), max_size=2),
    "uniqueItems": st.booleans() | st.none(),
} | dict.fromkeys(
    ("minimum", "maximum", "minLength", "maxLength", "exclusiveMaximum"),
    st.sampled_from([0, 1, 2, 1.0, True, False, "1", None]),
)
leaves = st.fixed_dictionaries({"type": VALUES.pop("type")}, optional=VALUES)
kinds = st.just("object")
objects = st.recursive(
    leaves,
    lambda inner: st.fixed_dictionaries(
        {"properties": st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)},
        optional={"type": kinds, "required": VALUES["required"], "description": VALUES["description"]},
    ),
    max_leaves=8,
)


@st.composite
def two_versions(draw):
    """A schema, and the same with one keyword or two written differently somewhere in it, or another schema."""
    old = draw(objects)
    return old, draw(objects) if draw(st.integers(0, 3)) == 0 else changed(draw, old)


def changed(draw, node):
    if "properties" in node and node["properties"]:
        name = draw(st.sampled_from(sorted(node["properties"])))
        return node | {"properties": node["properties"] | {name: changed(draw, node["properties"][name])}}
    keywords = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=2))
    if draw(st.booleans()):
        return {key: value for key, value in node.items() if key not in keywords}
    return node | {keyword: draw(VALUES[keyword]) for keyword in keywords}


def looked_at_whole(old, new):
    """The findings without any short way: each schema is looked at whole, each leaf by itself."""
    with (
        patch("analysis.contract_pairs.leaf_changes", lambda old, new: None),
        patch.object(Versions, "plain_pairs", lambda *_: None),
        patch("analysis.contract_leaves._leaf_key", lambda leaf: (repr(leaf), str(id(leaf)))),
    ):
        return compare(old, new).findings


@given(two_versions(), st.sampled_from(["3.0.3", "3.1.0"]))
def test_the_short_way_finds_what_the_long_way_finds(versions, version):
    for make in (requested, returned):
        old, new = (make(each, version) for each in versions)
        assert [vars_of(each) for each in compare(old, new).findings] == [
            vars_of(each) for each in looked_at_whole(old, new)
        ]


def vars_of(finding):
    return (*finding, finding.sentence)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["b"]}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8}),
        ({"type": "string", "format": "int32"}, {"type": "string"}),
    ],
)
def test_two_leaves_of_one_type_need_no_longer_look(old, new):
    assert leaf_changes(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string"}, {"type": "integer"}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": "8"}),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": True}, {"type": "integer", "maximum": 9}),
        ({"type": "string", "enum": None}, {"type": "string"}),
        ({"type": "string", "contains": 1}, {"type": "string", "contains": True}),
    ],
)
def test_two_that_may_mean_more_are_looked_at_whole(old, new):
    assert leaf_changes(old, new) is None
