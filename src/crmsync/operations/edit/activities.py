"""The activities of a mapping: what each object's records are taken for, and the text with other words for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crmsync.configuration import read_document, rewritten
from crmsync.errors import UsageError
from crmsync.mapping import KINDS, OUTCOMES, plain
from crmsync.operations.edit.facts import LEFT_OUT, NOTHING_KNOWN
from crmsync.operations.edit.offers import Offer
from crmsync.qualify.terms.activities import DIRECTIONS
from crmsync.settings import Settings

Part = Literal["kind", "outcome", "direction"]
PARTS: tuple[Part, ...] = ("kind", "outcome", "direction")
ALWAYS = ""
"""Stands for the native value of a rule that gives one word in any case."""
WORDS: Mapping[Part, Sequence[str]] = {
    "kind": sorted(KINDS),
    "outcome": sorted(OUTCOMES),
    "direction": sorted(DIRECTIONS),
}
"""What is offered; a policy may use any other kind."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """`word`: given in any case; else `field` is asked, and `values` says what its values mean: a word, `null` =
    says nothing, none = not named. `own_words`: the field's value is the answer itself. `when`: tests, as written.
    """

    number: int
    word: str | None
    field: str | None
    values: tuple[tuple[str, str | None], ...]
    own_words: bool
    when: str

    @property
    def unnamed(self) -> int:
        """How many of the CRM's values nobody has named."""
        return sum(word is None for _, word in self.values)


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One object and its rules."""

    number: int
    object: str
    parts: Mapping[Part, tuple[RuleLine, ...]]

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that its records may be."""
        told = [rule.word for rule in self.parts["kind"]]
        told += [word for rule in self.parts["kind"] for _, word in rule.values if word != NOTHING_KNOWN]
        return tuple(dict.fromkeys(filter(None, told)))


def activities_of(settings: Settings, connection: str, known: Offer | None) -> tuple[ActivityLine, ...]:
    """As the file has them, with the CRM's further values where they are known."""
    said = settings.connection(connection).mapping_document.data.get("activities") or ()
    offered = known.activity_options if known else {}
    return tuple(
        ActivityLine(
            number,
            str(each["object"]),
            {
                part: tuple(
                    _line(place, rule, offered, str(each["object"])) for place, rule in _rules(each.get(part))
                )
                for part in PARTS
            },
        )
        for number, each in enumerate(said)
    )


def with_rules(
    settings: Settings,
    connection: str,
    text: str,
    activity: int,
    called: str,
    part: str,
    words: Mapping[tuple[int, str], str],
) -> str:
    """The mapping's text where the rules of an object give these words. `called`: what the object is called.

    `words`: (rule, native value or `ALWAYS`) → a word, `NOTHING_KNOWN`, or `LEFT_OUT`. Raises `UsageError` for a rule
    that there is not, for no word where one is given in any case, and for a text that cannot be changed.
    """
    file = str(settings.mapping_path(connection))
    data = read_document(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file).data
    said = data.get("activities") if isinstance(data, Mapping) else None
    there = said[activity] if isinstance(said, list) and 0 <= activity < len(said) else None
    same = isinstance(there, Mapping) and str(there.get("object")) == called
    raw = there.get(part) if isinstance(there, Mapping) and same and part in PARTS else None
    rules = dict(_rules(raw))
    if not isinstance(said, list) or not rules or not {number for number, _ in words} <= set(rules):
        raise UsageError("the mapping has no such rule any more", hint="load the page again")
    changed = {number: _changed(rule, number, words) for number, rule in rules.items()}
    value: Any = list(changed.values()) if isinstance(raw, list) else changed[0]
    if isinstance(raw, str):
        value = changed[0]["is"]
    others = [{**each, part: value} if place == activity else each for place, each in enumerate(said)]
    return rewritten(text, file, ("activities",), others)


def _rules(raw: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """However briefly they are written."""
    listed = raw if isinstance(raw, list) else [] if raw is None else [raw]
    for number, each in enumerate(listed):
        yield number, each if isinstance(each, Mapping) else {"is": each}


def _line(
    number: int, rule: Mapping[str, Any], offered: Mapping[tuple[str, str], tuple[str, ...]], object_name: str
) -> RuleLine:
    field = rule.get("from")
    named = {str(native): NOTHING_KNOWN if word is None else str(word) for native, word in _values(rule).items()}
    own_words = field is not None and "values" not in rule
    spelt = {plain(native) for native in named}
    further = () if own_words or field is None else offered.get((object_name, str(field)), ())
    values = [*named.items(), *((each, None) for each in further if plain(each) not in spelt)]
    when = "; ".join(f"{name}: {_test(test)}" for name, test in (rule.get("when") or {}).items())
    word = None if field is not None else str(rule.get("is"))
    return RuleLine(number, word, None if field is None else str(field), tuple(values), own_words, when)


def _values(rule: Mapping[str, Any]) -> Mapping[Any, Any]:
    return rule.get("values") or {}


def _test(test: Any) -> str:
    if isinstance(test, list):
        return ", ".join(map(str, test))
    return "; ".join(f"{key} {value}" for key, value in test.items()) if isinstance(test, Mapping) else str(test)


def _changed(rule: Mapping[str, Any], number: int, words: Mapping[tuple[int, str], str]) -> dict[str, Any]:
    told = {native: word for (place, native), word in words.items() if place == number}
    if "from" not in rule:
        word = told.get(ALWAYS)
        if word is not None and word.strip() in (LEFT_OUT, NOTHING_KNOWN):
            raise UsageError(
                "a rule that holds in any case gives a word, and none was named",
                hint="name one; to be without the rule, take it out of the file in an editor",
            )
        return {**rule, "is": word.strip()} if word is not None else dict(rule)
    if "values" not in rule:
        return dict(rule)
    kept = dict(_values(rule))
    spelt = {plain(str(native)): native for native in kept}
    for native, word in told.items():
        if native.strip() == ALWAYS:
            continue
        known = spelt.get(plain(native), native.strip())
        if word == LEFT_OUT:
            kept.pop(known, None)
        elif word == NOTHING_KNOWN:
            kept[known] = None
        elif str(kept.get(known)) != word:
            kept[known] = word
    return {**rule, "values": kept}
