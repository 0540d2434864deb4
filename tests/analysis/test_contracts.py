"""Two versions of a contract: operations, parameters, bodies, responses, security."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contract_document import Document, same
from analysis.contracts import METHODS, compare
from tests.analysis.documents import document, with_operation

TEXT = {"schema": {"type": "string"}}


def sentences(old: dict, new: dict) -> list[str]:
    return [f"{finding.severity}: {finding.sentence}" for finding in compare(old, new).findings]


def query(**more) -> dict:
    return {"name": "limit", "in": "query"} | TEXT | more


def with_parameters(*parameters) -> dict:
    return with_operation({"parameters": list(parameters)})


def with_responses(**responses) -> dict:
    return with_operation(
        {"responses": {status.strip("_"): response for status, response in responses.items()}}
    )


JSON = {"content": {"application/json": TEXT}}
PLAIN = {"content": {"text/plain": TEXT}}

CHANGES = {
    "operation removed": (with_operation({}), document(), ["breaks: POST /loans: operation removed."]),
    "operation added": (document(), with_operation({}), ["harmless: POST /loans: operation added."]),
    "deprecated": (
        with_operation({}),
        with_operation({"deprecated": True}),
        ["harmless: POST /loans: marked as deprecated."],
    ),
    "operation id": (
        with_operation({"operationId": "a"}),
        with_operation({"operationId": "b"}),
        ["harmless: POST /loans: operationId changed from a to b."],
    ),
    "servers": (
        document(servers=[{"url": "https://a"}]),
        document(servers=[{"url": "https://b"}]),
        ["harmless: document: servers changed."],
    ),
    "parameter removed": (
        with_parameters(query()),
        with_parameters(),
        ["may break: POST /loans query limit: parameter removed."],
    ),
    "parameter added": (
        with_parameters(),
        with_parameters(query()),
        ["harmless: POST /loans query limit: optional parameter added."],
    ),
    "required parameter added": (
        with_parameters(),
        with_parameters(query(required=True)),
        ["breaks: POST /loans query limit: required parameter added."],
    ),
    "parameter became required": (
        with_parameters(query()),
        with_parameters(query(required=True)),
        ["breaks: POST /loans query limit: parameter became required."],
    ),
    "parameter became optional": (
        with_parameters(query(required=True)),
        with_parameters(query()),
        ["harmless: POST /loans query limit: parameter became optional."],
    ),
    "parameter written differently": (
        with_parameters(query()),
        with_parameters(query(explode=False)),
        ["breaks: POST /loans query limit: is written differently: form, exploded, now form."],
    ),
    "a default of OpenAPI spelled out": (
        with_parameters(query()),
        with_parameters(query(style="form", explode=True, required=False)),
        [],
    ),
    "text accepts what a number was": (
        with_parameters(query(schema={"type": "integer"})),
        with_parameters(query()),
        ["harmless: POST /loans query limit: type widened from integer to string."],
    ),
    "header names know no case": (
        with_parameters({"name": "X-Trace", "in": "header"} | TEXT),
        with_parameters({"name": "x-trace", "in": "header"} | TEXT),
        [],
    ),
    "headers that OpenAPI ignores": (
        with_parameters(),
        with_parameters({"name": "Authorization", "in": "header", "required": True} | TEXT),
        [],
    ),
    "parameter field that no rule reads": (
        with_parameters(query()),
        with_parameters(query(allowEmptyValue=True)),
        ["may break: POST /loans query limit > allowEmptyValue: changed in a way that no rule judges."],
    ),
    "body removed": (
        with_operation({"requestBody": JSON}),
        with_operation({}),
        ["may break: POST /loans request: request body removed."],
    ),
    "body added": (
        with_operation({}),
        with_operation({"requestBody": JSON}),
        ["harmless: POST /loans request: optional request body added."],
    ),
    "required body added": (
        with_operation({}),
        with_operation({"requestBody": JSON | {"required": True}}),
        ["breaks: POST /loans request: required request body added."],
    ),
    "body became required": (
        with_operation({"requestBody": JSON}),
        with_operation({"requestBody": JSON | {"required": True}}),
        ["breaks: POST /loans request: request body became required."],
    ),
    "media type of a request replaced": (
        with_operation({"requestBody": JSON}),
        with_operation({"requestBody": PLAIN}),
        [
            "breaks: POST /loans request application/json: media type no longer accepted.",
            "harmless: POST /loans request text/plain: media type accepted too.",
        ],
    ),
    "media type of a response replaced": (
        with_responses(_200=JSON),
        with_responses(_200=PLAIN),
        [
            "breaks: POST /loans response 200 application/json: media type no longer returned.",
            "harmless: POST /loans response 200 text/plain: media type returned too.",
        ],
    ),
    "parameters of a media type": (
        with_responses(_200=JSON),
        with_responses(_200={"content": {"Application/JSON; charset=utf-8": TEXT}}),
        [],
    ),
    "encoding": (
        with_responses(_200={"content": {"text/plain": TEXT}}),
        with_responses(_200={"content": {"text/plain": TEXT | {"encoding": {"a": {}}}}}),
        ["may break: POST /loans response 200 text/plain > encoding: changed in a way that no rule judges."],
    ),
    "successful response removed": (
        with_responses(_200=JSON, _400=JSON),
        with_responses(_400=JSON),
        ["breaks: POST /loans response 200: successful response removed."],
    ),
    "error removed, another added": (
        with_responses(_400=JSON),
        with_responses(_404=JSON),
        [
            "may break: POST /loans response 400: response removed.",
            "harmless: POST /loans response 404: response added.",
        ],
    ),
    "links": (
        with_responses(_200=JSON),
        with_responses(_200=JSON | {"links": {"next": {"operationId": "x"}}}),
        ["may break: POST /loans response 200 > links: changed in a way that no rule judges."],
    ),
    "header removed": (
        with_responses(_200={"headers": {"X-Rate": TEXT}}),
        with_responses(_200={"headers": {}}),
        ["may break: POST /loans response 200 header x-rate: optional header removed."],
    ),
    "required header removed": (
        with_responses(_200={"headers": {"X-Rate": TEXT | {"required": True}}}),
        with_responses(_200={}),
        ["breaks: POST /loans response 200 header x-rate: required header removed."],
    ),
    "header became optional": (
        with_responses(_200={"headers": {"X-Rate": TEXT | {"required": True}}}),
        with_responses(_200={"headers": {"x-rate": TEXT}}),
        ["breaks: POST /loans response 200 header x-rate: header became optional."],
    ),
    "header added": (
        with_responses(_200={}),
        with_responses(_200={"headers": {"X-Rate": TEXT}}),
        ["harmless: POST /loans response 200 header x-rate: header added."],
    ),
    "header changed": (
        with_responses(_200={"headers": {"X-Rate": TEXT}}),
        with_responses(_200={"headers": {"X-Rate": {"schema": {"type": "boolean"}}}}),
        ["harmless: POST /loans response 200 header x-rate: type narrowed from string to boolean."],
    ),
    "dialect": (
        document("3.1.0"),
        document("3.1.0", jsonSchemaDialect="https://example.org/dialect"),
        ["may break: document > jsonSchemaDialect: changed in a way that no rule judges."],
    ),
    "stability lowered": (
        with_operation({}),
        with_operation({"x-stability-level": "alpha"}),
        ["may break: POST /loans: is less stable: stable, now alpha."],
    ),
    "stability raised": (
        with_operation({"x-stability-level": "beta"}),
        with_operation({"x-stability-level": "stable"}),
        ["harmless: POST /loans: is more stable: beta, now stable."],
    ),
    "stability that nobody knows": (
        with_operation({}),
        with_operation({"x-stability-level": "rocky"}),
        ["may break: POST /loans > x-stability-level: changed in a way that no rule judges."],
    ),
    "other extensions": (with_operation({"x-owner": "a"}), with_operation({"x-owner": "b"}), []),
    "version of OpenAPI": (with_operation({}, "3.0.3"), with_operation({}, "3.1.0"), []),
}


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_said_in_one_sentence_each(old, new, expected):
    assert sentences(old, new) == expected
    assert sentences(old, old) == []


# Paths.


def path(template: str, item: dict) -> dict:
    return document(paths={template: item})


def of_path(name: str) -> dict:
    return {"name": name, "in": "path", "required": True} | TEXT


def test_a_parameter_of_the_path_may_be_called_differently():
    old = path("/loans/{id}", {"get": {"parameters": [of_path("id")], "responses": {}}})
    new = path("/loans/{loan}", {"parameters": [of_path("loan")], "get": {"responses": {}}})
    assert sentences(old, new) == []


def test_a_parameter_of_the_path_item_is_each_operations_unless_that_says_otherwise():
    old = path("/loans", {"parameters": [query()], "get": {}, "put": {}})
    new = path("/loans", {"parameters": [query(required=True)], "get": {}, "put": {"parameters": [query()]}})
    assert sentences(old, new) == ["breaks: GET /loans query limit: parameter became required."]


def test_a_path_item_elsewhere_in_the_document_is_read():
    shared = {"components": {"pathItems": {"Loans": {"get": {}}}}}
    old = document("3.1.0", paths={"/loans": {"$ref": "#/components/pathItems/Loans"}}, **shared)
    new = document("3.1.0", paths={"/loans": {}}, **shared)
    assert sentences(old, new) == ["breaks: GET /loans: operation removed."]


@pytest.mark.parametrize("part", ["parameters", "requestBody", "responses"])
def test_a_part_in_another_file_is_not_judged_and_never_fetched(part):
    elsewhere = {"$ref": "https://example.org/shared.yaml#/x"}
    given_ = {"parameters": [elsewhere], "responses": {"200": elsewhere}}.get(part, elsewhere)
    same_ = with_operation({part: given_})
    comparison = compare(same_, same_)
    assert [finding.rule for finding in comparison.findings] == ["not-judged"]
    assert comparison.not_judged == comparison.may_break == 1


# Who reads what: a webhook is a request that the client gets.


def test_a_webhook_is_judged_from_the_side_of_who_gets_it():
    def hook(schema):
        body = {"content": {"application/json": {"schema": schema}}}
        return document("3.1.0", webhooks={"paid": {"post": {"requestBody": body, "responses": {}}}})

    old, new = hook({"type": "string", "enum": ["a"]}), hook({"type": "string", "enum": ["a", "b"]})
    assert sentences(old, new) == [
        'may break: webhook POST paid response application/json > "b": value may be returned too.'
    ]


def test_a_callback_is_judged_from_the_side_of_who_gets_it():
    def calling(schema):
        body = {"content": {"application/json": {"schema": schema}}}
        return with_operation(
            {"callbacks": {"done": {"{$request.body#/url}": {"post": {"requestBody": body}}}}}
        )

    assert sentences(calling({"type": "string"}), calling({"type": "string", "nullable": True})) == [
        "breaks: POST /loans > callback done POST {$request.body#/url} response application/json: may be null now."
    ]


def test_callbacks_that_call_back_in_a_circle_end():
    again = {"$ref": "#/components/callbacks/Again"}
    item = {"post": {"callbacks": {"again": again}, "responses": {}}}

    def circle(**more):
        callbacks = {"Again": {"{$request.body#/url}": item | more}}
        return with_operation({"callbacks": {"again": again}}, components={"callbacks": callbacks})

    assert sentences(circle(), circle()) == []
    assert sentences(circle(), circle(get={})) == [
        "may break: POST /loans > callback again POST {$request.body#/url} > callbacks: "
        "changed in a way that no rule judges.",
        "harmless: POST /loans > callback again GET {$request.body#/url}: operation added.",
    ]


# Security.


def secured(*alternatives: dict, **scheme) -> dict:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "K"} | scheme, "oauth": {"type": "oauth2"}}
    components = {"securitySchemes": schemes}
    return with_operation({"security": list(alternatives)} if alternatives else {}, components=components)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (secured(), secured({"key": []}), "security-tightened"),
        (secured({"key": []}), secured(), "security-loosened"),
        (secured({"key": []}), secured({"key": []}, {"oauth": []}), "security-loosened"),
        (secured({"key": []}, {"oauth": []}), secured({"key": []}), "security-tightened"),
        (secured({"key": []}), secured({"key": [], "oauth": []}), "security-tightened"),
        (secured({"oauth": ["read"]}), secured({"oauth": ["read", "write"]}), "security-tightened"),
        (secured({"oauth": ["read", "write"]}), secured({"oauth": ["read"]}), "security-loosened"),
        (secured({"key": []}), secured({"key": []}, name="Key"), "not-judged"),
        (secured(), secured({}), None),
    ],
)
def test_security_breaks_where_old_credentials_are_no_longer_enough(old, new, rule):
    assert [finding.rule for finding in compare(old, new).findings] == ([rule] if rule else [])


def test_the_documents_security_holds_where_an_operation_has_none_of_its_own():
    old = with_operation({}, security=[{}])
    new = with_operation({}, security=[{"key": []}])
    assert [finding.rule for finding in compare(old, new).findings] == ["security-tightened"]
    assert compare(old, with_operation({"security": []}, security=[{"key": []}])).findings == ()


def test_references_that_lead_round_at_different_steps_are_compared_to_an_end():
    tree = {"$ref": "#/components/schemas/Tree"}
    known = Document({"openapi": "3.0.0", "components": {"schemas": {"Tree": {"items": {"items": tree}}}}})
    assert same(known, known, tree, {"items": tree})
    assert not same(known, known, tree, {"items": {"items": tree, "type": "array"}})


# Whatever is given.

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["query", "path", "a", "#/components/x/a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "parameters",
                    "requestBody",
                    "responses",
                    "content",
                    "schema",
                    "headers",
                    "security",
                    "callbacks",
                    "name",
                ]
                + [
                    "in",
                    "required",
                    "200",
                    "application/json",
                    "$ref",
                    "servers",
                    "deprecated",
                    "x-a",
                    *METHODS[:2],
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(values, values)
def test_no_document_however_odd_is_an_error(one, other):
    old, new = (
        document("3.1.0", paths={"/{a}": item}, webhooks=item, components={"x": {"a": item}}, security=item)
        for item in (one, other)
    )
    old["paths"], new["paths"] = {"/{a}": one}, {"/{b}": other}
    compare(old, new)
    assert {finding.rule for finding in compare(old, old).findings} <= {"not-judged"}
