"""A simulation as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.operations.simulate.policy import Mover, Simulation
from crmsync.qualify.criteria import plain
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.flow import Ribbon, flow
from crmsync.showing.charts.rows import ChartSeries, bars
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import Link, page, table
from crmsync.showing.simulate.policy_table import label, person, some_of, told_moves, told_pair
from crmsync.tongue import ENGLISH, Tongue, to_say

MOST_OWNERS = 40
MOST_LEADS = 200
WAYS = {
    "up": to_say("up"),
    "down": to_say("down"),
    "beside": to_say("beside"),
    "same": to_say("the same"),
}
_COLOURS = {"up": Colour.GOOD, "down": Colour.BAD, "beside": Colour.VIOLET, "same": Colour.OLD}


def simulation_page(simulations: Sequence[Simulation], tongue: Tongue = ENGLISH) -> str:
    """The page for all connections."""
    first = simulations[0]
    title = tongue.say("{policy} instead of {other}", policy=first.policy.name, other=first.against.name)
    return page(title, [part for simulation in simulations for part in _parts(simulation, tongue)], tongue)


def _parts(simulation: Simulation, tongue: Tongue) -> Iterator[str]:
    say, number = tongue.say, tongue.number
    day = tongue.day(simulation.as_of)
    yield f"<h2>{for_html(say('{connection}, as of {day}', connection=simulation.connection, day=day))}</h2>"
    told = say(
        "{leads} leads, {moving} of which move: {moves}. Nothing was written.",
        leads=number(simulation.leads),
        moving=number(simulation.moved()),
        moves=told_moves(simulation, tongue),
    )
    yield f"<p>{for_html(told)}</p>"
    digests = {"digest": simulation.policy.digest[:12], "other": simulation.against.digest[:12]}
    yield f'<p class="note">{for_html(say("Wording of the policies: {digest} instead of {other}", **digests))}</p>'
    yield f"<h3>{for_html(say('From where to where'))}</h3>"
    yield _flow(simulation, tongue)
    rows = [
        (label(simulation, m.before, tongue), label(simulation, m.after, tongue), say(WAYS[m.direction]), m.leads)
        for m in simulation.moves
    ]
    yield table((say("Before"), say("After"), say("Way"), say("Leads")), rows, tongue)
    yield from _owners_of_leads(simulation, tongue)
    for name in simulation.by:
        yield from _split(simulation, name, tongue)
    yield from _leads(simulation, tongue)


def _owners_of_leads(simulation: Simulation, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    yield f"<h3>{for_html(say('Leads per owner'))}</h3>"
    loads = simulation.owners[:MOST_OWNERS]
    named = [(person(simulation, load.owner, tongue), load.before, load.after) for load in loads]
    yield _pairs(simulation, named, tongue)
    full = [(name, load.now, load.before, load.after) for (name, _, _), load in zip(named, loads, strict=True)]
    yield table((say("Owner"), say("Now"), say("Before"), say("After")), full, tongue)


def _split(simulation: Simulation, name: str, tongue: Tongue) -> Iterator[str]:
    say, called = tongue.say, plain(name, tongue)
    yield f"<h3>{for_html(say('By {what}', what=called))}</h3>"
    stages = list(simulation.stages)
    labels = (label(simulation, stage, tongue) for stage in stages)
    head = (called, say("Leads"), say("Up"), say("Down"), *labels)
    split = [(part, [part.stages.get(stage, (0, 0)) for stage in stages]) for part in simulation.by[name]]
    lines = [
        (
            part.value or say("(not known)"),
            part.leads,
            part.up,
            part.down,
            *(told_pair(*pair, tongue) for pair in counts),
        )
        for part, counts in split
    ]
    yield table(head, lines, tongue)


def _flow(simulation: Simulation, tongue: Tongue) -> str:
    befores = _boxes(simulation, 0)
    afters = _boxes(simulation, 1)
    places = [{stage: index for index, (stage, _) in enumerate(side)} for side in (befores, afters)]
    ribbons = [
        Ribbon(places[0][move.before], places[1][move.after], move.leads, _COLOURS[move.direction])
        for move in simulation.moves
    ]
    sides = [[(label(simulation, stage, tongue), leads) for stage, leads in side] for side in (befores, afters)]
    return figure(flow(tongue.say("Leads before and after, by stage"), sides[0], sides[1], ribbons, tongue))


def _pairs(simulation: Simulation, owners: Sequence[tuple[str, int, int]], tongue: Tongue) -> str:
    before, after = simulation.against.name, simulation.policy.name
    series = (
        ChartSeries(before, [one for _, one, _ in owners], Colour.OLD),
        ChartSeries(after, [other for _, _, other in owners], Colour.NEW),
    )
    title = tongue.say("Leads per owner: {before} and {after}", before=before, after=after)
    return figure(bars(title, [name for name, _, _ in owners], series, tongue=tongue))


def _boxes(simulation: Simulation, end: int) -> list[tuple[str | None, int]]:
    """Stages from the top with leads at one end, those that are not managed last."""
    boxes: list[tuple[str | None, int]] = [(stage, pair[end]) for stage, pair in simulation.stages.items()]
    boxes.append((None, simulation.leads - sum(leads for _, leads in boxes)))
    return [box for box in boxes if box[1]]


def _owners(simulation: Simulation, mover: Mover, tongue: Tongue) -> str:
    before, after = (person(simulation, owner, tongue) for owner in (mover.owner_before, mover.owner_after))
    return after if before == after else f"{before} → {after}"


def _leads(simulation: Simulation, tongue: Tongue) -> Iterator[str]:
    if not simulation.movers:
        return
    say = tongue.say
    yield f"<h3>{for_html(say('Leads that move'))}</h3>"
    rows = [
        (
            Link(mover.lead, mover.url),
            mover.name,
            f"{label(simulation, mover.before, tongue)} → {label(simulation, mover.after, tongue)}",
            _owners(simulation, mover, tongue),
            mover.reasons_before,
            mover.reasons,
        )
        for mover in some_of(simulation.movers, MOST_LEADS)
    ]
    head = (say("Lead"), say("Name"), say("Stage"), say("Owner"), say("Why before"), say("Why now"))
    yield table(head, rows, tongue)
    hidden = len(simulation.movers) - len(rows)
    if hidden:
        told = say("… and {number} more; all of them: --format json.", number=tongue.number(hidden))
        yield f'<p class="note">{for_html(told)}</p>'
