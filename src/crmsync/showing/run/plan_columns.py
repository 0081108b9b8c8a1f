"""The columns in which a plan shows its leads: one line of COLUMNS each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from crmsync.model import Change
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.foreign_text import MOST_OF_A_NAME, MOST_OF_REASONS, markup, markup_lines, one_line
from crmsync.showing.record_link import linked
from crmsync.showing.run.passed_over import passed_over_here

ARROW = "→"
MOST_OF_A_VALUE = 40
MOST_FIELDS = 4
OUTCOME_STYLES = {
    "written": "green",
    "unchanged": "dim",
    "conflict": "yellow",
    "refused": "red",
    "did_not_stick": "red",
    "not_reached": "red",
}


class Column(Struct, frozen=True):
    """`title`: its heading on a wide terminal. `below`: the heading under which it stands on a narrow one.

    `cell`: what it shows of a change, as rich markup; empty where there is nothing to show.
    """

    title: str
    below: str
    cell: Callable[[Change, ConnectionReport], str]


def person(owner: str | None, report: ConnectionReport) -> str:
    """A user's name, cleaned but not yet markup."""
    return "(nobody)" if owner is None else one_line(report.user_names.get(owner, owner), most=MOST_OF_A_NAME)


def _lead(change: Change, report: ConnectionReport) -> str:
    return linked(markup(change.lead), report.plan.urls.get(change.lead))


def _name(change: Change, report: ConnectionReport) -> str:
    return markup(report.lead_names.get(change.lead, ""), most=MOST_OF_A_NAME)


def _stage(change: Change, _: ConnectionReport) -> str:
    if not change.stage_changes:
        return f"[dim]{markup(change.stage_after or '(empty)')}[/dim]"
    return f"{markup(change.stage_before or '(empty)')} {ARROW} [bold]{markup(change.stage_after or '')}[/bold]"


def _owner(change: Change, report: ConnectionReport) -> str:
    if not change.owner_changes:
        return f"[dim]{markup(person(change.owner_after, report))}[/dim]"
    before, after = (person(owner, report) for owner in (change.owner_before, change.owner_after))
    moved = f"{markup(before)} {ARROW} [bold]{markup(after)}[/bold]"
    named = change.routing.hand_over if change.routing else None
    return f"{moved}\n[dim]by {markup(named)}[/dim]" if named else moved


def _fields(change: Change, _: ConnectionReport) -> str:
    """The fields for people; long texts are told by their beginning."""
    told = [
        f"{name} {_short(change.writes[name][0])} {ARROW} {_short(change.writes[name][1])}"
        for name in change.fields[:MOST_FIELDS]
    ]
    if len(change.fields) > MOST_FIELDS:
        told.append(f"and {len(change.fields) - MOST_FIELDS} more")
    return markup("\n".join(told), most=MOST_OF_REASONS)


def _short(value: str | None) -> str:
    return one_line(value, most=MOST_OF_A_VALUE) if value else "(empty)"


def _why(change: Change, report: ConnectionReport) -> str:
    return markup_lines((*change.reasons, *_routed(change, report), *_beside(change)), most=MOST_OF_REASONS)


def _routed(change: Change, report: ConnectionReport) -> Iterator[str]:
    """Who was passed over for this lead; turns and who takes no lead at all stand once above the leads."""
    if change.routing is not None and (told := passed_over_here(change.routing, report)):
        yield told


def _beside(change: Change) -> Iterator[str]:
    """What the receiver says of a lead that comes back, and what is made in the CRM beside the lead."""
    if change.hand_off and change.hand_off.reason:
        yield f"the receiver says: {change.hand_off.reason}"
    for record in change.creates:
        yield f"makes: {record.object} “{record.values[record.known_by[0]]}”"


def _outcome(change: Change, report: ConnectionReport) -> str:
    outcome = report.plan.outcomes.get(change.lead)
    if outcome is None:
        return ""
    said = report.plan.messages.get(change.lead)
    name = "may be written" if change.lead in report.plan.in_doubt else outcome.replace("_", " ")
    words = name + (f": {said}" if said else "")
    return f"[{OUTCOME_STYLES.get(outcome, 'default')}]{markup(words)}[/]"


COLUMNS = (
    Column("Lead", "Lead", _lead),
    Column("Name", "Lead", _name),
    Column("Stage", "Change", _stage),
    Column("Owner", "Change", _owner),
    Column("Why", "Why", _why),
)
FIELDS = Column("Fields", "Change", _fields)
"""Before the last one, where the mapping writes fields for people."""
OUTCOME = Column("Outcome", "Outcome", _outcome)
"""The last one, once a plan was carried out."""
