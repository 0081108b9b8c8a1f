"""A backtest as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from crmsync.operations.backtest.answer import Backtest, ReplayedMoment
from crmsync.showing.backtest.table import (
    fixed,
    listed,
    moment_words,
    notes,
    percent,
    ranked_by,
    suggestion_tables,
    suggestion_words,
    tables,
)
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import Row, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import page, table
from crmsync.tongue import ENGLISH, Tongue
from crmsync.tune.report import LeadGroup, Ranking

MOST_LEADS = 100


def backtest_page(backtests: Sequence[Backtest], tongue: Tongue = ENGLISH) -> str:
    """The page for all connections."""
    first = backtests[0]
    title = tongue.say("{policy} held against {outcome}", policy=first.policy.name, outcome=first.outcome)
    return page(title, [part for backtest in backtests for part in _parts(backtest, tongue)], tongue)


def _parts(backtest: Backtest, tongue: Tongue) -> Iterator[str]:
    head = tongue.say("{connection}, as of {day}", connection=backtest.connection, day=tongue.day(backtest.as_of))
    yield f"<h2>{for_html(head)}</h2>"
    wording = tongue.say("Wording of the policy: {digest}", digest=backtest.policy.digest[:12])
    yield f'<p class="note">{for_html(wording)}</p>'
    yield "<ul>" + "".join(f"<li>{for_html(words)}</li>" for words in notes(backtest, tongue)) + "</ul>"
    for moment in backtest.moments:
        yield from _moment(backtest, moment, tongue)


def _moment(backtest: Backtest, moment: ReplayedMoment, tongue: Tongue) -> Iterator[str]:
    base = moment.winners / moment.leads
    yield f"<h2>{for_html(moment_words(moment, tongue))}</h2>"
    told = tongue.say("Lines are 95 % intervals; the dashed line is everybody, or chance.")
    yield f'<p class="note">{for_html(told)}</p>'
    for each in tables(backtest, moment, tongue):
        yield f"<h3>{for_html(each.title)}</h3>"
        if each.kind == "stages":
            yield conversions(moment.stages, base, backtest, tongue)
        elif each.kind == "score":
            yield conversions(moment.scores[each.of], base, backtest, tongue)
        elif each.kind == "rankings":
            yield areas(moment.rankings, tongue)
        yield table(each.head, each.rows, tongue)
    yield from (f"<p>{for_html(words)}</p>" for words in listed(backtest, moment, MOST_LEADS, tongue))
    if moment.suggestion:
        yield f"<h2>{for_html(suggestion_words(moment.suggestion, tongue))}</h2>"
        for words in moment.suggestion.left_out:
            yield f"<p>{for_html(tongue.say('Not weighed: {what}', what=words))}.</p>"
        for each in suggestion_tables(backtest, moment.suggestion, tongue):
            yield f"<h3>{for_html(each.title)}</h3>"
            if each.kind == "out_of_sample":
                yield areas(moment.suggestion.rankings, tongue)
            yield table(each.head, each.rows, tongue)


def conversions(groups: Sequence[LeadGroup], base: float, backtest: Backtest, tongue: Tongue) -> str:
    """Conversion of each group that has leads."""
    rows = [
        Row(tongue.own(backtest.labels.get(one.name, one.name)), one.conversion, *one.interval)
        for one in groups
        if one.conversion is not None
    ]
    high = max([base, *(row.high for row in rows)])
    title = tongue.say("Who won, of each group")
    told = partial(percent, tongue=tongue)
    return figure(intervals(title, rows, base=base, low=0.0, high=high, form="percent", told=told))


def areas(rankings: Sequence[Ranking], tongue: Tongue) -> str:
    """AUC of each ranking; chance is 0.5."""
    rows = [
        Row(ranked_by(one.name, tongue), one.auc, *one.auc_interval)
        for one in rankings
        if one.auc is not None and one.auc_interval is not None
    ]
    ends = [0.4, 0.6, *(value for row in rows for value in (row.low, row.high))]
    title = tongue.say("How well each ranks winners above others (AUC)")
    told = partial(fixed, digits=2, tongue=tongue)
    return figure(intervals(title, rows, base=0.5, low=min(ends), high=max(ends), form="number", told=told))
