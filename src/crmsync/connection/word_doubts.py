"""Words of policy and roster that nothing here gives, and words given that are nearly one of them. For `check`."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crmsync.configuration import Document, Path, did_you_mean
from crmsync.connection.prepared import Prepared
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.schema import ActivityMapping, Rule
from crmsync.mapping.vocabulary import KINDS, NOTHING_GIVEN, OUTCOMES, Given, given_words
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.walk import selectors_with_places
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.shape import many
from crmsync.route.choosing.strategy import FACTS
from crmsync.route.roster.unused_words import unused_words

NEARLY = 0.8
_ASKED = {"kind": "activities of kind", "outcome": "the outcome", "by_role": "activities by the role"}
_VOCABULARY: Mapping[str, Collection[str]] = {"kind": KINDS, "outcome": OUTCOMES, "by_role": ()}

Fields = Mapping[str, Mapping[str, NativeField]]
"""Activity object → its fields by name."""


def word_doubts(prepared: Prepared, fields: Fields) -> Iterator[Finding]:
    """All of them for one connection."""
    settings = prepared.settings
    given = {part: _given(prepared, part, fields) for part in ("kind", "outcome")}
    roles = frozenset(role for member in prepared.roster.members for role in member.person.all_roles)
    given["by_role"] = Given(roles, open=False)
    yield from _asked_in_vain(settings.policy, settings.policy_document, given)
    yield from _hand_off(prepared, given, fields)
    yield from _nearly_asked(prepared)
    for place, message, hint in unused_words(prepared.roster.roster):
        yield settings.roster_document.warning(place, message, hint)
    yield from _territories(prepared)


def _given(prepared: Prepared, part: str, fields: Fields) -> Given:
    found = NOTHING_GIVEN
    for activity in prepared.mapping.activities:
        found = found.with_(given_words(_rules(activity, part), fields.get(activity.object, {})))
    return found


def _rules(activity: ActivityMapping, part: str) -> tuple[Rule, ...]:
    return activity.kind if part == "kind" else activity.outcome


@dataclass(frozen=True, slots=True)
class _InVain:
    """A word that a selector asks for, and that nothing gives."""

    part: str
    word: str


def _asked_in_vain(policy: Policy, document: Document, given: Mapping[str, Given]) -> Iterator[Finding]:
    """One finding for each place and part; what is inherited from a preset is told where it comes in."""
    found: dict[tuple[Finding, str], list[str]] = {}
    for place, selector in _selectors(policy):
        for one in _in_vain(selector, given):
            at = document.warning(_where(document, place, one.part, one.word), "")
            words = found.setdefault((at, one.part), [])
            if one.word not in words:
                words.append(one.word)
    for (at, part), words in found.items():
        known = given[part].words | set(_VOCABULARY[part])
        named = ", ".join(f"`{word}`" for word in words)
        close = [hint for word in words if (hint := _nearly(word, known - {word}))]
        fallback = f"given here: {', '.join(sorted(given[part].words)) or 'none'}"
        yield replace(at, message=f"the policy asks for {_ASKED[part]} {named}, which nothing here gives",
                      hint="; ".join(close) or fallback)  # fmt: skip


def _selectors(policy: Policy) -> Iterator[tuple[Path, Selector]]:
    yield from selectors_with_places(policy)
    for index, segment in enumerate(policy.segments):
        for place, selector in selectors_with_places(segment.policy):
            yield ("segments", index, "policy", *place), selector


def _where(document: Document, place: Path, part: str, word: str) -> Path:
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
            if not _may_come(word, there, _VOCABULARY[part]):
                yield _InVain(part, word)


def _may_come(word: str, given: Given, vocabulary: Collection[str]) -> bool:
    """Whether some activity may have this word; of open words those are doubted that are nearly a known one."""
    if word in given.words:
        return True
    known = given.words | set(vocabulary)
    return given.open and (word in known or _nearly(word, known) is None)


def _nearly(word: str, known: Collection[str]) -> str | None:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=NEARLY)
    return f"did you mean `{close[0]}`?" if close else None


def _hand_off(prepared: Prepared, given: Mapping[str, Given], fields: Fields) -> Iterator[Finding]:
    """Kinds that count as a first touch, and outcomes of the receiver's task that say what the receiver thinks."""
    rule, document = prepared.settings.policy.hand_off, prepared.settings.policy_document
    if rule is None:
        return
    for word in rule.first_touch.kinds if rule.first_touch else ():
        if not _may_come(word, given["kind"], KINDS):
            place: Path = ("hand_off", "first_touch", "kinds")
            hint = _nearly(word, given["kind"].words | KINDS) or "name kinds that the mapping gives"
            yield document.warning(place, f"no activity here is of kind `{word}`: it is no first touch", hint)
    task = prepared.mapping.hand_off.task if prepared.mapping.hand_off else None
    entry = next((each for each in prepared.mapping.activities if task and each.object == task.object), None)
    if rule.task is None or entry is None:
        return
    outcomes = given_words(entry.outcome, fields.get(entry.object, {}))
    for key in ("accepted_by", "returned_by"):
        for word in getattr(rule.task, key):
            if not _may_come(word, outcomes, OUTCOMES):
                hint = _nearly(word, outcomes.words) or f"given here: {', '.join(sorted(outcomes.words)) or 'none'}"
                message = f"no {entry.object} here has the outcome `{word}`: nothing is ever {key.replace('_by', '')}"
                yield document.warning(("hand_off", "task", key), message, hint)


