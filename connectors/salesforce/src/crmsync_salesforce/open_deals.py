"""Read-only facts of open opportunities: `open_deals.count` of a contact, `Account.open_deals.count` of its account.

And of won ones: `won_deals.last_close_date`, `won_deals.last_amount`.

A contact's are those in which it has a role (OpportunityContactRole). A lead has none of its own: where a lookup
leads from it to an account (`Partner__r`), the account's are behind that. Read together with the records: for all of
them by one query, for some by their ids. An opportunity or a role that changes moves no stamp of the record: what has
changed is asked for, deleted ones too, and the records are read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from crmsync.sdk import CHANGED_AT, RECORD_ID, Choice, Currencies, NativeField, Parent, UsageError, replace
from crmsync_salesforce.currencies import read_currencies
from crmsync_salesforce.describe import CURRENCY_FIELD, Describer
from crmsync_salesforce.opportunity_stages import stages_of_opportunities
from crmsync_salesforce.replies import Record
from crmsync_salesforce.soql import Selection, instant_literal, stamp_of
from crmsync_salesforce.transport import Transport

OPEN_DEALS, WON_DEALS = "open_deals", "won_deals"
"""The steps of a path, and the objects that `fields` describes behind them."""
COUNT, LARGEST, STAGE, CLOSE = "count", "largest_amount", "latest_stage", "next_close_date"
WON_ON, WON_FOR = "last_close_date", "last_amount"
BEHIND = {step: Parent((step,), followed=True) for step in (OPEN_DEALS, WON_DEALS)}
"""What stands behind records that have opportunities."""
_HAVE_DEALS = ("Contact", "Account")
_IDS_PER_QUERY = 300

Facts = Mapping[str, str | None]
_NO_OPEN: Facts = {COUNT: "0", LARGEST: None, STAGE: None, CLOSE: None}
_NO_WON: Facts = {WON_ON: None, WON_FOR: None}
_NONE: Facts = {**_NO_OPEN, **_NO_WON}
_BEHIND: Mapping[str, Facts] = {OPEN_DEALS: _NO_OPEN, WON_DEALS: _NO_WON}


def has_deals(object_name: str) -> bool:
    """Whether records of this object have opportunities."""
    return object_name in _HAVE_DEALS


def deal_fields(transport: Transport, describer: Describer) -> tuple[NativeField, ...]:
    """What is told of open opportunities; the stages are those in which one is open."""
    choices = tuple(
        Choice(stage.name, stage.label) for stage in stages_of_opportunities(transport, describer) if stage.is_open
    )
    return (
        NativeField(COUNT, "Open opportunities", "int", writable=False, kind="number"),
        NativeField(LARGEST, "Largest amount of an open opportunity", "currency", writable=False, kind="money"),
        NativeField(STAGE, "Stage of the open opportunity furthest on", "picklist", False, choices, kind="choice"),
        NativeField(CLOSE, "Next close date of an open opportunity", "date", writable=False, kind="date"),
    )


def won_fields() -> tuple[NativeField, ...]:
    """What is told of won opportunities: of the one that was closed last."""
    return (
        NativeField(WON_ON, "Close date of the opportunity won last", "date", writable=False, kind="date"),
        NativeField(WON_FOR, "Amount of the opportunity won last", "currency", writable=False, kind="money"),
    )


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose opportunities the names tell of. `key`: the record's field with the id by which they are found.

    `source`: the object that holds that id in `holder`; `deal`: the way from there to the opportunity's fields.
    """

    names: tuple[str, ...]
    key: str
    source: str
    holder: str
    deal: str

    def asks(self, step: str) -> bool:
        """Whether one of the names leads through it."""
        return any(name.split(".")[-2] == step for name in self.names)


