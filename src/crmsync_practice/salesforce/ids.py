"""Record ids: 3-character key prefix, 12 more characters, and a 3-character suffix that encodes the letter
case.

The 15-character form is case-sensitive, the 18-character one is not, because its suffix tells which
letters are capitals. Both are accepted, 18 characters are given out. (Wire notes, section 2.2.)
"""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)
_INSTANCE = "Kp0"
_CAPITALS = str.maketrans({each: "1" if "A" <= each <= "Z" else "0" for each in _DIGITS})


_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


@lru_cache(maxsize=64)
def _head(prefix: str, high: int) -> tuple[str, str]:
    """The first ten characters of an id and their two suffix characters."""
    digits = ""
    while high:
        high, rest = divmod(high, 62)
        digits = _DIGITS[rest] + digits
    ten = f"{prefix}{_INSTANCE}{digits.rjust(4, '0')}"
    return ten, with_suffix(f"{ten}00000")[15:17]


@lru_cache(maxsize=8192)
def _tail_bits(text: str) -> int:
    return sum(1 << place for place, each in enumerate(text) if "A" <= each <= "Z")


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the n-th record of a kind; always the same for the same two arguments."""
    high, low = divmod(number, 916_132_832)
    ten, suffix = _head(prefix, high)
    first, rest = divmod(low, 14_776_336)
    second, third = divmod(rest, 3844)
    middle, last = _PAIRS[second], _PAIRS[third]
    bits = _tail_bits(_DIGITS[first]) | _tail_bits(middle) << 1 | _tail_bits(last) << 3
    return f"{ten}{_DIGITS[first]}{middle}{last}{suffix}{_SUFFIX[bits]}"


def with_suffix(fifteen: str) -> str:
    """The 18-character form of a 15-character id."""
    bits = fifteen.translate(_CAPITALS)
    return fifteen + "".join(_SUFFIX[int(bits[start : start + 5][::-1], 2)] for start in (0, 5, 10))


def read_id(text: str) -> str | None:
    """The canonical 18-character form of an id given in either form and, with 18, in any case; None if
    it is none.
    """
    if not _SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return with_suffix(text)
    if with_suffix(text[:15]) == text:
        return text
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
