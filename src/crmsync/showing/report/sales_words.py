"""The sales report in words and rows, for every form that it is shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crmsync.estimate.fates import Estimate
from crmsync.figures.hand_offs import CountedHandOffs, HandOffFigures
from crmsync.operations.report.load import PoolLoad
from crmsync.operations.report.sales import SalesReport
from crmsync.route.at_work.loads import PersonLoad
from crmsync.showing.report.estimates import FEW_NOTE, days_words, estimate_cells, share_words
from crmsync.showing.report.hand_off_table import UNWATCHED
from crmsync.showing.rotations import rotation_words
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue, to_say

BY: Mapping[str, str] = {
    "receiver": to_say("Receiver"),
    "team": to_say("Team"),
    "pool": to_say("Pool"),
    "hand_over": to_say("Hand-over"),
}
PARTS: Mapping[str, str] = {"stage": to_say("stage"), "owner": to_say("owner")}
ACTORS: Mapping[str | None, str] = {
    "person": to_say("a person"),
    "program": to_say("another program"),
    "automation": to_say("an automation of the CRM"),
    "same_user": to_say("crmsync's own user in the CRM"),
    None: to_say("not known"),
}
HAND_OFF_HEAD = (
    to_say("Handed"),
    to_say("Waiting"),
    to_say("In time"),
    to_say("Half touched after hours"),
    to_say("Accepted"),
    to_say("Returned"),
)
LOAD_HEAD = (to_say("Who"), to_say("Open leads"), to_say("At most"), to_say("Takes leads now"))
SHARE_HEAD = (to_say("Who"), to_say("Turns"), to_say("Fair share"), to_say("Deviation"))
UNTOUCHED_HEAD = (
    to_say("Owner"),
    to_say("Leads above the foot"),
    to_say("Without contact"),
    to_say("Never in contact"),
    to_say("Longest, days"),
)
REPLACED_HEAD = (
    to_say("What"),
    to_say("By"),
    to_say("Values"),
    to_say("Leads"),
    to_say("Given in"),
)
HEAD = ("connection", "part", "by", "name", "what", "value", "low", "high", "of", "few")
"""Of the rows that `rows` gives."""
Table = tuple[str, tuple[str, ...], list[tuple[object, ...]]]
"""Title, head, rows."""


def heading(report: SalesReport, tongue: Tongue) -> str:
    """What the report is of."""
    return tongue.say("hand-offs of the last {days} days", days=tongue.number(report.days))


def group_words(report: SalesReport, by: str, name: str | None, tongue: Tongue) -> str:
    """What a group is called."""
    return report.called(by, name) or tongue.say("(none)")


def hand_off_row(figures: HandOffFigures, tongue: Tongue) -> tuple[str, ...]:
    """The cells below HAND_OFF_HEAD."""
    return (
        tongue.number(figures.handed),
        tongue.number(figures.waiting),
        counted_words(figures.in_time, tongue),
        days_words(hours(figures.half_touched_minutes), few=figures.few_times, tongue=tongue),
        counted_words(figures.accepted, tongue),
        counted_words(figures.returned, tongue),
    )


def counted_words(share: CountedHandOffs, tongue: Tongue) -> str:
    """With its interval and star."""
    return share_words(share.estimate, few=share.few, tongue=tongue)


def hours(minutes: Estimate | None) -> Estimate | None:
    """Minutes as hours, to one decimal."""
    if minutes is None:
        return None
    return Estimate(*(round(each / 60, 1) for each in (minutes.value, minutes.low, minutes.high)))


def reasons_words(figures: HandOffFigures, tongue: Tongue) -> str:
    """Why leads came back, the most usual reason first."""
    return ", ".join(
        f"{reason or tongue.say('(no reason)')} {tongue.number(number)}" for reason, number in figures.reasons.items()
    )


def tables(report: SalesReport, tongue: Tongue) -> Iterator[Table]:
    """Everything that is shown in tables."""
    say = tongue.say
    if not report.whole.handed:
        yield say("Hand-offs"), (), []
    for by, groups in parted(report).items():
        rows: list[tuple[object, ...]] = [
            (group_words(report, by, it.name, tongue), *hand_off_row(it, tongue)) for it in groups
        ]
        if len(groups) > 1:
            rows.append((say("All"), *hand_off_row(report.whole, tongue)))
        title = say("Hand-offs by {what}", what=say(BY[by]).lower() if tongue.code == "en" else say(BY[by]))
        yield title, (say(BY[by]), *map(say, HAND_OFF_HEAD)), rows
    yield say("Open leads against capacity"), tuple(map(say, LOAD_HEAD)), [*load_rows(report, tongue)]
    for pool in turning(report):
        turns: list[tuple[object, ...]] = [
            (
                report.load.name(each.person),
                tongue.number(each.turns),
                tongue.decimals(each.share),
                tongue.decimals(each.deviation),
            )
            for each in pool.people
        ]
        yield (
            say("Turns against the fair share: {pool}", pool=rotation_words(pool.pool, tongue)),
            tuple(map(say, SHARE_HEAD)),
            turns,
        )
    yield untouched_title(report, tongue), tuple(map(say, UNTOUCHED_HEAD)), [*_untouched(report, tongue)]
    yield (
        say("What crmsync wrote and somebody replaced"),
        tuple(map(say, REPLACED_HEAD)),
        [*_replaced(report, tongue)],
    )


def parted(report: SalesReport) -> Mapping[str, tuple[HandOffFigures, ...]]:
    """What hand-offs are parted by; nothing where there are none."""
    return report.groups if report.whole.handed else {}


def turning(report: SalesReport) -> list[PoolLoad]:
    """Rotations that gave somebody a turn."""
    return [pool for pool in report.load.pools if any(each.turns for each in pool.people)]


def load_rows(report: SalesReport, tongue: Tongue) -> Iterator[tuple[object, ...]]:
    """One for each person of the roster or of the counters."""
    for each in report.load.people:
        most = capacity(each)
        limit = "–" if most is None else tongue.number(most)
        takes = tongue.say("yes") if each.obstacle is None else tongue.say("no: {why}", why=each.obstacle)
        yield report.load.name(each.key), tongue.number(each.open_leads), limit, takes


def capacity(load: PersonLoad) -> int | None:
    """The most open leads that somebody may have."""
    return load.member.person.capacity.open_leads if load.member else None


def untouched_title(report: SalesReport, tongue: Tongue) -> str:
    """What the list of leads that nobody nurtures is of."""
    return tongue.say("Leads without contact for {days} days", days=tongue.number(report.quiet_days))


def owner_words(report: SalesReport, owner: str | None, tongue: Tongue) -> str:
    """An owner's name."""
    return tongue.say("(nobody)") if owner is None else report.names.get(owner, owner)


