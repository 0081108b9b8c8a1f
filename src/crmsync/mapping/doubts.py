"""What in a mapping is worth a look: types that hardly fit, values nobody offers, fields that change unseen. Pure.

Nothing stops for a doubt: `crmsync check` tells it as a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from crmsync.configuration import Document
from crmsync.contract import FieldKind, NativeField
from crmsync.errors import Finding
from crmsync.mapping.account_mapping import AccountMapping
from crmsync.mapping.activity_mapping import ActivityMapping, Rule, activity_fields
from crmsync.mapping.answers import fields_of
from crmsync.mapping.choices import fits, value_place
from crmsync.mapping.fact_mapping import FactMapping
from crmsync.mapping.offered import has_list, not_offered
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.spelling import plain
from crmsync.mapping.unnamed import unknown_words
from crmsync.mapping.word_lists import DIRECTIONS, KnownWords
from crmsync.model import FactType

Fields = Mapping[str, NativeField]
Path = tuple[str | int, ...]
VALUES_SHOWN = 5

_SUITING: Mapping[FactType, frozenset[FieldKind]] = {
    "integer": frozenset({"number", "money"}),
    "number": frozenset({"number", "money"}),
    "money": frozenset({"number", "money"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "datetime"}),
    "datetime": frozenset({"datetime"}),
    "choice": frozenset({"choice", "text", "boolean", "reference"}),
}
"""What a field holds whose values all convert; other kinds of field convert by chance, or never."""
_HELD: Mapping[FieldKind, str] = {
    "text": "any text", "choice": "one of a list", "choices": "several of a list at once", "number": "numbers",
    "money": "amounts", "boolean": "true or false", "date": "days", "datetime": "instants", "reference": "ids",
}  # fmt: skip


def lead_doubts(mapping: CrmMapping, written: CrmMapping, fields: Fields, document: Document) -> Iterator[Finding]:
    """Of the lead's fields. `mapping`: as it is used; `written`: as the file says it, for the places."""
    for name, fact in written.mapped_facts.items():
        used = mapping.mapped_facts[name]
        for native in fact.field:
            if native in fields:
                yield from _fact_doubts(name, fact, used, fields[native], document)
        yield from _unoffered_values(name, fact, fields, document)
    yield from _stage_doubts(mapping, fields, document)
    created = fields.get(written.lead.created_at)
    if created is not None and created.kind not in ("date", "datetime", "unknown"):
        message = f"`created_at` stands in {created.name}, which holds {_HELD[created.kind]} and no instants"
        yield document.warning(("lead", "created_at"), message, "name the field with the record's creation time")


def activity_doubts(
    activity: ActivityMapping, fields: Fields, known: KnownWords, document: Document, place: Path
) -> Iterator[Finding]:
    """Of one activity object's fields; `known`: words that mean something as they stand; `place`: of its entry."""
    for index, moment in enumerate(activity.at):
        where = (*place, "at", index) if (*place, "at", index) in document.values else (*place, "at")
        for name in moment.fields:
            field = fields.get(name)
            if field is not None and field.kind not in ("date", "datetime", "unknown"):
                message = f"{name} holds {_HELD[field.kind]}; it says no day on which something happened"
                yield document.warning(where, message, "name a field with a day or an instant")
    parts: tuple[tuple[str, Sequence[Rule]], ...] = (
        ("kind", activity.kind), ("outcome", activity.outcome), ("direction", activity.direction)
    )  # fmt: skip
    for key, rules in parts:
        for index, rule in enumerate(rules):
            where = (*place, key, index) if (*place, key, index) in document.values else (*place, key)
            yield from _rule_doubts(rule, fields, document, where)
    for key, known_here in (("outcome", known.outcomes), ("direction", DIRECTIONS)):
        yield from _unnamed_choices(activity, key, known_here, fields, document, (*place, key))


def _unnamed_choices(
    activity: ActivityMapping, part: str, known: Collection[str], fields: Fields, document: Document, place: Path
) -> Iterator[Finding]:
    """Values that the CRM offers, and by which an outcome or a direction is unknown because no rule names them."""
    rules: tuple[Rule, ...] = getattr(activity, part)
    for name in fields_of(rules):
        field = fields.get(name)
        offered = [choice.value for choice in field.choices if choice.active] if field and has_list(field) else []
        empty = dict.fromkeys(activity_fields(activity), pl.lit(None, pl.String))
        records = pl.DataFrame({name: pl.Series(offered, dtype=pl.String)}).with_columns(
            **{other: nothing for other, nothing in empty.items() if other != name}
        )
        for _, unnamed in unknown_words(rules, records, known):
            lost = records.filter(unnamed)[name].to_list()
            message = f"{name} offers {_some(lost)}, which no rule names: the {part} of such records is unknown"
            yield document.warning(place, message, "name them under `values` (`null` for one that says nothing)")