def _nearly_asked(prepared: Prepared) -> Iterator[Finding]:
    """Words of the mapping that the policy does not ask for, and that are nearly one that it does."""
    document = prepared.configuration.mapping_document
    asked: dict[str, set[str]] = {"kind": set(), "outcome": set()}
    for _, selector in _selectors(prepared.settings.policy):
        for part, words in asked.items():
            words.update(many(getattr(selector, part)))
    for index, activity in enumerate(prepared.mapping.activities):
        for part, words in asked.items():
            known = words | set(_VOCABULARY[part])
            for number, rule in enumerate(_rules(activity, part)):
                for word in [rule.is_] if rule.is_ is not None else [*(rule.values or {}).values()]:
                    if word is not None and word not in known and (hint := _nearly(word, known)):
                        place: Path = ("activities", index, part, number)
                        message = f"the policy asks for no {part} `{word}`: nothing is decided by it"
                        yield document.warning(place, message, hint)


def _territories(prepared: Prepared) -> Iterator[Finding]:
    """Territories, segments and languages of people that the lead's fact never says."""
    roster, document = prepared.roster.roster, prepared.settings.roster_document
    for need in FACTS:
        fact = getattr(roster.facts, need.value)
        possible = _possible_values(prepared, fact)
        if possible is None or need not in prepared.roster.needs:
            continue
        folded = {word.casefold() for word in possible}
        key = {"territory": "territories", "segment": "segments", "language": "languages"}[need.value]
        for index, person in enumerate(prepared.settings.roster.people):
            for word in getattr(person, key):
                if word.casefold() not in folded:
                    hint = did_you_mean(word, possible) or f"`{fact}` may be one of {len(possible):,} other words"
                    message = f"no lead's `{fact}` is ever `{word}`"
                    yield document.warning(("people", index, key), message, hint)


def _possible_values(prepared: Prepared, fact: str) -> frozenset[str] | None:
    """All that this fact can say; null where it may be any text."""
    mapped = prepared.mapping.mapped_facts.get(fact)
    if mapped is None:
        return None
    if mapped.values is not None:
        return frozenset(value for value in mapped.values.values() if value is not None)
    there = [prepared.fields[name] for name in mapped.field if name in prepared.fields]
    if not there or not all(field.choices and not field.open_choices for field in there):
        return None
    return frozenset(choice.value for field in there for choice in field.choices)
