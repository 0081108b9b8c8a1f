"""Plans as one HTML file: what moves, by kind, with reasons to open. No network; with a small script of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.model import Change, Plan
from crmsync.operations.run.every_connection import ConnectionReport, RunReport
from crmsync.plan import owner_deltas
from crmsync.showing.foreign_text import MOST_OF_REASONS, cut, for_html
from crmsync.showing.run.passed_over import passed_over_lines
from crmsync.showing.run.plan_columns import person
from crmsync.showing.run.plan_rows import columns_of, row_of
from crmsync.showing.run.plan_script import DIGEST, SCRIPT
from crmsync.showing.run.plan_style import STYLE
from crmsync.showing.run.plan_words import (
    counts,
    hand_offs,
    hand_overs,
    kind_of_move,
    purpose,
    set_aside,
    stage_moves,
)

ALLOWED = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{DIGEST}'"
FIRST_LEADS = 10
OPENS_WITH = 90
"""Characters of the reasons that stand there before they are opened."""


def plans_html(report: RunReport) -> str:
    """The whole file, with every lead of every connection."""
    names = ", ".join(done.plan.connection for done in report.done)
    title = f"Plan of {report.as_of}: {names or 'no connection'}"
    return "\n".join((*_head(title), *_body(report), *_foot())) + "\n"


def _head(title: str) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{for_html(ALLOWED)}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{for_html(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{for_html(title)}</h1>"


def _foot() -> Iterator[str]:
    yield f"</main>\n<script>{SCRIPT}</script>\n</body>\n</html>"


def _body(report: RunReport) -> Iterator[str]:
    for failure in report.failures:
        name, message = _told(failure.connection), _told(failure.error.message)
        yield f'<p class="bad"><strong>{name} stopped:</strong> {message}</p>'
    kinds = dict.fromkeys(kind for done in report.done for kind, _ in _by_kind(done.plan))
    if kinds:
        yield from _filter(list(kinds))
    for done in report.done:
        yield from _connection(done)


def _filter(kinds: Sequence[str]) -> Iterator[str]:
    """Shown by the script, which it is for."""
    yield '<div id="filter" role="search" aria-label="Leads of the plan" hidden>'
    yield '<p><label for="words">Leads that say</label> <input id="words" type="search" autocomplete="off"></p>'
    options = "".join(f'<option value="{for_html(kind)}">{for_html(kind)}</option>' for kind in kinds)
    every = '<option value="">every move</option>'
    yield f'<p><label for="kind">Move</label> <select id="kind">{every}{options}</select></p>'
    yield '<p id="told" role="status"></p>\n</div>'


def _connection(report: ConnectionReport) -> Iterator[str]:
    plan = report.plan
    tone = {"red": "bad", "green": "good"}.get(purpose(report)[0], "calm")
    yield f"<h2>{_told(plan.connection)}</h2>"
    yield f'<p class="{tone}"><strong>{_told(purpose(report)[1].capitalize())}.</strong></p>'
    yield f"<ul>{''.join(f'<li>{_told(each)}</li>' for each in counts(plan))}</ul>"
    yield f"<p>Plan <code>{for_html(plan.digest)}</code></p>"
    if notes := (*plan.notes, *passed_over_lines(report)):
        yield f"<h3>Notes</h3>\n<ul>{''.join(f'<li>{_told(note)}</li>' for note in notes)}</ul>"
    yield from _guards(plan)
    if plan.changes:
        yield from _moves(report)
        for number, (kind, changes) in enumerate(_by_kind(plan)):
            yield from _kind(report, kind, changes, f"{plan.connection}-{number}")
    else:
        yield "<p>Nothing to change.</p>"
    yield from _set_aside(plan)


def _guards(plan: Plan) -> Iterator[str]:
    rows = sorted(plan.guards, key=lambda guard: not guard.breached)
    cells = [
        (
            guard.name,
            f"{guard.value:g}",
            f"{guard.limit:g}",
            "breached" if guard.breached else "kept",
            f"{guard.words} → {guard.way_on}" if guard.breached else guard.words,
        )
        for guard in rows
    ]
    if cells:
        yield "<h3>Guards</h3>"
        yield from _table(f"Guards of {plan.connection}", ("Guard", "Value", "Limit", "State", "In words"), cells, 2)


def _moves(report: ConnectionReport) -> Iterator[str]:
    plan = report.plan
    if moves := stage_moves(plan.changes):
        yield "<h3>Stage moves</h3>"
        lines = [(move, f"{leads:,}") for move, leads in moves]
        yield from _table(f"Stage moves of {plan.connection}", ("Move", "Leads"), lines, 1)
    rows = [
        (person(it.owner, report), f"{it.before:,}", _signed("+", it.gains), _signed("−", it.losses), f"{it.after:,}")
        for it in owner_deltas(plan)
    ]
    if rows:
        yield "<h3>Owners</h3>"
        yield from _table(f"Owners of {plan.connection}", ("Owner", "Before", "Gets", "Gives", "After"), rows, 4)
    if told := hand_overs(plan):
        yield f"<p>Owners by hand-over: {_told(told)}</p>"
    if told := hand_offs(plan):
        yield f"<p>Hand-offs: {_told(told)}</p>"


def _signed(sign: str, count: int) -> str:
    return f"{sign}{count:,}" if count else "0"


def _by_kind(plan: Plan) -> list[tuple[str, list[Change]]]:
    """Kind of move → its changes, the most frequent kind first."""
    kinds: dict[str, list[Change]] = {}
    for change in plan.changes:
        kinds.setdefault(cut(kind_of_move(change)), []).append(change)
    return sorted(kinds.items(), key=lambda each: -len(each[1]))


def _kind(report: ConnectionReport, kind: str, changes: Sequence[Change], name: str) -> Iterator[str]:
    told = _told(kind)
    label = f"{told}, {_told(name)}"
    yield f'<section class="kind" data-kind="{for_html(kind)}">'
    yield f'<h3>{told} <span class="note">{len(changes):,}</span></h3>'
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{label}">\n<table class="leads">\n<thead><tr>'
    yield "".join(f'<th scope="col">{for_html(column.title)}</th>' for column in columns_of(report))
    yield "</tr></thead>\n<tbody>"
    titles = [column.title for column in columns_of(report)]
    for change in changes:
        cells = (
            _cell(title, text, change, report.plan)
            for title, text in zip(titles, row_of(change, report), strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody>\n</table>\n</div>\n</section>"


def _cell(title: str, text: str, change: Change, plan: Plan) -> str:
    match title:
        case "Lead":
            return f'<th scope="row">{_linked(plan, change.lead)}</th>'
        case "Why":
            return f"<td>{_why(text)}</td>"
        case _:
            return f"<td>{'<br>'.join(map(for_html, text.splitlines()))}</td>"


def _why(text: str) -> str:
    """The first reason's beginning, and all of them to open where there is more."""
    reasons = text.splitlines()
    if len(reasons) < 2 and len(text) <= OPENS_WITH:
        return for_html(text)
    points = "".join(f"<li>{for_html(reason)}</li>" for reason in reasons)
    return f"<details><summary>{for_html(cut(reasons[0], OPENS_WITH))}</summary><ul>{points}</ul></details>"


