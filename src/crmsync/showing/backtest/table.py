"""A backtest as people read it in a terminal. Shares in percent, with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.backtest.answer import Backtest, ReplayedMoment
from crmsync.showing.foreign_text import markup
from crmsync.tune.report import LeadGroup, Ranking, StageLine
from crmsync.tune.suggest import Suggestion

if TYPE_CHECKING:
    from rich.table import Table

Rows = Sequence[tuple[str, ...]]
Told = tuple[str, tuple[str, ...], Rows]
"""Title, head, rows."""
NOTHING = "–"


def backtest_parts(backtest: Backtest, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many missed winners and false alarms to list (0 = all)."""
    yield ""
    yield f"[bold]{markup(backtest.connection)}[/bold] · as of {backtest.as_of} · [cyan]nothing is written[/cyan]"
    yield f"  {markup(backtest.policy.name)} ({backtest.policy.digest[:8]}) against {markup(backtest.outcome)}"
    yield from (f"  [yellow]![/yellow] {markup(words)}" for words in notes(backtest))
    for moment in backtest.moments:
        yield ""
        yield f"  [bold]{markup(moment_words(moment))}[/bold]"
        for title, head, rows in tables(backtest, moment):
            yield _table(title, head, rows)
        yield from (f"  {markup(words)}" for words in listed(backtest, moment, show))
        if moment.suggestion:
            yield f"  [bold]{markup(suggestion_words(moment.suggestion))}[/bold]"
            yield from (f"  Not weighed: {markup(words)}" for words in moment.suggestion.left_out)
            for title, head, rows in suggestion_tables(backtest, moment.suggestion):
                yield _table(title, head, rows)


def notes(backtest: Backtest) -> Iterator[str]:
    """What to keep in mind."""
    if backtest.present_values:
        yield (
            f"present value, may leak: {', '.join(backtest.present_values)}; leave out what may have changed since "
            "with --without"
        )
    yield from backtest.cautions


def moment_words(moment: ReplayedMoment) -> str:
    """The moment's head line."""
    out = ", ".join(f"{count:,} {why}" for why, count in moment.left_out.items())
    share = percent(moment.winners / moment.leads)
    words = f"{moment.days} days after creation: {moment.leads:,} leads, {moment.winners:,} winners ({share})"
    return f"{words}; left out: {out}" if out else words


def tables(backtest: Backtest, moment: ReplayedMoment) -> Iterator[Told]:
    """Every table of a moment."""
    head = ("Leads", "Winners", "Conversion", "95 %", "Lift")
    labels = backtest.labels
    yield "Stages", ("Stage", *head), [_group(one, labels.get(one.name, one.name)) for one in moment.stages]
    lines = [
        _line(one, labels.get(one.stage, one.stage), chosen=(one.stage, None) == (backtest.line, backtest.hand_over))
        for one in moment.lines
    ]
    rest = ("Leads", "Precision", "95 %", "Recall", "95 %", "Lift", "Missed winners", "False alarms")
    star = "* the line for missed winners and false alarms"
    yield f"Lines: a stage and all above it ({star})", ("From", *rest), lines
    if moment.hand_overs:
        handed = [
            _line(one, backtest.hand_over_labels[one.hand_over or ""], chosen=one.hand_over == backtest.hand_over)
            for one in moment.hand_overs
        ]
        yield f"Lines: whom a hand-over takes, or a later one ({star})", ("By", *rest), handed
    for name, groups in moment.scores.items():
        yield f"Score {name}", ("Band", *head), [_group(one, one.name) for one in groups]
    yield "Rankings", RANKING_HEAD, [ranking_row(one) for one in moment.rankings]


def _line(one: StageLine, words: str, *, chosen: bool) -> tuple[str, ...]:
    return (
        words + (" *" if chosen else ""),
        f"{one.leads:,}",
        percent(one.precision),
        interval(one.precision_interval),
        percent(one.recall),
        interval(one.recall_interval),
        times(one.lift),
        f"{one.missed:,}",
        f"{one.false_alarms:,}",
    )


RANKING_HEAD = ("By", "AUC", "95 %", "Lift in the top tenth", "95 %")


def ranking_row(one: Ranking) -> tuple[str, ...]:
    """A ranking's cells."""
    area = NOTHING if one.auc is None else f"{one.auc:.3f}"
    spread = NOTHING if one.auc_interval is None else f"{one.auc_interval[0]:.3f} … {one.auc_interval[1]:.3f}"
    tops = one.top_lift_interval
    top = NOTHING if tops is None else f"{tops[0]:.2f} … {tops[1]:.2f}"
    return one.name, area, spread, times(one.top_lift), top


def listed(backtest: Backtest, moment: ReplayedMoment, show: int) -> Iterator[str]:
    """Missed winners and false alarms by their ids."""
    line = backtest.labels.get(backtest.line, backtest.line)
    if backtest.hand_over:
        line = f"the hand-over {backtest.hand_over_labels[backtest.hand_over]}"
    for words, leads in ((f"Missed winners (below {line})", moment.missed), ("False alarms", moment.false_alarms)):
        shown = leads[:show] if show else leads
        more = (
            f" … and {len(leads) - len(shown):,} more: --show 0, or --format json" if len(leads) > len(shown) else ""
        )
        if leads:
            yield f"{words}: {' '.join(shown)}{more}"


def suggestion_words(found: Suggestion) -> str:
    """Whether the fit is worth anything."""
    if found.worth_it:
        return "Suggested points; a suggestion only: nothing is changed. Out of sample the fit is better than chance."
    return "Suggested points: out of sample they are not surely better than chance. Do not use them."


def suggestion_tables(backtest: Backtest, found: Suggestion) -> Iterator[Told]:
    """Points side by side, thresholds, and what all reach out of sample."""
    rows = [
        (one.place, one.words, f"{one.points:g}", f"{one.suggested:+.1f}", f"{one.leads:,}", f"{one.winners:,}")
        for one in found.points
    ]
    yield "Points", ("Rule", "What", "Now", "Suggested", "Leads", "Winners"), rows
    thresholds = [
        (
            backtest.labels.get(one.stage, one.stage),
            f"{one.leads:,}",
            f"{one.at_least:.1f}",
            percent(one.conversion_by_policy),
            percent(one.conversion_by_points),
        )
        for one in found.thresholds
    ]
    head = ("As many as from", "Leads", "Suggested points from", "Conversion by policy", "By points, out of sample")
    if thresholds:
        yield "Thresholds", head, thresholds
    yield "Out of sample", RANKING_HEAD, [ranking_row(one) for one in found.rankings]


def percent(share: float | None) -> str:
    """`12.3 %`."""
    return NOTHING if share is None else f"{share:.1%}".replace("%", " %")


def interval(ends: tuple[float, float]) -> str:
    """`10.1 … 14.9 %`."""
    return f"{100 * ends[0]:.1f} … {100 * ends[1]:.1f} %"


def times(lift: float | None) -> str:
    """`1.52`."""
    return NOTHING if lift is None else f"{lift:.2f}"


def _group(one: LeadGroup, label: str) -> tuple[str, ...]:
    spread = interval(one.interval) if one.leads else NOTHING
    return label, f"{one.leads:,}", f"{one.winners:,}", percent(one.conversion), spread, times(one.lift)


def _table(title: str, head: Sequence[str], rows: Rows) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True, title=markup(title), title_justify="left")
    for index, name in enumerate(head):
        table.add_column(markup(name), justify="left" if index == 0 or name == "What" else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(markup, row))
    return table
