"""Reports as tables, CSV and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.listing import ListedLead, Listing, ListingReport
from crmsync.showing.foreign_text import MOST_OF_A_NAME, MOST_OF_REASONS, markup, markup_lines, one_line
from crmsync.showing.record_link import linked
from crmsync.showing.rendering import as_json, rendered
from crmsync.showing.spreadsheet import Cell, csv_text

if TYPE_CHECKING:
    from rich.table import Table

Column = tuple[str, Callable[[ListedLead], tuple[str | None, ...]]]
"""Heading, and the lines of a lead's cell; empty ones are left out."""
NATIVE_ID, STANDS = 18, 20
"""Columns that a Salesforce id needs, and that a stage or an owner may be narrowed to."""


def _ago(days: int | None) -> str:
    return "never" if days is None else "today" if days == 0 else f"{days} days ago" if days > 1 else "yesterday"


def _quiet(one: ListedLead) -> str:
    days = one.more["quiet_days"]
    told = "for ever" if days is None else f"{days} days"
    return told if one.more["ever_touched"] else f"{told}, never in contact"


def _shown(value: Any) -> str:
    return "(not known)" if value in (None, "") else str(value)


def _who(one: ListedLead) -> tuple[str, ...]:
    """The id, which is never broken, and below it who that is."""
    return one.lead, one_line(" · ".join(part for part in (one.name, one.company) if part), most=MOST_OF_A_NAME)


def _owner(one: ListedLead) -> str:
    return one_line(one.owner_name or one.owner or "nobody", most=MOST_OF_A_NAME)


def _hand_over(one: ListedLead) -> str | None:
    """By which of several hand-overs it goes to somebody."""
    return f"hand-over: {one.more['hand_over']}" if one.more.get("hand_over") else None


def _points(one: ListedLead) -> str:
    return f"{one.priority / 1000:g} points"


def _touch(one: ListedLead) -> str:
    return f"last contact: {_ago(one.days_since_touch)}"


_LEAD: Column = ("Lead", _who)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "worklist": (
        _LEAD,
        ("Stands at", lambda one: (one.stage_label, _hand_over(one), _points(one), _owner(one), _touch(one))),
        ("What to do and why", lambda one: (one.more["next_action"], *one.more["reasons"])),
    ),
    "short": (
        _LEAD,
        ("Stands at", lambda one: (one.stage_label, f"→ {one.more['next_stage_label']}", _points(one), _owner(one))),
        ("Lacks, and what to ask", lambda one: (", or ".join(one.more["lacks"]), *one.more["ask"])),
    ),
    "quiet": (
        _LEAD,
        ("Stands at", lambda one: (one.stage_label, _points(one), _owner(one))),
        ("Quiet for, and what to do", lambda one: (_quiet(one), one.more["next_action"])),
    ),
    "returning": (
        _LEAD,
        ("Stands at", lambda one: (one.stage_label, _owner(one), f"since {_shown(one.more['disqualified_since'])}")),
        ("Came back", lambda one: (
            f"on {_shown(one.more['engaged_on'])} with {_shown(one.more['engagement'])}",
            f"by evidence: {_shown(one.more['by_evidence'])}",
        )),
    ),
    "won": (
        _LEAD,
        ("Stands at", lambda one: (one.stage_label, _points(one), _owner(one))),
        ("By evidence", lambda one: (one.more["by_evidence_label"], _touch(one))),
    ),
}  # fmt: skip
"""List → what stands together, one below the other, so that it fits 80 columns; JSON and CSV hold everything."""


def report_text(kind: str, reports: Sequence[ListingReport], form: str) -> str:
    """All reports in one of the formats `table`, `json`, `csv`."""
    if form == "json":
        return as_json({"format": 1, "report": kind, "connections": [report.to_json() for report in reports]})
    return _csv(reports) if form == "csv" else rendered(*_tables(reports))


def _tables(reports: Sequence[ListingReport]) -> Iterator[Any]:
    for report in reports:
        yield f"[bold]{markup(report.connection)}[/bold], as of {report.as_of}"
        for listing in report.listings:
            shown = f"{len(listing.entries)} of {listing.total}" if listing.total else "none"
            yield f"\n{markup(listing.title)} [dim]({shown})[/dim]"
            if listing.note:
                yield f"[yellow]→ {markup(listing.note, most=MOST_OF_REASONS)}[/yellow]"
            if listing.entries:
                yield _table(listing)


def _table(listing: Listing) -> Table:
    from rich.table import Table

    table = Table(padding=(0, 1), show_edge=False, show_lines=True)
    columns = COLUMNS[listing.name]
    for (title, _), (least, ratio) in zip(columns, ((NATIVE_ID, 2), (STANDS, 2), (STANDS, 5)), strict=True):
        table.add_column(title, overflow="fold", min_width=least, ratio=ratio)
    for one in listing.entries:
        first, *others = (_cell(lines(one)) for _, lines in columns)
        table.add_row(linked(first, one.url), *others)
    return table


def _cell(lines: Sequence[str | None]) -> str:
    return markup_lines((_words(line) for line in lines if line), most=MOST_OF_REASONS)


def _csv(reports: Sequence[ListingReport]) -> str:
    rows = [
        {"connection": report.connection, "list": listing.name, **_flat(one.to_json())}
        for report in reports
        for listing in report.listings
        for one in listing.entries
    ]
    empty = ["connection", "list", *_flat(ListedLead("", "", "", None, "", None, "", 0, None).to_json())]
    head = list(dict.fromkeys([*empty, *(key for row in rows for key in row)]))
    return csv_text(head, ([row.get(key) for key in head] for row in rows))


def _flat(entry: Mapping[str, Any]) -> dict[str, Cell]:
    """The keys and numbers of the JSON; lists as one text."""
    return {
        key: value if value is None or isinstance(value, int | float) else _words(value)
        for key, value in entry.items()
    }


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
