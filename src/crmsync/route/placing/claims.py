"""Who has a claim on a lead's company: owners of the CRM's own accounts, customers and open opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from crmsync.route.choosing.strategy import AccountOwner, Lead
from crmsync.route.placing.accounts import all_shared, company_key
from crmsync.route.placing.order_of_turns import owners_place, plain
from crmsync.route.placing.owned import NOTHING_ASKED, Owned, facts_told

_KEYS = ("domain", "company_key")
"""By what a record and a lead are found to be of the same company; the domain is the surer sign."""


class Claims:
    """Owners by the company's domain and by its name, each in the order of their claim."""

    def __init__(
        self,
        accounts: pl.DataFrame | None,
        needing: pl.DataFrame,
        shared_domains: Iterable[str],
        link: str,
        places: Mapping[str, int],
        owned: Owned = NOTHING_ASKED,
    ) -> None:
        """`accounts`: schema ACCOUNTS. `needing`: leads to place, with account keys. `owned`: what is told of each.

        `link`: the column of `needing`, if it is there, that holds the native id of the record a lead belongs to.
        `places`: native user id → place in the roster. Records go by the mapping's entries, then by their owners'
        places, then by name; those that are alike in all three stay in the order given.
        """
        self._linked: Mapping[str, Sequence[str | None]] = {}
        self._by: Mapping[str, Mapping[str, Sequence[AccountOwner]]] = {key: {} for key in _KEYS}
        if accounts is None or accounts.is_empty() or needing.is_empty():
            return  # as for most firms, and then most of what one batch costs
        found = accounts.sort("rank", owners_place(places), plain("name"), nulls_last=True, maintain_order=True)
        own = pl.col("domain").is_in(all_shared(shared_domains)).not_()
        record = pl.col("account").str.extract(":(.*)$")
        keyed = found.with_columns(
            domain=pl.when(own).then("domain"),
            company_key=company_key("name"),
            record=record,
            since=owned.day("created_at"),
            told=owned.in_record("facts"),
        )
        linked = _belonging(keyed, needing, link)
        wanted = pl.concat([needing.select(_KEYS), linked.select(_KEYS)])
        self._linked = {name: keys for name, *keys in linked.reverse().iter_rows()}
        self._by = {column: _owners(keyed, wanted, column) for column in _KEYS}

    def of(self, lead: Lead) -> Iterator[AccountOwner]:
        """Each once: by the company that the CRM ties the lead to, then by the lead's own domain and name."""
        company = self._linked.get(lead.account or "", (None, None))
        seen = set()
        for column, value in (
            *zip(_KEYS, company, strict=True),
            *zip(_KEYS, (lead.domain, lead.company), strict=True),
        ):
            for owner in self._by[column].get(value or "", ()):
                if owner not in seen:
                    seen.add(owner)
                    yield owner


def _belonging(keyed: pl.DataFrame, needing: pl.DataFrame, link: str) -> pl.DataFrame:
    """`record` and keys of the records that leads to be placed belong to."""
    records = needing.select(record=link) if link in needing.columns else pl.DataFrame(schema={"record": pl.String})
    return keyed.join(records.cast(pl.String()), on="record", how="semi", maintain_order="left").select(
        "record", *_KEYS
    )


def _owners(keyed: pl.DataFrame, wanted: pl.DataFrame, column: str) -> Mapping[str, list[AccountOwner]]:
    """Owners by key, only for keys that are wanted."""
    found: dict[str, list[AccountOwner]] = {}
    asked = wanted.select(column).drop_nulls().unique()
    columns = (column, "owner", "account", "since", "told")
    rows = keyed.join(asked, on=column, how="semi", maintain_order="left").select(columns)
    for key, owner, account, since, told in rows.iter_rows():
        found.setdefault(key, []).append(AccountOwner(owner, account, since, facts_told(told)))
    return found
