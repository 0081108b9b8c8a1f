"""What the CRM says of the fields that facts stand in, as far as reading them depends on it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from crmsync.contract import Currencies, NativeField
from crmsync.mapping.schema import CrmMapping
from crmsync.patterns import late_pattern

_CODE = late_pattern("[A-Z]{3}")
NUMBERS = frozenset({"number", "money"})
LISTS = frozenset({"choice", "choices", "boolean"})


class NativeTypes(Struct, frozen=True):
    """`numbers`: fields that the CRM itself holds as numbers; in others `1.000` may mean a thousand.

    `lists`: fields whose values are chosen from a list, so that no value is a person's own words. `currency_fields`:
    field with an amount → field of the record that says in which currency. `currencies`: null = not told.
    `home_amounts`: fields with amounts in the CRM's home currency, where a policy counts in another one. `wanted`:
    fact → currency that the policy counts it in; others are in the CRM's home currency.
    """

    numbers: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    currency_fields: Mapping[str, str] = field(default_factory=dict)
    currencies: Currencies | None = None
    home_amounts: frozenset[str] = frozenset()
    wanted: Mapping[str, str] = field(default_factory=dict)

    @property
    def amounts(self) -> frozenset[str]:
        """Fields whose amounts have a currency, and may have to be converted."""
        return self.home_amounts.union(self.currency_fields)

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
        if not self.amounts:
            return ""
        told = [self.currencies.home, sorted(self.currencies.rates.items())] if self.currencies else None
        return _digest([told, sorted(self.wanted.items())])

    @property
    def digest(self) -> str:
        """Changes with what the fields are."""
        told: list[object] = [sorted(self.numbers), sorted(self.currency_fields.items())]
        return _digest([*told, sorted(self.home_amounts)] if self.home_amounts else told)


NOTHING_TOLD = NativeTypes()
"""Of fields that no CRM has described: numbers are read as people write them."""


def native_types(
    fields: Iterable[NativeField], mapping: CrmMapping, currencies: Currencies | None, units: Mapping[str, str]
) -> NativeTypes:
    """Of the lead fields that the mapping names. `units`: fact → the unit that the policy declares; one that is no
    currency of this CRM is a word for people, unless it is written like a currency and the CRM holds amounts there.
    """
    named = frozenset(mapping.fields_read)
    mine = [each for each in fields if each.name in named]
    amounts = {each.name: each.currency_field for each in mine if each.currency_field}
    for fact in mapping.mapped_facts.values():
        amounts |= dict.fromkeys(fact.field, fact.currency) if fact.currency else {}
    codes = currencies.rates if currencies else {}
    money = frozenset(each.name for each in mine if each.kind == "money")
    there = {fact: mapping.mapped_facts[fact].field for fact in units if fact in mapping.mapped_facts}
    amount_fields = money.union(amounts)
    written_like_one = {
        fact for fact, names in there.items() if _CODE.fullmatch(units[fact]) and not amount_fields.isdisjoint(names)
    }
    wanted = {fact: unit for fact, unit in units.items() if unit in codes or fact in written_like_one}
    abroad = [there[fact] for fact in there if fact in wanted and currencies and wanted[fact] != currencies.home]
    home_amounts = money.intersection(name for names in abroad for name in names).difference(amounts)
    return NativeTypes(
        numbers=frozenset(each.name for each in mine if each.kind in NUMBERS),
        lists=frozenset(each.name for each in mine if each.kind in LISTS),
        currency_fields=amounts,
        currencies=currencies if amounts or home_amounts else None,
        home_amounts=home_amounts,
        wanted=wanted if amounts or home_amounts else {},
    )


def _digest(state: object) -> str:
    return hashlib.blake2b(json.dumps(state).encode(), digest_size=16).hexdigest()
