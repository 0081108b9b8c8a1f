"""The account's own words put into the rules of a starter's activities, where the starter says nothing of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ruamel.yaml.comments import CommentedSeq

from crmsync.mapping import plain
from crmsync.suggest.shapes import RecordRule

Rules = list[dict[str, Any]]
Meaning = Callable[[str], str | None]
"""Native word → how an activity ended, where it is known."""


def with_own_words(activity: dict[str, Any], told: Sequence[RecordRule], means: Meaning) -> bool:
    """Changes the rules of one activity; says whether it did. `told`: of its object."""
    kinds = [it for it in told if it.part == "kind"]
    outcomes = [it for it in told if it.part == "outcome"]
    changed = _with_kinds(activity, kinds) if isinstance(activity.get("kind"), list) else False
    return _with_outcomes(activity, outcomes, means) or changed


def _with_kinds(activity: dict[str, Any], told: Sequence[RecordRule]) -> bool:
    """A word joins those that mean the same; else it has a rule before the last resort."""
    rules: Rules = activity["kind"]
    last = next((place for place, rule in enumerate(rules) if set(rule) == {"is"}), len(rules))
    resort = rules[last]["is"] if last < len(rules) else None
    changed = False
    for (field, word), natives in _grouped(told).items():
        same = next((rule for rule in rules if rule.get("is") == word and set(rule.get("when", {})) == {field}), None)
        if same is not None:
            _join(same["when"], field, natives)
            _join_moments(activity.get("at"), field, rules, word, natives)
        elif _as_it_stands(rules, field) is not None:
            last += _translated(rules, field, dict.fromkeys(natives, word))
        elif word == resort:
            continue
        else:
            rules.insert(last, {"is": word, "when": {field: natives[0] if len(natives) == 1 else natives}})
            last += 1
        changed = True
    return changed


def _join_moments(at: Any, field: str, rules: Rules, word: str, natives: Sequence[str]) -> None:
    """What holds for one word of a kind holds for the others: when a call or an e-mail was."""
    meant = {plain(it) for rule in rules if rule.get("is") == word for it in _listed(rule.get("when", {}).get(field))}
    for moment in at if isinstance(at, list) else ():
        named = moment.get("when", {}).get(field) if isinstance(moment, Mapping) else None
        if named is not None and meant & {plain(it) for it in _listed(named)}:
            _join(moment["when"], field, natives)


def _with_outcomes(activity: dict[str, Any], told: Sequence[RecordRule], means: Meaning) -> bool:
    changed = False
    for it in told:
        if it.field is None or it.value is None:
            continue
        rules: Rules = activity.get("outcome") or []
        usual = next((rule for rule in rules if rule.get("from") == it.field and rule.get("values")), None)
        if usual is None and _as_it_stands(rules, it.field) is not None:
            _translated(rules, it.field, {it.value: it.word})
        elif usual is None:
            rules = activity.setdefault("outcome", [])
            _join_outcome(rules, it)
        else:
            usual["values"][it.value] = _as_usual(usual["values"], it.word, means)
        changed = True
    return changed


def _join_outcome(rules: Rules, told: RecordRule) -> None:
    """Of a field that the starter does not read: what its other words mean stays as it was."""
    field, value = str(told.field), str(told.value)
    same = next((it for it in rules if it.get("is") == told.word and set(it.get("when", {})) == {field}), None)
    if same is None:
        rules.append({"is": told.word, "when": {field: value}})
    else:
        _join(same["when"], field, [value])


def _as_it_stands(rules: Rules, field: str) -> int | None:
    """Where a rule takes all words of the field as they stand."""
    return next((at for at, it in enumerate(rules) if it.get("from") == field and set(it) == {"from"}), None)


def _translated(rules: Rules, field: str, words: Mapping[str, str]) -> int:
    """Words of a field that is taken as it stands, translated just before that; gives how many rules came to it."""
    there = next((it for it in rules if it.get("from") == field and "values" in it), None)
    if there is not None:
        there["values"].update(words)
        return 0
    place = _as_it_stands(rules, field)
    rules.insert(len(rules) if place is None else place, {"from": field, "values": dict(words)})
    if isinstance(rules, CommentedSeq):
        rules.fa.set_block_style()  # one line for all rules would be too long to read
    return 1


def _as_usual(values: Mapping[str, str | None], word: str, means: Meaning) -> str | None:
    """What the starter makes of a word that means the same: a task that is done says nothing of how a call ended."""
    return next((to for native, to in values.items() if means(native) == word), word)


def _join(when: dict[str, Any], field: str, natives: Sequence[str]) -> None:
    there = _listed(when.get(field))
    when[field] = [*there, *(it for it in natives if it not in there)]


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list) else []


def _grouped(told: Sequence[RecordRule]) -> Mapping[tuple[str, str], list[str]]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for it in told:
        if it.field is not None and it.value is not None:
            found[it.field, it.word].append(it.value)
    return found
