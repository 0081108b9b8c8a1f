"""A simulated rotation as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.simulate.routing import RoutingSimulation
from crmsync.operations.simulate.routing_shares import PoolShares
from crmsync.operations.simulate.routing_waits import MINUTE, Waits
from crmsync.showing.foreign_text import markup
from crmsync.showing.rotations import rotation_words

if TYPE_CHECKING:
    from rich.table import Table

SHARE_HEAD = ("Who", "Weight", "Leads", "Target", "Deviation", "Largest ever", "Within bound")
WAIT_HEAD = ("Who", "Days away", "Leads", "Busiest day", "Half wait", "90 % wait", "99 % wait", "In time")


def routing_parts(simulation: RoutingSimulation) -> Iterator[Any]:
    """Renderables for the whole simulation."""
    for line in setting(simulation):
        yield markup(line)
    for pool in simulation.pools:
        yield f"\n[bold]{markup(pool_words(pool))}[/bold]"
        yield _table(SHARE_HEAD, share_rows(pool), left={"Who", "Within bound"})
    yield f"\n[bold]{markup(limit_words(simulation))}[/bold]"
    yield _table(WAIT_HEAD, wait_rows(simulation), left={"Who"})
    yield ""
    for line in closing_words(simulation):
        yield markup(line)


def setting(simulation: RoutingSimulation) -> Iterator[str]:
    """What was simulated."""
    request = simulation.request
    yield (
        f"{simulation.roster} · {_many(request.days, 'day')} from {request.start} · {_many(request.leads, 'lead')} · "
        f"seed {request.seed} · a run every {time_words(request.every / MINUTE)}"
    )
    away = "absences as in the roster" if request.absences else "no absences"
    yield (
        f"{away} · outside working hours: {simulation.outside_hours} · after an absence: {simulation.rejoin} · "
        "nothing is written"
    )


def pool_words(pool: PoolShares) -> str:
    """A rotation with its bound in one line."""
    turns, name = sum(each.turns for each in pool.people), rotation_words(pool.pool)
    if len(pool.people) == 1:
        return f"{name}: {_many(turns, 'turn')}, all to one person"
    kept = "kept" if pool.within else "NOT kept"
    bound = (
        f"below {pool.bound:g}, as everybody could take every turn"
        if pool.everybody
        else f"{pool.bound:g}, whoever could take which turn"
    )
    off = f"never more than {pool.largest:.2f} turns off"
    return f"{name}: {_many(turns, 'turn')}, {off} (bound {bound}: {kept})"


def share_rows(pool: PoolShares) -> list[tuple[str, ...]]:
    """One row for each person."""
    return [
        (
            each.person,
            f"{each.weight:g}",
            f"{each.turns:,}",
            f"{each.target:,.2f}",
            signed(each.deviation),
            f"{each.largest:.2f}",
            "yes" if each.within else "no",
        )
        for each in pool.people
    ]


def limit_words(simulation: RoutingSimulation) -> str:
    """What the waiting times are measured against."""
    request = simulation.request
    return (
        f"Waiting for the owner, in working time: limit {time_words(request.sla / MINUTE)}, "
        f"{time_words(request.each / MINUTE)} of work for each lead"
    )


def wait_rows(simulation: RoutingSimulation) -> list[tuple[str, ...]]:
    """One row for each person, and all together."""
    rows = [
        (each.person, str(each.days_away), f"{each.leads:,}", f"{each.busiest_day_leads:,}", *_waited(each.waits))
        for each in simulation.people
    ]
    return [*rows, ("All", "", f"{simulation.waits.leads:,}", "", *_waited(simulation.waits))]


def closing_words(simulation: RoutingSimulation) -> Iterator[str]:
    """Where everything went that has no owner, and the busiest day."""
    if simulation.busiest:
        yield f"Busiest day: {simulation.busiest[0]} with {_many(simulation.busiest[1], 'lead')} (UTC)."
    if simulation.waits.leads:
        half, most = (time_words(each) for each in (simulation.waits.elapsed.p50, simulation.waits.elapsed.p90))
        yield f"In all time, nights and weekends too: half waited at most {half}, 90 % at most {most}."
    if simulation.routed.later:
        yield f"{_many(simulation.routed.later, 'lead')} found nobody at first and got an owner in a later run."
    if simulation.queued:
        yield f"{_many(simulation.queued, 'lead')} went to a queue."
    if simulation.routed.kept:
        yield f"{_many(simulation.routed.kept, 'lead')} stayed where they were."
    if not simulation.unassigned:
        yield "Without an owner at the end: none."
    for reason, leads in simulation.unassigned:
        yield f"Without an owner at the end: {leads:,} · {reason}"


def signed(deviation: float) -> str:
    """Two decimals with the sign, zero without one."""
    text = f"{deviation:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def _waited(waits: Waits) -> tuple[str, ...]:
    working = waits.working
    in_time = "–" if waits.share is None else f"{waits.share:.1%}"
    return time_words(working.p50), time_words(working.p90), time_words(working.p99), in_time


def time_words(minutes: float | None) -> str:
    """`45 min`, `5:30 h`, `12 d 3 h`."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    hours, rest = divmod(whole, 60)
    return f"{hours}:{rest:02} h" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: set[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    for name in head:
        table.add_column(name, justify="left" if name in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(markup(cell) if cell != "no" else "[red]no[/red]" for cell in row))
    return table
