"""Words of policy and roster that nothing here gives, and words given that are nearly one of them. For `check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.configuration import Path, did_you_mean
from crmsync.connection.asked_words import (
    VOCABULARY,
    Fields,
    asked_in_vain,
    given_by,
    may_come,
    nearly,
    rules_of,
    selectors_of_all,
)
from crmsync.connection.never_told import never_told
from crmsync.connection.prepared import Prepared
from crmsync.errors import Finding
from crmsync.mapping import KINDS, OUTCOMES, Given, given_words
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.terms.shape import many
from crmsync.route.choosing.strategy import FACTS
from crmsync.route.roster.unused_words import unused_words


def word_doubts(prepared: Prepared, fields: Fields) -> Iterator[Finding]:
    """All of them for one connection."""
    settings = prepared.settings
    given = given_by((prepared.mapping,), fields, prepared.roster.all_roles)
    yield from asked_in_vain(settings.policy, settings.policy_document, given)
    yield from never_told(prepared, fields)
    yield from _hand_off(prepared, given, fields)
    yield from _nearly_asked(prepared)
    for place, message, hint in unused_words(prepared.roster.roster):
        yield settings.roster_document.warning(place, message, hint)
    yield from _territories(prepared)


def _hand_off(prepared: Prepared, given: Mapping[str, Given], fields: Fields) -> Iterator[Finding]:
    """Kinds that count as a first touch, and outcomes of the receiver's task that say what the receiver thinks."""
    policy = prepared.settings.policy
    for number, rule in enumerate(policy.every_hand_over):
        place: Path = ("hand_off",) if policy.hand_off else ("hand_overs", number)
        yield from _asked_of_receivers(rule, place, prepared, given, fields)


def _asked_of_receivers(
    rule: HandOver, place: Path, prepared: Prepared, given: Mapping[str, Given], fields: Fields
) -> Iterator[Finding]:
    document = prepared.settings.policy_document
    for word in rule.first_touch.kinds if rule.first_touch else ():
        if not may_come(word, given["kind"], KINDS):
            where = (*place, "first_touch", "kinds")
            hint = nearly(word, given["kind"].words | KINDS) or "name kinds that the mapping gives"
            yield document.warning(where, f"no activity here is of kind `{word}`: it is no first touch", hint)
    task = prepared.mapping.of_hand_over(rule.key).task
    entry = next((each for each in prepared.mapping.activities if task and each.object == task.object), None)
    if rule.task is None or entry is None:
        return
    outcomes = given_words(entry.outcome, fields.get(entry.object, {}))
    for key in ("accepted_by", "returned_by"):
        for word in getattr(rule.task, key):
            if not may_come(word, outcomes, OUTCOMES):
                hint = nearly(word, outcomes.words) or f"given here: {', '.join(sorted(outcomes.words)) or 'none'}"
                message = f"no {entry.object} here has the outcome `{word}`: nothing is ever {key.replace('_by', '')}"
                yield document.warning((*place, "task", key), message, hint)


def _nearly_asked(prepared: Prepared) -> Iterator[Finding]:
    """Words of the mapping that the policy does not ask for, and that are nearly one that it does."""
    document = prepared.configuration.mapping_document
    asked: dict[str, set[str]] = {"kind": set(), "outcome": set()}
    for _, selector in selectors_of_all(prepared.settings.policy):
        for part, words in asked.items():
            words.update(many(getattr(selector, part)))
    for index, activity in enumerate(prepared.mapping.activities):
        for part, words in asked.items():
            known = words | set(VOCABULARY[part])
            for number, rule in enumerate(rules_of(activity, part)):
                for word in [rule.is_] if rule.is_ is not None else [*(rule.values or {}).values()]:
                    if word is not None and word not in known and (hint := nearly(word, known)):
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
            for number, word in enumerate(getattr(person, key)):
                if word.casefold() not in folded:
                    hint = did_you_mean(word, possible) or f"`{fact}` may be one of {len(possible):,} other words"
                    message = f"no lead's `{fact}` is ever `{word}`"
                    yield document.warning(("people", index, key, number), message, hint)


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
