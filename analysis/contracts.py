"""Compare two versions of a contract: what breaks a client of the old one, what may, and what is harmless.

comparison = compare(old, new)        two OpenAPI 3.0 or 3.1 documents as dictionaries
comparison.breaks                     how many findings break; also `may_break` and `harmless`
comparison.findings                   each with its key, rule, place, severity and sentence

Whatever changed and no rule reads is a finding too ("changed in a way that no rule judges", may break): a clean
comparison means that everything was judged. Annotations (descriptions, examples, "x-..." but for three) and the order
of keys never make a finding. References into other files are not followed, so they are not judged either.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analysis.contract_document import ANNOTATIONS, Document, is_meaningful, mapping, same, sequence
from analysis.contract_pairs import Direction
from analysis.contract_rules import NOT_JUDGED, Comparison, ContractFindings
from analysis.contract_walk import SchemaComparison
from analysis.garbage import uncollected

STABILITY = "x-stability-level"
# From the least stable; an operation that says nothing is stable.
_LEVELS = ("draft", "alpha", "beta", "stable")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_READ = {
    "document": {"openapi", "info", "servers", "paths", "webhooks", "components", "security"},
    "path": {"servers", "parameters", *METHODS},
    "operation": {
        "operationId",
        "servers",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "callbacks",
        STABILITY,
    },
    "parameter": {"name", "in", "required", "schema", "content", "style", "explode"},
    "body": {"required", "content"},
    "response": {"headers", "content"},
    "media type": {"schema"},
}
# OpenAPI says that parameters of these names are ignored: other fields describe them.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Return what changed between two OpenAPI 3.0 or 3.1 documents, for a client of the old one.

    The documents are taken as `services.architecture.openapi_document` reads them: plain JSON values, not nested
    deeper than 100.
    """
    whole = _Documents(Document(old), Document(new))
    with uncollected():
        whole.compare()
        return Comparison(tuple(whole.findings))


def operations_of(document: Mapping[str, Any]) -> int:
    """Return how many operations a document has, webhooks among them."""
    items = [*mapping(document.get("paths")).values(), *mapping(document.get("webhooks")).values()]
    return sum(method in mapping(item) for item in items for method in METHODS)


