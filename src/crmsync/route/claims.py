"""Who has a claim on a lead's company: owners of the CRM's own accounts, customers and open opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from crmsync.model import ACCOUNTS
from crmsync.route.accounts import all_shared, company_key
from crmsync.route.choice import AccountOwner, Lead


class Claims:
    """Owners by the company's domain and by its name, each in the order of their claim."""

    def __init__(self, accounts: pl.DataFrame | None, needing: pl.DataFrame, shared_domains: Iterable[str]) -> None:
        """`accounts`: schema ACCOUNTS in the order of their claim. `needing`: leads to place, with account keys."""
        found = pl.DataFrame(schema=dict(ACCOUNTS)) if accounts is None else accounts
        own = pl.col("domain").is_in(all_shared(shared_domains)).not_()
        keyed = found.with_columns(domain=pl.when(own).then("domain"), company_key=company_key("name"))
        self._by = {column: _owners(keyed, needing, column) for column in ("domain", "company_key")}

    def of(self, lead: Lead) -> Iterator[AccountOwner]:
        """Each owner once: found by domain first, which is the surer sign, then by name."""
        seen = set()
        for column, value in (("domain", lead.domain), ("company_key", lead.company)):
            for owner in self._by[column].get(value or "", ()):
                if owner.user not in seen:
                    seen.add(owner.user)
                    yield owner


def _owners(keyed: pl.DataFrame, needing: pl.DataFrame, column: str) -> Mapping[str, list[AccountOwner]]:
    """Owners by key, only for keys that a lead to be placed has."""
    wanted = needing.select(column).drop_nulls().unique()
    found: dict[str, list[AccountOwner]] = {}
    rows = keyed.join(wanted, on=column, how="semi", maintain_order="left").select(column, "owner", "account")
    for key, owner, account in rows.iter_rows():
        found.setdefault(key, []).append(AccountOwner(owner, account))
    return found
