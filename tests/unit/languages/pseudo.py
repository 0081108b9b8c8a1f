"""A language made up to find what is not said in any: every letter of a message or a policy's word is another one."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from crmsync.tongue import Tongue

_LETTERS = str.maketrans(
    {letter: chr(0x1D400 + place) for place, letter in enumerate(string.ascii_uppercase + string.ascii_lowercase)}
)


class Pseudo(Tongue):
    """What it says looks much like English and has no letter of it."""

    code = "xx"

    def text(self, message: str) -> str:
        parts = string.Formatter().parse(message)
        return "".join(
            literal.translate(_LETTERS) + ("" if name is None else f"{{{name}}}") for literal, name, _, _ in parts
        )

    def texts(self, one: str, many: str, count: float) -> str:
        return self.text(super().texts(one, many, count))

    def own(self, words: str) -> str:
        return words.translate(_LETTERS)


PSEUDO = Pseudo()


def unsaid(text: str, names: Iterable[str] = ()) -> list[str]:
    """Words of a text that nobody has said, in order. `names`: those that are the same in every language."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", "", text)
    return re.findall(r"[A-Za-z]{2,}", text)
