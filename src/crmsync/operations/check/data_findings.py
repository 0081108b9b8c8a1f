"""What the records themselves say against a mapping: findings at the places of the file that would mend them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from crmsync.configuration import Path
from crmsync.connection.prepared import Prepared
from crmsync.errors import Finding
from crmsync.operations.check.data_counts import DataCheck

VALUES_SHOWN = 5


def data_findings(prepared: Prepared, data: DataCheck) -> Iterator[Finding]:
    """Stages that nothing manages, facts that stay unknown, words that no rule names."""
    document = prepared.configuration.mapping_document
    unmanaged = sum(data.unmanaged.values())
    if unmanaged and unmanaged == data.leads:
        yield document.finding(
            ("stage", "values"),
            f"every lead stands where no stage is mapped: {prepared.mapping.stage.field} = {_some(data.unmanaged)}",
            "name the values that leads of the ladder have; a stage may have several, the first is written",
            at_key=True,
        )
    for fact in data.facts:
        lost = sum(fact.unconverted.values())
        if lost:
            leads = "1 lead" if lost == 1 else f"{lost:,} leads"
            held = f"{fact.native} holds {_some(fact.unconverted)}"
            yield document.warning(
                ("facts", fact.fact),
                f"`{fact.fact}` is unknown for {leads} of {data.leads:,}: {held}",
                "translate them with `values` (`null` for one that says nothing), or correct them in the CRM",
            )
    for (name, part, native), values in _by_field(data).items():
        count = sum(values.values())
        records = "1 record" if count == 1 else f"{count:,} records"
        yield document.warning(
            _activity_place(prepared, name, part),
            f"no rule names the {part} of {records} of {name}: {native} holds {_some(values)}",
            "name them under `values` (`null` for one that says nothing)",
        )


def _by_field(data: DataCheck) -> Mapping[tuple[str, str, str], Counter[str]]:
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for (name, part, native, value), count in sorted(data.unnamed.items()):
        found.setdefault((name, part, native), Counter())[value] += count
    return found


def _activity_place(prepared: Prepared, name: str, part: str) -> Path:
    activities = prepared.mapping.activities
    return ("activities", next(index for index, each in enumerate(activities) if each.object == name), part)


def _some(values: Counter[str]) -> str:
    most = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"“{value}” ({count:,})" for value, count in most[:VALUES_SHOWN])
    return shown + (f" and {len(most) - VALUES_SHOWN:,} more values" if len(most) > VALUES_SHOWN else "")
