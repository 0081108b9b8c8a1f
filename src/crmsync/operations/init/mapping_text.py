"""mappings/<connection>.yaml: the connector's starter with this CRM's fields, stages and activities in it."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from crmsync.configuration import comment, flow
from crmsync.mapping import plain
from crmsync.operations.init.activity_rules import with_own_words
from crmsync.operations.init.chosen import ChosenSetUp, FactChosen
from crmsync.operations.init.starter import Starter
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.activities import outcome_meant
from crmsync.suggest.shapes import KnownOrg, OrgField, RecordRule

_WIDTH = 110
_FIELDS_SHOWN = 4


def mapping_text(
    org: KnownOrg, starter: Starter, chosen: ChosenSetUp, title: str, open_objects: Collection[str]
) -> str:
    """The whole file. `open_objects`: activities whose fields are not all listed by the CRM."""
    head = (
        "# yaml-language-server: $schema=../schemas/mapping.json\n"
        f"# Which of {title}'s fields are which of crmsync's facts, stages and activities; by `crmsync init`.\n"
        "# `crmsync check --data` tells what records make of it; `crmsync fields` lists what there is."
    )
    instead = {"stage": _stage_part(starter, chosen), "facts": _facts_part(chosen, title)}
    activities = _activities(org, starter, chosen.activities, open_objects)
    if activities is not None:
        instead["activities"] = activities
    parts = tuple((key, part) for key, part in starter.parts)
    return Starter(starter.mapping, starter.data, parts).text(instead, head)


def _stage_part(starter: Starter, chosen: ChosenSetUp) -> str:
    """Comments of the starter stay; what is left alone is told."""
    comments = [line for line in _part(starter, "stage").splitlines() if line.startswith("#")]
    lines = [*comments]
    if chosen.left_alone:
        lines.append(f"# Left alone here: {comment(', '.join(chosen.left_alone))}")
    lines += ["stage:", f"  field: {flow(starter.mapping.stage.field)}", "  values:"]
    lines += [f"    {flow(stage)}: {flow(value)}" for stage, value in chosen.stages.items()]
    return "\n".join([*lines, "", ""])


def _facts_part(chosen: ChosenSetUp, title: str) -> str:
    lines = [
        f"# Fact -> field of {title}. A text that does not convert makes the fact unknown for that lead, and told.",
        "# A fact that your CRM does not hold: `unmapped`.",
        "facts:" if chosen.facts else "facts: {}",
    ]
    for fact in chosen.facts:
        lines += _fact_lines(fact)
    return "\n".join([*lines, "", ""])


def _fact_lines(fact: FactChosen) -> Iterator[str]:
    if fact.field is None:
        yield f"  {fact.fact}: unmapped"
        return
    told = {"field": fact.field.name, "type": fact.type}
    values: Mapping[str, Any] = fact.values
    same = bool(values) and all(native == word for native, word in values.items())
    if fact.type in ("integer", "number", "money"):
        values = {native: _figure(word) for native, word in values.items()}
    short = {**told, **({"values": list(values) if same else dict(values)} if values else {})}
    label = comment(fact.field.label)
    filled = "" if fact.field.filled is None else f", about {round(10 * fact.field.filled) * 10} % filled"
    sure = fact.candidate.confidence if fact.candidate and not fact.answered else None
    guessed = (
        f", {round(100 * sure)} % sure: {comment(fact.candidate.why)}" if sure is not None and fact.candidate else ""
    )
    yield f"  # {label}{filled}{guessed}"
    if fact.unread:
        shown = ", ".join(fact.unread[:_FIELDS_SHOWN]) + (" ..." if len(fact.unread) > _FIELDS_SHOWN else "")
        yield f"  # not translated, so unknown: {comment(shown)}"
    line = f"  {fact.fact}: {flow(short)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"  {fact.fact}:"
    yield from (f"    {key}: {flow(value)}" for key, value in told.items())
    if same:
        yield f"    values: {flow(list(values))}"
    elif values:
        yield "    values:"
        yield from (f"      {flow(native)}: {flow(word)}" for native, word in values.items())


def _figure(word: str | None) -> Any:
    return int(word) if word is not None and word.isdigit() else word


def _part(starter: Starter, key: str) -> str:
    return next((part for name, part in starter.parts if name == key), "")


# --- activities -----------------------------------------------------------------------------------------------------


def _activities(
    org: KnownOrg, starter: Starter, told: Sequence[RecordRule], open_objects: Collection[str]
) -> str | None:
    """The starter's part without what this CRM does not have, with its own words; null where nothing differs."""
    yaml = YAML()
    yaml.width = 120
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(_part(starter, "activities"))
    if not data:
        return None
    there = {kind.object: {field.name: field for field in kind.fields} for kind in org.activities}
    kept = []
    changed = False
    for activity in data["activities"]:
        fields = there.get(activity["object"])
        if fields is None:
            changed = True
            continue
        if activity["object"] not in open_objects:
            changed |= _pruned(activity, fields)
            changed |= _offered_only(activity, fields)
        own = [it for it in told if it.object == activity["object"]]
        changed |= with_own_words(activity, own, lambda word: outcome_meant(word, vocabulary()))
        if activity.get("at") and activity.get("kind"):
            kept.append(activity)
        else:
            changed = True
    if not changed:
        return None
    for index in reversed(range(len(data["activities"]))):
        if not any(data["activities"][index] is activity for activity in kept):
            del data["activities"][index]
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue().rstrip("\n") + "\n\n"


