"""Compare the schemas of two versions of a contract, each direction by its own rules.

A request is safe if all that the old schema accepted is still accepted; a response, if all that is returned now was
already promised. A schema used by reference is compared once a direction, however many operations use it.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from analysis.contract_alternatives import further_parts, pair_alternatives, reference_of, short_name
from analysis.contract_document import Document, mapping, same, sequence
from analysis.contract_leaves import Leaves, schemas_inside
from analysis.contract_rules import NOT_JUDGED, Findings
from analysis.contract_view import LOWER, UPPER, View, is_number, may_be_flagged, parts_of, view

Direction = Literal["request", "response"]

# Each pair of schemas is compared once. Documents that refer in circles could make billions of pairs.
MAX_PAIRS = 200_000
# Kinds of value that a text in an address or a header can be read as.
_SCALARS = frozenset(("integer", "number", "boolean", "string"))
# Where other schemas are; they are compared by themselves.
_JUDGED = frozenset(("properties", "items", "additionalProperties", "allOf", "oneOf", "anyOf"))
_WIDER_FORMATS = [("int32", "int64"), ("float", "double")]


class _Task(NamedTuple):
    """Two schemas to compare."""

    old: Any
    new: Any
    place: str
    direction: Direction
    is_text: bool


class _LeafPair(NamedTuple):
    """Two leaves that differ: what they are called in their schema, their numbers, and which nodes they are."""

    part: str
    old: Any
    new: Any
    numbers: tuple[int, int]
    ids: tuple[int, int]


class _Pairs(NamedTuple):
    """What two schemas hold of one name each; the leaves that differ apart. `others` are (name, old, new)."""

    leaves: list[_LeafPair]
    others: list[tuple[str, Any, Any]]
    deprecated: list[str]


class _LeafTask(NamedTuple):
    """Pairs of leaves in one schema to compare."""

    pairs: list[_LeafPair]
    place: str
    direction: Direction
    is_text: bool


class _Found(NamedTuple):
    """A finding before it has its whole place; `part` is the place within the schema, "" for the schema itself."""

    rule: str
    part: str
    old: Any
    new: Any


class SchemaComparison:
    """Compares pairs of schemas, as they are found, into `findings`."""

    def __init__(self, old: Document, new: Document, findings: Findings):
        self.old, self.new, self.findings = old, new, findings
        self._queue: deque[_Task | _LeafTask] = deque()
        self._seen: set[tuple[str | int, str | int, Direction, bool]] = set()
        self._nodes: list[Any] = []
        # Documents have the same few leaves in thousands of places: each pair of them is judged once.
        self._leaves = Leaves()
        self._of_leaves: dict[tuple[Direction, bool], dict[tuple[int, int], list[_Found]]] = {}
        self._seen_leaves: dict[tuple[Direction, bool], set[tuple[int, int]]] = {}
        self._pairs: dict[tuple[int, int], tuple[Mapping[str, Any], Mapping[str, Any], _Pairs]] = {}
        self._views: dict[tuple[int, int], tuple[Any, View]] = {}

    def compare(self, old: Any, new: Any, place: str, direction: Direction, is_text: bool = False) -> None:
        """Compare two schemas and all that they contain; `is_text` for a value in an address or a header."""
        self.later(old, new, place, direction, is_text)
        while self._queue:
            if len(self._seen) + sum(map(len, self._seen_leaves.values())) >= MAX_PAIRS:
                self.findings.add(NOT_JUDGED, "the schemas from here on, which are too many to compare")
                self._queue.clear()
            elif isinstance(task := self._queue.popleft(), _LeafTask):
                self._compare_leaves(task)
            else:
                self._compare(task)

    def later(self, old: Any, new: Any, place: str, direction: Direction, is_text: bool = False) -> None:
        """Put two schemas at the end of the queue, unless they are leaves that say the same."""
        self.later_all(self._paired([("", old, new)]), place, direction, is_text)

    def later_all(self, pairs: _Pairs, place: str, direction: Direction, is_text: bool = False) -> None:
        """Put pairs of schemas in one place at the end of the queue."""
        for part, old, new in pairs.others:
            at = f"{place} > {part}" if part else place
            self._queue.append(_Task(old, new, at, direction, is_text))
        if pairs.leaves:
            self._queue.append(_LeafTask(pairs.leaves, place, direction, is_text))

    def pairs(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> _Pairs:
        """Return what `old` and `new` have of one name each; it is the same for both directions, so it is made once."""
        identity = id(old), id(new)
        if identity not in self._pairs:
            both = [(name, one, new[name]) for name, one in old.items() if name in new]
            self._pairs[identity] = old, new, self._paired(both)
        return self._pairs[identity][2]

    def _paired(self, both: Iterable[tuple[str, Any, Any]]) -> _Pairs:
        """Return pairs of schemas, each with what it is called ("": as its place), without leaves that say the same."""
        number, pairs = self._leaves.number, _Pairs([], [], [])
        for part, old, new in both:
            before, after = number(old), number(new)
            if before is None or after is None:
                pairs.others.append((part, old, new))
            elif before != after and old != new:  # 1 and 1.0 are one number in JSON
                pairs.leaves.append(_LeafPair(part, old, new, (before, after), (id(old), id(new))))
            if (
                type(new) is dict
                and new.get("deprecated") is True
                and mapping(old).get("deprecated") is not True
            ):
                pairs.deprecated.append(part)
        return pairs

    def _compare(self, task: _Task) -> None:
        old, new, place, direction, is_text = task
        one, other = self.old.resolve(old), self.new.resolve(new)
        for problem in {one.problem, other.problem} - {None}:
            self.findings.add(NOT_JUDGED, f"{place} > {problem}")
        if one.problem or other.problem:
            return
        if one.pointer and one.pointer == other.pointer:
            place = f"{short_name(one.pointer)} in {direction}s"
        identity = (one.pointer or id(old), other.pointer or id(new), direction, is_text)
        if identity in self._seen:
            return
        self._seen.add(identity)
        self._nodes += (old, new)  # kept, so that no other node takes their ids
        if one.pointer != other.pointer:  # a schema that one side wraps or refers to shall meet itself
            one, other = one._replace(node=old), other._replace(node=new)
        elif one.node == other.node and self._compare_inside(task._replace(old=one.node, place=place)):
            return
        shared = parts_of(self.old, one.node) & parts_of(self.new, other.node)
        for pointer in sorted(shared):
            self.later({"$ref": pointer}, {"$ref": pointer}, place, direction, is_text)
        task = task._replace(old=one.node, new=other.node, place=place)
        self._add(_Comparison(self, task, shared).run(), place)

    def _compare_leaves(self, task: _LeafTask) -> None:
        """Compare schemas that hold no other ones; two that say what two others said are not judged again."""
        pairs, place, direction, is_text = task
        seen = self._seen_leaves.setdefault((direction, is_text), set())
        known = self._of_leaves.setdefault((direction, is_text), {})
        for part, old, new, numbers, ids in pairs:
            if ids not in seen:
                seen.add(ids)
                at = f"{place} > {part}" if part else place
                found = known.get(numbers)
                if found is None:
                    found = _Comparison(self, _Task(old, new, at, direction, is_text), set()).run()
                    known[numbers] = found
                self._add(found, at)

    def view(self, document: Document, node: Any) -> View:
        """Return `node` with its `allOf` merged; it is the same for both directions, so it is made once."""
        identity = id(document), id(node)
        if identity not in self._views:
            self._views[identity] = node, view(document, node)
        return self._views[identity][1]

    def _add(self, found: list[_Found], place: str) -> None:
        add = self.findings.add
        for rule, part, old, new in found:
            add(rule, f"{place} > {part}" if part else place, old, new)

    def _compare_inside(self, task: _Task) -> bool:
        """Compare what a schema, written alike in both versions, refers to. Return False if it needs a closer look."""
        place, direction, is_text = task.place, task.direction, task.is_text
        old = mapping(task.old)
        inside = [(f"{place} > {part}" if part else place, node) for part, node in schemas_inside(old)]
        hidden = "readOnly" if direction == "request" else "writeOnly"
        for _, node in inside:
            if _is_flagged(self.old, node, hidden) or _is_flagged(self.new, node, hidden):
                return False
        if not same(self.old, self.new, *({key: old[key] for key in old.keys() - _JUDGED},) * 2):
            return False
        for part, node in inside:
            self.later(node, node, part, direction, is_text)
        return True


class _Comparison:
    """Of two schemas in one place. The parts that both include by reference are compared by themselves."""

    def __init__(self, whole: SchemaComparison, task: _Task, shared: set[str]):
        self.whole, self.shared = whole, shared
        self.found: list[_Found] = []
        self.place, self.direction, self.is_text = task.place, task.direction, task.is_text
        self.is_request = task.direction == "request"
        self.nodes = task.old, task.new
        self.old = view(whole.old, task.old, shared) if shared else whole.view(whole.old, task.old)
        self.new = view(whole.new, task.new, shared) if shared else whole.view(whole.new, task.new)
        # Where a part is compared by itself or is elsewhere, what the rest doesn't say may be said there.
        self.is_partial = bool(shared or self.old.problems or self.new.problems)

    def run(self) -> list[_Found]:
        """Return what it finds in the schemas themselves; those inside them are left to be compared later."""
        self._judge()
        return self.found

    def _judge(self) -> None:
        for problem in sorted(self.old.problems | self.new.problems):
            self._add(NOT_JUDGED, problem)
        if self._is_wrapped():
            self._null()
            return
        if self._types_agree():
            self._null()
            self._enum()
            self._limits()
            self._format()
            self._pattern()
            self._properties()
            self._additional_properties()
            self._items()
        self._unions()
        self._parts()
        self._rest()

    def _add(self, rule: str, part: str = "", old: Any = None, new: Any = None) -> None:
        self.found.append(_Found(rule, part, old, new))

    def _add_either(
        self, request: str, response: str, part: str = "", old: Any = None, new: Any = None
    ) -> None:
        self._add(f"request-{request}" if self.is_request else f"response-{response}", part, old, new)

    def _later(self, old: Any, new: Any, part: str, is_text: bool = False) -> None:
        self.whole.later(old, new, f"{self.place} > {part}", self.direction, is_text)

    def _same(self, old: Any, new: Any) -> bool:
        return same(self.whole.old, self.whole.new, old, new)

    def _is_wrapped(self) -> bool:
        """Judge a schema that became one alternative of a union, or was one and stands alone now."""
        old, new = self.old, self.new
        if new.unions and new.is_empty and not old.unions and not old.is_empty:
            self._add_either("wrapped", "wrapped")
            self._branches([self.nodes[0]], new.unions[0][1])
        elif old.unions and old.is_empty and not new.unions and not new.is_empty:
            self._branches(old.unions[0][1], [self.nodes[1]])
        else:
            return False
        return True

    def _types_agree(self) -> bool:
        """Return whether the rest can be compared: the types are the same, or one includes the other."""
        old, new = self.old.types, self.new.types
        if old == new or (self.is_partial and None in (old, new)):
            return True
        widened, narrowed = self._covers(new, old), self._covers(old, new)
        shown = _types(old), _types(new)
        if self.is_request:
            self._add("request-type-widened" if widened else "request-type-changed", "", *shown)
        else:
            self._add("response-type-narrowed" if narrowed else "response-type-changed", "", *shown)
        return bool(old and new and (widened or narrowed))

    def _covers(self, wide: frozenset[str] | None, narrow: frozenset[str] | None) -> bool:
        if wide is None or narrow is None:
            return wide is None
        if self.is_text and "string" in wide and narrow <= _SCALARS:
            return True
        return all(kind in wide or (kind == "integer" and "number" in wide) for kind in narrow)

    def _null(self) -> None:
        old, new = (
            each.null if each.null is not None or not self.is_partial else False
            for each in (self.old, self.new)
        )
        if old is None or new is None or old == new:
            return
        self._add_either(*(("became-nullable",) * 2 if new else ("no-longer-nullable",) * 2))

    def _enum(self) -> None:
        old, new = self.old.enum, self.new.enum
        if old is None and new is not None:
            self._add_either("enum-set", "enum-set")
        elif old is not None and new is None:
            self._add_either("enum-dropped", "enum-dropped")
        elif old is not None and new is not None:
            for value in old.keys() - new.keys():
                self._add_either("value-removed", "value-removed", value)
            for value in new.keys() - old.keys():
                self._add_either("value-added", "value-added", value)

    def _limits(self) -> None:
        if not self.old.keywords and not self.new.keywords:
            return
        for keyword in (*UPPER, *LOWER):
            old, new = self.old.keywords.get(keyword), self.new.keywords.get(keyword)
            if keyword in LOWER and keyword.startswith("min") and keyword != "minimum":
                old, new = old or None, new or None  # at least 0 is no limit
            if any(limit is not None and not is_number(limit) for limit in (old, new)):
                self._unless_same(keyword, old, new)
            elif old is None and new is not None:
                self._add_either("limit-set", "limit-tightened", keyword, "none", new)
            elif old is not None and new is None:
                self._add_either("limit-loosened", "limit-loosened", keyword, old, "none")
            elif old != new and old is not None and new is not None:
                tighter = (new < old) == (keyword in UPPER)
                self._add_either(
                    *(("limit-tightened",) * 2 if tighter else ("limit-loosened",) * 2), keyword, old, new
                )
        old, new = (bool(each.keywords.get("uniqueItems")) for each in (self.old, self.new))
        if old != new:
            self._add_either(
                *(("limit-tightened",) * 2 if new else ("limit-loosened",) * 2), "uniqueItems", old, new
            )

    def _format(self) -> None:
        old, new = self.old.keywords.get("format"), self.new.keywords.get("format")
        if old == new:
            return
        if self.is_request and (new is None or (old, new) in _WIDER_FORMATS):
            self._add("request-format-widened", "", old, new)
        elif not self.is_request and (new, old) in _WIDER_FORMATS:
            self._add("response-format-narrowed", "", old, new)
        else:
            self._add_either("format-changed", "format-changed", "", old, new)

    def _pattern(self) -> None:
        old, new = self.old.keywords.get("pattern"), self.new.keywords.get("pattern")
        if old != new:
            if_dropped = "pattern-dropped" if new is None else "pattern-changed"
            if_set = "pattern-set" if old is None else "pattern-changed"
            self._add_either(if_dropped, if_set, "", old, new)
        old, new = self.old.keywords.get("default"), self.new.keywords.get("default")
        if old != new:
            self._add_either("default-changed", "default-changed", "", old, new)

    def _properties(self) -> None:
        old, new = self._visible(self.old, self.whole.old), self._visible(self.new, self.whole.new)
        if old.keys() != new.keys():
            self._other_properties(old, new)
        pairs = self.whole.pairs(old, new)
        for name in pairs.deprecated:
            self._add("deprecated", name)
        self.whole.later_all(pairs, self.place, self.direction)
        for name in self.old.required ^ self.new.required:
            is_listed = name in self.old.properties or name in self.new.properties
            if not is_listed or (name in old and name in new):
                self._requiredness(name, new.get(name))

    def _other_properties(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Judge the properties of one version only, unless they moved to a schema that is compared by itself."""
        for name in old.keys() - new.keys() - self._everywhere(self.whole.new, self.nodes[1]):
            self._property_removed(name)
        for name in new.keys() - old.keys() - self._everywhere(self.whole.old, self.nodes[0]):
            required = "-required" if name in self.new.required else ""
            self._add_either(f"property-added{required}", "property-added", name)

    def _everywhere(self, document: Document, node: Any) -> set[str]:
        """Return the names of all properties of a schema, those of included schemas among them."""
        return set(self._visible(self.whole.view(document, node), document)) if self.shared else set()

    def _visible(self, each: View, document: Document) -> Mapping[str, Any]:
        """Return the properties that this direction carries: no readOnly in requests, no writeOnly in responses."""
        hidden = "readOnly" if self.is_request else "writeOnly"
        schemas = each.property_schemas(document)
        flagged = {name for name in each.flaggable(document) if _is_flagged(document, schemas[name], hidden)}
        return {name: schemas[name] for name in schemas if name not in flagged} if flagged else schemas

    def _property_removed(self, name: str) -> None:
        required = "-required" if name in self.old.required else ""
        self._add_either("property-removed", f"property-removed{required}", name)

    def _requiredness(self, name: str, node: Any) -> None:
        if name not in self.new.required:
            self._add_either("property-became-optional", "property-became-optional", name)
            return
        default = "-default" if "default" in mapping(self.whole.new.resolve(node).node) else ""
        self._add_either(f"property-became-required{default}", "property-became-required", name)

    def _additional_properties(self) -> None:
        old, new = (each.keywords.get("additionalProperties", True) for each in (self.old, self.new))
        if old is False and new is not False:
            self._add_either("opened", "opened")
        elif new is False and old is not False:
            self._add_either("closed", "closed")
        elif isinstance(old, dict) or isinstance(new, dict):
            self._later({} if old is True else old, {} if new is True else new, "{}")

    def _items(self) -> None:
        old, new = (each.keywords.get("items") for each in (self.old, self.new))
        if old is not None or new is not None:
            self._later({} if old is None else old, {} if new is None else new, "[]", self.is_text)

    def _unions(self) -> None:
        old, new = self.old.unions, self.new.unions
        if len(old) != len(new) or [kind for kind, _ in old] != [kind for kind, _ in new]:
            self._unless_same("alternatives", [each for _, each in old], [each for _, each in new])
            return
        for (_, before), (_, after) in zip(old, new, strict=True):
            self._branches(before, after)

    def _branches(self, old: list[Any], new: list[Any]) -> None:
        paired = pair_alternatives(self.whole.old, self.whole.new, old, new)
        for one, other in paired.both:
            before, after = reference_of(one.node), reference_of(other.node)
            if before and after and before != after:  # a client may tell by the name which one it got
                self._add("branch-renamed", one.name, None, after)
            self._later(one.node, other.node, one.name)
        for one in paired.removed:
            self._add_either("branch-removed", "branch-removed", one.name)
        for other in paired.added:
            self._add_either("branch-added", "branch-added", other.name)

    def _parts(self) -> None:
        """Judge a schema that `allOf` includes by name beside those that it included before, or no longer."""
        old, new = ([*sequence(mapping(node).get("allOf"))] for node in self.nodes)
        if self.is_request and old and len(new) > len(old):
            for part in further_parts(new, old):
                self._add("request-part-added", "", None, part)
        elif not self.is_request and new and len(old) > len(new):
            for part in further_parts(old, new):
                self._add("response-part-removed", "", part)

    def _rest(self) -> None:
        self._discriminator()
        for keyword in self.old.unread.keys() | self.new.unread.keys():
            self._unless_same(keyword, *(_only(keyword, each.unread) for each in (self.old, self.new)))

    def _discriminator(self) -> None:
        old, new = (each.keywords.get("discriminator") for each in (self.old, self.new))
        if old == new:
            return
        one, other = mapping(old), mapping(new)
        before, after = mapping(one.get("mapping")), mapping(other.get("mapping"))
        known = all(name in after and after[name] == value for name, value in before.items())
        extended = known and old and new and one.get("propertyName") == other.get("propertyName")
        self._add("discriminator-extended" if extended else "discriminator-changed")

    def _unless_same(self, keyword: str, old: Any, new: Any) -> None:
        if not self._same(old, new):
            self._add(NOT_JUDGED, keyword)


def _only(keyword: str, node: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: node[keyword]} if keyword in node else {}


def _types(kinds: frozenset[str] | None) -> Any:
    return kinds if kinds is not None else "any"


def _is_flagged(document: Document, node: Any, flag: str) -> bool:
    """Return whether a property carries a flag, itself or in a schema that it includes."""
    if not may_be_flagged(node):
        return False
    parts = [node, document.resolve(node).node, *sequence(node.get("allOf"))]
    return any(mapping(part).get(flag) is True for part in parts)
