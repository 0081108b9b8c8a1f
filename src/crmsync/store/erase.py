"""Erasing a person's data."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, select

from crmsync.errors import UsageError
from crmsync.store import search_blocks
from crmsync.store.journal import read_entries
from crmsync.store.plan_pages import keep_moves
from crmsync.store.tables import (
    activities,
    connections,
    console_log,
    credits,
    earlier_stages,
    hand_offs,
    holds,
    journal,
    leads,
    left_leads,
    made_records,
    overruled,
    plan_changes,
    plans,
    set_aside,
    stage_history,
    tellings,
    unanswered,
    unread,
)

_ABOUT_PEOPLE = (
    leads,
    activities,
    unread,
    stage_history,
    earlier_stages,
    hand_offs,
    made_records,
    credits,
    holds,
    left_leads,
    overruled,
    plan_changes,
    set_aside,
    unanswered,
)
_MARKS = frozenset(table.name for table in (made_records, credits, overruled, unanswered))


class Forgotten(Struct, frozen=True):
    """How much was erased of one lead. `stage_moves`: those that the CRM told, too. `entries`: of the journal,
    emptied but for lead, owner and turn.

    `unread`: values that could not be read, of the lead and its activities. `holds`: with their reasons.
    `out_of_scope`: what was kept of it for the day it comes back to the mapping's `when`. `set_aside`: how often
    runs and stored plans told that they set it aside. `planned`: changes in stored plans. `marks`: what else stood
    under its id: values that others had put in the place of ours, credits, records made beside it, changes
    told, and what people did about it in the console.
    """

    leads: int
    activities: int
    stage_moves: int
    hand_offs: int
    entries: int
    unread: int = 0
    holds: int = 0
    out_of_scope: int = 0
    set_aside: int = 0
    planned: int = 0
    marks: int = 0

    @property
    def anything(self) -> bool:
        """Whether the store knew of such a lead at all."""
        return any(astuple(self))


def forget(at: Connection, connection_id: int, lead: str) -> Forgotten:
    """Remove all that is known of the lead but the bare fact of each write. Decisions go with the lead's row."""
    if read_entries(at, connection_id, state="intended", only=[lead]):
        raise UsageError(f"a change of {lead} is still open", hint="run `crmsync run` first, which settles it")
    keys = at.execute(select(leads.c.key).where(leads.c.connection_id == connection_id, leads.c.lead == lead))
    called = keys.scalars().all()
    gone = {
        table.name: at.execute(
            table.delete().where(table.c.connection_id == connection_id, table.c.lead == lead)
        ).rowcount
        for table in _ABOUT_PEOPLE
    }
    search_blocks.keep(at, connection_id, called)
    if gone["plan_changes"]:
        for plan in at.execute(select(plans.c.id).where(plans.c.connection_id == connection_id)).scalars().all():
            keep_moves(at, connection_id, plan)
    in_plans, in_log = _forget_in_plans(at, connection_id, lead), _forget_in_log(at, connection_id, lead)
    told = at.execute(tellings.delete().where(tellings.c.connection_id == connection_id, tellings.c.record == lead))
    entries = at.execute(
        journal.update()
        .where(journal.c.connection_id == connection_id, journal.c.lead == lead)
        .values(
            writes={},
            beside={},
            scores={},
            reasons=[],
            creates=None,
            hand_off=None,
            fields=None,
            records=None,
            made=None,
            message="",
            stage_before=None,
            stage_after=None,
        )
    )
    return Forgotten(
        gone["leads"],
        gone["activities"],
        gone["stage_history"] + gone["earlier_stages"],
        gone["hand_offs"],
        entries.rowcount,
        gone["unread"],
        gone["holds"],
        gone["left_leads"],
        gone["set_aside"] + in_plans,
        gone["plan_changes"],
        sum(count for name, count in gone.items() if name in _MARKS) + told.rowcount + in_log,
    )


def _forget_in_plans(at: Connection, connection_id: int, lead: str) -> int:
    """A plan tells of leads that it sets aside why, in words that may be somebody's: those of a hold. How often."""
    forgotten = 0
    for plan in at.execute(select(plans.c.id, plans.c.told).where(plans.c.connection_id == connection_id)).all():
        aside = plan.told.get("set_aside", [])
        kept = [each for each in aside if each["lead"] != lead]
        if len(kept) < len(aside):
            at.execute(plans.update().where(plans.c.id == plan.id).values(told={**plan.told, "set_aside": kept}))
            forgotten += len(aside) - len(kept)
    return forgotten


def _forget_in_log(at: Connection, connection_id: int, lead: str) -> int:
    """The console's log tells which lead somebody let crmsync go on with, and why. How often; the bare deed stays."""
    name = select(connections.c.name).where(connections.c.id == connection_id).scalar_subquery()
    named = console_log.c.connection == name
    forgotten = 0
    for deed in at.execute(select(console_log.c.id, console_log.c.about).where(named)).all():
        if deed.about.get("lead") == lead:
            bare = {"about": {"leads": 1}, "reason": ""}
            at.execute(console_log.update().where(console_log.c.id == deed.id).values(bare))
            forgotten += 1
    return forgotten
