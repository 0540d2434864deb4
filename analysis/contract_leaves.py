"""Schemas that hold no other ones: the leaves of a document, most of which are alike; and what the others hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.contract_alternatives import Alternative
from analysis.contract_document import is_meaningful, mapping, sequence

LeafKey = tuple[tuple[str, str], ...]


def leaf_key(node: Any) -> LeafKey | None:
    """Return what a schema says, annotations apart; None for one that holds another one, or a reference."""
    if not isinstance(node, dict) or "$ref" in node:
        return None
    said = []
    for key, value in node.items():
        if isinstance(value, dict) or (
            isinstance(value, list) and any(isinstance(each, dict) for each in value)
        ):
            return None
        if is_meaningful(key):
            said.append((key, repr(value)))
    return tuple(said)


def schemas_inside(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the schemas directly inside one, each with what it is called there."""
    yield from mapping(node.get("properties")).items()
    for keyword, part in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(keyword), dict):
            yield part, node[keyword]
    yield from (("", part) for part in sequence(node.get("allOf")))
    for keyword in ("oneOf", "anyOf"):
        yield from ((Alternative(*each).name, each[1]) for each in enumerate(sequence(node.get(keyword))))
