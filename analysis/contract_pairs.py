"""What two versions of a contract have of one name each, and how each schema reads: made once for both directions."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from analysis.contract_document import Document, mapping, same
from analysis.contract_leaves import Leaves
from analysis.contract_view import View, view

Direction = Literal["request", "response"]


class Task(NamedTuple):
    """Two schemas to compare in one place; `is_text` for a value in an address or a header."""

    old: Any
    new: Any
    place: str
    direction: Direction
    is_text: bool


class LeafPair(NamedTuple):
    """Two leaves that differ: what they are called in their schema, their numbers, and which nodes they are."""

    part: str
    old: Any
    new: Any
    numbers: tuple[int, int]
    ids: tuple[int, int]


class Pairs(NamedTuple):
    """What two schemas hold of one name each; the leaves that differ apart. `others` are (name, old, new)."""

    leaves: list[LeafPair]
    others: list[tuple[str, Any, Any]]
    deprecated: list[str]


class Versions:
    """The two documents, and what was made of their schemas so far."""

    def __init__(self, old: Document, new: Document):
        self.old, self.new = old, new
        # Documents have the same few leaves in thousands of places: leaves that say the same have one number.
        self._leaves = Leaves()
        self._pairs: dict[tuple[int, int], tuple[Mapping[str, Any], Mapping[str, Any], Pairs]] = {}
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
        number, pairs = self._leaves.number, Pairs([], [], [])
        for part, old, new in both:
            before, after = number(old), number(new)
            if before is None or after is None:
                pairs.others.append((part, old, new))
            elif before != after and old != new:  # 1 and 1.0 are one number in JSON
                pairs.leaves.append(LeafPair(part, old, new, (before, after), (id(old), id(new))))
            if (
                type(new) is dict
                and new.get("deprecated") is True
                and mapping(old).get("deprecated") is not True
            ):
                pairs.deprecated.append(part)
        return pairs

    def view(self, document: Document, node: Any) -> View:
        """Return `node` with its `allOf` merged; it is the same for both directions, so it is made once."""
        identity = id(document), id(node)
        if identity not in self._views:
            self._views[identity] = node, view(document, node)
        return self._views[identity][1]
