"""Record ids: 3-character key prefix, 12 more characters, and a 3-character suffix that encodes the letter
case.

The 15-character form is case-sensitive, the 18-character one is not, because its suffix tells which
letters are capitals. Both are accepted, 18 characters are given out. (Wire notes, section 2.2.)
"""

from __future__ import annotations

import re

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)
_INSTANCE = "Kp0"


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the n-th record of a kind; always the same for the same two arguments."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return with_suffix(f"{prefix}{_INSTANCE}{digits.rjust(9, '0')}")


def with_suffix(fifteen: str) -> str:
    """The 18-character form of a 15-character id."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place in range(5) if "A" <= fifteen[start + place] <= "Z")
        suffix += _SUFFIX[bits]
    return fifteen + suffix


def read_id(text: str) -> str | None:
    """The canonical 18-character form of an id given in either form and, with 18, in any case; None if
    it is none.
    """
    if not _SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return with_suffix(text)
    letters = list(text[:15])
    for index, character in enumerate(text[15:].upper()):
        bits = _SUFFIX.find(character)
        if bits < 0:
            return None
        for place in range(5):
            position = index * 5 + place
            capital = bool(bits & (1 << place))
            letters[position] = letters[position].upper() if capital else letters[position].lower()
    canonical = with_suffix("".join(letters))
    return canonical if canonical.upper() == text.upper() else None