class _Documents:
    """Two documents, walked from the paths down to where the schemas begin."""

    def __init__(self, old: Document, new: Document):
        self.old, self.new = old, new
        self.findings = ContractFindings()
        self.schemas = SchemaComparison(old, new, self.findings)

    def compare(self) -> None:
        old, new = self.old.root, self.new.root
        self._servers(old, new, "document")
        self._unread("document", old, new, "document")
        self._paths(mapping(old.get("paths")), mapping(new.get("paths")), "")
        self._paths(mapping(old.get("webhooks")), mapping(new.get("webhooks")), "webhook ", turned=True)

    def _paths(
        self, old: Mapping[str, Any], new: Mapping[str, Any], prefix: str, turned: bool = False
    ) -> None:
        """`turned` for what the provider calls: there the client reads the requests and writes the responses."""
        for before, after in _paired(old, new):
            path = before if before is not None else after
            one, other = self._resolved(old.get(before or ""), new.get(after or ""), f"{prefix}{path}")
            if before is not None and after is not None:
                self._servers(one, other, f"{prefix}{path}")
                self._unread("path", one, other, f"{prefix}{path}")
            names = dict(zip(_names_in(after), _names_in(before), strict=True)) if before and after else {}
            for method in METHODS:
                where = f"{prefix}{method.upper()} {path}"
                self._operation((one, one.get(method)), (other, other.get(method)), where, names, turned)

    def _resolved(self, old: Any, new: Any, place: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return both behind their references; one that leads nowhere here is not judged."""
        one, other = self.old.resolve(old), self.new.resolve(new)
        for problem in {one.problem, other.problem} - {None}:
            self.findings.add(NOT_JUDGED, f"{place} > {problem}")
        if one.problem or other.problem:
            return {}, {}
        return mapping(one.node), mapping(other.node)

    def _operation(
        self,
        old: tuple[Mapping[str, Any], Any],
        new: tuple[Mapping[str, Any], Any],
        place: str,
        names: Mapping[str, str],
        turned: bool,
    ) -> None:
        (_, one), (_, other) = old, new
        if not isinstance(one, dict) or not isinstance(other, dict):
            if isinstance(one, dict) or isinstance(other, dict):
                self.findings.add("operation-removed" if isinstance(one, dict) else "operation-added", place)
            return
        self._plain_changes(one, other, place)
        self._security(one, other, place)
        request: Direction = "response" if turned else "request"
        response: Direction = "request" if turned else "response"
        self._parameters(
            self._all_parameters(self.old, *old), self._all_parameters(self.new, *new, names), place, request
        )
        self._body(one.get("requestBody"), other.get("requestBody"), place, request)
        self._responses(mapping(one.get("responses")), mapping(other.get("responses")), place, response)
        if not turned:
            self._callbacks(mapping(one.get("callbacks")), mapping(other.get("callbacks")), place)
        elif not same(self.old, self.new, one.get("callbacks"), other.get("callbacks")):
            self.findings.add(
                NOT_JUDGED, f"{place} > callbacks"
            )  # a call back of a call back may go in circles

    def _plain_changes(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        if new.get("deprecated") is True and old.get("deprecated") is not True:
            self.findings.add("operation-deprecated", place)
        if old.get("operationId") != new.get("operationId"):
            self.findings.add("operation-id-changed", place, old.get("operationId"), new.get("operationId"))
        self._servers(old, new, place)
        self._stability(old.get(STABILITY, "stable"), new.get(STABILITY, "stable"), place)
        self._unread("operation", old, new, place)

    def _stability(self, old: Any, new: Any, place: str) -> None:
        if old == new:
            return
        if old in _LEVELS and new in _LEVELS:
            lowered = _LEVELS.index(new) < _LEVELS.index(old)
            self.findings.add("stability-lowered" if lowered else "stability-raised", place, old, new)
        else:
            self.findings.add(NOT_JUDGED, f"{place} > {STABILITY}")

    def _servers(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        if not same(self.old, self.new, old.get("servers"), new.get("servers")):
            self.findings.add("servers-changed", place)

    def _unread(self, kind: str, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        """Find the fields of an object that changed and that no rule reads."""
        for key in sorted((old.keys() | new.keys()) - _READ[kind] - ANNOTATIONS):
            if is_meaningful(key) and not same(self.old, self.new, old.get(key), new.get(key)):
                self.findings.add(NOT_JUDGED, f"{place} > {key}")

    def _callbacks(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        for name in sorted(old.keys() | new.keys()):
            one, other = self._resolved(old.get(name), new.get(name), f"{place} > {name}")
            self._paths(one, other, f"{place} > callback {name} ", turned=True)

    # Security: alternatives, each a set of schemes with their scopes.

    def _security(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        before, after = _requirements(self.old, old), _requirements(self.new, new)
        if not all(any(_asks_no_more(one, other) for other in after) for one in before):
            self.findings.add("security-tightened", place)
        elif not all(any(_asks_no_more(other, one) for one in before) for other in after):
            self.findings.add("security-loosened", place)
        for scheme in sorted(
            {name for one in before for name in one} & {name for one in after for name in one}
        ):
            one, other = (
                mapping(each.root.get("components")).get("securitySchemes") for each in (self.old, self.new)
            )
            if not same(self.old, self.new, mapping(one).get(scheme), mapping(other).get(scheme)):
                self.findings.add(NOT_JUDGED, f"security scheme {scheme}")

    # Parameters, bodies, responses.

    def _all_parameters(
        self,
        document: Document,
        path: Mapping[str, Any],
        operation: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> dict[tuple[str, str], Any]:
        """Return the parameters by (where, name); a path's own come first, so that the operation's replace them."""
        parameters = {}
        for node in (*sequence(path.get("parameters")), *sequence(operation.get("parameters"))):
            resolved = document.resolve(node)
            where, name = str(mapping(resolved.node).get("in")), str(mapping(resolved.node).get("name"))
            if resolved.problem:
                parameters["elsewhere", resolved.problem] = node
            elif where == "header" and name.lower() in _IGNORED_HEADERS:
                continue
            elif where == "path":
                parameters[where, (names or {}).get(name, name)] = node
            else:
                parameters[where, name.lower() if where == "header" else name] = node
        return parameters

    def _parameters(
        self,
        old: Mapping[tuple[str, str], Any],
        new: Mapping[tuple[str, str], Any],
        place: str,
        direction: Direction,
    ) -> None:
        for where, name in sorted(old.keys() | new.keys()):
            at = f"{place} {where} {name}"
            one, other = self._resolved(old.get((where, name)), new.get((where, name)), at)
            if not one and not other:
                continue
            required = other.get("required") is True
            if (where, name) not in new:
                self.findings.add("parameter-removed", at)
            elif (where, name) not in old:
                self.findings.add("parameter-added-required" if required else "parameter-added", at)
            else:
                if required is not (one.get("required") is True):
                    self.findings.add(
                        "parameter-became-required" if required else "parameter-became-optional", at
                    )
                self._parameter(one, other, where, at, direction)

    def _parameter(
        self, old: Mapping[str, Any], new: Mapping[str, Any], where: str, place: str, direction: Direction
    ) -> None:
        if new.get("deprecated") is True and old.get("deprecated") is not True:
            self.findings.add("deprecated", place)
        self._value(old, new, where, place, direction)

    def _value(
        self, old: Mapping[str, Any], new: Mapping[str, Any], where: str, place: str, direction: Direction
    ) -> None:
        """Compare what a parameter or a header holds, and how it is written."""
        self._unread("parameter", old, new, place)
        before, after = _serialisation(old, where), _serialisation(new, where)
        if before != after:
            self.findings.add("parameter-format-changed", place, before, after)
        if "content" in old or "content" in new:
            self._content(old, new, place, direction)
        else:
            self.schemas.compare(old.get("schema", {}), new.get("schema", {}), place, direction, is_text=True)

    def _body(self, old: Any, new: Any, place: str, direction: Direction) -> None:
        place = f"{place} {direction}"
        one, other = self._resolved(old, new, place)
        required = other.get("required") is True
        if old is None or new is None:
            if new is not None:
                self.findings.add("body-added-required" if required else "body-added", place)
            elif old is not None:
                self.findings.add("body-removed", place)
            return
        if required is not (one.get("required") is True):
            self.findings.add("body-became-required" if required else "body-became-optional", place)
        self._unread("body", one, other, place)
        self._content(one, other, place, direction)

    def _content(
        self, old: Mapping[str, Any], new: Mapping[str, Any], place: str, direction: Direction
    ) -> None:
        before, after = _media_types(old), _media_types(new)
        for name in sorted(before.keys() | after.keys()):
            at = f"{place} {name}"
            if name not in after:
                self.findings.add(f"{direction}-media-type-removed", at)
            elif name not in before:
                self.findings.add(f"{direction}-media-type-added", at)
            else:
                one, other = self._resolved(before[name], after[name], at)
                self._unread("media type", one, other, at)
                self.schemas.compare(one.get("schema", {}), other.get("schema", {}), at, direction)

    def _responses(
        self, old: Mapping[str, Any], new: Mapping[str, Any], place: str, direction: Direction
    ) -> None:
        for status in sorted({key for key in old.keys() | new.keys() if is_meaningful(key)}):
            at = f"{place} {direction} {status}"
            if status not in new:
                is_success = status.startswith("2")
                self.findings.add("response-removed" if is_success else "response-error-removed", at)
            elif status not in old:
                self.findings.add("response-added", at)
            else:
                one, other = self._resolved(old[status], new[status], at)
                self._unread("response", one, other, at)
                self._headers(mapping(one.get("headers")), mapping(other.get("headers")), at, direction)
                self._content(one, other, at, direction)

    def _headers(
        self, old: Mapping[str, Any], new: Mapping[str, Any], place: str, direction: Direction
    ) -> None:
        before, after = ({name.lower(): node for name, node in each.items()} for each in (old, new))
        for name in sorted((before.keys() | after.keys()) - _IGNORED_HEADERS):
            at = f"{place} header {name}"
            one, other = self._resolved(before.get(name), after.get(name), at)
            required = one.get("required") is True
            if name not in after:
                self.findings.add("header-removed-required" if required else "header-removed", at)
            elif name not in before:
                self.findings.add("header-added", at)
            else:
                if required and other.get("required") is not True:
                    self.findings.add("header-became-optional", at)
                self._value(one, other, "header", at, direction)


def _paired(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """Yield (old path, new path): the same path, or one whose parameters are called differently, or None."""
    renamed = {_shape(path): path for path in new if path not in old}
    for path in sorted(old):
        yield path, path if path in new else renamed.pop(_shape(path), None)
    for path in sorted(renamed.values()):
        yield None, path


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _names_in(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def _serialisation(node: Mapping[str, Any], where: str) -> str:
    """Return how a parameter is written into the address or header, such as "form, exploded"."""
    style = str(node.get("style", _STYLES.get(where, "form")))
    explode = node.get("explode", style == "form")
    return f"{style}{', exploded' if explode is True else ''}"


def _media_types(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content by media type in lower case; its parameters count only where they tell two types apart."""
    content = {
        re.sub(r"\s+", "", name.lower()): value for name, value in mapping(node.get("content")).items()
    }
    plain = Counter(name.partition(";")[0] for name in content)
    return {
        name if plain[name.partition(";")[0]] > 1 else name.partition(";")[0]: value
        for name, value in content.items()
    }


def _requirements(document: Document, operation: Mapping[str, Any]) -> list[dict[str, set[str]]]:
    """Return the alternatives that an operation accepts, each as its schemes with their scopes; none asks nothing."""
    stated = operation["security"] if "security" in operation else document.root.get("security")
    alternatives: Iterable[Any] = sequence(stated) or [{}]
    return [
        {name: {str(scope) for scope in sequence(scopes)} for name, scopes in mapping(each).items()}
        for each in alternatives
    ]


def _asks_no_more(before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> bool:
    return all(name in before and scopes <= before[name] for name, scopes in after.items())
