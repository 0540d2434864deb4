"""Compare two schemas in one place, each direction by its own rules.

A request is safe if all that the old schema accepted is still accepted; a response, if all that is returned now was
already promised. The schemas inside the two are left to be compared later.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from analysis.contract_alternatives import further_parts, pair_alternatives, reference_of
from analysis.contract_document import Document, mapping, sequence
from analysis.contract_keywords import Change, enum_changes, keyword_changes, limit, limit_changes
from analysis.contract_pairs import Pairs, Task, Versions
from analysis.contract_rules import NOT_JUDGED
from analysis.contract_view import LOWER, UPPER, View, is_number, may_be_flagged, view

# Kinds of value that a text in an address or a header can be read as.
_SCALARS = frozenset(("integer", "number", "boolean", "string"))


class SchemaFinding(NamedTuple):
    """A finding before it has its whole place; `part` is the place within the schema, "" for the schema itself."""

    rule: str
    part: str
    old: Any
    new: Any


class Later(NamedTuple):
    """Schemas inside the two that were compared, and where they are."""

    pairs: Pairs
    place: str
    is_text: bool


class SchemaPair:
    """Two schemas in one place. The parts that both include by reference are compared by themselves."""

    def __init__(self, versions: Versions, task: Task, shared: set[str]):
        self.versions, self.shared = versions, shared
        self.findings: list[SchemaFinding] = []
        self.later: list[Later] = []
        self.place, self.direction, self.is_text = task.place, task.direction, task.is_text
        self.is_request = task.direction == "request"
        self.nodes = task.old, task.new
        self.old = self._view(versions.old, task.old)
        self.new = self._view(versions.new, task.new)
        # Where a part is compared by itself or is elsewhere, what the rest doesn't say may be said there.
        self.is_partial = bool(shared or self.old.problems or self.new.problems)

    def _view(self, document: Document, node: Any) -> View:
        return view(document, node, self.shared) if self.shared else self.versions.view(document, node)

    def compare(self) -> list[SchemaFinding]:
        """Return what it finds in the schemas themselves; what is inside them goes to `later`."""
        for problem in sorted(self.old.problems | self.new.problems):
            self._add(NOT_JUDGED, problem)
        if self._is_wrapped():
            self._null()
            return self.findings
        if self._types_agree():
            self._null()
            self._keywords()
            self._properties()
            self._additional_properties()
            self._items()
        self._unions()
        self._parts()
        self._rest()
        return self.findings

    def _add(self, rule: str, part: str = "", old: Any = None, new: Any = None) -> None:
        self.findings.append(SchemaFinding(rule, part, old, new))

    def _add_either(
        self, request: str, response: str, part: str = "", old: Any = None, new: Any = None
    ) -> None:
        self._add(f"request-{request}" if self.is_request else f"response-{response}", part, old, new)

    def _later(self, old: Any, new: Any, part: str, is_text: bool = False) -> None:
        self.later.append(Later(self.versions.paired([("", old, new)]), f"{self.place} > {part}", is_text))

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

    def _keywords(self) -> None:
        """Judge the list of values and the keywords that mean something by themselves."""
        self._add_changes(enum_changes(self.old.enum, self.new.enum))
        old, new = self.old.keywords, self.new.keywords
        if not old and not new:
            return
        for keyword in (*UPPER, *LOWER):
            self._limit(keyword, limit(keyword, old.get(keyword)), limit(keyword, new.get(keyword)))
        for keyword in ("uniqueItems", "format", "pattern", "default"):
            self._add_changes(keyword_changes(keyword, old.get(keyword), new.get(keyword)))

    def _limit(self, keyword: str, old: Any, new: Any) -> None:
        if all(each is None or is_number(each) for each in (old, new)):
            self._add_changes(limit_changes(keyword, old, new))
        else:
            self._unless_same(keyword, old, new)

    def _add_changes(self, changes: Iterable[Change]) -> None:
        for request, response, part, old, new in changes:
            self._add(request if self.is_request else response, part, old, new)

    def _properties(self) -> None:
        old, new = self._visible(self.old, self.versions.old), self._visible(self.new, self.versions.new)
        if old.keys() != new.keys():
            self._other_properties(old, new)
        pairs = self.versions.pairs(old, new)
        for name in pairs.deprecated:
            self._add("deprecated", name)
        self.later.append(Later(pairs, self.place, False))
        for name in self.old.required ^ self.new.required:
            is_listed = name in self.old.properties or name in self.new.properties
            if not is_listed or (name in old and name in new):
                self._requiredness(name, new.get(name))

    def _other_properties(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Judge the properties of one version only, unless they moved to a schema that is compared by itself."""
        for name in old.keys() - new.keys() - self._everywhere(self.versions.new, self.nodes[1]):
            self._property_removed(name)
        for name in new.keys() - old.keys() - self._everywhere(self.versions.old, self.nodes[0]):
            required = "-required" if name in self.new.required else ""
            self._add_either(f"property-added{required}", "property-added", name)

    def _everywhere(self, document: Document, node: Any) -> set[str]:
        """Return the names of all properties of a schema, those of included schemas among them."""
        return set(self._visible(self.versions.view(document, node), document)) if self.shared else set()

    def _visible(self, each: View, document: Document) -> Mapping[str, Any]:
        """Return the properties that this direction carries: no readOnly in requests, no writeOnly in responses."""
        hidden = "readOnly" if self.is_request else "writeOnly"
        schemas = each.property_schemas(document)
        flagged = {name for name in each.flaggable(document) if is_flagged(document, schemas[name], hidden)}
        return {name: schemas[name] for name in schemas if name not in flagged} if flagged else schemas

    def _property_removed(self, name: str) -> None:
        required = "-required" if name in self.old.required else ""
        self._add_either("property-removed", f"property-removed{required}", name)

    def _requiredness(self, name: str, node: Any) -> None:
        if name not in self.new.required:
            self._add_either("property-became-optional", "property-became-optional", name)
            return
        default = "-default" if "default" in mapping(self.versions.new.resolve(node).node) else ""
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
        paired = pair_alternatives(self.versions.old, self.versions.new, old, new)
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
        if not self.versions.same(old, new):
            self._add(NOT_JUDGED, keyword)


def _only(keyword: str, node: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: node[keyword]} if keyword in node else {}


def _types(kinds: frozenset[str] | None) -> Any:
    return kinds if kinds is not None else "any"


def is_flagged(document: Document, node: Any, flag: str) -> bool:
    """Return whether a property carries a flag, itself or in a schema that it includes."""
    if not may_be_flagged(node):
        return False
    parts = [node, document.resolve(node).node, *sequence(node.get("allOf"))]
    return any(mapping(part).get(flag) is True for part in parts)
