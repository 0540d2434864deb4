"""What two versions of a contract have of one name each, and how each schema reads: made once for both directions."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from analysis.contract_document import Document, mapping, same
from analysis.contract_keywords import Change, leaf_changes
from analysis.contract_leaves import is_leaf
from analysis.contract_view import View, may_be_flagged, view

Direction = Literal["request", "response"]


class Task(NamedTuple):
    """Two schemas to compare in one place; `is_text` for a value in an address or a header."""

    old: Any
    new: Any
    place: str
    direction: Direction
    is_text: bool


class LeafPair(NamedTuple):
    """Two leaves that differ: what they are called in their schema, which two `nodes` they are, and what changed.

    `nodes` is one number: a set of numbers costs the garbage collector nothing, and there are thousands. `changes` is
    None where the two have to be looked at whole.
    """

    part: str
    old: Any
    new: Any
    nodes: int
    changes: list[Change] | None


class Pairs(NamedTuple):
    """What two schemas hold of one name each; the leaves that differ apart. `others` are (name, old, new)."""

    leaves: list[LeafPair]
    others: list[tuple[str, Any, Any]]
    deprecated: list[str]


class Versions:
    """The two documents, and what was made of their schemas so far."""

    def __init__(self, old: Document, new: Document):
        self.old, self.new = old, new
        self._pairs: dict[tuple[int, int], tuple[Mapping[str, Any], Mapping[str, Any], Pairs]] = {}
        self._plain: dict[tuple[int, int], tuple[Any, Any, Pairs | None]] = {}
        self._views: dict[tuple[int, int], tuple[Any, View]] = {}

    def same(self, old: Any, new: Any) -> bool:
        """Return whether two parts say the same, annotations apart and behind their references."""
        return same(self.old, self.new, old, new)

    def pairs(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Pairs:
        """Return what `old` and `new` have of one name each; it is the same for both directions, so it is made once."""
        identity = id(old), id(new)
        if identity not in self._pairs:
            both = [(name, one, new[name]) for name, one in old.items() if name in new]
            self._pairs[identity] = old, new, self.paired(both)
        return self._pairs[identity][2]

    def paired(self, both: Iterable[tuple[str, Any, Any]]) -> Pairs:
        """Return pairs of schemas, each with what it is called ("": as its place), without leaves that say the same."""
        pairs = Pairs([], [], [])
        for part, old, new in both:
            if not (is_leaf(old) and is_leaf(new)):
                pairs.others.append((part, old, new))
            elif old != new and (changes := leaf_changes(old, new)) != []:  # 1 and 1.0 are one number in JSON
                pairs.leaves.append(LeafPair(part, old, new, id(old) << 64 | id(new), changes))
            if (
                type(new) is dict
                and new.get("deprecated") is True
                and mapping(old).get("deprecated") is not True
            ):
                pairs.deprecated.append(part)
        return pairs

    def plain_pairs(self, old: Any, new: Any) -> Pairs | None:
        """Return the pairs of two objects that differ in their properties' schemas only; None for any other two.

        Both directions carry all those properties; that is found out once.
        """
        identity = id(old), id(new)
        if identity not in self._plain:
            properties = _plain_properties(old, new)
            self._plain[identity] = old, new, None if properties is None else self.pairs(*properties)
        return self._plain[identity][2]

    def view(self, document: Document, node: Any) -> View:
        """Return `node` with its `allOf` merged; it is the same for both directions, so it is made once."""
        identity = id(document), id(node)
        if identity not in self._views:
            self._views[identity] = node, view(document, node)
        return self._views[identity][1]


def _plain_properties(old: Any, new: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return the properties of two objects if nothing but their schemas is left to be compared."""
    before, after = mapping(old).get("properties"), mapping(new).get("properties")
    if type(before) is not dict or type(after) is not dict or before.keys() != after.keys():
        return None
    one, other = ({**node, "properties": None} for node in (old, new))
    if not (is_leaf(one) and is_leaf(other)) or leaf_changes(one, other) != []:
        return None
    flagged = any(may_be_flagged(node) for each in (before, after) for node in each.values())
    return None if flagged else (before, after)
