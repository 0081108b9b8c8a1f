"""Reports as tables, CSV and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.listing import ListedLead, Listing, ListingReport
from crmsync.showing.foreign_text import MOST_OF_A_NAME, MOST_OF_REASONS, markup, one_line
from crmsync.showing.rendering import as_json, rendered
from crmsync.showing.spreadsheet import Cell, csv_text

if TYPE_CHECKING:
    from rich.table import Table

_MILLI = "_milli"

Column = tuple[str, Callable[[ListedLead], Any]]


def _ago(days: int | None) -> str:
    return "never" if days is None else "today" if days == 0 else f"{days} days ago" if days > 1 else "yesterday"


def _quiet(one: ListedLead) -> str:
    days = one.more["quiet_days"]
    told = "for ever" if days is None else f"{days} days"
    return told if one.more["ever_touched"] else f"{told}, never in contact"


def _more(name: str) -> Callable[[ListedLead], Any]:
    return lambda one: one.more[name]


_WHO: tuple[Column, ...] = (
    ("Lead", lambda one: one.lead),
    ("Who", lambda one: one_line(" · ".join(part for part in (one.name, one.company) if part), most=MOST_OF_A_NAME)),
    ("Stage", lambda one: one.stage_label),
)
_OWNER: Column = ("Owner", lambda one: one.owner_name or one.owner or "nobody")
_PRIORITY: Column = ("Priority", lambda one: f"{one.priority / 1000:g}")
_TOUCH: Column = ("Last contact", lambda one: _ago(one.days_since_touch))
_WHY: Column = ("Why", lambda one: "\n".join(one.more["reasons"]))
_LACKS: Column = ("Lacks", lambda one: ", or ".join(one.more["lacks"]))
_ASK: Column = ("Ask", lambda one: " ".join(one.more["ask"]))
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "worklist": (*_WHO, _PRIORITY, _OWNER, _TOUCH, ("Next action", _more("next_action")), _WHY),
    "short": (*_WHO, ("Next stage", _more("next_stage_label")), _LACKS, _ASK, _PRIORITY, _OWNER),
    "quiet": (*_WHO, ("Quiet", _quiet), _PRIORITY, _OWNER, ("Next action", _more("next_action"))),
    "returning": (*_WHO, ("Disqualified since", _more("disqualified_since")), ("Active on", _more("engaged_on")),
                  ("With", _more("engagement")), ("By evidence", _more("by_evidence")), _OWNER),
    "won": (*_WHO, ("By evidence", _more("by_evidence_label")), _PRIORITY, _OWNER, _TOUCH),
}  # fmt: skip
"""List → what its table shows of each lead; JSON and CSV hold everything."""


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

    table = Table(box=None, padding=(0, 1), show_edge=False)
    columns = COLUMNS[listing.name]
    for title, _ in columns:
        table.add_column(title, overflow="fold", justify="right" if title == "Priority" else "left")
    for one in listing.entries:
        table.add_row(
            *(
                markup(one_line(_words(value(one)), most=MOST_OF_REASONS), most=MOST_OF_REASONS)
                for _, value in columns
            )
        )
    return table


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
    """Milli-points as points, lists as one text."""
    flat: dict[str, Cell] = {}
    for key, value in entry.items():
        if key.endswith(_MILLI):
            flat[key.removesuffix(_MILLI)] = None if value is None else value / 1000
        else:
            flat[key] = value if value is None or isinstance(value, int | float) else _words(value)
    return flat


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
