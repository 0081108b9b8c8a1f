"""The leads of a batch that need an owner, one by one, as placing takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from msgspec import Struct, field

from crmsync.route.choosing.strategy import Lead
from crmsync.route.roster.roster_file import Facts


class Request(Struct, frozen=True):
    """`row`: of the lead in the batch. `met`: names of the criteria that it meets.

    `facts`: what it says, as text, by the roster's words (territory, segment, language, account); a word whose fact
    the batch does not have is not there. `compared`: likewise those that rules compare, by their own names.
    """

    row: int
    lead: Lead
    facts: Mapping[str, str | None]
    met: frozenset[str]
    compared: Mapping[str, str | None] = field(default_factory=dict)


def requests_in(needing: pl.DataFrame, names: Facts, compared: Sequence[str] = ()) -> Iterator[Request]:
    """One for each row, in this order. `needing`: leads that need an owner, with `hand_over` and account keys.

    `compared`: names of facts that rules compare.
    """
    present = {word: f"fact.{name}" for word, name in names if f"fact.{name}" in needing.columns}
    besides = {name: f"fact.{name}" for name in compared if f"fact.{name}" in needing.columns}
    texts = needing.with_columns(pl.col(sorted({*present.values(), *besides.values()})).cast(pl.String()))
    verdicts = {name: name.removeprefix("verdict.") for name in needing.columns if name.startswith("verdict.")}
    for values in texts.iter_rows(named=True):
        facts = {word: values[column] for word, column in present.items()}
        lead = Lead(
            lead=values["lead"],
            hand_over=values["hand_over"],
            owner=values["owner"],
            email=values["email"].lower() if values["email"] else None,
            domain=values["domain"],
            company=values["company_key"],
            account=facts.get("account"),
        )
        met = frozenset(name for column, name in verdicts.items() if values[column] is True)
        told = {name: values[column] for name, column in besides.items()}
        yield Request(values["row"], lead, facts, met, told)