def account_doubts(account: AccountMapping, fields: Fields, document: Document, place: Path) -> Iterator[Finding]:
    """Words that an entry of `accounts` waits for and that the CRM does not offer."""
    for name, test in account.when.items():
        if lost := not_offered(fields.get(name), test.equals or (), plain):
            message = f"{name} does not offer {_some(lost)}: this entry waits for it in vain"
            hint = f"it offers {_some([choice.value for choice in fields[name].choices])}"
            yield document.warning((*place, "when", name), message, hint)


def _fact_doubts(
    name: str, fact: FactMapping, used: FactMapping, field: NativeField, document: Document
) -> Iterator[Finding]:
    place: Path = ("facts", name)
    if field.calculated:
        whose = "which is another record's" if "." in field.name else "which the CRM calculates"
        yield document.warning(
            place,
            f"`{name}` stands in {field.name}, {whose}: it changes without a change of the record",
            "such changes are seen when everything is read: `schedule: {full_every_hours: …}` says how often",
        )
    if field.masked:
        yield document.warning(
            place,
            f"`{name}` stands in {field.name}, which is encrypted: without a permission for it, stars are read",
            "let the integration user view encrypted data, or keep the fact in another field",
        )
    if field.currency_field:
        yield document.warning(
            place,
            f"the amounts of {field.name} are in several currencies: {field.currency_field} says in which",
            f"they are converted by the CRM's own rates into its home currency, or into the `unit` of `{name}` "
            "in the policy; what has no rate is unknown",
        )
    if fact.values is not None or field.kind == "unknown" or used.type == "text":
        return
    if field.kind in _SUITING[used.type]:
        if field.choices and used.values is not None:
            yield from _unknown_choices(name, used, field, document)
        return
    lost = [choice.value for choice in field.choices if choice.active and not fits(choice.value, used.type)]
    if field.choices and not lost:
        return
    held = f"offers {_some(lost)}" if lost else f"holds {_HELD[field.kind]}"
    what = "every such lead" if lost else "what does not convert"
    yield document.warning(
        place,
        f"`{name}` is of type {used.type}, and {field.name} {held}: unknown for {what}",
        "translate the values with `values`, e.g. `{11-50: 11}`" if lost else "`crmsync check --data` counts them",
    )


def _unknown_choices(name: str, used: FactMapping, field: NativeField, document: Document) -> Iterator[Finding]:
    """Values that the CRM offers and the policy does not know of a fact that is given as it stands."""
    known = {value.casefold() for value in used.values or ()}
    lost = [choice.value for choice in field.choices if choice.active and choice.value.casefold() not in known]
    if lost:
        yield document.warning(
            ("facts", name),
            f"{field.name} offers {_some(lost)}, which the policy does not know of `{name}`: unknown for such leads",
            "translate them with `values`, or add them to the fact in the policy",
        )


def _unoffered_values(name: str, fact: FactMapping, fields: Fields, document: Document) -> Iterator[Finding]:
    """Native values that are translated and that none of the fields offers."""
    there = [fields[native] for native in fact.field if native in fields]
    if not there or not fact.values or not all(field.choices for field in there):
        return
    missing = [set(not_offered(field, list(fact.values))) for field in there]
    lost = [value for value in fact.values if all(value in each for each in missing)]
    if lost:
        names = " and ".join(field.name for field in there)
        yield document.warning(
            value_place(document, name, lost[0]),
            f"{names} does not offer {_some(lost)}, which `values` of `{name}` names",
            f"take them out, or write what it offers: {_some([each.value for each in there[0].choices])}",
        )


def _stage_doubts(mapping: CrmMapping, fields: Fields, document: Document) -> Iterator[Finding]:
    """Native values that are read as a stage and that the CRM does not offer; the first is written, and checked."""
    for stage, value in mapping.stage.values.items():
        for name, texts in value.set.items():
            lost = not_offered(fields.get(name), texts[1:])
            if lost:
                message = f"{name} does not offer {_some(lost)}, which is read as `{stage}`"
                yield document.warning(("stage", "values", stage), message, "take it out, or correct it", at_key=True)


def _rule_doubts(rule: Rule, fields: Fields, document: Document, place: Path) -> Iterator[Finding]:
    asked: list[tuple[str, Sequence[str]]] = [(name, test.equals or ()) for name, test in rule.when.items()]
    if rule.from_ is not None and rule.values is not None:
        asked.append((rule.from_, tuple(rule.values)))
    for name, words in asked:
        if lost := not_offered(fields.get(name), words, plain):
            message = f"{name} does not offer {_some(lost)}: this rule waits for it in vain"
            yield document.warning(place, message, f"it offers {_some([c.value for c in fields[name].choices])}")


def _some(values: Sequence[str]) -> str:
    shown = [f"`{value}`" for value in values[:VALUES_SHOWN]]
    more = f" and {len(values) - VALUES_SHOWN:,} more" if len(values) > VALUES_SHOWN else ""
    return ", ".join(shown) + more
