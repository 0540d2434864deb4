"""Schemas that refer to others: compared once, through circles, and never into other files."""

import pytest

from analysis.contracts import compare
from tests.analysis.documents import PET, TEXT, holding, requested, returned, rules_found


def test_a_schema_is_compared_once_a_direction_however_many_use_it():
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loan"}}}}
    use = {"requestBody": body, "responses": {"200": body}}
    paths = {f"/{n}": {"post": use} for n in range(9)}

    def loans(limit):
        schema = {"type": "object", "properties": {"term": {"type": "integer", "maximum": limit}}}
        return {"openapi": "3.0.0", "paths": paths, "components": {"schemas": {"Loan": schema}}}

    findings = compare(loans(60), loans(48)).findings
    assert [(finding.place, finding.severity) for finding in findings] == [
        ("Loan in requests > term > maximum", "breaks"),
        ("Loan in responses > term > maximum", "harmless"),
    ]


def test_a_part_that_both_versions_include_is_compared_by_itself_even_if_properties_moved_into_it():
    loan = {"allOf": [{"$ref": "#/components/schemas/Base"}, holding(TEXT)]}
    moved = {"allOf": [{"$ref": "#/components/schemas/Base"}]}
    old = requested(loan, Base={"type": "object", "properties": {}})
    new = requested(moved, Base=holding(TEXT))
    assert [(finding.rule, finding.place) for finding in compare(old, new).findings] == [
        ("request-property-added", "Base in requests > x")
    ]


def test_a_part_included_by_name_beside_others_may_break():
    one, two = ({"$ref": f"#/components/schemas/{name}"} for name in ("One", "Two"))
    schemas = {"One": holding(TEXT), "Two": holding(TEXT)}
    assert rules_found(requested, {"allOf": [one]}, {"allOf": [one, two]}, **schemas) == {
        "request-part-added": "may break"
    }
    assert rules_found(returned, {"allOf": [one, two]}, {"allOf": [one]}, **schemas) == {
        "response-part-removed": "may break"
    }


def test_a_schema_that_becomes_one_alternative_may_break_and_the_rest_is_named():
    cat, dog = ({"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog"))
    schemas = {"Cat": PET, "Dog": holding(TEXT)}
    assert rules_found(returned, cat, {"oneOf": [cat, dog]}, **schemas) == {
        "response-wrapped": "may break",
        "response-branch-added": "may break",
    }


def test_an_alternative_that_is_called_differently_may_break():
    cat, dog = ({"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog"))
    schemas = {"Cat": PET, "Dog": PET}
    assert rules_found(requested, {"oneOf": [TEXT, cat]}, {"oneOf": [TEXT, dog]}, **schemas) == {
        "branch-renamed": "may break"
    }


NODE = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "value": TEXT}}


def test_a_schema_that_holds_itself_ends():
    old = requested({"$ref": "#/components/schemas/Node"}, Node=NODE)
    new = requested(
        {"$ref": "#/components/schemas/Node"},
        Node=NODE | {"properties": NODE["properties"] | {"value": {"type": "integer"}}},
    )
    assert [finding.place for finding in compare(old, new).findings] == ["Node in requests > value"]


@pytest.mark.parametrize(
    "loop",
    [
        {"$ref": "#/components/schemas/A"},
        {"allOf": [{"$ref": "#/components/schemas/A"}]},
        {"oneOf": [{"$ref": "#/components/schemas/A"}, TEXT]},
        {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
        {"not": {"$ref": "#/components/schemas/A"}},
        {"allOf": [{"properties": {"a": {"$ref": "#/components/schemas/A"}}}, {"properties": {"a": {}}}]},
        {"properties": {"a": {"$ref": "#/components/schemas/A", "default": 1}}},
    ],
)
def test_references_in_a_circle_end(loop):
    circle = requested({"$ref": "#/components/schemas/A"}, "3.1.0", A=loop)
    for other in (
        circle,
        requested(TEXT, "3.1.0"),
        requested({"$ref": "#/components/schemas/Node"}, "3.1.0", Node=NODE),
    ):
        compare(circle, other)
        compare(other, circle)
    assert compare(circle, circle).breaks == 0


def test_circles_of_different_lengths_do_not_take_for_ever(monkeypatch):
    monkeypatch.setattr("analysis.contract_walk.MAX_PAIRS", 100)

    def circle(length):
        nodes = {
            f"N{n}": {
                "type": "object",
                "properties": {"next": {"$ref": f"#/components/schemas/N{(n + 1) % length}"}},
            }
            for n in range(length)
        }
        return requested({"$ref": "#/components/schemas/N0"}, **nodes)

    findings = compare(circle(97), circle(89)).findings
    assert [finding.rule for finding in findings] == ["not-judged"]
    assert "too many to compare" in findings[0].place


@pytest.mark.parametrize(
    "reference", ["other.yaml#/Pet", "https://example.org/pet.json", "#/components/schemas/Gone", "#x"]
)
def test_a_reference_that_leads_nowhere_here_is_not_judged_even_if_it_did_not_change(reference):
    schema = holding({"$ref": reference})
    assert rules_found(requested, schema, schema) == {"not-judged": "may break"}


def test_what_stands_beside_a_reference_that_leads_nowhere_is_judged_all_the_same():
    elsewhere = {"$ref": "other.yaml#/Pet"}
    old = {"allOf": [elsewhere, holding(TEXT)]}
    new = {"allOf": [elsewhere, holding({"type": "integer"})]}
    assert rules_found(requested, old, new) == {"not-judged": "may break", "request-type-changed": "breaks"}
