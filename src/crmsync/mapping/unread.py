"""What a page holds and crmsync could make nothing of: kept until it is mended, told with its values. Pure.

`UNREAD`, one row for each such thing:

| column   | meaning                                                                                        |
|----------|------------------------------------------------------------------------------------------------|
| `record` | a lead's id, or `<object>:<id>` of an activity, as activities are named                        |
| `lead`   | the lead that it is about                                                                      |
| `part`   | `fact`, `lead` (its `created_at`), or of an activity: `day`, `kind`, `outcome`, `direction`    |
| `name`   | the fact or column; of an activity its object                                                  |
| `field`  | the native field, or those of which the first that is filled counts                            |
| `value`  | what it holds, made fit to be shown: no person's name, address or number is in it              |
"""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

UNREAD = {name: pl.String() for name in ("record", "lead", "part", "name", "field", "value")}

LONGEST_SHOWN = 60
_SHORTEST_NAME = 3
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]{}]+@[^\s@<>\"'(),;:=\[\]{}]+")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d ()./-]{5,}\d(?!\w)")
_AMOUNT = re.compile(
    r"[1-9]\d{0,2}([.,'’ \u00a0\u202f])\d{3}(\1\d{3})*([.,]\d{1,2})?"  # parted thousands
    r"|\d{1,9}([.,]\d{1,3})?|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"  # plain numbers, days
)


def nothing_unread() -> pl.DataFrame:
    """An empty UNREAD frame."""
    return pl.DataFrame(schema=UNREAD)


def shown_value(value: str, names: Collection[str] = (), *, listed: bool = False) -> str:
    """The value as it may be told: e-mail addresses, phone numbers and the lead's own `names` are masked, long text
    is cut. `listed`: it comes from a list of choices, and is nobody's own words.
    """
    text = " ".join(value.split())
    if not listed:
        text = _PHONE.sub(_masked_unless_amount, _EMAIL.sub("[e-mail]", text))
        for name in sorted(names, key=len, reverse=True):
            if len(name) >= _SHORTEST_NAME:
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[name]", text, flags=re.IGNORECASE)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _masked_unless_amount(found: re.Match[str]) -> str:
    """Numbers that are written like amounts or days are nobody's telephone."""
    return found[0] if _AMOUNT.fullmatch(found[0].strip()) else "[number]"
