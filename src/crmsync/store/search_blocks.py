"""What leads are called, a few hundred to a row: a word is looked for in four thousand long texts sooner than in a
million short ones, in SQLite and PostgreSQL alike. The leads themselves are looked at only where it stands.

A block is of leads whose keys follow one another. It is written anew when one of them comes, goes or is renamed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select

from crmsync.store.dialects.statements import among, holds_text
from crmsync.store.tables import lead_search, lead_search_blocks

LEADS = 256
"""Keys of a block. A shorter one is written sooner, a longer one is read sooner."""

_AT_ONCE = 100
_SEPARATOR = "\n"
"""No word that is looked for holds it."""


def keep(at: Connection, connection_id: int, keys: Iterable[int]) -> None:
    """The blocks of these keys, as `lead_search` stands by now."""
    block = lead_search.c.lead_key // LEADS
    texts = func.aggregate_strings(lead_search.c.called, _SEPARATOR)
    mine = lead_search_blocks.c.connection_id == connection_id
    blocks = sorted({key // LEADS for key in keys})
    for first in range(0, len(blocks), _AT_ONCE):
        some = blocks[first : first + _AT_ONCE]
        at.execute(lead_search_blocks.delete().where(mine, among(lead_search_blocks.c.block, some)))
        made = select(literal(connection_id), block, texts).where(in_blocks(connection_id, some)).group_by(block)
        at.execute(insert(lead_search_blocks).from_select(["connection_id", "block", "texts"], made))


def with_all(at: Connection, connection_id: int, words: Iterable[str], most: int) -> list[int]:
    """Blocks in which each of these folded words stands, of whichever leads; at most so many."""
    where = (holds_text(at, lead_search_blocks.c.texts, word) for word in words)
    found = select(lead_search_blocks.c.block).where(lead_search_blocks.c.connection_id == connection_id, *where)
    return list(at.execute(found.limit(most)).scalars())


def in_blocks(connection_id: int, blocks: Iterable[int]) -> ColumnElement[bool]:
    """Whether a row of `lead_search` is in one of them: by its keys one by one, and by nothing else that an index
    has, so that no database walks that one whole instead.
    """
    keys = [block * LEADS + each for block in blocks for each in range(LEADS)]
    return among(lead_search.c.lead_key, keys) & ((lead_search.c.connection_id + 0) == connection_id)
