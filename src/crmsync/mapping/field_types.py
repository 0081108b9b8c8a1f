"""What the CRM says of the fields that facts stand in, as far as reading them depends on it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crmsync.contract import Currencies, NativeField
from crmsync.mapping.schema import CrmMapping

NUMBERS = frozenset({"number", "money"})
LISTS = frozenset({"choice", "choices", "boolean"})


@dataclass(frozen=True, slots=True)
class NativeTypes:
    """`numbers`: fields that the CRM itself holds as numbers; in others `1.000` may mean a thousand.

    `lists`: fields whose values are chosen from a list, so that no value is a person's own words. `currency_fields`:
    field with an amount → field of the record that says in which currency. `currencies`: null = not told.
    `wanted`: fact → currency that the policy counts it in; others are in the CRM's home currency.
    """

    numbers: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    currency_fields: Mapping[str, str] = field(default_factory=dict)
    currencies: Currencies | None = None
    wanted: Mapping[str, str] = field(default_factory=dict)

    def factors(self, fact: str) -> Mapping[str, float]:
        """Currency → what an amount in it is multiplied by; one that is missing cannot be converted."""
        target = self.target(fact)
        if target is None:
            return {}
        if self.currencies is None or target not in self.currencies.rates:
            return {target: 1.0}
        into = self.currencies.rates[target]
        return {code: into / rate for code, rate in self.currencies.rates.items() if rate > 0}

    def target(self, fact: str) -> str | None:
        """The currency in which this fact is counted; null = nobody says."""
        return self.wanted.get(fact) or (self.currencies.home if self.currencies else None)

    @property
    def rates_digest(self) -> str:
        """Changes with the currencies and their rates; empty where no amount is converted."""
        if not self.currency_fields:
            return ""
        told = [self.currencies.home, sorted(self.currencies.rates.items())] if self.currencies else None
        return _digest([told, sorted(self.wanted.items())])

    @property
    def digest(self) -> str:
        """Changes with what the fields are."""
        return _digest([sorted(self.numbers), sorted(self.currency_fields.items())])


NOTHING_TOLD = NativeTypes()
"""Of fields that no CRM has described: numbers are read as people write them."""


def native_types(
    fields: Iterable[NativeField], mapping: CrmMapping, currencies: Currencies | None, units: Mapping[str, str]
) -> NativeTypes:
    """Of the lead fields that the mapping names. `units`: fact → the unit that the policy declares; one that is no
    currency of this CRM is a word for people.
    """
    named = frozenset(mapping.lead_fields)
    mine = [each for each in fields if each.name in named]
    amounts = {each.name: each.currency_field for each in mine if each.currency_field}
    for fact in mapping.mapped_facts.values():
        amounts |= dict.fromkeys(fact.field, fact.currency) if fact.currency else {}
    codes = currencies.rates if currencies else {}
    return NativeTypes(
        numbers=frozenset(each.name for each in mine if each.kind in NUMBERS),
        lists=frozenset(each.name for each in mine if each.kind in LISTS),
        currency_fields=amounts,
        currencies=currencies if amounts else None,
        wanted={fact: unit for fact, unit in units.items() if unit in codes} if amounts else {},
    )


def _digest(state: object) -> str:
    return hashlib.blake2b(json.dumps(state).encode(), digest_size=16).hexdigest()
