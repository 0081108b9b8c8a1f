"""A simulation as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.operations.simulate.policy import Mover, Simulation
from crmsync.qualify.criteria import plain
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.flow import Ribbon, flow
from crmsync.showing.charts.rows import Series, bars
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import Link, page, table
from crmsync.showing.simulate.policy_table import label, person, some_of, told_moves, told_pair

MOST_OWNERS = 40
MOST_LEADS = 200
_COLOURS = {"up": Colour.GOOD, "down": Colour.BAD, "beside": Colour.VIOLET, "same": Colour.OLD}


def simulation_page(simulations: Sequence[Simulation]) -> str:
    """The page for all connections."""
    first = simulations[0]
    title = f"{first.policy.name} instead of {first.against.name}"
    return page(title, [part for simulation in simulations for part in _parts(simulation)])


def _parts(simulation: Simulation) -> Iterator[str]:
    yield f"<h2>{for_html(simulation.connection)}, as of {simulation.as_of}</h2>"
    yield (
        f"<p>{simulation.leads:,} leads, {simulation.moved():,} of which move: {for_html(told_moves(simulation))}. "
        f"Nothing was written.</p>"
    )
    wordings = f"{simulation.policy.digest[:12]} instead of {simulation.against.digest[:12]}"
    yield f'<p class="note">Wording of the policies: {wordings}</p>'
    yield "<h3>From where to where</h3>"
    yield _flow(simulation)
    rows = [(label(simulation, m.before), label(simulation, m.after), m.direction, m.leads) for m in simulation.moves]
    yield table(("Before", "After", "Way", "Leads"), rows)
    yield "<h3>Leads per owner</h3>"
    loads = simulation.owners[:MOST_OWNERS]
    named = [(person(simulation, load.owner), load.before, load.after) for load in loads]
    yield _pairs(simulation, named)
    full = [(name, load.now, load.before, load.after) for (name, _, _), load in zip(named, loads, strict=True)]
    yield table(("Owner", "Now", "Before", "After"), full)
    for name, parts in simulation.by.items():
        yield f"<h3>By {for_html(plain(name))}</h3>"
        stages = list(simulation.stages)
        head = (plain(name), "Leads", "Up", "Down", *(label(simulation, stage) for stage in stages))
        split = [(part, [part.stages.get(stage, (0, 0)) for stage in stages]) for part in parts]
        lines = [
            (part.value or "(not known)", part.leads, part.up, part.down, *(told_pair(*pair) for pair in counts))
            for part, counts in split
        ]
        yield table(head, lines)
    yield from _leads(simulation)


def _flow(simulation: Simulation) -> str:
    befores = _boxes(simulation, 0)
    afters = _boxes(simulation, 1)
    places = [{stage: index for index, (stage, _) in enumerate(side)} for side in (befores, afters)]
    ribbons = [
        Ribbon(places[0][move.before], places[1][move.after], move.leads, _COLOURS[move.direction])
        for move in simulation.moves
    ]
    sides = [[(label(simulation, stage), leads) for stage, leads in side] for side in (befores, afters)]
    return figure(flow("Leads before and after, by stage", sides[0], sides[1], ribbons))


def _pairs(simulation: Simulation, owners: Sequence[tuple[str, int, int]]) -> str:
    before, after = simulation.against.name, simulation.policy.name
    series = (
        Series(before, [one for _, one, _ in owners], Colour.OLD),
        Series(after, [other for _, _, other in owners], Colour.NEW),
    )
    return figure(bars(f"Leads per owner: {before} and {after}", [name for name, _, _ in owners], series))


def _boxes(simulation: Simulation, end: int) -> list[tuple[str | None, int]]:
    """Stages from the top with leads at one end, those that are not managed last."""
    boxes: list[tuple[str | None, int]] = [(stage, pair[end]) for stage, pair in simulation.stages.items()]
    boxes.append((None, simulation.leads - sum(leads for _, leads in boxes)))
    return [box for box in boxes if box[1]]


def _owners(simulation: Simulation, mover: Mover) -> str:
    before, after = (person(simulation, owner) for owner in (mover.owner_before, mover.owner_after))
    return after if before == after else f"{before} → {after}"


def _leads(simulation: Simulation) -> Iterator[str]:
    if not simulation.movers:
        return
    yield "<h3>Leads that move</h3>"
    rows = [
        (
            Link(mover.lead, mover.url),
            mover.name,
            f"{label(simulation, mover.before)} → {label(simulation, mover.after)}",
            _owners(simulation, mover),
            mover.reasons_before,
            mover.reasons,
        )
        for mover in some_of(simulation.movers, MOST_LEADS)
    ]
    yield table(("Lead", "Name", "Stage", "Owner", "Why before", "Why now"), rows)
    hidden = len(simulation.movers) - len(rows)
    if hidden:
        yield f'<p class="note">… and {hidden:,} more; all of them: --format json.</p>'
