"""The rules by which two versions of a contract are compared, and the findings that they make.

A rule says what a change means for a client of the old version. *breaks*: a client that follows the old document can
fail. *may break*: it depends on the client, or on what the provider did before. *harmless*: it can't fail.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, NamedTuple

Severity = Literal["breaks", "may break", "harmless"]
SEVERITIES: tuple[Severity, ...] = ("breaks", "may break", "harmless")

# A changed rule makes a new number, so that old comparisons stay explainable.
RULES_VERSION = 1
NOT_JUDGED = "not-judged"

# Each rule: its severity, and what happened, as it ends the sentence "<place>: <what happened>."
RULES: dict[str, tuple[Severity, str]] = {
    # operations
    "operation-removed": ("breaks", "operation removed"),
    "operation-added": ("harmless", "operation added"),
    "operation-deprecated": ("harmless", "marked as deprecated"),
    "operation-id-changed": ("harmless", "operationId changed from {old} to {new}"),
    "stability-lowered": ("may break", "is less stable: {old}, now {new}"),
    "stability-raised": ("harmless", "is more stable: {old}, now {new}"),
    "servers-changed": ("harmless", "servers changed"),
    "security-tightened": ("breaks", "needs credentials that were not needed before"),
    "security-loosened": ("harmless", "accepts further credentials"),
    # parameters and request bodies
    "parameter-removed": ("may break", "parameter removed"),
    "parameter-added": ("harmless", "optional parameter added"),
    "parameter-added-required": ("breaks", "required parameter added"),
    "parameter-became-required": ("breaks", "parameter became required"),
    "parameter-became-optional": ("harmless", "parameter became optional"),
    "parameter-format-changed": ("breaks", "is written differently: {old}, now {new}"),
    "body-removed": ("may break", "request body removed"),
    "body-added": ("harmless", "optional request body added"),
    "body-added-required": ("breaks", "required request body added"),
    "body-became-required": ("breaks", "request body became required"),
    "body-became-optional": ("harmless", "request body became optional"),
    "request-media-type-removed": ("breaks", "media type no longer accepted"),
    "request-media-type-added": ("harmless", "media type accepted too"),
    # responses
    "response-removed": ("breaks", "successful response removed"),
    "response-error-removed": ("may break", "response removed"),
    "response-added": ("harmless", "response added"),
    "response-media-type-removed": ("breaks", "media type no longer returned"),
    "response-media-type-added": ("harmless", "media type returned too"),
    "header-removed": ("may break", "optional header removed"),
    "header-removed-required": ("breaks", "required header removed"),
    "header-became-optional": ("breaks", "header became optional"),
    "header-added": ("harmless", "header added"),
    # schemas of requests: what the old version sent must still be accepted
    "request-type-changed": ("breaks", "type changed from {old} to {new}"),
    "request-type-widened": ("harmless", "type widened from {old} to {new}"),
    "request-no-longer-nullable": ("breaks", "null no longer accepted"),
    "request-became-nullable": ("harmless", "null accepted too"),
    "request-value-removed": ("breaks", "value no longer accepted"),
    "request-value-added": ("harmless", "value accepted too"),
    "request-enum-set": ("breaks", "restricted to a list of values"),
    "request-enum-dropped": ("harmless", "no longer restricted to a list of values"),
    "request-property-removed": ("may break", "property removed"),
    "request-property-added": ("harmless", "optional property added"),
    "request-property-added-required": ("breaks", "required property added"),
    "request-property-became-required": ("breaks", "property became required"),
    "request-property-became-required-default": ("may break", "property became required, with a default"),
    "request-property-became-optional": ("harmless", "property became optional"),
    "request-closed": ("may break", "others than the listed properties are refused now"),
    "request-opened": ("harmless", "others than the listed properties are now accepted"),
    "request-wrapped": ("may break", "became one of several alternatives"),
    "request-part-added": ("may break", "must also be {new}"),
    "request-branch-removed": ("breaks", "one of the alternatives removed"),
    "request-branch-added": ("harmless", "one more alternative"),
    "request-limit-tightened": ("breaks", "limit tightened from {old} to {new}"),
    "request-limit-set": ("may break", "limit set to {new}"),
    "request-limit-loosened": ("harmless", "limit loosened from {old} to {new}"),
    "request-format-changed": ("may break", "format changed from {old} to {new}"),
    "request-format-widened": ("harmless", "format widened from {old} to {new}"),
    "request-pattern-changed": ("may break", "pattern changed from {old} to {new}"),
    "request-pattern-dropped": ("harmless", "pattern dropped"),
    "request-default-changed": ("may break", "default changed from {old} to {new}"),
    # schemas of responses: what is returned now must be what the old version promised
    "response-type-changed": ("breaks", "type changed from {old} to {new}"),
    "response-type-narrowed": ("harmless", "type narrowed from {old} to {new}"),
    "response-became-nullable": ("breaks", "may be null now"),
    "response-no-longer-nullable": ("harmless", "is never null now"),
    "response-value-added": ("may break", "value may be returned too"),
    "response-value-removed": ("harmless", "value no longer returned"),
    "response-enum-dropped": ("may break", "no longer restricted to a list of values"),
    "response-enum-set": ("harmless", "restricted to a list of values"),
    "response-property-removed": ("may break", "optional property removed"),
    "response-property-removed-required": ("breaks", "required property removed"),
    "response-property-added": ("harmless", "property added"),
    "response-property-became-optional": ("breaks", "property became optional"),
    "response-property-became-required": ("harmless", "property became required"),
    "response-closed": ("harmless", "holds no others than the listed properties now"),
    "response-opened": ("may break", "may hold others than the listed properties now"),
    "response-wrapped": ("may break", "became one of several alternatives"),
    "response-part-removed": ("may break", "is no longer said to be {old}"),
    "response-branch-added": ("may break", "one more alternative may be returned"),
    "response-branch-removed": ("harmless", "one of the alternatives is no longer returned"),
    "response-limit-loosened": ("may break", "limit loosened from {old} to {new}"),
    "response-limit-tightened": ("harmless", "limit tightened from {old} to {new}"),
    "response-format-changed": ("may break", "format changed from {old} to {new}"),
    "response-format-narrowed": ("harmless", "format narrowed from {old} to {new}"),
    "response-pattern-changed": ("may break", "pattern changed from {old} to {new}"),
    "response-pattern-set": ("harmless", "pattern set to {new}"),
    "response-default-changed": ("harmless", "default changed from {old} to {new}"),
    # both
    "deprecated": ("harmless", "marked as deprecated"),
    "branch-renamed": ("may break", "alternative is called {new} now"),
    "discriminator-changed": ("may break", "discriminator changed"),
    "discriminator-extended": ("harmless", "discriminator knows further values"),
    NOT_JUDGED: ("may break", "changed in a way that no rule judges"),
}
_MAX_SHOWN = 60  # characters of a value


class ContractFinding(NamedTuple):
    """One change. `key` is the same for the same rule at the same place, in every version and language.

    `old` and `new` are what the documents hold there. The texts are made when they are asked for: a comparison may find
    thousands, and a few hundred are stored.
    """

    rule: str
    place: str
    old: Any = None
    new: Any = None

    @property
    def what(self) -> str:
        return RULES[self.rule][1].format(old=_shown(self.old), new=_shown(self.new))

    @property
    def key(self) -> str:
        return finding_key(self.rule, self.place)

    @property
    def severity(self) -> Severity:
        return RULES[self.rule][0]

    @property
    def sentence(self) -> str:
        return f"{self.place}: {self.what}."

    def as_dict(self) -> dict[str, str]:
        """Return key, rule, place, severity and sentence."""
        fields = ("key", "rule", "place", "severity", "sentence")
        return {field: getattr(self, field) for field in fields}


def finding_key(rule: str, place: str) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of the rule, a line feed and the place."""
    return hashlib.sha256(f"{rule}\n{place}".encode()).hexdigest()[:12]


