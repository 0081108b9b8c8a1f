"""A simulated rotation as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from crmsync.operations.simulate.routing import RoutingSimulation
from crmsync.operations.simulate.routing_shares import PoolShares
from crmsync.operations.simulate.routing_waits import MINUTE
from crmsync.route.roster.defaults import is_between
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


def routing_page(simulation: RoutingSimulation) -> str:
    """The whole page."""
    return page("Is the rotation fair, and how long do leads wait?", _parts(simulation))


def _parts(simulation: RoutingSimulation) -> Iterator[str]:
    yield "<p>" + "<br>".join(for_html(line) for line in setting(simulation)) + "</p>"
    yield "<ul>" + "".join(f"<li>{for_html(line)}</li>" for line in closing_words(simulation)) + "</ul>"
    for pool in simulation.pools:
        yield from _pool(simulation, pool)
    yield f"<h2>Waiting times</h2><p>{for_html(limit_words(simulation))}</p>"
    if simulation.waits.leads:
        yield figure(distribution(simulation.waits.minutes, simulation.request.sla / MINUTE))
    yield table(WAIT_HEAD, wait_rows(simulation))
    yield (
        '<p class="note">A lead joins the end of its owner\'s line when it is handed off; the owner takes up one '
        "after the other in working hours, and the first touch is when it is taken up. Absences stop the clock.</p>"
    )


def _pool(simulation: RoutingSimulation, pool: PoolShares) -> Iterator[str]:
    first = simulation.request.start
    last = first + timedelta(days=simulation.request.days)
    named = rotation_words(pool.pool)
    yield f"<h2>Fairness: {for_html(named[0].lower() + named[1:])}</h2><p>{for_html(pool_words(pool))}</p>"
    traces = [Trace(each.person, each.days, each.largest) for each in pool.people]
    each_of = "pool" if is_between(pool.pool) else "person"
    told = f"For each {each_of}: turns had minus turns that fell to them by weight, from the lowest to the highest of"
    if says_the_same_each_day(traces):
        yield figure(ranges(traces, pool.bound))
        yield f'<p class="note">{told} all days, as one day is like the other; the dot is the last day.</p>'
    else:
        yield figure(deviations(traces, pool.bound, first, last))
        yield (
            f'<p class="note">{told} each day; beside the name the largest. The band is the bound of {pool.bound:g} '
            "turns.</p>"
        )
    yield "<h3>Leads against target</h3>"
    rows = [(each.person, each.turns, each.target) for each in pool.people]
    yield figure(against_target("Leads of each person against their target", rows, ("Leads", "Target")))
    yield table(SHARE_HEAD, share_rows(pool))
