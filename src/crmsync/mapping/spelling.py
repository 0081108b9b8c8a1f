"""Words as they are compared: one is the same however its letters' case and its joints are written. Pure.

`No Show`, `NO_SHOW` and `no-show` are one word. A word with digits keeps its joints: `1-5` is not `15`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

_JOINTS = r"[\s_-]+"
_DIGIT = r"\d"


def plain(word: str) -> str:
    """The word as it is compared."""
    lower = word.strip().lower()
    return lower if re.search(_DIGIT, lower) else re.sub(_JOINTS, "", lower)


def plain_text(text: pl.Expr) -> pl.Expr:
    """Likewise of native text that is trimmed; null stays null."""
    lower = text.str.to_lowercase()
    return pl.when(lower.str.contains(_DIGIT)).then(lower).otherwise(lower.str.replace_all(_JOINTS, ""))


def one_spelling(words: Iterable[str]) -> dict[str, str]:
    """Words as they are compared → how each is written; the first in order where two are the same."""
    found: dict[str, str] = {}
    for word in sorted(words):
        found.setdefault(plain(word), word)
    return found
