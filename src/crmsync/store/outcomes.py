"""The end of intended changes: journal, stored leads, history and rotation counters move together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import polars as pl
from msgspec import Struct, field
from sqlalchemy import Connection, Row, select

from crmsync.model import Ending
from crmsync.store import hand_offs, history, left_alone, taken_back, unanswered
from crmsync.store.dialects.statements import among, bulk, update_by
from crmsync.store.due import mark_due
from crmsync.store.encoding import day_number
from crmsync.store.entries import JournalEntry
from crmsync.store.journal import close, note_made, read_entries
from crmsync.store.left_alone import Overruling
from crmsync.store.rotation import give_back
from crmsync.store.tables import leads
from crmsync.store.taken_back import TakenBack

_FOLLOWING = {
    "_key": pl.Int64(),
    "owner": pl.String(),
    "stage": pl.String(),
    "stage_native": pl.String(),
    "hand_off_native": pl.String(),
    "written_native": pl.String(),
    "written_on": pl.Int32(),
    "stage_since": pl.Int32(),
    "stage_before_clearing": pl.String(),
}


class Settlement(Struct, frozen=True):
    """What became of a lead's open entry. `message`: words without personal data.

    `owner_holds`: the CRM now has the owner that the change was to bring, so the turn is used. Only asked where
    the outcome does not say it. `made`: records made beside the lead, `<object>:<native id>`. `found`: native values
    that stood there instead of what was meant. `overruled`: what of it somebody else had replaced. `lacking`: what
    was to be made or written beside the lead, or in its fields for people, and was not, in words; the message holds
    them, too.
    """

    lead: str
    outcome: Literal["gone"] | Ending
    message: str = ""
    owner_holds: bool = False
    made: tuple[str, ...] = ()
    found: Mapping[str, str | None] = field(default_factory=dict)
    overruled: tuple[Overruling, ...] = ()
    lacking: str = ""

    @property
    def arrived(self) -> bool:
        """Whether the CRM holds all that was intended."""
        return self.outcome in {"written", "unchanged"}


def record(
    at: Connection, connection_id: int, settlements: Sequence[Settlement], *, now: datetime, today: date
) -> tuple[float, ...]:
    """Close the open entries of these leads. Leads without an open entry are passed over. Gives the seconds that the
    CRM's changes had waited which are answered by what was written.

    Where the CRM holds what was intended, the stored lead follows, so that our own value coming back in the next
    pull is no news. Otherwise the stored lead stays as it was read, and the lead is due; so is one whose fields for
    people hold something else.
    """
    by_lead = {settlement.lead: settlement for settlement in settlements}
    entries = read_entries(at, connection_id, state="intended", only=list(by_lead))
    ends = [(entry, by_lead[entry.change.lead]) for entry in entries]
    close(at, [(entry, end.outcome, end.message, end.arrived or end.owner_holds) for entry, end in ends], now)
    lost = [turn for entry, end in ends if not (end.arrived or end.owner_holds) for turn in entry.turns]
    give_back(at, connection_id, lost)
    arrived = [entry for entry, end in ends if end.arrived]
    undoing = taken_back.found(at, connection_id, arrived)
    found = {end.lead: end.found for end in settlements if end.arrived}
    _follow(at, connection_id, arrived, found, undoing, day_number(today))
    hand_offs.follow(at, connection_id, [entry.change for entry in arrived], now)
    taken_back.follow(at, connection_id, undoing.values(), now=now, today=day_number(today))
    note_made(at, {entry.id: end.made for entry, end in ends})
    made = {activity: entry.change for entry, end in ends for activity in end.made}
    hand_offs.note_made(at, connection_id, made, now)
    left_alone.note(at, connection_id, [each for _, end in ends for each in end.overruled], day_number(today))
    missed = [end.lead for _, end in ends if end.found or not end.arrived]
    mark_due(at, connection_id, pl.Series("_lead", missed, dtype=pl.String))
    written = [entry.change.lead for entry, end in ends if end.outcome == "written"]
    return unanswered.answer(at, connection_id, written, [entry.change.lead for entry in arrived], now)


def _follow(
    at: Connection,
    connection_id: int,
    arrived: Sequence[JournalEntry],
    found: Mapping[str, Mapping[str, str | None]],
    undoing: Mapping[int, TakenBack],
    today: int,
) -> None:
    stored = _stored(at, connection_id, [entry.change.lead for entry in arrived])
    rows = []
    moves: dict[int, list[tuple[str, str | None, str | None, int | None, str]]] = {}
    for entry in arrived:
        change = entry.change
        lead = stored.get(change.lead)
        if lead is None:
            continue
        stood = lead.stage if lead.stage is not None else lead.stage_before_clearing
        moved = change.stage_changes and stood != change.stage_after
        if moved:
            cause = "undone" if entry.id in undoing and undoing[entry.id].back else "crmsync"
            move = (change.lead, stood, change.stage_after, lead.stage_since, cause)
            moves.setdefault(entry.run_id, []).append(move)
        written = {field: after for field, (_, after) in change.writes.items()}
        written |= found.get(change.lead, {})
        row = (
            lead.key,
            change.owner_after if change.owner_changes else lead.owner,
            change.stage_after if change.stage_changes else lead.stage,
            _overwritten(lead.stage_native, written),
            _overwritten(lead.hand_off_native, written),
            _overwritten(lead.written_native, written),
            today if set(change.fields) - found.get(change.lead, {}).keys() else lead.written_on,
            today if moved else lead.stage_since,
            None if change.stage_changes else lead.stage_before_clearing,
        )
        rows.append(row)
    frame = pl.DataFrame(rows, schema=_FOLLOWING, orient="row")
    bulk(at, update_by(leads, "key", columns=frame.columns[1:]), frame)
    for run_id, some in moves.items():
        moved_leads = pl.DataFrame(some, schema=history.MOVES, orient="row")
        history.append(at, connection_id, moved_leads, day=today, run_id=run_id)


def _stored(at: Connection, connection_id: int, ids: Sequence[str]) -> dict[str, Row[Any]]:
    columns = [leads.c[name] for name in ("lead", *(_FOLLOWING.keys() - {"_key"}), "key")]
    mine = leads.c.connection_id == connection_id
    return {row.lead: row for row in at.execute(select(*columns).where(mine, among(leads.c.lead, ids)))}


def _overwritten(native: str | None, values: Mapping[str, str | None]) -> str | None:
    if native is None:
        return None
    try:
        held = json.loads(native)
    except ValueError:  # damaged: the next reading puts it right
        return native
    held |= {field: value for field, value in values.items() if field in held}
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))
