"""A backtest as people read it in a terminal. Shares in percent, with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crmsync.operations.backtest.answer import WHY_LEFT_OUT, Backtest, ReplayedMoment
from crmsync.showing.foreign_text import markup
from crmsync.tongue import ENGLISH, Tongue, to_say
from crmsync.tune.report import LeadGroup, Ranking, StageOutcomes
from crmsync.tune.suggest import Suggestion

if TYPE_CHECKING:
    from rich.table import Table

NOTHING = "–"
_RANKED_BY = {
    "stage": to_say("stage"),
    "fitted points": to_say("fitted points"),
    "source only": to_say("source only"),
}


class ToldTable(NamedTuple):
    """A table. `kind`: what it tells of; `of`: which score."""

    kind: Literal["stages", "lines", "score", "rankings", "points", "thresholds", "out_of_sample"]
    title: str
    head: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    of: str = ""


def backtest_parts(backtest: Backtest, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many missed winners and false alarms to list (0 = all)."""
    yield ""
    yield f"[bold]{markup(backtest.connection)}[/bold] · as of {backtest.as_of} · [cyan]nothing is written[/cyan]"
    yield f"  {markup(backtest.policy.name)} ({backtest.policy.digest[:8]}) against {markup(backtest.outcome)}"
    yield from (f"  [yellow]![/yellow] {markup(words)}" for words in notes(backtest))
    for moment in backtest.moments:
        yield ""
        yield f"  [bold]{markup(moment_words(moment))}[/bold]"
        for told in tables(backtest, moment):
            yield _table(told)
        yield from (f"  {markup(words)}" for words in listed(backtest, moment, show))
        if moment.suggestion:
            yield f"  [bold]{markup(suggestion_words(moment.suggestion))}[/bold]"
            yield from (f"  Not weighed: {markup(words)}" for words in moment.suggestion.left_out)
            for told in suggestion_tables(backtest, moment.suggestion):
                yield _table(told)


