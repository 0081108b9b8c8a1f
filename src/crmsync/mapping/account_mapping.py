"""Which native records say who owns a company: accounts, customers, open opportunities. And what is read of them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import polars as pl
from pydantic import Field, model_validator

from crmsync.contract import RECORD_ID
from crmsync.mapping.conditions import Test, holds
from crmsync.mapping.convert import filled, first_filled, instant, typed
from crmsync.mapping.domains import domain_of
from crmsync.mapping.parts import MappingPart, Names
from crmsync.model import ACCOUNTS

Translation = Mapping[str, str | None]
"""Native value → what it means; null = nothing known."""


class AccountMapping(MappingPart):
    """One kind of record whose owner has a claim on leads of the same company.

    `name`: the company's name; `domain`: its website, domain or an e-mail; of several fields the first that says
    something. `when`: only records for which these tests hold. Entries are tried from the top: a record counts under
    the first that fits, and owners found by earlier entries come before those of later ones. `created_at`: the field
    that says since when the record is there. `facts`: facts of leads that the record tells, too → its field.
    """

    object: str
    owner: str
    name: Names = ()
    domain: Names = ()
    when: Mapping[str, Test] = Field(default_factory=dict)
    created_at: str | None = None
    facts: Mapping[str, Names] = Field(default_factory=dict)

    @property
    def told_besides(self) -> tuple[str, ...]:
        """The fields that say since when a record is there, and what it tells of leads' facts."""
        facts = (name for names in self.facts.values() for name in names)
        return (*((self.created_at,) if self.created_at else ()), *facts)

    @model_validator(mode="after")
    def _can_be_matched(self) -> "AccountMapping":
        if not self.name and not self.domain:
            raise ValueError("give `domain`, `name` or both: leads are matched by them")
        return self


def account_fields(accounts: Iterable[AccountMapping]) -> Mapping[str, tuple[str, ...]]:
    """Object → the native fields to read for all its entries."""
    fields: dict[str, dict[str, None]] = {}
    for account in accounts:
        named = (account.owner, *account.name, *account.domain, *account.when, *account.told_besides)
        fields.setdefault(account.object, {}).update(dict.fromkeys(named))
    return {name: tuple(wanted) for name, wanted in fields.items()}


def accounts_from(
    accounts: Sequence[AccountMapping],
    object_name: str,
    native: pl.DataFrame,
    values: Mapping[str, Translation] = MappingProxyType({}),
) -> pl.DataFrame:
    """Records of one object → an ACCOUNTS frame, one row per record that counts.

    Left out: records that no entry fits, that nobody owns, or that have neither a name nor a domain. `values`: of
    facts whose native values the mapping translates, how: a record's are read as a lead's.
    """
    native = native.unique(subset=[RECORD_ID], keep="last", maintain_order=True)
    frames = [
        _of_entry(account, rank, native, values)
        for rank, account in enumerate(accounts)
        if account.object == object_name
    ]
    found = pl.concat([pl.DataFrame(schema=dict(ACCOUNTS)), *frames])
    return found.unique(subset="account", keep="first", maintain_order=True)


def _of_entry(
    account: AccountMapping, rank: int, native: pl.DataFrame, values: Mapping[str, Translation]
) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    columns: dict[str, pl.Expr] = {
        "account": pl.concat_str(pl.lit(account.object + ":"), pl.col(RECORD_ID)),
        "name": first_filled(account.name) if account.name else nothing,
        "domain": domain_of(account.domain) if account.domain else nothing,
        "owner": filled(account.owner),
        "rank": pl.lit(rank),
        "created_at": instant(pl.col(account.created_at)) if account.created_at else nothing,
        "facts": _facts(account, values),
    }
    fitting = native.filter(holds(account.when)) if account.when else native
    mapped = fitting.select(expression.cast(ACCOUNTS[name]).alias(name) for name, expression in columns.items())
    return mapped.filter(pl.col("owner").is_not_null(), pl.any_horizontal(pl.col("name", "domain").is_not_null()))


def _facts(account: AccountMapping, values: Mapping[str, Translation]) -> pl.Expr:
    """What the record tells of leads' facts, as one JSON object."""
    told = {
        name: typed(first_filled(fields), "text", "UTC", values.get(name)).alias(name)
        for name, fields in sorted(account.facts.items())
    }
    return pl.struct(*told.values()).struct.json_encode() if told else pl.lit(None, pl.String)
