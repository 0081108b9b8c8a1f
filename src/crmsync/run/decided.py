"""What the pure hops of a run made of its leads: the leads with their decisions, the changes, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl
from msgspec import Struct, field

from crmsync.model import Change, GuardReading, Outcome, Rest, SetAside
from crmsync.plan import Filling
from crmsync.route.placing.assignment import Assignments
from crmsync.run.left_alone import LeftAlone
from crmsync.run.measured import UnknownFacts
from crmsync.store import Turns

LEAD_COLUMNS = (
    "lead", "name", "email", "company", "created_at", "owner", "owner_edited_on", "managed", "stage_native",
    "hand_off_native", "written_native", "written_on",
)  # fmt: skip
_DAMAGED = "what is stored of this lead is damaged; the next run reads all records again"


class Foreseen(Struct, frozen=True):
    """A change of which nothing is to be written, and why: what its outcome is, known before the first write."""

    change: Change
    outcome: Outcome
    message: str = ""


class Decided(Struct, frozen=True):
    """What the pure hops made of a run's leads.

    `frame`, one row per lead: LEAD_COLUMNS, `stage` (present), `stage_after`, `owner_after`, the other columns of
    ROUTED (`reason` as `route_reason`), `lowest`, `reminded`, and the decision's own columns (DECIDED). `credits`:
    those that the turns take account of. `damaged`: leads of which what is stored can no longer be read. `picked`:
    the leads that were selected, null = all; `rest`: what the others, or the other parts, would have been. `unknown`:
    what is not known of all leads, where all were looked at. `filled`: lead → what becomes of the fields that crmsync
    fills for people. `alone`: decided leads that are left alone, as the frame's column `left_alone` says.
    `foreseen`: changes of a saved plan that are not written. `aside`: leads of an undo that stay, in part or as a
    whole; `told`: what else its reader should know. `digest`: of the plan that is carried out; null = of
    what was decided here. `guards`: those that were breached when it was made. `handed_on`: leads of which the
    hand-off under way is over, as a later hand-over counts; of one that moves by that when it has moved.
    `written_before`: what earlier runs have written of the same plan, or taken back of the same run.
    """

    frame: pl.DataFrame
    assignments: Assignments
    turns_after: Mapping[tuple[str, str], Turns]
    changes: tuple[Change, ...]
    credits: tuple[int, ...]
    damaged: tuple[str, ...] = ()
    picked: frozenset[str] | None = None
    rest: Rest | None = None
    unknown: UnknownFacts | None = None
    filled: Mapping[str, Filling] = field(default_factory=dict)
    alone: tuple[LeftAlone, ...] = ()
    foreseen: tuple[Foreseen, ...] = ()
    aside: tuple[SetAside, ...] = ()
    told: tuple[str, ...] = ()
    digest: str | None = None
    guards: tuple[GuardReading, ...] = ()
    handed_on: frozenset[str] = frozenset()
    written_before: tuple[Change, ...] = ()

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Leads that routing could give to nobody, and those that could not be looked at or are not to be written."""
        return (
            *self.assignments.set_aside,
            *(SetAside(lead, _DAMAGED) for lead in self.damaged),
            *(SetAside(it.change.lead, it.message) for it in self.foreseen if it.outcome != "unchanged"),
            *self.aside,
        )

    def to_store(self) -> pl.DataFrame:
        """The decisions as `Store.history.record` takes them."""
        decisions = [name for name in self.frame.columns if name.startswith(("score.", "band.", "verdict."))]
        columns = ["lead", "policy", "earned_stage", "stage_why", "reason", "priority", "review_day", *decisions]
        held = {item.lead: item.until + timedelta(days=1) for item in self.assignments.held}
        held |= {item.lead: item.until + timedelta(days=1) for item in self.alone if item.until}
        again = pl.col("lead").replace_strict(held, default=None, return_dtype=pl.Date)
        look_on = {lead: each.look_on for lead, each in self.filled.items() if each.look_on}
        scores = pl.col("lead").replace_strict(look_on, default=None, return_dtype=pl.Date)
        # A lead whose owner a person has set is looked at again when hands are no longer off.
        looked = pl.min_horizontal("review_day", again, scores)
        return self.frame.select(*columns, stage="stage_after").with_columns(looked)
