"""Which field of a CRM is probably meant by a name that it does not have: by the words in names and labels. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from crmsync.contract import NativeField
from crmsync.patterns import late_pattern

_WORD = late_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LIKE_LETTERS = 0.8
_SHORTEST_STEM = 4
_SHARED = 0.25
"""What a shared word counts beside likeness of letters: `Budget__c` is rather `Budget_Confirmed__c` than `Bdr__c`."""


def field_meant(name: str, fields: Collection[NativeField]) -> NativeField | None:
    """The field with the most of the name's words, or with nearly its letters; null where none is like it.

    Of two with as many of its words the one that has its first: `Budget_stage__c` is rather `Budget__c` than `Stage`.
    """
    scored = [(_likeness(name, field), _begins_alike(name, field), field.name, field) for field in fields]
    best = max(scored, key=lambda entry: entry[:3], default=None)
    return best[3] if best is not None and best[0] > 0 else None


def same_words(label: str, name: str) -> bool:
    """Whether a label says nothing that the field's name does not."""
    return not label or _words(label) <= _words(name)


def _likeness(name: str, field: NativeField) -> float:
    letters = max(_alike(name, text) for text in (field.name, field.label))
    words = max(_shared(_words(name), _words(text)) for text in (field.name, field.label))
    return max(letters if letters >= _LIKE_LETTERS else 0.0, words)


def _begins_alike(name: str, field: NativeField) -> bool:
    """Whether the field has the first of the name's words."""
    first = _listed(name)[:1]
    return any(_same(first[0], word) for word in _listed(field.name)) if first else False


def _alike(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, "".join(_listed(name)), "".join(_listed(other))).ratio()


def _shared(wanted: frozenset[str], there: frozenset[str]) -> float:
    """The share of words that both have, and something for having any; 0 for none."""
    both = sum(any(_same(word, other) for other in there) for word in wanted)
    return both / len(wanted | there) + _SHARED if both else 0.0


def _same(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return word == other or (len(short) >= _SHORTEST_STEM and long.startswith(short))


def _words(text: str) -> frozenset[str]:
    return frozenset(_listed(text))


def _listed(text: str) -> list[str]:
    """Words in lower case, in whatever way they are joined, without what a CRM puts before or behind names."""
    return [word.lower() for word in _WORD.findall(re.sub(r"__[cr]$|^hs_", "", text))]
