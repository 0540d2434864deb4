"""Makes OpenAPI documents for tests, around the one part that a test is about."""

from typing import Any

from analysis.contracts import compare

TEXT = {"type": "string"}
PET = {
    "type": "object",
    "properties": {"name": TEXT, "age": {"type": "integer"}},
    "required": ["name"],
}


def document(version: str = "3.0.3", **parts: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "Loans", "version": "1"}, "paths": {}} | parts


def with_operation(operation: dict[str, Any], version: str = "3.0.3", **parts: Any) -> dict[str, Any]:
    """A document whose one operation is POST /loans."""
    return document(version, paths={"/loans": {"post": {"responses": {}} | operation}}, **parts)


def requested(schema: Any, version: str = "3.0.3", **schemas: Any) -> dict[str, Any]:
    """A document in which POST /loans takes `schema`; `schemas` are its components."""
    body = {"content": {"application/json": {"schema": schema}}}
    return with_operation({"requestBody": body}, version, components={"schemas": schemas})


def returned(schema: Any, version: str = "3.0.3", **schemas: Any) -> dict[str, Any]:
    """A document in which POST /loans returns `schema`."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "Done", "content": content}}
    return with_operation({"responses": responses}, version, components={"schemas": schemas})


def shop(version: int) -> dict[str, Any]:
    """A shop's API, as its versions 1, 2 and 3: nothing breaks from 1 to 2, eight changes break from 2 to 3."""
    address: dict[str, Any] = {
        "description": "Where the card's owner lives",
        "type": "object",
        "properties": {"city": TEXT, "state": {"type": "string", "maxLength": 1000}},
        "required": ["city"],
    }
    order: dict[str, Any] = {
        "type": "object",
        "properties": {
            "reference": {"type": "string", "example": "A-17"},
            "amount": {"type": "integer", "maximum": 10_000},
            "channel": {"type": "string", "enum": ["web", "app", "desk"]},
            "title": TEXT,
            "billing": {"$ref": "#/components/schemas/Address"},
        },
        "required": ["reference"],
    }
    receipt: dict[str, Any] = {
        "type": "object",
        "properties": {"id": TEXT, "state": {"type": "string", "enum": ["paid"]}, "when": TEXT},
        "required": ["id", "when"],
    }
    if version > 1:
        receipt["properties"]["state"]["enum"] += ["refused", "open"]
        receipt["properties"]["fee"] = {"type": "integer"}
        order["properties"]["note"] = TEXT
    if version > 2:
        address["properties"]["state"]["maxLength"] = 3
        order["properties"]["amount"]["maximum"] = 5_000
        order["properties"]["channel"]["enum"] = ["web", "app"]
        order["required"] = ["reference", "amount", "title"]
        receipt["required"] = ["id"]
        receipt["properties"]["when"] = {"type": "string", "nullable": True}
    components = {"Address": address, "Order": order, "Receipt": receipt}
    content = {
        name: {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        for name in components
    }
    done = {"200": {"description": "Done", "content": content["Receipt"]}}
    paths = {"/orders": {"post": {"requestBody": {"content": content["Order"]}, "responses": done}}}
    if version < 3:
        paths["/orders/{id}"] = {"delete": {"responses": {"204": {"description": "Gone"}}}}
    return document(paths=paths, components={"schemas": components})


def rules_found(make: Any, old: Any, new: Any, version: str = "3.0.3", **schemas: Any) -> dict[str, str]:
    """The rules of the findings between two schemas, with their severity; `make` is requested or returned."""
    comparison = compare(make(old, version, **schemas), make(new, version, **schemas))
    return {finding.rule: finding.severity for finding in comparison.findings}


def holding(schema: Any, **more: Any) -> dict[str, Any]:
    """An object whose one property x is `schema`."""
    return {"type": "object", "properties": {"x": schema}} | more
