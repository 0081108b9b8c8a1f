"""Signs that nobody sees, or that move others about, as escapes within a text of YAML in double quotes.

A file that is read and signed by people must show all that it says.
"""

from __future__ import annotations

_SHAPELESS = "\u115f\u1160\u3164\uffa0"
"""Letters to Unicode, and without a shape."""


def seen_whole(text: str) -> bool:
    """Whether a reader sees every sign of the text where it stands; line breaks and tabs count as seen."""
    return not any(_unseen(sign) for sign in text)


def escaped(text: str) -> str:
    """The text with an escape for each sign that is not seen; valid where it stands in double quotes."""
    return "".join(_escape(sign) if _unseen(sign) else sign for sign in text)


def _unseen(sign: str) -> bool:
    return (not sign.isprintable() and sign not in "\n\t") or sign in _SHAPELESS


def _escape(sign: str) -> str:
    number = ord(sign)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
