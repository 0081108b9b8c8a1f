"""A simulated rotation as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.simulate.routing import RoutingSimulation
from crmsync.operations.simulate.routing_shares import PoolShares
from crmsync.operations.simulate.routing_waits import MINUTE, Waits
from crmsync.showing.foreign_text import markup
from crmsync.showing.rotations import rotation_words
from crmsync.tongue import ENGLISH, Tongue, to_say

if TYPE_CHECKING:
    from rich.table import Table

SHARE_HEAD = (
    to_say("Who"),
    to_say("Weight"),
    to_say("Leads"),
    to_say("Target"),
    to_say("Deviation"),
    to_say("Largest ever"),
    to_say("Within bound"),
)
WAIT_HEAD = (
    to_say("Who"),
    to_say("Days away"),
    to_say("Leads"),
    to_say("Busiest day"),
    to_say("Half wait"),
    to_say("90 % wait"),
    to_say("99 % wait"),
    to_say("In time"),
)
OUTSIDE_HOURS: Mapping[str, str] = {
    "last_resort": to_say("only if nobody is at work"),
    "wait": to_say("leads wait"),
    "ignore": to_say("hours do not matter"),
}
REJOIN: Mapping[str, str] = {
    "no_catch_up": to_say("nothing is made up for"),
    "catch_up": to_say("missed turns are made up for"),
    "gradual": to_say("missed turns are made up for slowly"),
}
"""Values of the roster in words; what the commands take stands in the reference."""


def routing_parts(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> Iterator[Any]:
    """Renderables for the whole simulation."""
    for line in setting(simulation, tongue):
        yield markup(line)
    for pool in simulation.pools:
        yield f"\n[bold]{markup(pool_words(pool, tongue))}[/bold]"
        yield _table(SHARE_HEAD, share_rows(pool, tongue), {"Who", "Within bound"}, tongue)
    yield f"\n[bold]{markup(limit_words(simulation, tongue))}[/bold]"
    yield _table(WAIT_HEAD, wait_rows(simulation, tongue), {"Who"}, tongue)
    yield ""
    for line in closing_words(simulation, tongue):
        yield markup(line)


def setting(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """What was simulated."""
    request, say = simulation.request, tongue.say
    days = tongue.say_many("{number} day", "{number} days", request.days, number=tongue.number(request.days))
    since = say("{days} from {day}", days=days, day=tongue.day(request.start))
    every = say("a run every {time}", time=time_words(request.every / MINUTE))
    seed = say("seed {number}", number=request.seed)
    yield " · ".join((simulation.roster, since, _leads(request.leads, tongue), seed, every))
    away = say("absences as in the roster") if request.absences else say("no absences")
    outside = say(OUTSIDE_HOURS.get(simulation.outside_hours, simulation.outside_hours))
    rejoin = say(REJOIN.get(simulation.rejoin, simulation.rejoin))
    yield " · ".join(
        (
            away,
            say("outside working hours: {what}", what=outside),
            say("after an absence: {what}", what=rejoin),
            say("nothing is written"),
        )
    )


def pool_words(pool: PoolShares, tongue: Tongue = ENGLISH) -> str:
    """A rotation with its bound in one line."""
    had, say, name = sum(each.turns for each in pool.people), tongue.say, rotation_words(pool.pool, tongue)
    turns = tongue.say_many("{number} turn", "{number} turns", had, number=tongue.number(had))
    if len(pool.people) == 1:
        return say("{pool}: {turns}, all to one person", pool=name, turns=turns)
    bound, off = tongue.figures(pool.bound), tongue.decimals(pool.largest)
    why = (
        say("below {bound}, as everybody could take every turn", bound=bound)
        if pool.everybody
        else say("{bound}, whoever could take which turn", bound=bound)
    )
    return say(
        "{pool}: {turns}, never more than {off} turns off (bound {bound}: {kept})",
        pool=name,
        turns=turns,
        off=off,
        bound=why,
        kept=say("kept") if pool.within else say("NOT kept"),
    )


def share_rows(pool: PoolShares, tongue: Tongue = ENGLISH) -> list[tuple[str, ...]]:
    """One row for each person."""
    return [
        (
            each.person,
            tongue.figures(each.weight),
            tongue.number(each.turns),
            tongue.decimals(each.target),
            signed(each.deviation, tongue),
            tongue.decimals(each.largest),
            tongue.say("yes") if each.within else tongue.say("no"),
        )
        for each in pool.people
    ]


def limit_words(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> str:
    """What the waiting times are measured against."""
    request = simulation.request
    return tongue.say(
        "Waiting for the owner, in working time: limit {limit}, {each} of work for each lead",
        limit=time_words(request.sla / MINUTE),
        each=time_words(request.each / MINUTE),
    )


def wait_rows(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> list[tuple[str, ...]]:
    """One row for each person, and all together."""
    rows = [
        (
            each.person,
            str(each.days_away),
            tongue.number(each.leads),
            tongue.number(each.busiest_day_leads),
            *_waited(each.waits, tongue),
        )
        for each in simulation.people
    ]
    together = (tongue.say("All"), "", tongue.number(simulation.waits.leads), "", *_waited(simulation.waits, tongue))
    return [*rows, together]


def closing_words(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """Where everything went that has no owner, and the busiest day."""
    say = tongue.say
    if simulation.busiest:
        day, leads = simulation.busiest
        yield say("Busiest day: {day} with {leads} (UTC).", day=tongue.day(day), leads=_leads(leads, tongue))
    if simulation.waits.leads:
        half, most = (time_words(each) for each in (simulation.waits.elapsed.p50, simulation.waits.elapsed.p90))
        yield say(
            "In all time, nights and weekends too: half waited at most {half}, 90 % at most {most}.",
            half=half,
            most=most,
        )
    if later := simulation.routed.later:
        yield tongue.say_many(
            "{number} lead found nobody at first and got an owner in a later run.",
            "{number} leads found nobody at first and got an owner in a later run.",
            later,
            number=tongue.number(later),
        )
    if simulation.queued:
        yield tongue.say_many(
            "{number} lead went to a queue.",
            "{number} leads went to a queue.",
            simulation.queued,
            number=tongue.number(simulation.queued),
        )
    if simulation.routed.kept:
        kept = simulation.routed.kept
        yield tongue.say_many(
            "{number} lead stayed where it was.",
            "{number} leads stayed where they were.",
            kept,
            number=tongue.number(kept),
        )
    if not simulation.unassigned:
        yield say("Without an owner at the end: none.")
    for reason, leads in simulation.unassigned:
        yield say("Without an owner at the end: {leads} · {reason}", leads=tongue.number(leads), reason=reason)


def signed(deviation: float, tongue: Tongue = ENGLISH) -> str:
    """Two decimals with the sign, zero without one."""
    text = tongue.decimals(abs(deviation))
    sign = "" if text == tongue.decimals(0) else "+" if deviation > 0 else "-"
    return f"{sign}{text}"


def _waited(waits: Waits, tongue: Tongue) -> tuple[str, ...]:
    working = waits.working
    in_time = "–" if waits.share is None else f"{tongue.number(round(waits.share * 100, 1))}%"
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


def _leads(count: int, tongue: Tongue) -> str:
    return tongue.say_many("{number} lead", "{number} leads", count, number=tongue.number(count))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: set[str], tongue: Tongue) -> Table:
    from rich.table import Table

    no = tongue.say("no")
    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    for name in head:
        table.add_column(tongue.say(name), justify="left" if name in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(markup(cell) if cell != no else f"[red]{markup(no)}[/red]" for cell in row))
    return table
