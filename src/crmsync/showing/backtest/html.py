"""A backtest as one HTML file to pass round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.operations.backtest.answer import Backtest, ReplayedMoment
from crmsync.showing.backtest.table import (
    listed,
    moment_words,
    notes,
    percent,
    suggestion_tables,
    suggestion_words,
    tables,
)
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import Row, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import page, table
from crmsync.tune.report import LeadGroup, Ranking

MOST_LEADS = 100


def backtest_page(backtests: Sequence[Backtest]) -> str:
    """The page for all connections."""
    first = backtests[0]
    title = f"{first.policy.name} held against {first.outcome}"
    return page(title, [part for backtest in backtests for part in _parts(backtest)])


def _parts(backtest: Backtest) -> Iterator[str]:
    yield f"<h2>{for_html(backtest.connection)}, as of {backtest.as_of}</h2>"
    yield f'<p class="note">Wording of the policy: {backtest.policy.digest[:12]}</p>'
    yield "<ul>" + "".join(f"<li>{for_html(words)}</li>" for words in notes(backtest)) + "</ul>"
    for moment in backtest.moments:
        yield from _moment(backtest, moment)


def _moment(backtest: Backtest, moment: ReplayedMoment) -> Iterator[str]:
    base = moment.winners / moment.leads
    yield f"<h2>{for_html(moment_words(moment))}</h2>"
    yield '<p class="note">Lines are 95 % intervals; the dashed line is everybody, or chance.</p>'
    for title, head, rows in tables(backtest, moment):
        yield f"<h3>{for_html(title)}</h3>"
        if title == "Stages":
            yield conversions(moment.stages, base, backtest)
        elif title.startswith("Score "):
            yield conversions(moment.scores[title.removeprefix("Score ")], base, backtest)
        elif title == "Rankings":
            yield areas(moment.rankings)
        yield table(head, rows)
    yield from (f"<p>{for_html(words)}</p>" for words in listed(backtest, moment, MOST_LEADS))
    if moment.suggestion:
        yield f"<h2>{for_html(suggestion_words(moment.suggestion))}</h2>"
        yield from (f"<p>Not weighed: {for_html(words)}.</p>" for words in moment.suggestion.left_out)
        for title, head, rows in suggestion_tables(backtest, moment.suggestion):
            yield f"<h3>{for_html(title)}</h3>"
            if title == "Out of sample":
                yield areas(moment.suggestion.rankings)
            yield table(head, rows)


def conversions(groups: Sequence[LeadGroup], base: float, backtest: Backtest) -> str:
    """Conversion of each group that has leads."""
    rows = [
        Row(backtest.labels.get(one.name, one.name), one.conversion, *one.interval)
        for one in groups
        if one.conversion is not None
    ]
    high = max([base, *(row.high for row in rows)])
    return figure(
        intervals("Who won, of each group", rows, base=base, low=0.0, high=high, form="percent", told=percent)
    )


def areas(rankings: Sequence[Ranking]) -> str:
    """AUC of each ranking; chance is 0.5."""
    rows = [
        Row(one.name, one.auc, *one.auc_interval)
        for one in rankings
        if one.auc is not None and one.auc_interval is not None
    ]
    ends = [0.4, 0.6, *(value for row in rows for value in (row.low, row.high))]
    told = "{:.2f}".format
    return figure(
        intervals(
            "How well each ranks winners above others (AUC)",
            rows,
            base=0.5,
            low=min(ends),
            high=max(ends),
            form="number",
            told=told,
        )
    )