@dataclass
class OpenDeals:
    """The opportunities' part of the fields asked of an object, for one reading. `own`: the object's own part.

    `everything`: all records of the object are read, so all open opportunities are asked for at once. Raises
    `UsageError` for a name behind `open_deals` that there is not, and for an object that has no opportunities.
    """

    transport: Transport
    describer: Describer
    object: str
    fields: Sequence[str]
    everything: bool = False
    own: tuple[str, ...] = ()
    _whose: list[_Whose] = field(default_factory=list)
    _facts: dict[str, dict[str, Facts]] = field(default_factory=dict)
    _order: dict[str, int] | None = None
    _money: Currencies | None = None

    def __post_init__(self) -> None:
        """Take the names apart; no call is made."""
        asked: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.fields):
            if is_of_deals(name):
                asked.setdefault(".".join(name.split(".")[:-2]), []).append(name)
        self._whose = [self._of(relationship, names) for relationship, names in asked.items()]
        own = [name for name in self.fields if not is_of_deals(name)]
        self.own = tuple(dict.fromkeys((*own, *(each.key for each in self._whose if each.key != "Id"))))

    @property
    def asked(self) -> bool:
        """Whether anything is asked of opportunities."""
        return bool(self._whose)

    def filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The records with what their open opportunities tell, in the columns that were asked for.

        0 opportunities are a known 0; without an account nothing is known of its opportunities.
        """
        if not self._whose:
            return frame
        for whose in self._whose:
            keys = frame[RECORD_ID if whose.key == "Id" else whose.key].to_list()
            facts = self._of_keys(whose, [key for key in dict.fromkeys(keys) if key])
            for name in whose.names:
                told = [facts[key][name.rpartition(".")[2]] if key else None for key in keys]
                frame = frame.with_columns(pl.Series(name, told, dtype=pl.String))
        beside = [name for name in (RECORD_ID, "@lead", CHANGED_AT) if name in frame.columns]
        return frame.select(*beside, *dict.fromkeys(self.fields))

    def changed(self, selection: Selection, since: datetime) -> Iterator[Selection]:
        """Queries for the records whose opportunities changed since then; `selection`: for all of the object's."""
        for whose in self._whose:
            keys = list(dict.fromkeys(self._moved(whose, since)))
            for start in range(0, len(keys), _IDS_PER_QUERY):
                listed = ", ".join(f"'{key}'" for key in keys[start : start + _IDS_PER_QUERY])
                yield replace(selection, conditions=(*selection.conditions, f"{whose.key} IN ({listed})"))

    def _of(self, relationship: str, names: Sequence[str]) -> _Whose:
        for name in names:
            step, last = name.split(".")[-2:]
            if last not in _BEHIND[step]:
                hint = f"behind {step} stand {', '.join(_BEHIND[step])}"
                raise UsageError(f"{self.object} has no field {name!r}", hint=hint)
        if relationship:
            return _Whose(tuple(names), f"{relationship}.Id", "Opportunity", "AccountId", "")
        if self.object == "Contact":
            return _Whose(tuple(names), "Id", "OpportunityContactRole", "ContactId", "Opportunity.")
        if self.object == "Account":
            return _Whose(tuple(names), "Id", "Opportunity", "AccountId", "")
        raise UsageError(
            f"a {self.object} has no opportunities of its own: {names[0]} is a field of contacts and accounts",
            hint=f"name the lookup that leads to its account: Partner__r.{names[0]}",
        )

    def _of_keys(self, whose: _Whose, keys: Sequence[str]) -> Mapping[str, Facts]:
        known = self._facts.setdefault(whose.key, {})
        if self.everything and not known:
            known |= self._read(whose, "")
            # What comes with a later page and has none is found here, too.
            known.setdefault("", _NONE)
        missing = [key for key in keys if key not in known]
        if not self.everything:
            for start in range(0, len(missing), _IDS_PER_QUERY):
                listed = ", ".join(f"'{key}'" for key in missing[start : start + _IDS_PER_QUERY])
                known |= self._read(whose, f" AND {whose.holder} IN ({listed})")
        return {key: known.get(key, _NONE) for key in keys}

    def _read(self, whose: _Whose, condition: str) -> dict[str, Facts]:
        """By key, the facts of the opportunities that fit the condition: of open ones, of won ones, as is asked."""
        told: dict[str, Facts] = {}
        if whose.asks(OPEN_DEALS):
            found = self._deals(whose, f"{whose.deal}IsClosed = false{condition}")
            told |= {key: {**_NONE, **self._summed(deals)} for key, deals in found.items()}
        if whose.asks(WON_DEALS):
            found = self._deals(whose, f"{whose.deal}IsWon = true{condition}")
            told |= {key: {**told.get(key, _NONE), **self._won(deals)} for key, deals in found.items()}
        return told

    def _deals(self, whose: _Whose, condition: str) -> dict[str, list[Record]]:
        several = self.describer.schema("Opportunity").has(CURRENCY_FIELD)
        names = ["Id", "Amount", "StageName", "CloseDate", *([CURRENCY_FIELD] if several else [])]
        listed = ", ".join(f"{whose.deal}{name}" for name in names)
        soql = (
            f"SELECT {whose.holder}, {listed} FROM {whose.source} "  # noqa: S608 - names of the connector's own
            f"WHERE {whose.holder} != null AND {condition}"
        )
        deals: dict[str, dict[str, Record]] = {}
        for record in self.transport.facts(soql, what="the query on opportunities"):
            deal = record.get("Opportunity") if whose.deal else record
            if isinstance(deal, dict) and record.get(whose.holder):
                deals.setdefault(str(record[whose.holder]), {})[str(deal.get("Id"))] = deal
        return {key: list(found.values()) for key, found in deals.items()}

    def _won(self, deals: Sequence[Mapping[str, Any]]) -> Facts:
        last = max(deals, key=lambda deal: (str(deal.get("CloseDate") or ""), str(deal.get("Id"))))
        day, amount = last.get("CloseDate"), self._amount(last)
        return {
            WON_ON: str(day) if day else None,
            WON_FOR: None if amount is None else f"{amount.normalize():f}",
        }

    def _summed(self, deals: Sequence[Mapping[str, Any]]) -> Facts:
        amounts = [amount for deal in deals if (amount := self._amount(deal)) is not None]
        stages = [str(stage) for deal in deals if (stage := deal.get("StageName"))]
        days = [str(day) for deal in deals if (day := deal.get("CloseDate"))]
        return {
            COUNT: str(len(deals)),
            LARGEST: f"{max(amounts).normalize():f}" if amounts else None,
            STAGE: max(stages, key=self._place, default=None),
            CLOSE: min(days, default=None),
        }

    def _amount(self, deal: Mapping[str, Any]) -> Decimal | None:
        """In the org's own currency; null for one in a currency without a rate."""
        try:
            amount = Decimal(str(deal.get("Amount")))
        except InvalidOperation:
            return None
        code = deal.get(CURRENCY_FIELD)
        if code:
            self._money = self._money or read_currencies(self.transport)
            if self._money and code != self._money.home:
                rate = self._money.rates.get(str(code))
                return round(amount / Decimal(str(rate)), 2) if rate else None
        return amount if amount.is_finite() else None

    def _place(self, stage: str) -> int:
        if self._order is None:
            named = stages_of_opportunities(self.transport, self.describer)
            self._order = {each.name: place for place, each in enumerate(named)}
        return self._order.get(stage, -1)

    def _moved(self, whose: _Whose, since: datetime) -> Iterator[str]:
        """Keys of which a role or an opportunity, deleted or not, has changed since then."""
        moment = instant_literal(since)
        own = f"{stamp_of(self.describer.schema(whose.source))} >= {moment}"
        deals = f" OR {whose.deal}SystemModstamp >= {moment}" if whose.deal else ""
        soql = f"SELECT {whose.holder} FROM {whose.source} WHERE {own}{deals}"  # noqa: S608 - the connector's own
        for record in self.transport.facts(soql, what="the query on changed opportunities", with_deleted=True):
            if record.get(whose.holder):
                yield str(record[whose.holder])


def is_of_deals(name: str) -> bool:
    """Whether a field's path leads through open opportunities, or won ones."""
    return any(step in _BEHIND for step in name.split(".")[:-1])
