"""Schemas that hold no other ones: the leaves of a document, most of which are alike; and what the others hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.contract_alternatives import Alternative
from analysis.contract_document import ANNOTATIONS, is_meaningful, mapping, sequence

# The keywords and what they say, in turn: a text as it is, anything else as its kind and how Python writes it.
LeafKey = tuple[str | type, ...]


class Leaves:
    """Numbers the leaves by what they say: two that say the same have one number. Each node is read once."""

    def __init__(self) -> None:
        self._number_of: dict[LeafKey, int] = {}
        self._read: dict[int, int] = {}
        self._nodes: list[Any] = []  # kept, so that no other one takes the id of one that was read

    def number(self, leaf: Any) -> int:
        """Return the number of a leaf."""
        identity = id(leaf)
        if identity not in self._read:
            self._nodes.append(leaf)
            self._read[identity] = self._number_of.setdefault(_leaf_key(leaf), len(self._number_of))
        return self._read[identity]


def is_leaf(node: Any) -> bool:
    """Return whether a schema holds no other one and no reference."""
    if type(node) is not dict or "$ref" in node:
        return False
    for value in node.values():
        kind = type(value)
        if kind is dict or (kind is list and any(type(each) is dict for each in value)):
            return False
    return True


def _leaf_key(leaf: Mapping[str, Any]) -> LeafKey:
    """Return what identifies a leaf: its keys and values with their types, without annotations."""
    parts: list[str | type] = []
    for key, value in leaf.items():
        if key in ANNOTATIONS or (key.startswith("x-") and not is_meaningful(key)):
            continue
        kind = type(value)
        parts += (key, value) if kind is str else (key, kind, repr(value))
    return tuple(parts)


def schemas_inside(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the schemas directly inside one, each with what it is called there."""
    yield from mapping(node.get("properties")).items()
    for keyword, part in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(keyword), dict):
            yield part, node[keyword]
    yield from (("", part) for part in sequence(node.get("allOf")))
    for keyword in ("oneOf", "anyOf"):
        yield from ((Alternative(*each).name, each[1]) for each in enumerate(sequence(node.get(keyword))))