def notes(backtest: Backtest, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """What to keep in mind."""
    if backtest.present_values:
        yield tongue.say(
            "present value, may leak: {facts}; leave out what may have changed since with --without",
            facts=", ".join(backtest.present_values),
        )
    yield from backtest.cautions


def moment_words(moment: ReplayedMoment, tongue: Tongue = ENGLISH) -> str:
    """The moment's head line."""
    say, number = tongue.say, tongue.number
    out = ", ".join(f"{number(count)} {say(WHY_LEFT_OUT[why])}" for why, count in moment.left_out.items())
    words = say(
        "{days} days after creation: {leads} leads, {winners} winners ({share})",
        days=number(moment.days),
        leads=number(moment.leads),
        winners=number(moment.winners),
        share=percent(moment.winners / moment.leads, tongue),
    )
    return f"{words}; {say('left out: {what}', what=out)}" if out else words


def tables(backtest: Backtest, moment: ReplayedMoment, tongue: Tongue = ENGLISH) -> Iterator[ToldTable]:
    """Every table of a moment."""
    say, labels = tongue.say, backtest.labels
    head = (say("Leads"), say("Winners"), say("Conversion"), "95 %", say("Lift"))
    groups = [_group(one, tongue.own(labels.get(one.name, one.name)), tongue) for one in moment.stages]
    yield ToldTable("stages", say("Stages"), (say("Stage"), *head), groups)
    lines = [
        _line(
            one,
            tongue.own(labels.get(one.stage, one.stage)),
            tongue,
            chosen=(one.stage, None) == (backtest.line, backtest.hand_over),
        )
        for one in moment.lines
    ]
    shares = (say("Precision"), "95 %", say("Recall"), "95 %", say("Lift"))
    rest = (say("Leads"), *shares, say("Missed winners"), say("False alarms"))
    star = say("* the line for missed winners and false alarms")
    yield ToldTable("lines", f"{say('Lines: a stage and all above it')} ({star})", (say("From"), *rest), lines)
    if moment.hand_overs:
        handed = [
            _line(
                one,
                tongue.own(backtest.hand_over_labels[one.hand_over or ""]),
                tongue,
                chosen=one.hand_over == backtest.hand_over,
            )
            for one in moment.hand_overs
        ]
        title = say("Lines: whom a hand-over takes, or a later one")
        yield ToldTable("lines", f"{title} ({star})", (say("By"), *rest), handed)
    for name, found in moment.scores.items():
        bands = [_group(one, tongue.own(one.name), tongue) for one in found]
        yield ToldTable("score", say("Score {name}", name=name), (say("Band"), *head), bands, name)
    rankings = [ranking_row(one, tongue) for one in moment.rankings]
    yield ToldTable("rankings", say("Rankings"), ranking_head(tongue), rankings)


def _line(one: StageOutcomes, words: str, tongue: Tongue, *, chosen: bool) -> tuple[str, ...]:
    return (
        words + (" *" if chosen else ""),
        tongue.number(one.leads),
        percent(one.precision, tongue),
        interval(one.precision_interval, tongue),
        percent(one.recall, tongue),
        interval(one.recall_interval, tongue),
        times(one.lift, tongue),
        tongue.number(one.missed),
        tongue.number(one.false_alarms),
    )


def ranking_head(tongue: Tongue) -> tuple[str, ...]:
    """What a ranking is told by."""
    return tongue.say("By"), "AUC", "95 %", tongue.say("Lift in the top tenth"), "95 %"


def ranking_row(one: Ranking, tongue: Tongue = ENGLISH) -> tuple[str, ...]:
    """A ranking's cells."""
    area = NOTHING if one.auc is None else fixed(one.auc, 3, tongue)
    spread = NOTHING if one.auc_interval is None else " … ".join(fixed(end, 3, tongue) for end in one.auc_interval)
    tops = one.top_lift_interval
    top = NOTHING if tops is None else " … ".join(fixed(end, 2, tongue) for end in tops)
    return ranked_by(one.name, tongue), area, spread, times(one.top_lift, tongue), top


def ranked_by(name: str, tongue: Tongue) -> str:
    """What leads are ranked by."""
    if name in _RANKED_BY:
        return tongue.say(_RANKED_BY[name])
    _, score, of = name.partition("score ")
    return tongue.say("score {name}", name=of) if score else name


def listed(backtest: Backtest, moment: ReplayedMoment, show: int, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """Missed winners and false alarms by their ids."""
    line = tongue.own(backtest.labels.get(backtest.line, backtest.line))
    if backtest.hand_over:
        line = tongue.say("the hand-over {name}", name=tongue.own(backtest.hand_over_labels[backtest.hand_over]))
    for words, leads in (
        (tongue.say("Missed winners (below {line})", line=line), moment.missed),
        (tongue.say("False alarms"), moment.false_alarms),
    ):
        shown = leads[:show] if show else leads
        hidden = len(leads) - len(shown)
        more = tongue.say("… and {number} more: --show 0, or --format json", number=tongue.number(hidden))
        if leads:
            yield f"{words}: {' '.join(shown)}{f' {more}' if hidden else ''}"


def suggestion_words(found: Suggestion, tongue: Tongue = ENGLISH) -> str:
    """Whether the fit is worth anything."""
    if found.worth_it:
        return tongue.say(
            "Suggested points; a suggestion only: nothing is changed. Out of sample the fit is better than chance."
        )
    return tongue.say("Suggested points: out of sample they are not surely better than chance. Do not use them.")


def suggestion_tables(backtest: Backtest, found: Suggestion, tongue: Tongue = ENGLISH) -> Iterator[ToldTable]:
    """Points side by side, thresholds, and what all reach out of sample."""
    say, number = tongue.say, tongue.number
    rows = [
        (
            one.place,
            one.words,
            tongue.figures(one.points),
            f"{'+' if one.suggested >= 0 else ''}{fixed(one.suggested, 1, tongue)}",
            number(one.leads),
            number(one.winners),
        )
        for one in found.points
    ]
    head = (say("Rule"), say("What"), say("Now"), say("Suggested"), say("Leads"), say("Winners"))
    yield ToldTable("points", say("Points"), head, rows)
    thresholds = [
        (
            tongue.own(backtest.labels.get(one.stage, one.stage)),
            number(one.leads),
            fixed(one.at_least, 1, tongue),
            percent(one.conversion_by_policy, tongue),
            percent(one.conversion_by_points, tongue),
        )
        for one in found.thresholds
    ]
    heads = (
        say("As many as from"),
        say("Leads"),
        say("Suggested points from"),
        say("Conversion by policy"),
        say("By points, out of sample"),
    )
    if thresholds:
        yield ToldTable("thresholds", say("Thresholds"), heads, thresholds)
    rankings = [ranking_row(one, tongue) for one in found.rankings]
    yield ToldTable("out_of_sample", say("Out of sample"), ranking_head(tongue), rankings)


def fixed(value: float, digits: int, tongue: Tongue) -> str:
    """With so many decimals."""
    return tongue.plain_number(Decimal(f"{value:.{digits}f}"))


def percent(share: float | None, tongue: Tongue = ENGLISH) -> str:
    """`12.3 %`."""
    return NOTHING if share is None else tongue.say("{share} %", share=fixed(100 * share, 1, tongue))


def interval(ends: tuple[float, float], tongue: Tongue = ENGLISH) -> str:
    """`10.1 … 14.9 %`."""
    return tongue.say("{share} %", share=" … ".join(fixed(100 * end, 1, tongue) for end in ends))


def times(lift: float | None, tongue: Tongue = ENGLISH) -> str:
    """`1.52`."""
    return NOTHING if lift is None else fixed(lift, 2, tongue)


def _group(one: LeadGroup, label: str, tongue: Tongue) -> tuple[str, ...]:
    spread = interval(one.interval, tongue) if one.leads else NOTHING
    counts = (tongue.number(one.leads), tongue.number(one.winners))
    return label, *counts, percent(one.conversion, tongue), spread, times(one.lift, tongue)


def _table(told: ToldTable) -> Table:
    from rich.table import Table

    table = Table(
        box=None, padding=(0, 2), show_edge=False, pad_edge=True, title=markup(told.title), title_justify="left"
    )
    for index, name in enumerate(told.head):
        table.add_column(markup(name), justify="left" if index == 0 or name == "What" else "right", overflow="fold")
    for row in told.rows:
        table.add_row(*map(markup, row))
    return table
