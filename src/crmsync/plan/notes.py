"""What a reader of a plan should know besides its changes, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from crmsync.enumeration import first_few
from crmsync.model import native_values

VALUES_SHOWN = 5
_WHAT = {
    "lead": "{name}: unknown for {records}, because {field} holds text that does not convert",
    "fact": "{name}: unknown for {records}, because {field} holds text that does not convert",
    "day": "{name}: {records} left out, because {field} holds no day",
    "kind": "{name}: {records} of a kind that no rule names by {field}",
    "outcome": "{name}: the outcome of {records} is unknown, because no rule names what {field} holds",
    "direction": "{name}: the direction of {records} is unknown, because no rule names what {field} holds",
}
_MEND = {
    "fact": "translate them with `values`, or correct them in the CRM",
    "kind": "name them in the mapping under `values`",
    "outcome": "name them in the mapping under `values`: until then such records do not count as done",
    "direction": "name them in the mapping under `values`",
}


def in_doubt_note(leads: Sequence[str]) -> str:
    """Changes that were sent and could not be read back."""
    one = len(leads) == 1
    what = (
        "1 change may have been written: it was"
        if one
        else f"{len(leads):,} changes may have been written: they were"
    )
    those = "it and says what it was" if one else "them and says what they were"
    return f"{what} sent and could not be read back; the next run settles {those} ({first_few(leads)})"


def unread_notes(unread: pl.DataFrame) -> Iterator[str]:
    """What could not be read, until it is mended: which field, how many records, its values, some leads to look at.

    `unread`: as the store groups it (`part, name, field, value, count, lead`).
    """
    groups = unread.group_by("part", "name", "field", maintain_order=True).agg("value", "count", "lead")
    for part, name, field, values, counts, leads in groups.iter_rows():
        total = sum(counts)
        records = f"{total:,} {'record' if total == 1 else 'records'}"
        told = [f"“{value}” ({count:,})" for value, count in zip(values, counts, strict=True)][:VALUES_SHOWN]
        more = f" and {len(values) - len(told):,} more values" if len(values) > len(told) else ""
        what = _WHAT[part].format(name=name, records=records, field=field)
        some = first_few(sorted(set(leads))[:3], total)
        mend = f" → {_MEND[part]}" if part in _MEND else ""
        yield f"{what}: {', '.join(told)}{more} (see {some}){mend}"


def left_scope_notes(count: int) -> Iterator[str]:
    """Leads that `lead: when:` of the mapping no longer takes in."""
    if count:
        leads = "1 lead has" if count == 1 else f"{count:,} leads have"
        yield f"{leads} fallen out of scope (`lead: when:` in the mapping): left alone from now on, history is kept"


def overlooked_notes(count: int) -> Iterator[str]:
    """Leads that the CRM's listing did not bring, and that are there when they are asked for."""
    if count:
        leads = (
            "1 lead that the list of all lacks is"
            if count == 1
            else f"{count:,} leads that the list of all lacks are"
        )
        yield f"{leads} there when asked for: nothing is taken out; run --full again"


def unmanaged_notes(
    unmanaged: pl.DataFrame, stage_field: str, leads: int, labels: Mapping[str, str]
) -> Iterator[str]:
    """Leads in stages that the mapping does not name: untouched, counted, listed.

    `unmanaged`: as the store groups it (`stage_native, count, lead`). `leads`: all of the connection. `labels`: the
    CRM's own words for values of the stage field.
    """
    counts: dict[str, int] = {}
    some: dict[str, None] = {}
    for native, count, lead in unmanaged.iter_rows():
        value = native_values(native).get(stage_field) or ""
        counts[value] = counts.get(value, 0) + count
        some.setdefault(lead)
    total = sum(counts.values())
    if not total:
        return
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{_labelled(value, labels)} ({count:,})" for value, count in most[:VALUES_SHOWN])
    more = f" and {len(most) - VALUES_SHOWN:,} more values" if len(most) > VALUES_SHOWN else ""
    if total == leads:
        who = "every lead is in a stage that the mapping does not name, so nothing can be decided"
    elif total == 1:
        who = "1 lead in a stage that the mapping does not name is left alone"
    else:
        who = f"{total:,} leads in a stage that the mapping does not name are left alone"
    yield (
        f"{who}: {stage_field} = {told}{more} (see {first_few(sorted(some)[:3], total)}) "
        "→ to have them decided, name the values under `stage: values:`"
    )


def _labelled(value: str, labels: Mapping[str, str]) -> str:
    label = labels.get(value, value)
    return value if label == value else f"{value} “{label}”"
