"""Spoiling an answer of a CRM field by field: every place in it, with every kind of value that is none of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from crmsync.contract import CrmUser, Currencies, NativeField, Org
from crmsync.values import asdict

Place = tuple[str, ...]
"""Keys from the outermost in; `*` is every item of a list, `0` its first one only."""

MISSING = object()
KINDS: Mapping[str, Any] = {
    "null": None,
    "missing": MISSING,
    "number": 17,
    "text": "x",
    "list of null": [None],
    "object": {},
    "nested": {"x": [{"y": None}]},
    "true": True,
}
SHAPES = (Org, CrmUser, NativeField, Currencies)


def again(value: Any) -> Any:
    """The same answer anew, as it would be read from the wire."""
    return msgspec.json.decode(msgspec.json.encode(value))


def places(value: Any, first: Place = ()) -> Iterator[Place]:
    """Every place in an answer, once; of lists all items together, and the first alone."""
    if first:
        yield first
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*first, key))
    if isinstance(value, list):
        for place in dict.fromkeys(place for item in value for place in places(item, (*first, "*")) if place):
            yield place
            at = len(first)
            if len(value) > 1:
                yield (*place[:at], "0", *place[at + 1 :])


def spoilt(value: Any, place: Place, wrong: Any) -> Any:
    """A copy of the answer with this value in this place, or without anything there (`MISSING`)."""
    found = again(value)
    _spoil(found, place, wrong)
    return found


def _spoil(value: Any, place: Place, wrong: Any) -> None:
    key, *rest = place
    if isinstance(value, list) and key in {"*", "0"}:
        for number in range(len(value)) if key == "*" else range(min(1, len(value))):
            if rest:
                _spoil(value[number], tuple(rest), wrong)
            else:
                value[number] = None if wrong is MISSING else wrong
    elif isinstance(value, dict) and key in value:
        if rest:
            _spoil(value[key], tuple(rest), wrong)
        elif wrong is MISSING:
            del value[key]
        else:
            value[key] = wrong


def check_shape(value: Any) -> None:
    """What a connector gives is of the contract's types, whatever it was made from."""
    for each in value if isinstance(value, tuple | list) else (value,):
        if isinstance(each, SHAPES):
            msgspec.convert(asdict(each), type(each))


class Spoiler:
    """Stands between a connector and the CRM: keeps what was answered once, and gives it again with one place spoilt.

    An answer is known by the words for what was asked, and by how often that was asked before.
    """

    def __init__(self) -> None:
        self.kept: dict[str, list[Any]] = {}
        self._times: Counter[str] = Counter()
        self._now: tuple[str, Place, Any] | None = None

    def __call__(self, what: str, ask: Callable[[], Any]) -> Any:
        """The answer to this question; `ask` asks the CRM."""
        if self._now is None or what not in self.kept:
            answer = ask()
            if self._now is None:
                self.kept.setdefault(what, []).append(again(answer))
            return answer
        answers = self.kept[what]
        answer = answers[min(self._times[what], len(answers) - 1)]
        self._times[what] += 1
        asked, place, wrong = self._now
        return spoilt(answer, place, wrong) if what == asked else again(answer)

    def cases(self) -> list[tuple[str, Place, str]]:
        """Every question, place in its answers, and kind of value."""
        return [
            (what, place, kind)
            for what, answers in self.kept.items()
            for place in dict.fromkeys(place for answer in answers for place in places(answer))
            for kind in KINDS
        ]

    def faults(self, work: Callable[[], None], foreseen: type[Exception], *, every: int = 1) -> Iterator[str]:
        """Do the work with every so many-th place and kind spoilt: what ended it that nobody foresaw."""
        for what, place, kind in self.cases()[::every]:
            self._now = what, place, KINDS[kind]
            self._times.clear()
            try:
                work()
            except foreseen:
                pass
            except Exception as fault:
                yield f"{what}: {'.'.join(place)} = {kind}: {type(fault).__name__}: {str(fault)[:80]}"
        self._now = None
