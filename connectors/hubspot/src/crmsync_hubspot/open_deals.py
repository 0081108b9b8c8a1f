"""Read-only facts of the open deals of a record: `open_deals.count`, and of its company: `company.open_deals.count`.

And of won ones: `won_deals.last_close_date`, `won_deals.last_amount`.

Deals belong to contacts and companies by association, which the list of contacts does not tell: so the ids of their
deals cost one call per 1,000 contacts, the deals one per 100. A deal that changes moves no stamp of its contacts: the
deals that changed are searched for, too, and their contacts are read again. A deal that is deleted, or taken away
from a contact, moves nothing that can be searched for; the next reading of everything sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from crmsync.sdk import Choice, NativeField, Parent, UsageError
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.companies import PRIMARY, read_again, refuse_errors
from crmsync_hubspot.deal_stages import DealStages
from crmsync_hubspot.gateway import BATCH, Gateway
from crmsync_hubspot.object_names import COMPANIES, CONTACTS, LEADS, plural
from crmsync_hubspot.parts import JsonObject, text_in
from crmsync_hubspot.paths import COMPANY, OPEN_DEALS, WON_DEALS, is_of_deals
from crmsync_hubspot.properties import CURRENCY_PROPERTY
from crmsync_hubspot.records import Walk

COUNT, LARGEST, STAGE, CLOSE = "count", "largest_amount", "latest_stage", "next_close_date"
WON_ON, WON_FOR = "last_close_date", "last_amount"
_BEHIND = {OPEN_DEALS: (COUNT, LARGEST, STAGE, CLOSE), WON_DEALS: (WON_ON, WON_FOR)}
_HOME = "amount_in_home_currency"
_READ = ("amount", _HOME, CURRENCY_PROPERTY, "dealstage", "closedate")
_DEALS = "deals"
_HAVE_DEALS = (CONTACTS, COMPANIES, LEADS)
BEHIND = {step: Parent((step,), followed=True) for step in _BEHIND}
"""What stands behind records that have deals."""


def has_deals(object_name: str) -> bool:
    """Whether records of this object have deals."""
    return plural(object_name) in _HAVE_DEALS


def deal_fields(stages: DealStages) -> tuple[NativeField, ...]:
    """What is told of open deals; the stages are those in which a deal is open."""
    choices = tuple(Choice(stage.id, stage.label) for stage in stages.open_ones())
    return (
        NativeField(COUNT, "Open deals", "number", writable=False, kind="number"),
        NativeField(LARGEST, "Largest amount of an open deal", "number", writable=False, kind="money"),
        NativeField(STAGE, "Stage of the open deal furthest on", "enumeration", False, choices, kind="choice"),
        NativeField(CLOSE, "Next close date of an open deal", "datetime", writable=False, kind="datetime"),
    )


def won_fields() -> tuple[NativeField, ...]:
    """What is told of won deals: of the one that was closed last."""
    return (
        NativeField(WON_ON, "Close date of the deal won last", "datetime", writable=False, kind="datetime"),
        NativeField(WON_FOR, "Amount of the deal won last", "number", writable=False, kind="money"),
    )


class OpenDeals:
    """The deals' part of the fields asked of an object, for one reading.

    Raises `UsageError` for a name behind them that there is not, and for an object that has no deals.
    """

    def __init__(self, gateway: Gateway, object_name: str, fields: Iterable[str]) -> None:
        self._gateway = gateway
        self._object = object_name
        self._stages = DealStages(gateway)
        asked = [name for name in dict.fromkeys(fields) if is_of_deals(name)]
        self._own = [name for name in asked if not name.startswith(COMPANY)]
        self._companys = [name for name in asked if name.startswith(COMPANY)]
        self._of_companies: dict[str, Mapping[str, str | None]] = {}
        self._home: str | None = None
        for name in asked:
            step, last = name.split(".")[-2:]
            if last not in _BEHIND.get(step, ()):
                there = _BEHIND.get(step, _BEHIND[OPEN_DEALS])
                raise UsageError(
                    f"HubSpot's {object_name} have no field {name!r}",
                    hint=f"behind {step} stand {', '.join(there[:-1])} and {there[-1]}",
                )
        if self._own and not has_deals(object_name):
            raise UsageError(f"{object_name} have no deals: {self._own[0]} is a field of contacts and companies")

    def filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The records with what their open deals tell; 0 of them is a known 0. No record, no call."""
        told = list(records)
        if self._own:
            facts = self._facts(self._object, [str(each["id"]) for each in told])
            told = [_with(each, self._own, facts.get(str(each["id"]), {})) for each in told]
        if self._companys:
            wanted = dict.fromkeys(company for each in told if (company := _company_of(each)))
            new = [company for company in wanted if company not in self._of_companies]
            self._of_companies |= self._facts(COMPANIES, new)
            told = [_with(each, self._companys, self._of_companies.get(_company_of(each), {})) for each in told]
        return told

    def of_changed_deals(self, since: datetime, own: Sequence[str], seen: set[str]) -> Iterator[list[JsonObject]]:
        """Records whose deals, or whose company's, changed since then, those aside that were `seen`; with `own`."""
        if not self._own and not self._companys:
            return
        for page in Walk(self._gateway, _DEALS, ("dealstage",)).changed(since):
            deals = [str(each["id"]) for each in page.results]
            if self._own:
                yield from self._again(_DEALS, deals, own, seen)
            if self._companys:
                companies = _all(leads_of(self._gateway, _DEALS, COMPANIES, deals))
                yield from self._again(COMPANIES, companies, own, seen)

    def _again(
        self, of_object: str, ids: Sequence[str], own: Sequence[str], seen: set[str]
    ) -> Iterator[list[JsonObject]]:
        """Those that belong to these deals, or whose primary company is one of these."""
        waiting = [each for each in _all(leads_of(self._gateway, of_object, self._object, ids)) if each not in seen]
        for records in read_again(self._gateway, self._object, waiting, own):
            meant = [each for each in records if of_object != COMPANIES or _company_of(each) in ids]
            # One that belongs to these companies beside its primary one may be meant by a later page.
            seen.update(str(each["id"]) for each in meant)
            yield meant

    def _facts(self, object_name: str, ids: Sequence[str]) -> dict[str, Mapping[str, str | None]]:
        """By id of each of these records, what its open deals tell."""
        if not ids:
            return {}
        deals_of = leads_of(self._gateway, object_name, _DEALS, ids)
        deals, torn = self._read(_all(deals_of))
        # Beside a deal that does not tell what it is nothing is known of all of them.
        known = {each: deals_of.get(each, []) for each in ids if not torn.intersection(deals_of.get(each, ()))}
        return {each: self._told([deals[deal] for deal in found if deal in deals]) for each, found in known.items()}

    def _read(self, ids: Sequence[str]) -> tuple[dict[str, Mapping[str, str | None]], set[str]]:
        """The properties of those of the deals that are there, and the ids of those that came torn."""
        found: dict[str, Mapping[str, str | None]] = {}
        torn: set[str] = set()
        for start in range(0, len(ids), BATCH):
            answer = self._gateway.read_batch(_DEALS, ids[start : start + BATCH], _READ)
            refuse_errors(answer.errors)
            found |= {str(each["id"]): each["properties"] for each in answer.results}
            torn.update(answer.torn)
        return found, torn

    def _told(self, deals: Sequence[Mapping[str, str | None]]) -> Mapping[str, str | None]:
        opened = [deal for deal in deals if self._stages.is_open(deal.get("dealstage"))]
        won = [deal for deal in deals if self._stages.is_won(deal.get("dealstage")) and deal.get("closedate")]
        return {**self._summed(opened), **self._last_won(won)}

    def _last_won(self, deals: Sequence[Mapping[str, str | None]]) -> Mapping[str, str | None]:
        # HubSpot's instants are of one form, so their texts are in their order.
        last = max(deals, key=lambda deal: str(deal.get("closedate")), default=None)
        if last is None:
            return {}
        amount = self._amount(last)
        return {WON_ON: last.get("closedate"), WON_FOR: None if amount is None else f"{amount.normalize():f}"}

    def _summed(self, deals: Sequence[Mapping[str, str | None]]) -> Mapping[str, str | None]:
        amounts = [amount for deal in deals if (amount := self._amount(deal)) is not None]
        stages = [stage for deal in deals if (stage := deal.get("dealstage"))]
        closes = [day for deal in deals if (day := deal.get("closedate"))]
        return {
            COUNT: str(len(deals)),
            LARGEST: f"{max(amounts).normalize():f}" if amounts else None,
            STAGE: max(stages, key=self._stages.place, default=None),
            CLOSE: min(closes, default=None),
        }

    def _amount(self, deal: Mapping[str, str | None]) -> Decimal | None:
        """In the account's own currency; null for one in another that HubSpot has not converted."""
        text = deal.get(_HOME)
        currency = deal.get(CURRENCY_PROPERTY)
        if not text and (not currency or currency == self._home_currency()):
            text = deal.get("amount")
        try:
            amount = Decimal(text or "")
        except InvalidOperation:
            return None
        return amount if amount.is_finite() else None

    def _home_currency(self) -> str:
        if self._home is None:
            self._home = text_in(self._gateway.account().get("companyCurrency"))
        return self._home


def _company_of(record: JsonObject) -> str:
    return str(record["properties"].get(PRIMARY) or "")


def _with(record: JsonObject, names: Sequence[str], facts: Mapping[str, str | None]) -> JsonObject:
    told = {name: facts.get(name.rpartition(".")[2]) for name in names}
    return {**record, "properties": {**record["properties"], **told}}


def _all(lists: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(each for found in lists.values() for each in found))