def _set_aside(plan: Plan) -> Iterator[str]:
    if not plan.set_aside:
        return
    yield f"<h3>Set aside: {plan.counts['set_aside']:,}</h3>\n<ul>"
    for reason, leads in set_aside(plan):
        some = ", ".join(_linked(plan, lead) for lead in leads[:FIRST_LEADS])
        yield f"<li>{len(leads):,} × {_told(reason)} ({some}{' …' if len(leads) > FIRST_LEADS else ''})</li>"
    yield "</ul>"


def _linked(plan: Plan, lead: str) -> str:
    url = plan.urls.get(lead)
    return f'<a href="{for_html(url)}" rel="noreferrer noopener">{_told(lead)}</a>' if url else _told(lead)


def _table(label: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> Iterator[str]:
    """`numbers`: how many columns after the first stand on the right."""
    marks = ["", *(' class="number"' for _ in range(numbers)), *("" for _ in head[numbers + 1 :])]
    titles = "".join(f'<th scope="col"{mark}>{for_html(word)}</th>' for word, mark in zip(head, marks, strict=True))
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{_told(label)}">\n<table>'
    yield f"<thead><tr>{titles}</tr></thead>"
    yield "<tbody>"
    for first, *others in rows:
        cells = "".join(f"<td{mark}>{_told(cell)}</td>" for cell, mark in zip(others, marks[1:], strict=True))
        yield f'<tr><th scope="row">{_told(first)}</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _told(text: str) -> str:
    return for_html(cut(text, MOST_OF_REASONS))
