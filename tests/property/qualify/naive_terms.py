"""What the naive interpreter of policies reckons with: verdicts, points, ranges of numbers, periods and words."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

MOST = 10**12
NOT_DONE = ["open", "planned", "scheduled", "rescheduled", "canceled", "cancelled", "no_show", "failed", "bounced"]


def all_of(verdicts):
    verdicts = list(verdicts)
    return False if False in verdicts else None if None in verdicts else True


def any_of(verdicts):
    verdicts = list(verdicts)
    return True if True in verdicts else None if None in verdicts else False


def opposite(verdict):
    return None if verdict is None else not verdict


def half_up(number):
    """Half away from zero."""
    size = int(abs(Fraction(number)) + Fraction(1, 2))
    return size if number >= 0 else -size


def tenths(number):
    return Fraction(str(number))


def milli(points):
    return half_up(tenths(points) * 1000)


def words(value):
    return [value] if isinstance(value, str) else list(value)


def range_of(text):
    """(lowest, highest) whole number that a text allows; null = it sets no such end."""
    text = text.strip().lower()
    signs = {">=": (0, None), "≥": (0, None), ">": (1, None), "<=": (None, 0), "≤": (None, 0), "<": (None, -1)}
    for sign, ends in signs.items():
        if text.startswith(sign):
            number = whole(text[len(sign) :].lstrip())
            return tuple(None if number is None or end is None else number + end for end in ends)
    if text.endswith("+"):
        return whole(text[:-1].rstrip()), None
    for dash in ("-", "–", "—", "to"):
        first, found, last = text.partition(dash)
        if found:
            low, high = whole(first.rstrip()), whole(last.lstrip())
            return (None, None) if low is None or high is None or low > high else (low, high)
    return whole(text), whole(text)


def whole(text):
    """Digits, in threes from the right where something parts them."""
    for part in (",", ".", "'", "’", " "):
        text = text.replace(part, "_")
    first, *others = text.split("_")
    right = first.isdigit() and all(len(other) == 3 and other.isdigit() for other in others)
    return int("".join([first, *others])) if right and not (others and len(first) > 3) else None


def in_days(days, apart):
    """From the oldest on, each that is far enough from the last one taken."""
    taken = []
    for day in sorted(days):
        if not taken or (day - taken[-1]).days >= apart:
            taken.append(day)
    return taken


def period(of, activity):
    """What tells activities of one period or kind from others."""
    day = activity["day"]
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
        "kind": activity["kind"],
    }[of]


def whole_word(word: str, text: str) -> bool:
    """Whether it stands there with no letter or digit at either end."""
    padded = f" {text} "
    places = [place for place in range(1, len(padded)) if padded.startswith(word, place)]
    touching = [(padded[place - 1], padded[place + len(word)]) for place in places]
    return any(not any(sign.isalnum() or sign == "_" for sign in pair) for pair in touching)
