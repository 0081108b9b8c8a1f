"""A simulated rotation as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from crmsync.operations.simulate.routing import RoutingSimulation
from crmsync.operations.simulate.routing_shares import PoolShares
from crmsync.operations.simulate.routing_waits import MINUTE
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import against_target
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import page, table
from crmsync.showing.rotations import rotation_words
from crmsync.showing.simulate.routing_charts import Trace, deviations, distribution, ranges, says_the_same_each_day
from crmsync.showing.simulate.routing_table import (
    SHARE_HEAD,
    WAIT_HEAD,
    closing_words,
    limit_words,
    pool_words,
    setting,
    share_rows,
    wait_rows,
)
from crmsync.tongue import ENGLISH, Tongue


def routing_page(simulation: RoutingSimulation, tongue: Tongue = ENGLISH) -> str:
    """The whole page."""
    return page(tongue.say("Is the rotation fair, and how long do leads wait?"), _parts(simulation, tongue), tongue)


def _parts(simulation: RoutingSimulation, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    yield "<p>" + "<br>".join(for_html(line) for line in setting(simulation, tongue)) + "</p>"
    yield "<ul>" + "".join(f"<li>{for_html(line)}</li>" for line in closing_words(simulation, tongue)) + "</ul>"
    for pool in simulation.pools:
        yield from _pool(simulation, pool, tongue)
    yield f"<h2>{for_html(say('Waiting times'))}</h2><p>{for_html(limit_words(simulation, tongue))}</p>"
    if simulation.waits.leads:
        yield figure(distribution(simulation.waits.minutes, simulation.request.sla / MINUTE, tongue))
    yield _table(WAIT_HEAD, wait_rows(simulation, tongue), tongue)
    told = say(
        "A lead joins the end of its owner's line when it is handed off; the owner takes up one after the other in "
        "working hours, and the first touch is when it is taken up. Absences stop the clock."
    )
    yield f'<p class="note">{for_html(told)}</p>'


def _pool(simulation: RoutingSimulation, pool: PoolShares, tongue: Tongue) -> Iterator[str]:
    first, say = simulation.request.start, tongue.say
    last = first + timedelta(days=simulation.request.days)
    heading = say("Fairness: {pool}", pool=rotation_words(pool.pool, tongue))
    yield f"<h2>{for_html(heading)}</h2><p>{for_html(pool_words(pool, tongue))}</p>"
    traces = [Trace(each.person, each.days, each.largest) for each in pool.people]
    if says_the_same_each_day(traces):
        yield figure(ranges(traces, pool.bound, tongue))
        told = say(
            "For each: turns had minus turns that fell to them by weight, from the lowest to the highest of all "
            "days, as one day is like the other; the dot is the last day."
        )
    else:
        yield figure(deviations(traces, pool.bound, first, last, tongue))
        told = say(
            "For each: turns had minus turns that fell to them by weight, from the lowest to the highest of each "
            "day; beside the name the largest. The band is the bound of {bound} turns.",
            bound=tongue.figures(pool.bound),
        )
    yield f'<p class="note">{for_html(told)}</p>'
    yield f"<h3>{for_html(say('Leads against target'))}</h3>"
    rows = [(each.person, each.turns, each.target) for each in pool.people]
    words = (say("Leads"), say("Target"))
    yield figure(against_target(say("Leads of each person against their target"), rows, words, tongue=tongue))
    yield _table(SHARE_HEAD, share_rows(pool, tongue), tongue)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], tongue: Tongue) -> str:
    return table([tongue.say(name) for name in head], rows, tongue)
