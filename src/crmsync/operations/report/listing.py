"""What reports on stored leads have in common: the leads with their decision and last contact, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.connection.record_pages import record_pages
from crmsync.hand_off import HandOverLine, hand_over_of_each, line_of
from crmsync.model import NO_EVIDENCE, Batch, native_values
from crmsync.qualify.engine.decide import decide
from crmsync.route.placing.order_of_turns import plain, seconds
from crmsync.run.gather import gathered_to_show
from crmsync.store import Store

NO_CONTACT = ("note", "task")
"""Kinds by which nobody speaks with the lead."""
_HELD = ("connected", "completed")

_outbound = pl.col("direction") == "outbound"
_inbound = pl.col("direction") == "inbound"
_ours = pl.col("by").is_not_null()
_happened = ~pl.col("outcome").is_in(NO_EVIDENCE).fill_null(False)


def shown_of(ordered: pl.DataFrame, show: int) -> pl.DataFrame:
    """The first so many rows; all for 0."""
    return ordered.head(show) if show else ordered


@dataclass(frozen=True, slots=True)
class ListedLead:
    """One lead in a list. `priority`: milli-points. `more`: what this list tells besides, by its column's name.

    `url`: the address of its page in the CRM, where that is known.
    """

    lead: str
    name: str
    company: str
    stage: str | None
    stage_label: str
    owner: str | None
    owner_name: str
    priority: int
    days_since_touch: int | None
    more: Mapping[str, Any] = field(default_factory=dict)
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """All keys, always; native ids, milli-points."""
        return {
            "lead": self.lead,
            "name": self.name,
            "company": self.company,
            "stage": self.stage,
            "stage_label": self.stage_label,
            "owner": self.owner,
            "owner_name": self.owner_name,
            "priority_milli": self.priority,
            "days_since_touch": self.days_since_touch,
            **self.more,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The first `entries` of `total` leads. `note`: what the reader should know, such as why it is empty.

    `unmanaged`: of leads that crmsync does not manage, the CRM's stage → how many; where a list tells of such.
    """

    name: str
    title: str
    total: int
    entries: tuple[ListedLead, ...]
    note: str = ""
    unmanaged: tuple[tuple[str, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "title": self.title,
            "total": self.total,
            "note": self.note,
            "leads": [one.to_json() for one in self.entries],
        }


@dataclass(frozen=True, slots=True)
class ListingReport:
    """One connection's lists."""

    connection: str
    as_of: date
    listings: tuple[Listing, ...]

    def to_json(self) -> dict[str, Any]:
        """Lists by name."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "lists": {listing.name: listing.to_json() for listing in self.listings},
        }


@dataclass(frozen=True, slots=True)
class ListedBatch:
    """One batch of stored leads with their decisions.

    `frame`, one row per lead: what the store knows of it (`crm_stage` is its present stage), the decision's `policy`,
    `stage`, `earned_stage`, `reason`, `priority`, and the days `touched` (one of us was in contact with it) and
    `engaged` (it did something), null = never. `hand_over`: which one counts, null = none; `above`: whether it stands
    above the line, `earned_above`: by evidence.
    """

    batch: Batch
    decisions: pl.DataFrame
    frame: pl.DataFrame


def population(prepared: Prepared, store: Store, as_of: date, line: HandOverLine) -> Iterator[ListedBatch]:
    """Every stored lead, decided as of a day, batch by batch."""
    policy = prepared.compiled.policy
    for batch in gathered_to_show(prepared, store, as_of, everything=True):
        decisions = decide(prepared.compiled, batch, as_of)
        leads = batch.leads.select(
            "row", "lead", "name", "company", "email", "created_at", "owner", "managed", "stage_native",
            "stage_since", pl.col("stage").alias("crm_stage"),
        )  # fmt: skip
        decided = decisions.select("row", "policy", "stage", "earned_stage", "reason", "priority").with_columns(
            hand_over=hand_over_of_each(decisions, policy),
            above=line.above(decisions, "stage"),
            earned_above=line.above(decisions, "earned_stage"),
        )
        frame = leads.join(decided, on="row", how="left", maintain_order="left")
        frame = frame.join(contacts(batch, as_of), on="row", how="left", maintain_order="left")
        yield ListedBatch(batch, decisions, frame)


def touched() -> pl.Expr:
    """Whether an activity is one in which one of us was in contact with the lead, or tried to be."""
    spoken = ~pl.col("kind").is_in(NO_CONTACT) & _happened
    held = pl.col("direction").is_null() | pl.col("outcome").is_in(_HELD).fill_null(False)
    return spoken & (_outbound.fill_null(False) | (_ours & held))


def engaged() -> pl.Expr:
    """Whether an activity is something the lead did by itself."""
    return (
        ~pl.col("kind").is_in(NO_CONTACT)
        & _happened
        & (_inbound.fill_null(False) | (pl.col("direction").is_null() & ~_ours))
    )


def people_in_order() -> tuple[pl.Expr, ...]:
    """What leads that are alike go by: the same on both CRMs, native ids only where nothing else tells them apart."""
    return (
        seconds("created_at"),
        pl.col("email").str.to_lowercase(),
        plain("name"),
        plain("company"),
        pl.col("lead"),
    )


def ranks(prepared: Prepared) -> dict[str, int]:
    """Stage of the ladder → its place from the bottom."""
    return {rung.stage: rank for rank, rung in enumerate(prepared.compiled.policy.ladder)}


def chosen_line(prepared: Prepared, hand_over: str | None) -> HandOverLine:
    """From where on sales works a lead: from the named hand-over on, else from the first that goes to people."""
    policy, roster = prepared.compiled.policy, prepared.roster
    to_people = [each.name for each in policy.every_hand_over if roster.receivers_of(each.name)]
    return line_of(policy, hand_over, to_people=to_people)


def native_stage(stage_native: str | None) -> tuple[str, ...]:
    """The native stage values of a lead, as read."""
    return tuple(str(value) for value in native_values(stage_native).values() if value is not None)


def entry(prepared: Prepared, row: Mapping[str, Any], as_of: date, more: Mapping[str, Any]) -> ListedLead:
    """A row of a population's frame as an entry of a list."""
    stage = row["stage"]
    native = ", ".join(native_stage(row["stage_native"]))
    return ListedLead(
        lead=row["lead"],
        name=row["name"] or "",
        company=row["company"] or "",
        stage=stage,
        stage_label=native if stage is None else prepared.compiled.policy.label_of(stage),
        owner=row["owner"],
        owner_name=prepared.user_names.get(row["owner"] or "", ""),
        priority=row["priority"],
        days_since_touch=None if row["touched"] is None else (as_of - row["touched"]).days,
        more=more,
        url=record_pages(prepared)(row["lead"]),
    )


def contacts(batch: Batch, as_of: date) -> pl.DataFrame:
    """`row`, and the last days `touched` and `engaged` (see `touched` and `engaged`); null = never."""
    return (
        batch.activities.filter(pl.col("day") <= as_of)
        .group_by("row")
        .agg(
            touched=pl.col("day").filter(touched()).max(),
            engaged=pl.col("day").filter(engaged()).max(),
        )
    )