def _pruned(activity: CommentedMap, fields: Collection[str]) -> bool:
    """Takes out what names fields that are not there, and says whether it did."""
    changed = False
    for key in ("by", "subject", "about"):
        if key in activity and not _known(activity[key], fields):
            del activity[key]
            changed = True
    for key in ("leave_out",):
        for name in [name for name in activity.get(key, {}) if not _known(name, fields)]:
            del activity[key][name]
            changed = True
    for key in ("at", "kind", "outcome", "direction"):
        rules = activity.get(key)
        if not isinstance(rules, list):
            if key == "at" and isinstance(rules, str) and not _known(rules, fields):
                del activity[key]
                changed = True
            continue
        for index in reversed(range(len(rules))):
            if not all(_known(name, fields) for name in _named(rules[index])):
                del rules[index]
                changed = True
        if not rules:
            del activity[key]
    return changed


def _offered_only(activity: CommentedMap, fields: Mapping[str, OrgField]) -> bool:
    """Takes values that a list of this CRM does not offer out of tests that have others, and says whether it did."""
    changed = False
    rules = [it for key in ("at", "kind", "outcome", "direction") if isinstance(activity.get(key), list)
             for it in activity[key] if isinstance(it, Mapping)]  # fmt: skip
    for name, test in ((name, test) for rule in rules for name, test in (rule.get("when") or {}).items()):
        field = fields.get(name)
        offered = {plain(it.value) for it in field.choices} if field else set()
        offered |= {plain(value) for value, _ in field.values} if field and offered else set()
        vain = (
            [at for at, value in enumerate(test) if plain(str(value)) not in offered]
            if isinstance(test, list)
            else []
        )
        if offered and vain and len(vain) < len(test):
            for at in reversed(vain):
                del test[at]
            changed = True
    return changed


def _named(rule: Any) -> Sequence[str]:
    """The fields that one rule or moment names."""
    if isinstance(rule, str):
        return (rule,)
    if not isinstance(rule, Mapping):
        return ()
    earliest = rule.get("earliest") or ()
    listed = (earliest,) if isinstance(earliest, str) else tuple(earliest)
    return (*([rule["from"]] if "from" in rule else []), *listed, *(rule.get("when") or {}))


def _known(name: str, fields: Collection[str]) -> bool:
    return "." in name or name in fields
