"""An OpenAPI document as plain dictionaries: its references, and whether two parts of it say the same."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

# What no machine acts on. Extensions ("x-...") are such too, but for two that change what is accepted or promised.
ANNOTATIONS = frozenset(
    (
        "title",
        "description",
        "summary",
        "example",
        "examples",
        "externalDocs",
        "$comment",
        "tags",
        "deprecated",
    )
)
MEANINGFUL_EXTENSIONS = frozenset(("x-extensible-enum", "x-stability-level", "x-sunset"))
# Their keys are names that somebody chose, not keywords.
_NAMED = frozenset(
    (
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "dependentRequired",
        "mapping",
    )
)
_MAX_CHAIN = 50
_MAX_COMPARED = 200_000


class Resolved(NamedTuple):
    """A part of a document behind its references: `pointer` is the last of them, None for a part in its place.

    `problem` is the reference that leads nowhere here: to another file, or to nothing; `node` is then None.
    """

    pointer: str | None
    node: Any
    problem: str | None = None


class Document:
    """An OpenAPI 3.0 or 3.1 document. References into other files are never followed."""

    def __init__(self, root: Mapping[str, Any]):
        self.root = root
        self.is_30 = str(root.get("openapi", "")).startswith("3.0")
        self._resolved: dict[str, Resolved] = {}
        # What is put together for a part of the document is made once, so that it can be recognised.
        self._whole: dict[tuple[int, ...], tuple[list[Any], dict[str, Any]]] = {}

    def resolve(self, node: Any) -> Resolved:
        """Return what `node` stands for, following its references within the document."""
        pointer, seen = None, 0
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and seen < _MAX_CHAIN:
            if not self.is_30 and (siblings := self._siblings(node)):
                return Resolved(None, self.joined([{"$ref": node["$ref"]}, siblings], of=[node]))
            target = self._target(node["$ref"])
            if target.problem:
                return target
            pointer, node, seen = target.pointer, target.node, seen + 1
        return Resolved(pointer, node) if seen < _MAX_CHAIN else Resolved(None, None, pointer)

    def joined(self, parts: list[Any], of: list[Any]) -> Any:
        """Return the schema that all `parts` make, which were made of the nodes `of`; the same one each time."""
        key = tuple(id(node) for node in of)
        return self._whole.setdefault(key, (of, {"allOf": parts}))[1]

    def _siblings(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands beside a reference and adds to it, which only 3.1 allows."""
        return {key: value for key, value in node.items() if key != "$ref" and is_meaningful(key)}

    def _target(self, reference: str) -> Resolved:
        if reference not in self._resolved:
            self._resolved[reference] = self._looked_up(reference)
        return self._resolved[reference]

    def _looked_up(self, reference: str) -> Resolved:
        if not reference.startswith("#/"):
            return Resolved(None, None, reference)
        node: Any = self.root
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, dict) and name in node:
                node = node[name]
            else:
                return Resolved(None, None, reference)
        return Resolved(reference, node)


@lru_cache(maxsize=4096)  # asked of every key of a document, which are few
def is_meaningful(key: str) -> bool:
    """Return whether a keyword says more than an annotation."""
    return key in MEANINGFUL_EXTENSIONS if key.startswith("x-") else key not in ANNOTATIONS


def same(old: Document, new: Document, a: Any, b: Any, ignore: Iterable[str] = ()) -> bool:
    """Return whether `a` of `old` and `b` of `new` say the same, annotations apart and behind their references.

    `ignore` names keywords of the outermost objects that don't count.
    """
    pairs = [(a, b, frozenset(ignore), False)]
    seen: set[tuple[int, int, frozenset[str], bool]] = set()
    while pairs:
        if len(seen) > _MAX_COMPARED:
            return False  # too intricate to say
        a, b, ignored, named = pairs.pop()
        if isinstance(a, dict) and isinstance(b, dict) and not named:
            one, other = old.resolve(a), new.resolve(b)
            if (one.problem or other.problem) and one.problem != other.problem:
                return False
            a, b = one.node, other.node
        if isinstance(a, dict) and isinstance(b, dict):
            # Where only one of them is behind a reference, they may lead round as well.
            pair = id(a), id(b), ignored, named
            if pair in seen:
                continue
            seen.add(pair)
            keys = {
                key for key in a.keys() | b.keys() if named or (is_meaningful(key) and key not in ignored)
            }
            if not keys <= a.keys() & b.keys():
                return False
            pairs.extend((a[key], b[key], frozenset(), not named and key in _NAMED) for key in keys)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            if all(isinstance(each, str) for each in (*a, *b)):  # names: their order says nothing
                a, b = sorted(a), sorted(b)
            pairs.extend((x, y, frozenset(), False) for x, y in zip(a, b, strict=True))
        elif a != b or isinstance(a, bool) is not isinstance(b, bool):
            return False
    return True


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
