"""What is asked of a CRM and what comes back: pages, single records, who set what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Literal

import polars as pl
from msgspec import Struct, field

RECORD_ID = "@id"

LEAD_ID = "@lead"

CHANGED_AT = "@changed"


class Narrowing(Struct, frozen=True):
    """A test that every wanted record passes: its field holds one of the values, and lies on or after the day.

    Null = not asked. Values are the CRM's own, letter case aside.
    """

    field: str
    any_of: tuple[str, ...] | None = None
    not_before: date | None = None


class PullRequest(Struct, frozen=True):
    """What to read. `fields` are native names (dots reach parents where the CRM has them).

    `leads_object`: for activities, the object of the leads they belong to; records that belong to none are left
    out, a record that belongs to several comes once for each. Null: leads themselves, or any other object that stands
    for itself (accounts, companies, opportunities). `cursor`: null = read everything; else what the last page of an
    earlier pull of this object said: read what changed since, with a safe overlap (rows may come again, none may be
    missed). `narrowings`: without a cursor, records that fail one of them may be left out, to have fewer to read; a
    connector that cannot ask so leaves none out. `progress`, if given, is called with (records so far, total or
    null).
    """

    object: str
    fields: tuple[str, ...]
    leads_object: str | None = None
    cursor: str | None = None
    progress: Callable[[int, int | None], None] | None = None
    narrowings: tuple[Narrowing, ...] = ()


class Page(Struct, frozen=True):
    """A part of what was asked for: a NATIVE frame with `@id` (and `@lead`) and every field asked for.

    With a cursor also `@changed`, where the CRM tells it: when the record was last changed by whomever, an instant by
    the CRM's clock. How long changes take to be answered is counted from there; nothing is decided by it.

    `gone`: ids that are no longer part of what was asked for since the cursor (incremental pulls only). Of leads:
    deleted, merged away, converted. Of accounts and the like: deleted, merged away. Of activities: deleted, or
    belonging to no lead any more (moved to another kind of record, or its lead converted); one that still belongs to
    some leads is a record, not gone.
    `cursor`: set on the last page only, and always there; opaque to the core.
    """

    records: pl.DataFrame
    gone: tuple[str, ...] = ()
    cursor: str | None = None


STILL_THERE = "there, "


class Reading(Struct, frozen=True):
    """What `read` found: `records` as in a page; `gone` says for each missing id why, in words for the reader.

    The words: `deleted`, `merged into <id>`, `converted`; and where the CRM does not tell these apart, what is known
    (`not there, or not visible to this user`, `deleted: … or keeps it in its recycle bin`). An id that this CRM never
    gave is missing like any other. A word that begins with `STILL_THERE` says that the record is there, and that its
    answer was torn: it is not gone. Every id asked for is in `records` or in `gone`.
    """

    records: pl.DataFrame
    gone: Mapping[str, str] = field(default_factory=dict)


class Edit(Struct, frozen=True):
    """A value that somebody set, as the CRM's history of the field tells it. `value`: native text, null = made empty.

    `by`: what set it, as far as the CRM says. `user`: native id of that user, as `users` gives it; null = none, or
    not told. `source`: the CRM's own word for where it comes from. `before`: what stood there until then, where the
    CRM says so with the edit (`before_told`); null = nothing did.
    """

    id: str
    field: str
    value: str | None
    at: datetime
    by: Literal["person", "program", "automation"]
    user: str | None = None
    source: str = ""
    before: str | None = None
    before_told: bool = False
