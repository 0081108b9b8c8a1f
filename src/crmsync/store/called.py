"""What leads are called, as search reads it: one text of each lead, without capitals and accents.

It stands in a narrow table of its own, which changes only when a name does. Rows of `leads` change with every run,
and PostgreSQL looks at each row again whose page has changed, even where an index holds all that is asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, func, select

from crmsync.store import search_blocks
from crmsync.store.dialects.statements import among, bulk, holds_text, insert_into
from crmsync.store.tables import NAMELESS, lead_search, leads, plan_changes, plans

TEXTS = ("name", "company", "email")
"""The columns of `leads` by which somebody looks for one."""

LETTERS = 200
"""So many of each text are kept: PostgreSQL's indexes refuse long ones."""

_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
_BETWEEN = "\n"
"""No word that is looked for holds it, and it sorts before every letter."""


def folded(text: str) -> str:
    """`MÜLLER`, `Müller` and `muller` → `muller`. Marks that are letters of their script stay: がか, เก่า."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).casefold().translate(_ACCENTS).translate(_LETTERS)
    return unicodedata.normalize("NFC", bare) or text


def called(named: pl.DataFrame) -> pl.Series:
    """One text for each row with `name`, `company` and `email`: so they are sorted, and looked through."""
    texts = [_folded(named[each]).str.slice(0, LETTERS) for each in TEXTS]
    name, *others = texts
    name = pl.select(pl.when(name == "").then(pl.lit(NAMELESS)).otherwise(name)).to_series()
    joined = pl.select(pl.concat_str(name, *others, separator=_BETWEEN)).to_series()
    return joined.alias("called")


def _folded(texts: pl.Series) -> pl.Series:
    texts = texts.cast(pl.String).fill_null("")
    small = texts.str.to_lowercase()
    beyond = (texts.str.len_bytes() > texts.str.len_chars()).arg_true()
    return small.scatter(beyond, [folded(text) for text in texts.gather(beyond)]) if len(beyond) else small


def keep_renamed(at: Connection, connection_id: int, named: pl.DataFrame) -> None:
    """Of leads that were stored before: `lead`, `key` and what each is called now."""
    if not named.is_empty():
        at.execute(lead_search.delete().where(among(lead_search.c.lead_key, named["key"])))
        keep(at, connection_id, named)


def keep(at: Connection, connection_id: int, named: pl.DataFrame) -> None:
    """`lead`, `key` and what each is called, of leads that were just stored; those that are called anything."""
    some = named.filter(pl.any_horizontal(pl.col(each).is_not_null() for each in TEXTS))
    rows = some.select(lead_key="key", connection_id=pl.lit(connection_id), called=called(some))
    bulk(at, insert_into(lead_search), rows)
    search_blocks.keep(at, connection_id, named["key"])
    follow_in_plan(at, connection_id, named["lead"])


def follow_in_plan(at: Connection, connection_id: int, ids: Iterable[str]) -> None:
    """The plan that waits finds these leads by what they are called by now; by nothing, once they have left."""
    plan = at.execute(select(plans.c.id).where(plans.c.connection_id == connection_id)).scalar()
    if plan is not None:
        those = (plan_changes.c.connection_id == connection_id) & (plan_changes.c.plan_id == plan)
        now = _of_leads(connection_id, leads.c.lead == plan_changes.c.lead).scalar_subquery()
        at.execute(
            plan_changes.update()
            .where(those, among(plan_changes.c.lead, ids))
            .values(called=func.coalesce(now, NAMELESS))
        )


def what_they_are_called(at: Connection, connection_id: int, ids: Sequence[str]) -> dict[str, str]:
    """Lead → its text, of those of these leads that are called anything."""
    query = _of_leads(connection_id, among(leads.c.lead, ids)).add_columns(leads.c.lead)
    return {lead: text for text, lead in at.execute(query)}


def _of_leads(connection_id: int, which: ColumnElement[bool]) -> Select[tuple[str]]:
    here = lead_search.join(leads, leads.c.key == lead_search.c.lead_key)
    return select(lead_search.c.called).select_from(here).where(leads.c.connection_id == connection_id, which)


def sought(words: Iterable[str]) -> list[str]:
    """The words as texts hold them; the longest, which most leads fail, first."""
    return sorted({folded(word)[:LETTERS] for word in words}, key=len, reverse=True)


def with_words(at: Connection, words: Iterable[str], called: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """Conditions that each word stands in what a lead is called."""
    return [holds_text(at, called, word) for word in sought(words)]
