"""Plans as Markdown: a comment that people review beside a change of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.model import Plan
from crmsync.operations.run.every_connection import ConnectionReport, RunReport
from crmsync.plan import owner_deltas
from crmsync.showing.foreign_text import cut
from crmsync.showing.page_markdown import in_a_comment
from crmsync.showing.run.passed_over import passed_over_lines
from crmsync.showing.run.plan_columns import ARROW, person
from crmsync.showing.run.plan_rows import columns_of, row_of
from crmsync.showing.run.plan_words import chosen, counts, hand_offs, hand_overs, purpose, set_aside, stage_moves

LONGEST = 60_000
"""Characters of all plans together: a comment takes 65,536 on GitHub, and more elsewhere."""
MOST_LINES = 40
"""Guards, notes or moves that are listed; the rest is counted."""
MOST_OF_A_LINE = 400
MOST_OF_A_CELL = 1_200
FIRST_LEADS = 3
DIGEST = 16
"""Characters of a plan's digest that tell it from another."""
NO_ROOM = "\n… a comment holds no more; `--format html` has all of it."


def plans_markdown(report: RunReport, *, show: int) -> str:
    """All connections. `show`: how many leads each lists (0 = all that there is room for)."""
    stopped = [f"## {_told(it.connection)}: stopped\n\n{_told(it.error.message)}\n" for it in report.failures]
    room = LONGEST - sum(len(part) + 1 for part in stopped)
    plans = [_plan(done, show=show, room=room // len(report.done)) for done in report.done]
    return "\n".join((*plans, *stopped)) or "No connection ran.\n"


def _plan(report: ConnectionReport, *, show: int, room: int) -> str:
    plan = report.plan
    above = _within(_above(report), room // 2)
    below = _within(_set_aside(plan), room // 5)
    leads = "\n".join(_leads(report, show=show, room=room - len(above) - len(below))) if plan.changes else ""
    return "\n".join(part for part in (above, leads, below) if part) + "\n"


def _within(lines: Iterator[str], room: int) -> str:
    """The first lines that there is room for, and a word where that is not all."""
    kept: list[str] = []
    room -= len(NO_ROOM)
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join((*kept, NO_ROOM))
        kept.append(line)
    return "\n".join(kept)


def _above(report: ConnectionReport) -> Iterator[str]:
    plan = report.plan
    yield f"## {_told(plan.connection)}: {plan.counts['changes']:,} to change, as of {plan.as_of}"
    yield f"\n**{_told(purpose(report)[1].capitalize())}.** {_told(' · '.join(counts(plan)))}"
    yield f"\nPlan `{plan.digest[:DIGEST]}`, as its JSON says under `digest`."
    yield from _guards(plan)
    yield from _list("Notes", (*plan.notes, *passed_over_lines(report)))
    if plan.changes:
        yield from _counted("Stage moves", stage_moves(plan.changes))
        yield from _owners(report)
        if told := hand_overs(plan):
            yield f"\nOwners by hand-over: {_told(told)}"
        if told := hand_offs(plan):
            yield f"\nHand-offs: {_told(told)}"
    else:
        yield "\nNothing to change."


def _guards(plan: Plan) -> Iterator[str]:
    breached = [guard for guard in plan.guards if guard.breached]
    lines = [f"**{_told(guard.name)}**: {_told(guard.words)} {ARROW} {_told(guard.way_on)}" for guard in breached]
    if lines:
        yield "\n### Guards that stop this plan\n"
        yield from (f"- {line}" for line in lines)
    else:
        yield f"\nGuards: none of {len(plan.guards)} is breached."


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n### {title}\n"
        yield from (f"- {_told(line)}" for line in lines[-MOST_LINES:])
        if len(lines) > MOST_LINES:
            yield f"- … and {len(lines) - MOST_LINES:,} more"


def _counted(title: str, moves: Sequence[tuple[str, int]]) -> Iterator[str]:
    if moves:
        yield f"\n| {title} | Leads |\n|---|---:|"
        yield from (f"| {_told(move)} | {leads:,} |" for move, leads in moves[:MOST_LINES])
        if len(moves) > MOST_LINES:
            yield f"| … and {len(moves) - MOST_LINES:,} more | |"


def _owners(report: ConnectionReport) -> Iterator[str]:
    deltas = list(owner_deltas(report.plan))
    if deltas:
        yield "\n| Owner | Before | Gets | Gives | After |\n|---|---:|---:|---:|---:|"
    for it in deltas[:MOST_LINES]:
        who = _told(person(it.owner, report))
        yield f"| {who} | {it.before:,} | {it.gains:,} | {it.losses:,} | {it.after:,} |"
    if len(deltas) > MOST_LINES:
        yield f"| … and {len(deltas) - MOST_LINES:,} more | | | | |"


def _leads(report: ConnectionReport, *, show: int, room: int) -> Iterator[str]:
    """A table of leads, as many as there is room for."""
    plan = report.plan
    titles = [column.title for column in columns_of(report)]
    head = f"\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}"
    yield head
    room -= len(head) + len(NO_ROOM) + 80
    shown = 0
    for change in chosen(plan.changes, show):
        _, *cells = row_of(change, report)
        line = f"| {' | '.join((_linked(plan, change.lead), *map(_cell, cells)))} |"
        room -= len(line) + 1
        if room < 0:
            break
        shown += 1
        yield line
    if left := len(plan.changes) - shown:
        yield f"\n… and {left:,} more {'lead' if left == 1 else 'leads'}; `--format html` lists all of them."


def _set_aside(plan: Plan) -> Iterator[str]:
    if plan.set_aside:
        yield f"\n### Set aside: {plan.counts['set_aside']:,}\n"
    for reason, leads in set_aside(plan):
        some = ", ".join(_linked(plan, lead) for lead in leads[:FIRST_LEADS])
        yield f"- {len(leads):,} × {_told(reason)} ({some}{' …' if len(leads) > FIRST_LEADS else ''})"


def _linked(plan: Plan, lead: str) -> str:
    url = plan.urls.get(lead)
    return f"[{_told(lead)}]({url})" if url else _told(lead)


def _cell(text: str) -> str:
    """Each line of its own; a cell of Markdown has no lines but these."""
    return "<br>".join(_told(line) for line in cut(text, MOST_OF_A_CELL).splitlines())


def _told(text: str) -> str:
    return in_a_comment(cut(text, MOST_OF_A_LINE))