def _untouched(report: SalesReport, tongue: Tongue) -> Iterator[tuple[object, ...]]:
    for line in report.untouched:
        longest = "–" if line.longest_days is None else tongue.number(line.longest_days)
        counts = (tongue.number(each) for each in (line.open, line.untouched, line.never))
        yield (owner_words(report, line.owner, tongue), *counts, longest)


def _replaced(report: SalesReport, tongue: Tongue) -> Iterator[tuple[object, ...]]:
    for it in report.replaced:
        counts = (tongue.number(each) for each in (it.values, it.leads, it.stopped))
        yield (tongue.say(PARTS[it.part]), tongue.say(ACTORS[it.by]), *counts)


def notes(report: SalesReport, tongue: Tongue) -> Iterator[str]:
    """What the reader has to know."""
    if not report.hand_offs.watched:
        yield tongue.say(UNWATCHED)
    if report.whole.reasons:
        yield tongue.say("Why leads came back: {reasons}", reasons=reasons_words(report.whole, tongue))
    for user, count in report.load.leavers:
        yield tongue.say(
            "{person} has left and still owns open leads: {number}",
            person=report.load.name(user),
            number=tongue.number(count),
        )
    every = [report.whole, *(it for groups in report.groups.values() for it in groups)]
    if any(share.few and share.of for it in every for share in (it.in_time, it.accepted, it.returned)):
        yield tongue.say(FEW_NOTE)


def rows(report: SalesReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each figure."""
    for by, groups in (("all", (report.whole,)), *report.groups.items()):
        for it in groups:
            yield from _figure_rows((report.connection, "hand_offs", by, report.called(by, it.name)), it)
    for person in report.load.people:
        begin = (report.connection, "load", "person", report.load.name(person.key))
        yield (*begin, "open_leads", person.open_leads, None, None, capacity(person), None)
    for pool in report.load.pools:
        for turn in pool.people:
            had = (report.connection, "load", pool.pool, report.load.name(turn.person))
            yield (*had, "turns", turn.turns, None, None, round(turn.share, 6), None)
    for line in report.untouched:
        whose = (report.connection, "untouched", "owner", report.names.get(line.owner or "") or line.owner)
        yield (*whose, "leads", line.untouched, None, None, line.open, None)
    for each in report.replaced:
        yield (report.connection, "replaced", each.part, each.by, "values", each.values, None, None, None, None)


def _figure_rows(begin: Sequence[Cell], it: HandOffFigures) -> Iterator[tuple[Cell, ...]]:
    for name, count in (("handed", it.handed), ("waiting", it.waiting)):
        yield (*begin, name, count, None, None, None, None)
    for name, share in (("in_time", it.in_time), ("accepted", it.accepted), ("returned", it.returned)):
        yield (*begin, name, *estimate_cells(share.estimate, 6), share.of, str(share.few).lower())
    half = estimate_cells(hours(it.half_touched_minutes), 1)
    yield (*begin, "half_touched_hours", *half, None, str(it.few_times).lower())
    for reason, number in it.reasons.items():
        yield (*begin, f"returned: {reason or ''}", number, None, None, it.returned.part, None)
