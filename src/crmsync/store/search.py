"""Leads found by parts of what people call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product

from sqlalchemy import Connection, or_, select

from crmsync.store.dialects.statements import looks_like
from crmsync.store.tables import leads

_ASCII = 128
_LAST = 0xD800
"""Letters of nearly all scripts with capitals lie before it; others are left open."""
_TOLD = 2
"""So many letters are told in each writing: more would ask for too many patterns, and find few leads less."""


def leads_called(at: Connection, connection_id: int, words: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many leads of which each word stands in name, company or e-mail, in the order of their names.

    Capitals and small letters are alike, in every script: databases know that of ASCII alone, so they are asked for
    each writing of the first other letters, with further ones left open, and what they give is looked at again.
    """
    columns = (leads.c.name, leads.c.company, leads.c.email)
    # A sum, so that SQLite walks through the index of names, which holds all that is asked, not through the table.
    found = select(leads.c.lead, *columns).where(leads.c.connection_id + 0 == connection_id)
    for word in words:
        found = found.where(or_(*(looks_like(at, each, some) for some in _patterns(word) for each in columns)))
    sought = [word.lower() for word in words]
    named: list[str] = []
    for row in at.execute(found.order_by(leads.c.name, leads.c.lead)):
        held = [text.lower() for text in row[1:] if text]
        if all(any(word in text for text in held) for word in sought):
            named.append(row.lead)
        if len(named) == most:
            break
    return tuple(named)


def _patterns(word: str) -> list[str]:
    """One for each writing of its first letters beyond ASCII. Were all of them left open, nearly every lead would be
    looked at again where the word has few others.
    """
    writings: list[tuple[str, ...]] = []
    told = 0
    for letter in word:
        if ord(letter) < _ASCII:
            writings.append((f"/{letter}" if letter in "%_/" else letter,))
        else:
            alike = _writings().get(letter.lower()) if told < _TOLD else None
            told += alike is not None
            writings.append(alike or ("%",))
    return [f"%{''.join(some)}%" for some in product(*writings)]


@cache
def _writings() -> Mapping[str, tuple[str, ...]]:
    """Small letter → it and its capitals, beyond ASCII. The sigma at a word's end is another small letter."""
    found: dict[str, tuple[str, ...]] = {}
    for letter in map(chr, range(_ASCII, _LAST)):
        small = letter.lower()
        found[small] = (*found.get(small, ()), letter)
    sigmas = (*found["σ"], "ς")
    return found | {"σ": sigmas, "ς": sigmas}
