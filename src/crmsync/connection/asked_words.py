"""Words by which a policy asks for activities, held against the words that mappings and roster can give. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from crmsync.configuration import Document, Path
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping import (
    KINDS,
    NOTHING_GIVEN,
    OUTCOMES,
    ActivityMapping,
    CrmMapping,
    Given,
    Rule,
    given_words,
)
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.walk import selectors_with_places
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.shape import many
from crmsync.values import replace

NEARLY = 0.8
_ASKED = {"kind": "activities of kind", "outcome": "the outcome", "by_role": "activities by the role"}
VOCABULARY: Mapping[str, Collection[str]] = {"kind": KINDS, "outcome": OUTCOMES, "by_role": ()}

Fields = Mapping[str, Mapping[str, NativeField]]
"""Activity object → its fields by name."""


def given_by(mappings: Iterable[CrmMapping], fields: Fields, roles: Collection[str]) -> Mapping[str, Given]:
    """Kinds, outcomes and roles that some activity may have. Where a field is not described it may hold any word."""
    found = {"kind": NOTHING_GIVEN, "outcome": NOTHING_GIVEN, "by_role": Given(frozenset(roles), open=False)}
    for activity in (activity for mapping in mappings for activity in mapping.activities):
        for part in ("kind", "outcome"):
            words = given_words(rules_of(activity, part), fields.get(activity.object, {}))
            found[part] = found[part].with_(words)
    return found


def rules_of(activity: ActivityMapping, part: str) -> tuple[Rule, ...]:
    """The rules of its kind or outcome."""
    return activity.kind if part == "kind" else activity.outcome


def misspelt_findings(policy: Policy, document: Document, given: Mapping[str, Given]) -> Iterator[Finding]:
    """Words that nothing can give, and that are nearly one that something gives: wrong beyond doubt."""
    closed = {part: there for part, there in given.items() if not there.open}
    for finding in asked_in_vain(policy, document, closed, sure=True):
        yield replace(finding, severity="error")


class _InVain(Struct, frozen=True):
    """A word that a selector asks for, and that nothing gives."""

    part: str
    word: str


def asked_in_vain(
    policy: Policy, document: Document, given: Mapping[str, Given], *, sure: bool = False
) -> Iterator[Finding]:
    """One warning for each place and part; what is inherited from a preset is told where it comes in.

    `sure`: only words that are nearly one that is given.
    """
    found: dict[tuple[Finding, str], list[str]] = {}
    for place, selector in selectors_of_all(policy):
        for one in _in_vain(selector, given):
            if sure and nearly(one.word, given[one.part].words) is None:
                continue
            at = document.warning(place_of(document, place, one.part, one.word), "")
            words = found.setdefault((at, one.part), [])
            if one.word not in words:
                words.append(one.word)
    for (at, part), words in found.items():
        known = given[part].words | set(VOCABULARY[part])
        named = ", ".join(f"`{word}`" for word in words)
        close = [hint for word in words if (hint := nearly(word, known - {word}))]
        fallback = f"given here: {', '.join(sorted(given[part].words)) or 'none'}"
        yield replace(at, message=f"the policy asks for {_ASKED[part]} {named}, which nothing here gives",
                      hint="; ".join(close) or fallback)  # fmt: skip


def selectors_of_all(policy: Policy) -> Iterator[tuple[Path, Selector]]:
    """Of the policy and its segments, each with its place."""
    yield from selectors_with_places(policy)
    for index, segment in enumerate(policy.segments):
        for place, selector in selectors_with_places(segment.policy):
            yield ("segments", index, "policy", *place), selector


def asked_of_activities(policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds and the outcomes that a policy asks for anywhere, also for the hand-off."""
    kinds: set[str] = set()
    outcomes: set[str] = set()
    for _, selector in selectors_of_all(policy):
        kinds.update(many(selector.kind))
        outcomes.update(many(selector.outcome))
    for rule in policy.every_hand_over:
        if rule.first_touch is not None:
            kinds.update(rule.first_touch.kinds)
        if rule.task is not None:
            outcomes.update((*rule.task.accepted_by, *rule.task.returned_by))
    return frozenset(kinds), frozenset(outcomes)


def place_of(document: Document, place: Path, part: str, word: str) -> Path:
    """Where below `place` the file asks for this word; `place` itself when it is inherited."""
    for path in document.values:
        if path[: len(place)] == place and part in path[len(place) :] and _at(document.data, path) == word:
            return path
    return place


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _in_vain(selector: Selector, given: Mapping[str, Given]) -> Iterator[_InVain]:
    for part, there in given.items():
        for word in many(getattr(selector, part)):
            if not may_come(word, there, VOCABULARY[part]):
                yield _InVain(part, word)


def may_come(word: str, given: Given, vocabulary: Collection[str]) -> bool:
    """Whether some activity may have this word; of open words those are doubted that are nearly a known one."""
    if word in given.words:
        return True
    known = given.words | set(vocabulary)
    return given.open and (word in known or nearly(word, known) is None)


def nearly(word: str, known: Collection[str]) -> str | None:
    """A hint at the known word that is probably meant; null where none is like it."""
    folded = {each.casefold(): each for each in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=NEARLY)
    return f"did you mean `{folded[close[0]]}`?" if close else None
