"""What became of the leads, for a backtest: a fact, a stage, or a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from crmsync.clock import day_from
from crmsync.connection.named_leads import HOW_TO_NAME, named_leads
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.files import Unreadable, read_text
from crmsync.model import FACT_PREFIX
from crmsync.operations.report.listing import native_stage
from crmsync.store import Store

STAGE = "stage"
LARGEST_FILE_BYTES = 200_000_000
_WON = {"true", "1", "yes", "won"}
_LOST = {"false", "0", "no", "lost"}
OUTCOMES: Mapping[str, pl.DataType] = {"lead": pl.String(), "won": pl.Boolean(), "day": pl.Date()}
"""One row per lead; `won` null = not known; `day` null = not known when."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outcome: a file, or a fact (or the stage) that has some value, or is true or dated without one."""

    fact: str | None = None
    value: str | None = None
    file: Path | None = None

    @property
    def words(self) -> str:
        """For the report's head."""
        if self.file:
            return self.file.name
        return f"{self.fact} = {self.value}" if self.value is not None else str(self.fact)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Facts that a replay must not read."""
        return (self.fact,) if self.fact else ()


def wanted(outcome: str | None, file: Path | None) -> Wanted:
    """What `--outcome` or `--outcomes` asks for. Raises `UsageError` unless it is one of them."""
    if (outcome is None) == (file is None):
        raise UsageError(
            "say what counts as won", hint="--outcome FACT, --outcome FACT=VALUE, or --outcomes FILE.csv"
        )
    if outcome is None:
        return Wanted(file=file)
    fact, sign, value = outcome.partition("=")
    return Wanted(fact=fact.strip(), value=value.strip() if sign else None)


def checked(prepared: Prepared, outcome: Wanted) -> None:
    """Raises `UsageError` when the outcome cannot be read from this connection."""
    mapped = prepared.mapping.mapped_facts
    if outcome.file or (outcome.fact == STAGE and outcome.value):
        return
    if outcome.fact is None or outcome.fact not in mapped:
        known = ", ".join(sorted(mapped))
        raise UsageError(
            f"the outcome `{outcome.fact}` is not a mapped fact", hint=f"mapped: {known}; or stage=VALUE"
        )
    kind = mapped[outcome.fact].type
    if outcome.value is None and kind not in {"boolean", "date", "datetime"}:
        hint = f"write --outcome {outcome.fact}=VALUE"
        raise UsageError(f"`{outcome.fact}` is {kind}: say which value counts as won", hint=hint)


def outcomes_in(leads: pl.DataFrame, outcome: Wanted, time_zone: str) -> pl.DataFrame:
    """OUTCOMES of a batch's leads, from a fact or the stage (`checked`). A missing value other than a boolean's is
    not won."""
    if outcome.fact == STAGE and outcome.value and FACT_PREFIX + STAGE not in leads.columns:
        return _by_stage(leads, outcome.value)
    column = pl.col(f"{FACT_PREFIX}{outcome.fact}")
    dtype = leads.schema[f"{FACT_PREFIX}{outcome.fact}"]
    no_day = pl.lit(None, dtype=pl.Date)
    if outcome.value is not None:
        same = column.cast(pl.String).str.to_lowercase() == outcome.value.lower()
        return leads.select("lead", same.fill_null(False).alias("won"), no_day.alias("day"))
    if dtype == pl.Boolean:
        return leads.select("lead", column.alias("won"), no_day.alias("day"))
    day = column if dtype == pl.Date else column.dt.convert_time_zone(time_zone).dt.date()
    return leads.select("lead", column.is_not_null().alias("won"), day.alias("day"))


def _by_stage(leads: pl.DataFrame, value: str) -> pl.DataFrame:
    asked = value.lower()
    rows = leads.select("lead", STAGE, "stage_native").iter_rows()
    won = [
        (lead, asked in {(stage or "").lower(), *(native.lower() for native in native_stage(held))}, None)
        for lead, stage, held in rows
    ]
    return pl.DataFrame(won, schema=dict(OUTCOMES), orient="row")


def read_outcomes(path: Path) -> pl.DataFrame:
    """OUTCOMES from a CSV file: lead, outcome (true/false, 1/0, yes/no, won/lost), perhaps its day.

    `lead` is as it stands there: an id in any form, the address of the record's page, or an e-mail. A first line that
    is no outcome is the head. Raises `UsageError` with the line that is wrong.
    """
    try:
        text = read_text(path, largest_bytes=LARGEST_FILE_BYTES)
        rows = list(_rows(path, csv.reader(io.StringIO(text, newline=""), strict=True)))
    except Unreadable as error:
        raise UsageError(f"{path} cannot be read: {error}", hint=error.hint or "name another file") from None
    except csv.Error:
        hint = "save it as CSV (UTF-8): each quote opened is closed, and no cell is a whole page"
        raise UsageError(f"{path} is not a CSV file in UTF-8", hint=hint) from None
    found = pl.DataFrame(rows, schema=dict(OUTCOMES), orient="row")
    twice = found.filter(pl.col("lead").is_duplicated())["lead"].unique().sort()
    if len(twice):
        raise UsageError(
            f"{path}: the lead {twice[0]} stands there more than once", hint="keep one line for each lead"
        )
    return found


def of_stored_leads(found: pl.DataFrame, connection: Prepared, store: Store, file: str) -> pl.DataFrame:
    """`read_outcomes` by native ids, of the leads that are stored of this connection, with the `line` of each.

    An e-mail is everybody who has it; `line` counts the file's lines that have an outcome.

    Raises `UsageError` when no line names one of them, and when two lines name the same.
    """
    named = named_leads(connection.configuration, store, found["lead"])
    there = store.facts.lead_names(connection.name, [lead for ids in named.values() for lead in ids])
    meant = [(name, lead) for name, ids in named.items() for lead in ids if lead in there]
    if named and not meant:
        first = next(iter(named))
        raise UsageError(
            f"none of the {len(named):,} leads in {file} is stored of {connection.name}; the first is {first}",
            hint=HOW_TO_NAME,
        )
    by_lead: dict[str, str] = {}
    for name, lead in meant:
        if lead in by_lead:
            raise UsageError(
                f"{file}: {by_lead[lead]} and {name} are the same lead", hint="keep one line for each lead"
            )
        by_lead[lead] = name
    ids = pl.DataFrame(meant, schema={"lead": pl.String, "id": pl.String}, orient="row")
    return found.with_row_index("line").join(ids, on="lead").select(pl.col("id").alias("lead"), "won", "day", "line")


def _rows(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[str, bool | None, date | None]]:
    for number, cells in enumerate(lines, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == 1:
            hint = "write the lead's id or e-mail, a comma, and true or false"
            raise UsageError(f"{path}:{number}: the line has no outcome", hint=hint)
        lead, word, told = (cell.strip() for cell in [*cells, "", ""][:3])
        if word.lower() not in {*_WON, *_LOST, ""}:
            if number == 1:
                continue
            raise UsageError(f"{path}:{number}: `{word}` is no outcome", hint="write true or false")
        try:
            day = day_from(told[:10]) if told else None
        except ValueError as error:
            raise UsageError(f"{path}:{number}: {error}") from None
        yield lead, (word.lower() in _WON) if word else None, day
