"""The ends of the whole numbers that a text allows: `51-200`, `1000+`, `> 1000`, `≤ 50`, `200`.

Thousands may be parted by a comma, a dot, an apostrophe or a space. Any other text says nothing.
"""

from __future__ import annotations

import polars as pl

_NUMBER = r"(\d{1,3}(?:[,.'’ ]\d{3})+|\d+)"
_BOUND = rf"^(>=|≥|>|<=|≤|<)\s*{_NUMBER}$"
_OPEN = rf"^{_NUMBER}\s*\+$"
_BETWEEN = rf"^{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}$"
_EXACT = rf"^{_NUMBER}$"


def ends_of(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """(lowest, highest) number that a text allows (Int64); null where it sets no such end, or says nothing."""
    plain = text.str.strip_chars().str.to_lowercase()
    exact, open_ = _whole(plain, _EXACT), _whole(plain, _OPEN)
    first, last = _whole(plain, _BETWEEN), _whole(plain, _BETWEEN, 2)
    sign, bound = plain.str.extract(_BOUND, 1), _whole(plain, _BOUND, 2)
    above = pl.when(sign.is_in([">=", "≥"])).then(bound).when(sign == ">").then(bound + 1)
    below = pl.when(sign.is_in(["<=", "≤"])).then(bound).when(sign == "<").then(bound - 1)
    in_order = first <= last
    return (
        pl.coalesce(exact, open_, pl.when(in_order).then(first), above),
        pl.coalesce(exact, pl.when(in_order).then(last), below),
    )


def _whole(text: pl.Expr, pattern: str, group: int = 1) -> pl.Expr:
    return text.str.extract(pattern, group).str.replace_all(r"\D", "").cast(pl.Int64, strict=False)
