"""A schema as the rules see it: `allOf` merged, null and const written in one way, whatever the OpenAPI version."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.contract_document import Document, is_meaningful, mapping, sequence

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
# What the rules read. Everything else that isn't an annotation goes to `unread`.
_READ_IN_PLACE = frozenset(
    (
        "format",
        "pattern",
        "default",
        "uniqueItems",
        "discriminator",
        "additionalProperties",
        "items",
        *UPPER,
        *LOWER,
    )
)
_KIND_OF = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength"),
}
_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
_DROPPED = frozenset(("allOf", "nullable", "readOnly", "writeOnly"))
_FLAGGING = frozenset(("readOnly", "writeOnly", "$ref", "allOf"))
_MAX_PARTS = 1_000


@dataclass
class View:
    """A schema with its `allOf` merged. `types` is None for any type; null is told by `null` alone.

    `null` is None where the schema doesn't say. `enum` holds each value as JSON text. `refs` are the schemas that an
    `allOf` refers to; those left out of the merging are compared by themselves.
    """

    types: frozenset[str] | None = None
    null: bool | None = None
    enum: dict[str, Any] | None = None
    keywords: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    unions: list[tuple[str, list[Any]]] = field(default_factory=list)
    unread: dict[str, Any] = field(default_factory=dict)
    problems: set[str] = field(default_factory=set)
    # The properties that several parts describe, and the schemas that all hold of each.
    _several: dict[str, list[Any]] = field(default_factory=dict)
    _schemas: dict[str, Any] | None = None
    _flaggable: list[str] | None = None

    def property_schemas(self, document: Document) -> dict[str, Any]:
        """Return the schema of each property, the same object each time; where several parts describe it, all hold."""
        if self._schemas is None:
            joined = {name: document.joined(parts, of=parts) for name, parts in self._several.items()}
            self._schemas = {**self.properties, **joined} if joined else self.properties
        return self._schemas

    def add_properties(self, schemas: Mapping[str, Any]) -> None:
        """Add what one part says of the properties."""
        if not self.properties:
            self.properties = dict(schemas)
            return
        for name, schema in schemas.items():
            if name in self.properties:
                self._several.setdefault(name, [self.properties[name]]).append(schema)
            else:
                self.properties[name] = schema

    def flaggable(self, document: Document) -> list[str]:
        """Return the names of the properties that may be readOnly or writeOnly, by themselves or by what they include."""
        if self._flaggable is None:
            schemas = self.property_schemas(document)
            self._flaggable = [name for name, node in schemas.items() if may_be_flagged(node)]
        return self._flaggable

    @property
    def is_empty(self) -> bool:
        """Whether nothing but a union is left."""
        return not (
            self.types or self.enum or self.keywords or self.properties or self.required or self.unread
        )


def parts_of(document: Document, node: Any) -> set[str]:
    """Return the pointers of the schemas that `node` includes whole, by itself or through `allOf`."""
    pointers: set[str] = set()
    left = [node]
    while left and len(pointers) < _MAX_PARTS:
        part = left.pop()
        if isinstance(part, dict):
            resolved = document.resolve(part)
            if resolved.pointer in pointers:
                continue
            if resolved.pointer:
                pointers.add(resolved.pointer)
            branch = _nullable_branch(document, mapping(resolved.node))
            left += [*sequence(mapping(resolved.node).get("allOf")), *([] if branch is None else [branch])]
    return pointers


def view(document: Document, node: Any, without: Iterable[str] = ()) -> View:
    """Return `node` as the rules see it, the parts at the pointers `without` left out."""
    seen, left, merged = set(without), [node], View()
    while left:
        resolved = document.resolve(left.pop())
        if resolved.problem:
            merged.problems.add(resolved.problem)
        if resolved.pointer and resolved.pointer in seen or len(seen) > _MAX_PARTS:
            continue
        if resolved.pointer:
            seen.add(resolved.pointer)
        if resolved.node is False:
            merged.unread["false"] = True
        branch = _nullable_branch(document, mapping(resolved.node))
        _absorb(document, merged, mapping(resolved.node), nullable=branch is not None)
        left.extend(reversed(sequence(mapping(resolved.node).get("allOf"))))
        left.extend([branch] if branch is not None else [])
    if merged.types is None:
        merged.types = _implied(merged)
    if merged.null is None and merged.types is not None:
        merged.null = False
    return merged


def _is_null(document: Document, branch: Any) -> bool:
    node = mapping(document.resolve(branch).node)
    return node.get("type") in ("null", ["null"]) or ("enum" in node and node["enum"] == [None])


def _nullable_branch(document: Document, node: Mapping[str, Any]) -> Any:
    """Return X where `node` says "X or null" by a union of the two, else None."""
    for keyword in ("oneOf", "anyOf"):
        branches = sequence(node.get(keyword))
        if len(branches) == 2:
            others = [branch for branch in branches if not _is_null(document, branch)]
            if len(others) == 1:
                return others[0]
    return None


def _absorb(document: Document, merged: View, node: Mapping[str, Any], nullable: bool) -> None:
    if nullable or (node.get("nullable") is True and "type" not in node):
        merged.null = (
            True  # 3.0 gives nullable no meaning without a type, yet it is written so beside an allOf
        )
    if nullable:
        node = {key: value for key, value in node.items() if key not in ("oneOf", "anyOf")}
    for keyword, value in _canonical(node).items():
        if keyword == "type":
            _absorb_type(merged, value)
        elif keyword == "enum" and isinstance(value, list):
            allowed = {json.dumps(each, sort_keys=True): each for each in value if each is not None}
            merged.enum = (
                allowed if merged.enum is None else {k: v for k, v in allowed.items() if k in merged.enum}
            )
        elif keyword == "properties" and isinstance(value, dict):
            merged.add_properties(value)
        elif keyword == "required" and isinstance(value, list):
            merged.required.update(name for name in value if isinstance(name, str))
        elif keyword in ("oneOf", "anyOf") and isinstance(value, list):
            _absorb_union(document, merged, keyword, value)
        elif keyword in _READ_IN_PLACE and keyword not in merged.keywords:
            merged.keywords[keyword] = value
        elif keyword in _READ_IN_PLACE:
            merged.keywords[keyword] = _both(keyword, merged.keywords[keyword], value)
        elif is_meaningful(keyword) and keyword not in _DROPPED:
            merged.unread[keyword] = [merged.unread[keyword], value] if keyword in merged.unread else value


def _canonical(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return `node` as 3.1 would write it: null among the types, exclusive limits as numbers, const as enum."""
    written = dict(node)
    types = written.get("type")
    if isinstance(types, str):
        written["type"] = [types]
    if written.get("nullable") is True and isinstance(written.get("type"), list):
        written["type"] = [*written["type"], "null"]
    for exclusive, limit in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        if isinstance(written.get(exclusive), bool) and written.pop(exclusive) and limit in written:
            written[exclusive] = written.pop(limit)
    if "const" in written:
        written["enum"] = [written.pop("const")]
    if sequence(written.get("enum")) == [None]:
        del written["enum"]
        written["type"] = ["null"]
    return written


