"""Dependencies from files that a repository has: Backstage, docker compose, Kubernetes; and files that are no such."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from services.imports.applying import File, import_file, preview
from services.imports.manifests import Edge, match_names, read_manifests
from services.imports.undoing import undo
from services.inventory import systems
from tests.builders import an_engagement, the_operator, the_state

BACKSTAGE = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: loans}
spec: {dependsOn: ["component:default/ledger", "resource:loans-db"], consumesApis: [scores]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: scoring}
spec: {providesApis: [scores]}
"""
COMPOSE = """
x-common: &common
  depends_on: [otel-collector]
services:
  loans:
    <<: *common
    depends_on: {ledger: {condition: service_healthy}}
  cards:
    depends_on: [ledger, "redis"]
    links: ["loans:l"]
"""
KUBERNETES = """
apiVersion: v1
kind: Service
metadata: {name: ledger-svc}
spec: {selector: {app: ledger}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec: {template: {metadata: {labels: {app: ledger}}, spec: {containers: [{name: x}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: loans}
spec:
  template:
    spec:
      containers:
        - env:
            - {name: LEDGER_URL, value: "http://ledger-svc.bank.svc.cluster.local:8080/v1"}
            - {name: MODE, value: "ledger-svc-like"}
"""


def ends(text: str) -> set[tuple[str, str, str]]:
    return {edge[:3] for edge in read_manifests(text, "x.yaml")}


def test_a_catalog_names_what_a_component_depends_on_and_whose_api_it_consumes():
    assert ends(BACKSTAGE) == {
        ("loans", "ledger", "call"), ("loans", "loans-db", "shared data"), ("loans", "scoring", "call"),
    }  # fmt: skip


def test_compose_names_depends_on_and_links_also_of_what_is_merged_in():
    assert ends(COMPOSE) == {
        ("loans", "ledger", "call"), ("loans", "otel-collector", "call"), ("cards", "ledger", "call"),
        ("cards", "redis", "call"), ("cards", "loans", "call"),
    }  # fmt: skip


def test_an_environment_value_that_names_a_service_leads_to_the_workload_behind_it():
    assert ends(KUBERNETES) == {("loans", "ledger", "call")}


def test_names_are_matched_whatever_joins_their_words():
    matched = match_names(
        [Edge("loan-origination", "redis", "call", ""), Edge("a", "B_c", "call", "")], ["A", "b c"]
    )
    assert matched.edges == [Edge("A", "b c", "call", "")]
    assert matched.unknown == ["loan-origination", "redis"]


MERGES = "services:\n  a: &a {x: 1}\n" + "".join(
    f"  {b}: &{b}\n    <<: [{', '.join([f'*{a}'] * 9)}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("services: {a: {image: x}}", "x.yaml declares no dependencies"),
        ("services: [", "x.yaml can't be read as YAML"),
        ("services: " + "[" * 200 + "]" * 200, "x.yaml is nested deeper than 100 levels"),
        ("services: " + "x" * 2_000_001, "x.yaml has more than 2 MB"),
        (MERGES, "x.yaml declares no dependencies"),
        ("services: !!python/object:os.system {}", "x.yaml declares no dependencies"),
    ],
    ids=["nothing", "broken", "deep", "large", "bomb", "tag"],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(Invalid) as refused:
        read_manifests(text, "x.yaml")
    assert str(refused.value).startswith(sentence)


@given(st.text("{}[]:,&*!|>-#'\"\n services:depends_on<<"))
def test_any_text_is_read_or_refused(text):
    with suppress(Invalid):
        read_manifests(text, "x.yaml")


def test_the_import_shows_first_what_it_would_add_names_what_is_missing_and_can_be_undone(database):
    an_engagement()
    systems.save(the_operator(), "acme", added=[{"name": name} for name in ("Loans", "Cards", "Ledger")])
    file = File("dependencies", COMPOSE.encode(), "compose.yaml")
    plan = preview(the_operator(), "acme", file)
    assert (plan.added, plan.problems.listed) == (3, [])
    assert "Not in the inventory, so left out: otel-collector and redis." in plan.notes
    assert the_state().dependencies == []
    result = import_file(the_operator(), "acme", file, plan.digest)
    assert {(row.source.name, row.target.name, row.note) for row in the_state().dependencies} == {
        ("Loans", "Ledger", "docker compose: depends_on"),
        ("Cards", "Ledger", "docker compose: depends_on"),
        ("Cards", "Loans", "docker compose: links"),
    }
    undo(the_operator(), "acme", result.import_id)
    assert the_state().dependencies == []


def test_yaml_of_another_kind_is_refused_as_such_and_not_read_as_a_table(database):
    an_engagement()
    with pytest.raises(Invalid, match="values.yml declares no dependencies: it needs dependsOn"):
        preview(the_operator(), "acme", File("dependencies", b"replicas: 3\nimage: x\n", "values.yml"))
