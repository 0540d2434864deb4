"""What a change of a schema means for a client: in what it sends, and in what it is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import compare
from tests.analysis.documents import PET, TEXT, holding, requested, returned, rules_found

# Each: old, new, what it means in a request, what in a response. None where nothing is found.
CHANGES = {
    "type changed": (
        TEXT,
        {"type": "integer"},
        "request-type-changed breaks",
        "response-type-changed breaks",
    ),
    "type widened": (
        {"type": "integer"},
        {"type": "number"},
        "request-type-widened harmless",
        "response-type-changed breaks",
    ),
    "type dropped": (TEXT, {}, "request-type-widened harmless", "response-type-changed breaks"),
    "type set": ({}, TEXT, "request-type-changed breaks", "response-type-narrowed harmless"),
    "null accepted": (
        TEXT,
        TEXT | {"nullable": True},
        "request-became-nullable harmless",
        "response-became-nullable breaks",
    ),
    "null refused": (
        TEXT | {"nullable": True},
        TEXT,
        "request-no-longer-nullable breaks",
        "response-no-longer-nullable harmless",
    ),
    "value removed": (
        {"enum": ["a", "b"]},
        {"enum": ["a"]},
        "request-value-removed breaks",
        "response-value-removed harmless",
    ),
    "value added": (
        {"enum": ["a"]},
        {"enum": ["a", "b"]},
        "request-value-added harmless",
        "response-value-added may break",
    ),
    "enum set": (TEXT, TEXT | {"enum": ["a"]}, "request-enum-set breaks", "response-enum-set harmless"),
    "enum dropped": (
        TEXT | {"enum": ["a"]},
        TEXT,
        "request-enum-dropped harmless",
        "response-enum-dropped may break",
    ),
    "limit tightened": (
        TEXT | {"maxLength": 8000},
        TEXT | {"maxLength": 1024},
        "request-limit-tightened breaks",
        "response-limit-tightened harmless",
    ),
    "limit set": (
        TEXT,
        TEXT | {"maxLength": 80},
        "request-limit-set may break",
        "response-limit-tightened harmless",
    ),
    "limit loosened": (
        {"type": "integer", "minimum": 5},
        {"type": "integer", "minimum": 1},
        "request-limit-loosened harmless",
        "response-limit-loosened may break",
    ),
    "limit dropped": (
        TEXT | {"minLength": 2},
        TEXT,
        "request-limit-loosened harmless",
        "response-limit-loosened may break",
    ),
    "at least none is no limit": (TEXT, TEXT | {"minLength": 0}, None, None),
    "uniqueness": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": TEXT, "uniqueItems": True},
        "request-limit-tightened breaks",
        "response-limit-tightened harmless",
    ),
    "format set": (
        TEXT,
        TEXT | {"format": "date-time"},
        "request-format-changed may break",
        "response-format-changed may break",
    ),
    "format widened": (
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        "request-format-widened harmless",
        "response-format-changed may break",
    ),
    "pattern set": (
        TEXT,
        TEXT | {"pattern": "^a"},
        "request-pattern-changed may break",
        "response-pattern-set harmless",
    ),
    "pattern dropped": (
        TEXT | {"pattern": "^a"},
        TEXT,
        "request-pattern-dropped harmless",
        "response-pattern-changed may break",
    ),
    "default changed": (
        TEXT | {"default": "a"},
        TEXT | {"default": "b"},
        "request-default-changed may break",
        "response-default-changed harmless",
    ),
    "items changed": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": {"type": "integer"}},
        "request-type-changed breaks",
        "response-type-changed breaks",
    ),
    "map changed": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        "request-type-changed breaks",
        "response-type-changed breaks",
    ),
    "closed": (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "request-closed may break",
        "response-closed harmless",
    ),
    "opened": (
        {"type": "object", "additionalProperties": False},
        {"type": "object"},
        "request-opened harmless",
        "response-opened may break",
    ),
    "property removed": (
        holding(TEXT),
        holding(TEXT, properties={}),
        "request-property-removed may break",
        "response-property-removed may break",
    ),
    "required property removed": (
        holding(TEXT, required=["x"]),
        {"type": "object"},
        "request-property-removed may break",
        "response-property-removed-required breaks",
    ),
    "property added": (
        {"type": "object"},
        holding(TEXT),
        "request-property-added harmless",
        "response-property-added harmless",
    ),
    "required property added": (
        {"type": "object"},
        holding(TEXT, required=["x"]),
        "request-property-added-required breaks",
        "response-property-added harmless",
    ),
    "became required": (
        holding(TEXT),
        holding(TEXT, required=["x"]),
        "request-property-became-required breaks",
        "response-property-became-required harmless",
    ),
    "became required, with a default": (
        holding(TEXT | {"default": "a"}),
        holding(TEXT | {"default": "a"}, required=["x"]),
        "request-property-became-required-default may break",
        "response-property-became-required harmless",
    ),
    "became optional": (
        holding(TEXT, required=["x"]),
        holding(TEXT),
        "request-property-became-optional harmless",
        "response-property-became-optional breaks",
    ),
    "required without being listed": (
        {"type": "object"},
        {"type": "object", "required": ["x"]},
        "request-property-became-required breaks",
        "response-property-became-required harmless",
    ),
    "read only": (
        holding(TEXT),
        holding(TEXT | {"readOnly": True}),
        "request-property-removed may break",
        None,
    ),
    "write only": (
        holding(TEXT, required=["x"]),
        holding(TEXT | {"writeOnly": True}, required=["x"]),
        None,
        "response-property-removed-required breaks",
    ),
    "alternative removed": (
        {"oneOf": [TEXT, {"type": "integer"}]},
        {"oneOf": [TEXT]},
        "request-branch-removed breaks",
        "response-branch-removed harmless",
    ),
    "alternative added": (
        {"anyOf": [TEXT]},
        {"anyOf": [TEXT, {"type": "integer"}]},
        "request-branch-added harmless",
        "response-branch-added may break",
    ),
    "discriminator changed": (
        {"oneOf": [TEXT], "discriminator": {"propertyName": "kind"}},
        {"oneOf": [TEXT], "discriminator": {"propertyName": "type"}},
        "discriminator-changed may break",
        "discriminator-changed may break",
    ),
    "discriminator extended": (
        {"oneOf": [TEXT], "discriminator": {"propertyName": "kind", "mapping": {"a": "A"}}},
        {"oneOf": [TEXT], "discriminator": {"propertyName": "kind", "mapping": {"a": "A", "b": "B"}}},
        "discriminator-extended harmless",
        "discriminator-extended harmless",
    ),
    "deprecated": (
        holding(TEXT),
        holding(TEXT | {"deprecated": True}),
        "deprecated harmless",
        "deprecated harmless",
    ),
}


@pytest.mark.parametrize(("old", "new", "request_", "response"), CHANGES.values(), ids=CHANGES)
def test_each_direction_has_its_own_rules(old, new, request_, response):
    for make, expected in ((requested, request_), (returned, response)):
        rules = [f"{rule} {severity}" for rule, severity in rules_found(make, old, new).items()]
        assert rules == ([expected] if expected else [])


@pytest.mark.parametrize(
    "keyword",
    [
        "contains",
        "if",
        "not",
        "prefixItems",
        "dependentRequired",
        "propertyNames",
        "contentSchema",
        "x-extensible-enum",
    ],
)
@pytest.mark.parametrize("make", [requested, returned])
def test_what_no_rule_reads_is_said_as_not_judged(make, keyword):
    old = {"type": "array", keyword: {"type": "string"}}
    new = {"type": "array", keyword: {"type": "integer"}}
    assert rules_found(make, old, new, "3.1.0") == {"not-judged": "may break"}
    assert rules_found(make, old, old, "3.1.0") == {}
    assert rules_found(make, {"type": "array"}, new, "3.1.0") == {"not-judged": "may break"}


def test_a_keyword_that_nobody_ever_heard_of_is_not_judged():
    comparison = compare(requested(TEXT), requested(TEXT | {"shimmer": 3}))
    assert [finding.sentence for finding in comparison.findings] == [
        "POST /loans request application/json > shimmer: changed in a way that no rule judges."
    ]


def test_what_an_unread_keyword_refers_to_is_seen_through():
    schema = {"not": {"$ref": "#/components/schemas/Closed"}}
    old = requested(schema, Closed={"enum": ["closed"]})
    new = requested(schema, Closed={"enum": ["closed", "open"]})
    assert [finding.rule for finding in compare(old, new).findings] == ["not-judged"]


# The same, written differently.

ALIKE = {
    "order": (
        PET,
        {"required": ["name"], "properties": {"age": {"type": "integer"}, "name": TEXT}, "type": "object"},
    ),
    "order of names": (
        {"type": "object", "required": ["a", "b"], "properties": {"a": TEXT, "b": TEXT}},
        {"type": "object", "required": ["b", "a"], "properties": {"b": TEXT, "a": TEXT}},
    ),
    "order of values": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "texts": (TEXT, TEXT | {"description": "A name", "example": "Ada", "title": "Name", "x-since": "2"}),
    "a property called description": (
        holding({"type": "string", "description": "a"}),
        holding({"type": "string", "description": "b"}),
    ),
    "const": ({"const": "a"}, {"enum": ["a"]}),
    "type list": (TEXT, {"type": ["string"]}),
    "type unsaid": ({"properties": {"x": TEXT}}, holding(TEXT)),
    "reference": (PET, {"$ref": "#/components/schemas/Pet"}),
    "other reference": ({"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/Animal"}),
    "allOf of one": ({"$ref": "#/components/schemas/Pet"}, {"allOf": [{"$ref": "#/components/schemas/Pet"}]}),
    "allOf of parts": (
        PET,
        {
            "allOf": [
                {"type": "object", "properties": {"name": TEXT}, "required": ["name"]},
                {"type": "object", "properties": {"age": {"type": "integer"}}},
            ]
        },
    ),
    "order of alternatives": ({"oneOf": [TEXT, PET]}, {"oneOf": [PET, TEXT]}),
}


@pytest.mark.parametrize(("old", "new"), ALIKE.values(), ids=ALIKE)
def test_the_same_written_differently_is_no_change(old, new):
    for make in (requested, returned):
        assert rules_found(make, old, new, Pet=PET, Animal=PET) == {}
        assert rules_found(make, new, old, Pet=PET, Animal=PET) == {}


NULLABLE = [
    (TEXT | {"nullable": True}, "3.0.3"),
    ({"type": ["string", "null"]}, "3.1.0"),
    ({"anyOf": [TEXT, {"type": "null"}]}, "3.1.0"),
    ({"oneOf": [{"type": "null"}, TEXT]}, "3.1.0"),
    ({"nullable": True, "allOf": [TEXT]}, "3.0.3"),
]


@pytest.mark.parametrize(("old", "old_version"), NULLABLE)
@pytest.mark.parametrize(("new", "new_version"), NULLABLE)
def test_null_is_null_however_the_version_of_openapi_writes_it(old, old_version, new, new_version):
    assert compare(returned(old, old_version), returned(new, new_version)).findings == ()


@pytest.mark.parametrize(("new", "version"), NULLABLE)
def test_becoming_nullable_is_seen_however_it_is_written(new, version):
    findings = compare(returned(TEXT, "3.0.3"), returned(new, version)).findings
    assert [finding.rule for finding in findings] == ["response-became-nullable"]


def test_a_reference_that_became_nullable_is_seen():
    pet = {"$ref": "#/components/schemas/Pet"}
    assert rules_found(returned, pet, {"anyOf": [pet, {"type": "null"}]}, "3.1.0", Pet=PET) == {
        "response-became-nullable": "breaks"
    }


def test_exclusive_limits_are_read_as_each_version_writes_them():
    old = {"type": "integer", "maximum": 10, "exclusiveMaximum": True}
    new = {"type": "integer", "exclusiveMaximum": 10}
    assert compare(requested(old, "3.0.3"), requested(new, "3.1.0")).findings == ()


# Whatever is given.

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["string", "object", "a"])
KEYWORDS = """
    type enum const properties required items allOf oneOf anyOf not additionalProperties nullable minimum maximum
    exclusiveMinimum maxLength minItems pattern format default discriminator $ref readOnly if uniqueItems
"""
keywords = st.sampled_from(KEYWORDS.split())
references = st.sampled_from(["#/components/schemas/A", "#/components/schemas/B", "#/nowhere", "file.yaml"])
schemas = st.recursive(
    scalars | references.map(lambda reference: {"$ref": reference}),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keywords | st.sampled_from("xy"), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(schemas, schemas, schemas, schemas)
def test_no_schema_however_odd_is_an_error_and_none_differs_from_itself(one, other, a, b):
    for make in (requested, returned):
        old, new = make(one, "3.1.0", A=a, B=b), make(other, "3.1.0", A=b, B=a)
        compare(old, new)
        assert {finding.rule for finding in compare(old, old).findings} <= {"not-judged"}
