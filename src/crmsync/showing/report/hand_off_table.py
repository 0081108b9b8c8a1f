"""Hand-offs as tables: what each receiver got, and the hand-offs themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.hand_offs import HandOffLine, HandOffReport
from crmsync.showing.explain.owner_parts import STATES, clock_told
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant, zone_name
from crmsync.showing.record_link import linked
from crmsync.tongue import to_say

if TYPE_CHECKING:
    from rich.table import Table

UNWATCHED = to_say("The policy watches no hand-offs. It does once it says what receivers have to do, and until when.")
"""On pages, which people without a terminal read."""


def hand_off_parts(report: HandOffReport, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many hand-offs to list (0 = all)."""
    yield ""
    allowed = f", first contact within {report.within_hours:g} working hours" if report.within_hours else ""
    yield f"[bold]{markup(report.connection)}[/bold] · hand-offs of the last {report.days} days{allowed}"
    for each in report.hand_overs:
        if each.watched and each.within_hours:
            yield f"  {markup(each.label)}: first contact within {each.within_hours:g} working hours"
    if not report.watched:
        yield "  The policy watches no hand-offs. To do so: crmsync docs watch-hand-offs"
    if not report.receivers:
        yield "  None."
        return
    yield _receivers(report)
    yield ""
    if report.clocks:
        yield _clocks(report)
        yield ""
    if report.queued:
        yield f"  Sent to a queue as the time was over: {report.queued:,}"
        yield ""
    shown = report.lines[:show] if show else report.lines
    if not shown:
        yield "  None of them is late."
        return
    yield _lines(shown, report)
    if len(report.lines) > len(shown):
        yield f"  … and {len(report.lines) - len(shown):,} more. All of them: --show 0, or --format json."


def _receivers(report: HandOffReport) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), pad_edge=True)
    named = any(each.hand_over for each in report.receivers)
    if named:
        table.add_column("Hand-over")
    table.add_column("Receiver", min_width=16)
    for name in ("Handed", "Waiting", "In time", "Late", "Returned", "Median hours"):
        table.add_column(name, justify="right")
    for each in report.receivers:
        hours = "" if each.median_hours is None else f"{each.median_hours:.1f}"
        counts = (each.handed, each.waiting, each.in_time, each.late, each.returned)
        which = (markup(report.called(each.hand_over)),) if named else ()
        table.add_row(*which, markup(report.names.get(each.receiver, each.receiver)), *map(str, counts), hours)
    return table


def _clocks(report: HandOffReport) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), pad_edge=True)
    table.add_column("Clock", min_width=16, overflow="fold")
    for name in ("Time", "Running", "In time", "Late", "Over", "Unknown", "Median hours"):
        table.add_column(name, justify="right")
    for each in report.clocks:
        time = f"{each.within_hours:g} h" if each.within_hours is not None else f"{each.within_days} days"
        which = f"{report.called(each.hand_over)}: " if each.hand_over else ""
        hours = "" if each.median_hours is None else f"{each.median_hours:.1f}"
        counts = (each.running, each.in_time, each.late, each.ended, each.unknown)
        table.add_row(markup(f"{which}{each.label}"), time, *map(str, counts), hours)
    return table


def _lines(lines: Sequence[HandOffLine], report: HandOffReport) -> Table:
    """What belongs together stands below each other, so that it fits 80 columns."""
    from rich.table import Table

    table = Table(padding=(0, 1), show_edge=False)
    zone = zone_name(lines[0].hand_off.handed_at)
    for name, least in (("Lead", 18), ("From and to", None), (f"Handed off, due ({zone})", 16), ("State", None)):
        table.add_column(name, overflow="fold", min_width=least)
    for line in lines:
        it, clock = line.hand_off, line.clock
        due = clock.due_at if clock else None
        state = (
            markup(report.called(it.hand_over)) if it.hand_over else None,
            STATES[line.state] + (" [red](late)[/red]" if line.late else ""),
            f"after {clock.waited.total_seconds() / 3600:.1f} working hours" if clock else None,
            it.reason and markup(f"because: {it.reason}"),
            *(markup(clock_told(each, zone)) for each in line.clocks),
        )
        table.add_row(
            "\n".join(filter(None, (linked(markup(it.lead), line.url), markup(line.lead_name)))),
            f"{markup(line.name(it.bdr) or '(nobody)')}\n→ {markup(line.name(it.receiver))}",
            "\n".join(
                filter(None, (instant(it.handed_at, in_zone=zone), instant(due, in_zone=zone) if due else None))
            ),
            "\n".join(filter(None, state)),
        )
    return table
