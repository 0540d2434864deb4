"""Which alternatives of a union (`oneOf`, `anyOf`) in two versions are the same one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from analysis.contract_document import Document, mapping, same

# Above this many pairs, alternatives without a name are compared by their kind alone.
_MAX_PAIRS = 10_000


class Alternative(NamedTuple):
    """One schema of a union, at its `position` from 0."""

    position: int
    node: Any

    @property
    def name(self) -> str:
        """What it is called: its reference, its title, or its number from 1."""
        title = reference_of(self.node) or mapping(self.node).get("title")
        return f"|{title}" if title else f"|{self.position + 1}"


class Paired(NamedTuple):
    """The alternatives of two versions: those that belong together, and those of one version only."""

    both: list[tuple[Alternative, Alternative]]
    removed: list[Alternative]
    added: list[Alternative]


def short_name(pointer: str) -> str:
    """Return a reference as a person would call it: "Pet" for "#/components/schemas/Pet"."""
    return pointer.removeprefix("#/components/schemas/")


def reference_of(node: Any) -> str | None:
    """Return the short name of what `node` refers to, None for a schema written in its place."""
    reference = mapping(node).get("$ref")
    return short_name(reference) if isinstance(reference, str) else None


def pair_alternatives(old: Document, new: Document, before: list[Any], after: list[Any]) -> Paired:
    """Pair alternatives: of one reference, then those that say the same, then of one title, then of one type.

    If only one is left in each version, they are a pair too.
    """
    left, right = ([Alternative(*each) for each in enumerate(nodes)] for nodes in (before, after))
    both: list[tuple[Alternative, Alternative]] = []
    for alike in _likenesses(old, new, len(left) * len(right) <= _MAX_PAIRS):
        for one in list(left):
            other = next((each for each in right if alike(one.node, each.node)), None)
            if other:
                left.remove(one)
                right.remove(other)
                both.append((one, other))
    if len(left) == len(right) == 1:
        both.append((left.pop(), right.pop()))
    return Paired(both, left, right)


def _likenesses(old: Document, new: Document, thoroughly: bool) -> list[Callable[[Any, Any], bool]]:
    def of_one_reference(one: Any, other: Any) -> bool:
        return reference_of(one) is not None and reference_of(one) == reference_of(other)

    def the_same(one: Any, other: Any) -> bool:
        return thoroughly and same(old, new, one, other)

    def of_one_title(one: Any, other: Any) -> bool:
        title = mapping(old.resolve(one).node).get("title")
        return title is not None and title == mapping(new.resolve(other).node).get("title")

    def of_one_type(one: Any, other: Any) -> bool:
        if reference_of(one) or reference_of(other):
            return False
        kind = mapping(one).get("type")
        return kind is not None and kind == mapping(other).get("type")

    return [of_one_reference, the_same, of_one_title, of_one_type]


def further_parts(parts: list[Any], others: list[Any]) -> list[str]:
    """Return the names of the parts that aren't among `others`, if all the `others` are among the parts."""
    if not all(other in parts for other in others):
        return []
    return [short_name(str(part["$ref"])) for part in parts if part not in others and "$ref" in mapping(part)]
