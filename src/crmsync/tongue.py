"""The language in which something is told: handed down as an argument to whatever makes texts.

Texts are written in English where they are made, as messages with places for values; a tongue says them. This one is
English itself. Those of other languages (`crmsync.languages`) look the messages up. Nothing here is known of files:
a text depends on the tongue and the values that it is made of, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import reduce


class Tongue:
    """English. Others override `text`, `texts`, `own` and the forms of numbers and days."""

    code = "en"

    def text(self, message: str) -> str:
        """A message as it is in this language, its places still open."""
        return message

    def texts(self, one: str, many: str, count: float) -> str:
        """The form of a message that belongs to this number."""
        return one if count == 1 else many

    def own(self, words: str) -> str:
        """A policy's words. Those of the shipped policies are known in every language; others stay as they are."""
        return words

    def say(self, message: str, /, **values: object) -> str:
        """A message with its values."""
        return self.text(message).format(**values)

    def say_many(self, one: str, many: str, count: float, /, **values: object) -> str:
        """A message in the form for a number, which stands at `{number}` as it is, unless it is given otherwise."""
        return self.texts(one, many, count).format(**{"number": count, **values})

    def say_with(self, message: str, values: Mapping[str, float | str]) -> str:
        """A message with values that were kept beside it: numbers as people write them, texts as they are."""
        told = {name: each if isinstance(each, str) else self.figures(each) for name, each in values.items()}
        return self.say(message, **told)

    def number(self, value: float) -> str:
        """A number as people write it."""
        return f"{value:,}"

    def plain_number(self, value: float | Decimal) -> str:
        """The same without groups."""
        return str(value)

    def decimals(self, value: float) -> str:
        """A number to two decimals."""
        return f"{value:.2f}"

    def figures(self, value: float, digits: int = 10) -> str:
        """The same to so many digits."""
        return f"{value:.{digits}g}"

    def day(self, day: date) -> str:
        """A day."""
        return day.isoformat()

    def moment(self, at: datetime) -> str:
        """To the minute, in the zone that it has."""
        return f"{at:%Y-%m-%d %H:%M}"

    def instant(self, at: datetime) -> str:
        """A datetime among a lead's facts."""
        return at.isoformat()

    def quoted(self, words: str) -> str:
        """Somebody's words."""
        return self.say("“{words}”", words=words)

    def either(self, parts: Sequence[str]) -> str:
        """`a, b or c`."""
        return self._listed(parts, self.say("or"))

    def both(self, parts: Sequence[str]) -> str:
        """`a, b and c`."""
        return self._listed(parts, self.say("and"))

    def in_turn(self, parts: Sequence[str]) -> str:
        """`a, then b, then c`."""
        return reduce(lambda one, other: f"{one}, {self.say('then')} {other}", parts)

    def all_of(self, parts: Sequence[str]) -> str:
        """`a and b and c`."""
        return reduce(lambda one, other: f"{one} {self.say('and')} {other}", parts)

    def any_of(self, parts: Sequence[str]) -> str:
        """`a or b or c`."""
        return reduce(lambda one, other: f"{one} {self.say('or')} {other}", parts)

    def _listed(self, parts: Sequence[str], conjunction: str) -> str:
        if len(parts) <= 1:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


ENGLISH = Tongue()


def to_say(message: str) -> str:
    """A message that is said elsewhere: stands here so that catalogues have it."""
    return message