def _absorb_type(merged: View, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        merged.unread["type"] = value
        return
    types = frozenset(value) - {"null"}
    null = "null" in value
    merged.null = (
        null if merged.null is None else merged.null and null if merged.types is not None else merged.null
    )
    merged.types = types if merged.types is None else _common(merged.types, types)


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    wide = {"integer"} if {"integer", "number"} <= one | other else set()
    return one & other | wide & (one | other)


def _absorb_union(document: Document, merged: View, keyword: str, branches: list[Any]) -> None:
    """A null among three branches or more is told by `null`, as it is among the types."""
    others = [branch for branch in branches if not _is_null(document, branch)]
    if len(others) < len(branches):
        merged.null = True
    merged.unions.append((keyword, others))


def _both(keyword: str, one: Any, other: Any) -> Any:
    """Return what holds where two parts of an `allOf` set the same keyword: the tighter."""
    if keyword in (*UPPER, *LOWER) and is_number(one) and is_number(other):
        return min(one, other) if keyword in UPPER else max(one, other)
    if keyword == "uniqueItems":
        return bool(one or other)
    if keyword == "additionalProperties" and isinstance(other, bool):
        return one if other else False
    return one if one == other else {"allOf": [one, other]} if keyword == "items" else other


def _implied(merged: View) -> frozenset[str] | None:
    """Return the type that a schema without one plainly means."""
    stated = {
        *merged.keywords,
        *(["properties"] if merged.properties else []),
        *(["required"] if merged.required else []),
    }
    if merged.enum:
        return frozenset(_KINDS.get(type(value), "object") for value in merged.enum.values())
    for kind, keywords in _KIND_OF.items():
        if stated & set(keywords):
            return frozenset((kind,))
    return None


def may_be_flagged(node: Any) -> bool:
    """Return whether a schema is readOnly or writeOnly, or includes one that may be."""
    return isinstance(node, dict) and not _FLAGGING.isdisjoint(node)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
