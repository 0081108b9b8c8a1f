"""The load of people as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.load import LoadReport, PoolLoad
from crmsync.route.at_work.loads import PersonLoad
from crmsync.route.people.person import Capacity
from crmsync.showing.foreign_text import markup
from crmsync.showing.rotations import rotation_words, takers

if TYPE_CHECKING:
    from rich.table import Table


def load_parts(report: LoadReport) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold], {report.at:%Y-%m-%d %H:%M %Z}"
    for pool in report.pools:
        yield f"\n{markup(pool_words(pool))}"
        if not pool.within:
            yield (
                "[yellow]→ beyond the bound: a turn that was given back (a write was refused) moves a deviation at "
                "once, and the rotation works it off[/yellow]"
            )
        yield _pool(report, pool)
    if not report.pools:
        yield "\nNo rule of the roster rotates, and nothing was counted yet."
    yield f"\nPeople [dim](outside working hours: {report.outside_hours}, after an absence: {report.rejoin})[/dim]"
    yield _people(report)
    if report.nobody_yet is not None:
        yield f"Nobody yet: {report.nobody_yet:,} leads without an owner, or in a raw queue, as policy and roster say"
    for user, count in report.leavers:
        leads = "1 open lead" if count == 1 else f"{count:,} open leads"
        way_on = f"crmsync redistribute {report.connection} --from {user} --dry-run"
        yield f"[yellow]{markup(report.name(user))} has left and still owns {leads}[/yellow]: {markup(way_on)}"


def pool_words(pool: PoolLoad) -> str:
    """The pool with its bound in one line."""
    turns, name = sum(each.turns for each in pool.people), rotation_words(pool.pool)
    if not turns:
        return f"{name}: no turn yet"
    largest = max(abs(each.deviation) for each in pool.people)
    words = f"{name}: {turns:,} turns, largest deviation {largest:.2f} turns"
    whoever = f"bound {pool.bound:g} with {pool.took_part} {takers(pool.pool)}, whatever happens"
    bound = f"{whoever}; below 1 while all can take each turn"
    return f"{words} ({bound})" if pool.took_part > 1 else words


def _pool(report: LoadReport, pool: PoolLoad) -> Table:
    weights = {each.key: each.member.person.weight for each in report.people if each.member}
    weights |= {name: Decimal(part) for name, part in report.shares.get(pool.pool, {}).items()}
    owes = report.rejoin != "no_catch_up"
    table = _table("Who", ("Weight", "Turns", "Share", "Deviation", *(("Owed",) if owes else ())), ("Within bound",))
    for each in pool.people:
        weight = weights.get(each.person)
        table.add_row(
            markup(report.name(each.person)),
            "–" if weight is None else f"{weight.normalize():f}",
            f"{each.turns:,}",
            f"{each.share:,.2f}",
            f"{each.deviation:+.2f}",
            *((f"{each.owed:.2f}",) if owes else ()),
            "yes" if each.within else "[red]no[/red]",
        )
    return table


def _people(report: LoadReport) -> Table:
    asked = [each.member.person.capacity for each in report.people if each.member]
    windows = sorted({days for capacity in asked for days in capacity.per_days})
    monthly = any(capacity.per_month is not None for capacity in asked)
    longer = (*(f"{days} days" for days in windows), *(("This month",) if monthly else ()))
    table = _table("Who", ("Today", "This week", *longer, "Open leads", "Outside rotation"), ("Takes leads now",))
    for each in report.people:
        limits = each.member.person.capacity if each.member else Capacity()
        rolling = dict(each.in_days)
        table.add_row(
            markup(report.name(each.key)),
            used(each.today, limits.per_day),
            used(each.this_week, limits.per_week),
            *(used(rolling[days], limits.per_days[days]) if days in rolling else "–" for days in windows),
            *((used(each.this_month, limits.per_month),) if monthly else ()),
            used(each.open_leads, limits.open_leads),
            f"{each.direct:,}",
            available(each),
        )
    for key, why in report.missing:
        nothing = ["–"] * (len(table.columns) - 2)
        table.add_row(markup(key), *nothing, f"[yellow]no: {markup(why)}[/yellow]")
    return table


def used(number: int, most: int | None) -> str:
    """A number, and its limit where there is one."""
    return f"{number:,}" if most is None else f"{number:,} of {most:,}"


def available(load: PersonLoad) -> str:
    """Whether the person takes leads now, else why not."""
    return "yes" if load.obstacle is None else f"[yellow]no: {markup(load.obstacle)}[/yellow]"


def _table(first: str, numbers: Sequence[str], last: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right")
    for name in last:
        table.add_column(name, overflow="fold")
    return table
