"""Walk the schemas of two versions of a contract, and compare each pair of them once a direction.

However many operations use a schema by reference, and however documents refer in circles.
"""

from collections import deque
from typing import Any, NamedTuple

from analysis.contract_alternatives import short_name
from analysis.contract_document import Document, mapping
from analysis.contract_leaves import Leaves, schemas_inside
from analysis.contract_pairs import Direction, LeafPair, Pairs, Task, Versions
from analysis.contract_rules import NOT_JUDGED, ContractFindings
from analysis.contract_schemas import SchemaFinding, SchemaPair, is_flagged
from analysis.contract_view import parts_of

# Each pair of schemas is compared once. Documents that refer in circles could make billions of pairs.
MAX_PAIRS = 200_000
# Where other schemas are; they are compared by themselves.
_JUDGED = frozenset(("properties", "items", "additionalProperties", "allOf", "oneOf", "anyOf"))


class _LeafTask(NamedTuple):
    """Pairs of leaves in one schema to compare."""

    pairs: list[LeafPair]
    place: str
    direction: Direction
    is_text: bool


class SchemaComparison:
    """Compares pairs of schemas, as they are found, into `findings`."""

    def __init__(self, old: Document, new: Document, findings: ContractFindings):
        self.versions, self.findings = Versions(old, new), findings
        self.old, self.new = old, new
        self._queue: deque[Task | _LeafTask] = deque()
        self._seen: set[tuple[str | int, str | int, Direction, bool]] = set()
        self._nodes: list[Any] = []
        self._leaves = Leaves()
        self._of_leaves: dict[tuple[Direction, bool], dict[tuple[int, int], list[SchemaFinding]]] = {}
        self._seen_leaves: dict[tuple[Direction, bool], set[int]] = {}

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
        self.later_all(self.versions.paired([("", old, new)]), place, direction, is_text)

    def later_all(self, pairs: Pairs, place: str, direction: Direction, is_text: bool = False) -> None:
        """Put pairs of schemas in one place at the end of the queue."""
        for part, old, new in pairs.others:
            at = f"{place} > {part}" if part else place
            self._queue.append(Task(old, new, at, direction, is_text))
        if pairs.leaves:
            self._queue.append(_LeafTask(pairs.leaves, place, direction, is_text))

    def _compare(self, task: Task) -> None:
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
        if (plain := self.versions.plain_pairs(one.node, other.node)) is not None:
            self._add([SchemaFinding("deprecated", name, None, None) for name in plain.deprecated], place)
            self.later_all(plain, place, direction)
            return
        shared = parts_of(self.old, one.node) & parts_of(self.new, other.node)
        for pointer in sorted(shared):
            self.later({"$ref": pointer}, {"$ref": pointer}, place, direction, is_text)
        task = task._replace(old=one.node, new=other.node, place=place)
        self._add(self._compared(task, shared), place)

    def _compared(self, task: Task, shared: set[str]) -> list[SchemaFinding]:
        """Return what two schemas differ in; what is inside them is put at the end of the queue."""
        pair = SchemaPair(self.versions, task, shared)
        findings = pair.compare()
        for pairs, place, is_text in pair.later:
            self.later_all(pairs, place, task.direction, is_text)
        return findings

    def _compare_leaves(self, task: _LeafTask) -> None:
        """Compare schemas that hold no other ones."""
        pairs, place, direction, is_text = task
        seen = self._seen_leaves.setdefault((direction, is_text), set())
        add, is_request = self.findings.add, direction == "request"
        for part, old, new, nodes, changes in pairs:
            if nodes in seen:
                continue
            seen.add(nodes)
            at = f"{place} > {part}" if part else place
            if changes is None:
                self._add(self._compared_leaves(Task(old, new, at, direction, is_text)), at)
                continue
            for request, response, inside, before, after in changes:
                add(request if is_request else response, f"{at} > {inside}" if inside else at, before, after)

    def _compared_leaves(self, task: Task) -> list[SchemaFinding]:
        """Return what two leaves differ in; two that say what two others said are not judged again."""
        known = self._of_leaves.setdefault((task.direction, task.is_text), {})
        numbers = self._leaves.number(task.old), self._leaves.number(task.new)
        if numbers not in known:
            known[numbers] = [] if numbers[0] == numbers[1] else self._compared(task, set())
        return known[numbers]

    def _add(self, findings: list[SchemaFinding], place: str) -> None:
        for rule, part, old, new in findings:
            self.findings.add(rule, f"{place} > {part}" if part else place, old, new)

    def _compare_inside(self, task: Task) -> bool:
        """Compare what a schema, written alike in both versions, refers to. Return False if it needs a closer look."""
        place, direction, is_text = task.place, task.direction, task.is_text
        old = mapping(task.old)
        inside = [(f"{place} > {part}" if part else place, node) for part, node in schemas_inside(old)]
        hidden = "readOnly" if direction == "request" else "writeOnly"
        for _, node in inside:
            if is_flagged(self.old, node, hidden) or is_flagged(self.new, node, hidden):
                return False
        if not self.versions.same(*({key: old[key] for key in old.keys() - _JUDGED},) * 2):
            return False
        for part, node in inside:
            self.later(node, node, part, direction, is_text)
        return True