_RULE_OF, _PLACE_OF = attrgetter("rule"), attrgetter("place")


class ContractFindings:
    """Collects findings, one for each rule and place."""

    def __init__(self) -> None:
        self._of_rule: dict[str, dict[str, ContractFinding]] = {rule: {} for rule in sorted(RULES)}

    def add(self, rule: str, place: str, old: Any = None, new: Any = None) -> None:
        of_rule = self._of_rule[rule]
        if place not in of_rule:
            of_rule[place] = ContractFinding(rule, place, old, new)

    def __iter__(self) -> Iterator[ContractFinding]:
        """Yield the worst first, then by place, then by rule."""
        for severity in SEVERITIES:
            of = [self._of_rule[rule].values() for rule in self._of_rule if RULES[rule][0] == severity]
            yield from sorted(chain.from_iterable(of), key=_PLACE_OF)  # sorting keeps the rules in order


@dataclass(frozen=True)
class Comparison:
    """What changed between two versions, the worst first."""

    findings: tuple[ContractFinding, ...]

    @cached_property
    def counts(self) -> dict[Severity, int]:
        counted = Counter(map(_RULE_OF, self.findings))
        return {
            severity: sum(n for rule, n in counted.items() if RULES[rule][0] == severity)
            for severity in SEVERITIES
        }

    @property
    def breaks(self) -> int:
        return self.counts["breaks"]

    @property
    def may_break(self) -> int:
        return self.counts["may break"]

    @property
    def harmless(self) -> int:
        return self.counts["harmless"]

    @property
    def not_judged(self) -> int:
        """How many of the findings that may break are changes that no rule reads."""
        return sum(each.rule == NOT_JUDGED for each in self.findings)

    @property
    def sentence(self) -> str:
        """One sentence, such as "8 changes break, 4 may break, 20 are harmless."."""
        if not self.findings:
            return "Nothing changed that a client could notice."
        verbs = {
            "breaks": ("breaks", "break"),
            "may break": ("may break",) * 2,
            "harmless": ("is harmless", "are harmless"),
        }
        parts = [f"{n} {verbs[severity][n != 1]}" for severity, n in self.counts.items() if n]
        first, _, rest = parts[0].partition(" ")
        return ", ".join([f"{first} {'change' if first == '1' else 'changes'} {rest}", *parts[1:]]) + "."

    def as_dict(self, most: int | None = None) -> dict[str, Any]:
        """Return the counts, and the first `most` findings (all without it)."""
        return {
            "rules": RULES_VERSION,
            "breaks": self.breaks,
            "may_break": self.may_break,
            "harmless": self.harmless,
            "not_judged": self.not_judged,
            "sentence": self.sentence,
            "findings": [finding.as_dict() for finding in self.findings[:most]],
        }


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = " or ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
