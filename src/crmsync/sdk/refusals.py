"""What a CRM's codes mean, as data: a table that a connector reads to decide, and that its page is made from.

A refusal is the record's (it is set aside, the others go on), the call's (it is tried again, or sent in smaller
parts) or the person's (the run stops, and somebody has something to mend). A connector has one table, and nothing
else knows its codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

Deed = Literal[
    "signed in again", "tried again", "looked up", "split", "set aside", "gone", "left out", "read anew", "stopped"
]
DEEDS: Mapping[Deed, str] = {
    "signed in again": "the call is made once more with a new token",
    "tried again": "after a wait, unchanged: it was not carried out",
    "looked up": "it may have been carried out: reads are tried again, writes are read back first",
    "split": "sent in halves until they pass; what is refused alone is set aside",
    "set aside": "this record only; it stays due",
    "gone": "the record is no longer there to write",
    "left out": "this part only, and told",
    "read anew": "what was begun is begun again",
    "stopped": "the run ends, and there is a next step to take",
}
"""What becomes of it."""


class Meaning(Struct, frozen=True):
    """One code, and what is done about it.

    `code`: the CRM's own word, or `HTTP 503` where only the status tells. `says`: parts of the CRM's message, any
    of which tells this case from others of the same code. `why`: what it means, for the page. `hint`: the next step
    for a person; empty where there is none to take.
    """

    code: str
    deed: Deed
    why: str
    hint: str = ""
    says: tuple[str, ...] = ()

    def fits(self, code: str, text: str) -> bool:
        """Whether it is about this code with these words."""
        return self.code == code and (not self.says or any(part.lower() in text.lower() for part in self.says))


def meaning_of(table: Sequence[Meaning], code: str, text: str = "") -> Meaning | None:
    """The first entry that fits, so special cases stand before the general one."""
    return next((entry for entry in table if entry.fits(code, text)), None)


def table_rows(table: Sequence[Meaning]) -> Iterator[str]:
    """The table's rows for a Markdown page."""
    yield "| code | what becomes of it | meaning | next step |"
    yield "|---|---|---|---|"
    for entry in table:
        said = " or ".join(f"“{part}”" for part in entry.says)
        code = f"`{entry.code}`" + (f" with {said}" if said else "")
        yield f"| {code} | {entry.deed} | {entry.why} | {entry.hint or '–'} |"
