"""Dependencies that a repository declares already: Backstage's catalog-info.yaml, docker compose, Kubernetes manifests.

Only what is obvious is read: dependsOn, consumesApis and providesApis; depends_on and links; and environment values that
name a Service. What is read becomes rows of an import, which shows first what it would add.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from models.errors import Invalid
from models.names import normalize_name

MAX_BYTES = 2_000_000
MAX_DEPTH = 100
WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LOOKS_LIKE_ONE = re.compile(r"^\s*(services|apiVersion|kind)\s*:", re.MULTILINE)
# The host of an address such as http://ledger.bank.svc:8080/x, ledger:5432 or ledger.
_HOST = re.compile(r"(?:^|//|@|,)([a-z0-9][a-z0-9-]*)(?:\.[a-z0-9.-]+)?(?=[:/,]|$)")


class Edge(NamedTuple):
    """One system needs another, by the names of the file, in the way that `kind` names."""

    source: str
    target: str
    kind: str
    note: str


class _Loader(_LOADER):  # type: ignore[misc]  # PyYAML brings one of two loaders
    """Reads YAML without merging keys: nested merges of a few lines stand for millions of values."""

    def flatten_mapping(self, node: Any) -> None:
        """Leave “<<” as a key of its own."""

    def construct_undefined(self, node: Any) -> Any:
        """Return nothing for a tag that isn't YAML's own."""
        return None


_Loader.add_constructor(None, _Loader.construct_undefined)
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda loader, node: "<<")


def is_manifest(text: str, name: str) -> bool:
    """Return whether a text is YAML, by its file's name or as the kinds that are read here are, rather than a table."""
    return name.casefold().endswith((".yaml", ".yml")) or bool(_LOOKS_LIKE_ONE.search(text[:MAX_BYTES]))


def read_manifests(content: bytes | str, name: str) -> list[Edge]:
    """Return the dependencies that a file declares, each once. Raises Invalid, with a sentence, for any other file."""
    if len(content) > MAX_BYTES:
        raise Invalid(f"{name} has more than {MAX_BYTES // 1_000_000} MB. Nothing was changed.")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        _refuse_deep(text, name)
        documents = [each for each in yaml.load_all(text, Loader=_Loader) if isinstance(each, dict)]
    except UnicodeDecodeError:
        raise Invalid(f"{name} isn't text in UTF-8. Nothing was changed.") from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise Invalid(f"{name} can't be read as YAML{where}. Nothing was changed.") from None
    edges = [*_backstage(documents), *_compose(documents), *_kubernetes(documents)]
    first = {edge[:3]: edge for edge in reversed(edges) if edge.source != edge.target}
    if not first:
        raise Invalid(
            f"{name} declares no dependencies: it needs dependsOn or consumesApis (Backstage), depends_on (docker "
            "compose) or an environment value that names a Service (Kubernetes). Nothing was changed."
        )
    return sorted(first.values())


def _refuse_deep(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Invalid(f"{name} is nested deeper than {MAX_DEPTH} levels. Nothing was changed.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    """Return the texts of a list, or the keys of a mapping."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | dict) else []


# Backstage: https://backstage.io/docs/features/software-catalog/descriptor-format


def _backstage(documents: Iterable[Mapping[str, Any]]) -> Iterator[Edge]:
    entities = [each for each in documents if str(each.get("apiVersion", "")).startswith("backstage.io/")]
    named = [
        (str(_mapping(each.get("metadata")).get("name", "")), _mapping(each.get("spec"))) for each in entities
    ]
    providers = {_entity(api): name for name, spec in named for api in _texts(spec.get("providesApis"))}
    for name, spec in named:
        for other in _texts(spec.get("dependsOn")):
            kind = "shared data" if other.startswith("resource:") else "call"
            yield Edge(name, _entity(other), kind, "catalog-info: dependsOn")
        for api in _texts(spec.get("consumesApis")):
            yield Edge(
                name, providers.get(_entity(api), _entity(api)), "call", f"catalog-info: consumes {api}"
            )


def _entity(reference: str) -> str:
    """Return the name in a reference such as component:default/ledger."""
    return reference.rpartition(":")[2].rpartition("/")[2]


# Compose: https://docs.docker.com/reference/compose-file/services/


def _compose(documents: Iterable[Mapping[str, Any]]) -> Iterator[Edge]:
    for document in documents:
        if "apiVersion" in document:
            continue
        for name, service in _mapping(document.get("services")).items():
            for part in (_mapping(service), *_merged(service)):
                for key in ("depends_on", "links"):
                    for other in _texts(part.get(key)):
                        yield Edge(str(name), other.partition(":")[0], "call", f"docker compose: {key}")


def _merged(service: Any) -> list[Mapping[str, Any]]:
    """Return what a service merges in with “<<”, one level deep."""
    merged = _mapping(service).get("<<")
    return [_mapping(each) for each in (merged if isinstance(merged, list) else [merged])]


# Kubernetes: Services by their selectors, and workloads by their labels.


def _kubernetes(documents: Iterable[Mapping[str, Any]]) -> Iterator[Edge]:
    everything = [each for document in documents for each in (document, *_items(document))]
    workloads = [each for each in everything if each.get("kind") in WORKLOADS]
    behind = {
        _name(service): next((_name(each) for each in workloads if _selects(service, each)), _name(service))
        for service in everything
        if service.get("kind") == "Service"
    }
    for workload in workloads:
        for variable, value in _environment(workload):
            for host in _HOST.findall(value):
                if host in behind:
                    yield Edge(_name(workload), behind[host], "call", f"Kubernetes: {variable}")


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = document.get("items") if document.get("kind") == "List" else None
    return [_mapping(each) for each in items] if isinstance(items, list) else []


def _name(item: Mapping[str, Any]) -> str:
    return str(_mapping(item.get("metadata")).get("name", ""))


def _pod(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the pod (metadata and spec) that a workload runs."""
    if workload.get("kind") == "Pod":
        return workload
    spec = _mapping(workload.get("spec"))
    if workload.get("kind") == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    return _mapping(spec.get("template"))


def _selects(service: Mapping[str, Any], workload: Mapping[str, Any]) -> bool:
    selector = _mapping(_mapping(service.get("spec")).get("selector"))
    labels = _mapping(_mapping(_pod(workload).get("metadata")).get("labels"))
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _environment(workload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    containers = _mapping(_pod(workload).get("spec")).get("containers")
    for container in containers if isinstance(containers, list) else []:
        variables = _mapping(container).get("env")
        for variable in variables if isinstance(variables, list) else []:
            name, value = _mapping(variable).get("name"), _mapping(variable).get("value")
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


class Matched(NamedTuple):
    """The edges between systems of the inventory, by the inventory's names, and the names that it lacks."""

    edges: list[Edge]
    unknown: list[str]


def match_names(edges: Iterable[Edge], known: Iterable[str]) -> Matched:
    """Match the file's names with the inventory's, whatever joins their words: loan-origination, Loan origination."""
    names = {_key(name): name for name in known}
    matched, unknown = [], set()
    for edge in edges:
        missing = [name for name in (edge.source, edge.target) if _key(name) not in names]
        unknown.update(missing)
        if not missing:
            matched.append(edge._replace(source=names[_key(edge.source)], target=names[_key(edge.target)]))
    return Matched(matched, sorted(unknown, key=str.casefold))


def _key(name: str) -> str:
    return re.sub(r"[-_.\s]+", " ", normalize_name(name))
