"""What a CRM has and lacks, as a table that fits 80 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.table import Table

from crmsync.contract import AccessProvision, FieldProvision, ListProvision, Provision, ValuesProvision
from crmsync.enumeration import first_few
from crmsync.operations.provision.provisioning import ProvisionLine, ProvisionReport, State
from crmsync.showing.foreign_text import MOST_OF_REASONS, markup, markup_lines

_MARKS = {
    "there": "[green]there[/green]",
    "missing": "[yellow]missing[/yellow]",
    "by_hand": "[yellow]by hand[/yellow]",
    "made": "[green bold]made[/green bold]",
    "refused": "[red bold]refused[/red bold]",
    "uncertain": "[red bold]uncertain[/red bold]",
    "did_not_stick": "[red bold]not there[/red bold]",
}
_KINDS = {
    "text": "a text",
    "choice": "a list",
    "choices": "a list of several",
    "number": "a number",
    "date": "a date",
    "datetime": "a date with time",
    "boolean": "a checkbox",
    "reference": "a user",
    "money": "an amount",
}


def provision_parts(report: ProvisionReport) -> Iterator[Any]:
    """The headline, then a table: what, how it stands, and what is to be known of it."""
    yield f"[bold]{markup(report.connection)}[/bold], {markup(report.org)}: {_headline(report)}"
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for name in ("", "What the CRM is to have"):
        table.add_column(name, overflow="fold")
    for line in report.lines:
        table.add_row(_MARKS[line.state], markup_lines(list(_told(line)), most=MOST_OF_REASONS))
    yield table
    for path in report.files:
        yield f"written: {markup(path)}"
    yield from (f"  → {words}" for words in _next(report))


def _headline(report: ProvisionReport) -> str:
    counts = Counter(line.state for line in report.lines)
    words: dict[State, str] = {
        "missing": "missing",
        "made": "made",
        "refused": "refused",
        "uncertain": "uncertain",
        "did_not_stick": "not there",
        "by_hand": "by hand",
        "there": "there",
    }
    return ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts[state])


def _told(line: ProvisionLine) -> Iterator[str]:
    yield _what(line.provision)
    if line.words:
        yield f"  {line.words}"


def _what(provision: Provision) -> str:
    match provision:
        case FieldProvision():
            kind = _KINDS.get(provision.kind, provision.kind)
            size = f" of {provision.characters:,} characters" if provision.characters else ""
            size = f" of {provision.digits} digits" if provision.digits else size
            offered = f": {_values(provision.choices)}" if provision.choices else ""
            return f"{provision.object}.{provision.name} “{provision.label}”, {kind}{size}{offered}"
        case ValuesProvision():
            return f"{provision.object}.{provision.field} offers {_values(provision.choices)}"
        case ListProvision():
            values = first_few([f"`{value}`" for value in provision.values], most=8)
            return f"{provision.object}: a list “{provision.label}” of those whose {provision.field} is {values}"
        case AccessProvision():
            return f"access “{provision.name}” for crmsync's user: {_access(provision)}"


def _values(choices: tuple[Any, ...]) -> str:
    return first_few([f"`{choice.value}`" for choice in choices], most=8)


def _access(access: AccessProvision) -> str:
    edited = "; ".join(f"writes {len(fields)} fields of {name}" for name, fields in access.edits.items())
    made = "".join(f"; makes records of {name}" for name in access.makes)
    return f"reads {', '.join(access.reads)}; {edited}{made}"


def _next(report: ProvisionReport) -> Iterator[str]:
    missing = any(line.state == "missing" for line in report.lines)
    if report.declined:
        yield "nothing was made"
    elif report.files:
        yield "bring them in by your own pipeline, then: crmsync check " + markup(report.connection)
    elif report.dry_run and missing:
        yield "make it: crmsync provision " + markup(report.connection)
    elif not missing:
        yield "next: crmsync check " + markup(report.connection)
