"""The facts of a mapping, each with its field and its values, and the mapping's text with another answer for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmsync.configuration import did_you_mean, read_document, rewritten
from crmsync.errors import UsageError
from crmsync.mapping import FactMapping
from crmsync.operations.init.policy_choice import facts_asked
from crmsync.settings import Settings
from crmsync.suggest.shapes import AskedFact

UNMAPPED = "unmapped"
LEFT_OUT = ""
"""What is said of a value that the mapping shall not name."""
NOTHING_KNOWN = "null"
"""What is said of a value that says nothing known. A word `null` there cannot be: policies have none."""


@dataclass(frozen=True, slots=True)
class MappedFact:
    """`mapped`: null = unmapped. `wanted`: the policy asks for it; else it stands in the file alone."""

    asked: AskedFact
    mapped: FactMapping | None
    wanted: bool

    @property
    def values(self) -> Mapping[str, str | None]:
        """Native value → the policy's word, null = says nothing known; empty where each means itself."""
        return dict(self.mapped.values or {}) if self.mapped else {}

    @property
    def field(self) -> str | None:
        """The first field it is read from."""
        return self.mapped.field[0] if self.mapped else None

    def word_for(self, native: str) -> str | None:
        """What the mapping says of a native value, as `with_fact` takes it; null = it does not name it."""
        for value, word in self.values.items():
            if value.strip().casefold() == native.strip().casefold():
                return NOTHING_KNOWN if word is None else word
        return None


def mapped_facts(settings: Settings, connection: str) -> tuple[MappedFact, ...]:
    """All that the policy asks for, then what the file has beyond that."""
    said = settings.connection(connection).mapping.facts
    wanted = {each.name for each in facts_asked(settings.policy)}
    asked = {each.name: each for each in facts_asked(settings.policy)}
    for name, fact in said.items():
        if name not in asked:
            kind = fact.type if isinstance(fact, FactMapping) else "text"
            asked[name] = AskedFact(name, kind, name.replace("_", " "))
    return tuple(
        MappedFact(each, found if isinstance(found := said.get(name), FactMapping) else None, name in wanted)
        for name, each in asked.items()
    )


def with_fact(
    settings: Settings, connection: str, text: str, fact: str, field: str | None, values: Mapping[str, str]
) -> str:
    """The mapping's text with another field for a fact (null: unmapped), and these answers for native values.

    `values`: native value → the policy's word, `NOTHING_KNOWN`, or `LEFT_OUT`. What the file says of other values
    and of the field's further keys stays, as long as the field does. Raises `UsageError` for a fact or a word that
    the policy does not have, and for a text that cannot be changed.
    """
    asked = {each.asked.name: each.asked for each in mapped_facts(settings, connection)}
    if fact not in asked:
        raise UsageError(f"the policy has no fact `{fact}`", hint=did_you_mean(fact, asked))
    file = str(settings.mapping_path(connection))
    if field is None:
        return rewritten(text, file, ("facts", fact), UNMAPPED)
    before = _said(text, file, fact)
    stays = isinstance(before, Mapping) and field in _fields(before)
    entry: dict[str, Any] = dict(before) if stays and isinstance(before, Mapping) else {"field": field}
    entry["type"] = asked[fact].type
    told = _values(entry.get("values"), values, asked[fact])
    entry.pop("values", None)
    return rewritten(text, file, ("facts", fact), {**entry, **({"values": told} if told else {})})


def _said(text: str, file: str, fact: str) -> Any:
    data = read_document(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file).data
    facts = data.get("facts") if isinstance(data, Mapping) else None
    return facts.get(fact) if isinstance(facts, Mapping) else None


def _fields(entry: Mapping[str, Any]) -> list[Any]:
    field = entry.get("field")
    return field if isinstance(field, list) else [field]


def _values(before: Any, told: Mapping[str, str], asked: AskedFact) -> Any:
    """As the file has them: a list where each means itself, else value by value."""
    kept: dict[str, Any] = {each: each for each in before} if isinstance(before, list) else dict(before or {})
    spelt = {str(native).strip().casefold(): native for native in kept}
    for native, word in told.items():
        known = spelt.get(native.strip().casefold(), native)
        if word == LEFT_OUT:
            kept.pop(known, None)
        elif word == NOTHING_KNOWN:
            kept[known] = None
        elif asked.values and word not in asked.values:
            raise UsageError(f"`{word[:60]}` is no value of `{asked.name}`", hint=did_you_mean(word, asked.values))
        elif str(kept.get(known)) != word:
            kept[known] = word
    same = isinstance(before, list) and all(native == word for native, word in kept.items())
    return list(kept) if same else kept
