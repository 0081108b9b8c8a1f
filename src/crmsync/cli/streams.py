"""Standard streams that cannot say every sign: ours are written in ASCII there, and no output ends in an error."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping

SIGNS: Mapping[str, str] = {
    "✓": "+", "✗": "x", "→": "->", "←": "<-", "…": "...", "·": "-", "×": "x", "–": "-", "—": "-", "−": "-",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=", "•": "*", "ß": "ss",
}  # fmt: skip
"""Sign → what stands for it."""

PLAIN = "crmsync-plain"


def plain(text: str) -> str:
    """The text in ASCII: letters lose their accents, boxes become lines, and `?` stands for what has no likeness."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    if sign.isascii() or sign in SIGNS:
        return SIGNS.get(sign, sign)
    import unicodedata

    if "\u2500" <= sign <= "\u257f":
        return "-" if "HORIZONTAL" in unicodedata.name(sign).split("AND")[0] else "|"
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii()) or "?"


def take_all_signs() -> None:
    """From now on stdout and stderr take any text, whatever their encoding."""
    codecs.register_error(PLAIN, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if not str(stream.encoding or "utf-8").lower().startswith("utf") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end
