"""What every finding carries, and the findings between a shop's versions."""

import json
import random
from hashlib import sha256

from analysis.contract_rules import RULES, SEVERITIES
from analysis.contracts import compare, operations_of
from tests.analysis.documents import document, shop, with_operation


def shuffled(node: object, how: random.Random) -> object:
    if isinstance(node, dict):
        keys = list(node)
        how.shuffle(keys)
        return {key: shuffled(node[key], how) for key in keys}
    return [shuffled(each, how) for each in node] if isinstance(node, list) else node


def retold(node: object, named: bool = False) -> object:
    """The same document with other descriptions, summaries and examples."""
    if isinstance(node, list):
        return [retold(each) for each in node]
    if not isinstance(node, dict):
        return node
    texts = {"description", "summary", "example", "examples", "title"}
    return {
        key: "told anew" if key in texts and not named else retold(value, not named and key == "properties")
        for key, value in node.items()
    }


def test_a_version_that_breaks_nothing_says_what_may_break():
    comparison = compare(shop(1), shop(2))
    assert (comparison.breaks, comparison.may_break, comparison.not_judged) == (0, 2, 0)
    assert comparison.sentence == "2 changes may break, 2 are harmless."


def test_a_version_that_breaks_eight_times():
    comparison = compare(shop(2), shop(3))
    assert comparison.breaks == 8
    assert comparison.findings[0].sentence == (
        "Address in requests > state > maxLength: limit tightened from 1000 to 3."
    )
    assert [finding.rule for finding in comparison.findings if finding.severity == "breaks"] == [
        "request-limit-tightened",
        "operation-removed",
        "request-property-became-required",
        "request-limit-tightened",
        "request-value-removed",
        "request-property-became-required",
        "response-became-nullable",
        "response-property-became-optional",
    ]


def test_a_document_does_not_differ_from_itself_in_another_order_or_with_other_texts():
    old = shop(3)
    assert compare(old, old).findings == ()
    assert compare(old, shuffled(old, random.Random(17))).findings == ()
    assert compare(old, retold(old)).findings == ()
    assert compare(old, old).sentence == "Nothing changed that a client could notice."


# Findings.


def test_a_key_is_of_rule_and_place_alone():
    limit = {"name": "limit", "in": "query"}
    old = with_operation({"parameters": [limit]})
    new = with_operation({"parameters": [limit | {"required": True}]})
    finding = compare(old, new).findings[0]
    text = "parameter-became-required\nPOST /loans query limit"
    assert finding.key == sha256(text.encode()).hexdigest()[:12]
    assert finding.as_dict() == {
        "key": finding.key,
        "rule": "parameter-became-required",
        "place": "POST /loans query limit",
        "severity": "breaks",
        "sentence": "POST /loans query limit: parameter became required.",
    }


def test_a_key_stays_whatever_else_changes_and_a_further_break_has_its_own():
    one = compare(shop(2), shop(3))
    changed = shop(3)
    changed["components"]["schemas"]["Order"]["properties"]["reference"]["type"] = "integer"
    changed["paths"]["/orders"]["post"]["requestBody"]["required"] = True
    two = compare(shop(2), changed)
    before, after = ({f.key for f in each.findings if f.severity == "breaks"} for each in (one, two))
    assert before < after
    assert len({finding.key for finding in two.findings}) == len(two.findings)


def test_findings_come_worst_first_and_are_counted():
    comparison = compare(shop(2), shop(3))
    ranks = [SEVERITIES.index(finding.severity) for finding in comparison.findings]
    assert ranks == sorted(ranks)
    assert comparison.breaks + comparison.may_break + comparison.harmless == len(comparison.findings)
    answer = comparison.as_dict(most=2)
    assert (answer["breaks"], answer["may_break"], len(answer["findings"])) == (8, comparison.may_break, 2)
    json.dumps(answer)


def test_every_rule_has_a_severity_and_a_text():
    assert {severity for severity, _ in RULES.values()} == set(SEVERITIES)
    assert all(text and not text.endswith(".") for _, text in RULES.values())


def test_operations_are_counted_with_webhooks():
    assert (
        operations_of(document(paths={"/a": {"get": {}, "put": {}, "x-a": {}}}, webhooks={"b": {"post": {}}}))
        == 3
    )
