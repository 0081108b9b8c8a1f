"""What people call facts, options, stages and roles, of all languages together; others read `words/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmsync.suggest.names import Words, words_in

_YES_OR_NO = "business_owner"
"""A fact that knows yes and no only: its options are how people say so."""

UNITS: Mapping[str, float] = {
    "hours": 1 / 720, "days": 1 / 30, "weeks": 0.25, "months": 1, "quarters": 3, "years": 12,
}  # fmt: skip
"""Months of each unit of time."""


@dataclass(frozen=True, slots=True)
class NamePhrases:
    """Names → phrases. `options`: fact → phrase → word of the policy. `units`: word → months.

    `before`: first parts of compounds that say nothing; `selling`: what makes somebody who leads one of sales.
    `hints`: fact → parts of names that count together with options only. `tells`: fact that is a text → phrases that
    stand in lists of its values. `kinds`, `outcomes`: phrase → word for activities. `parts`: what names of stages and
    roles are made of (marketing, qualified, leading, …) → parts of words. `yes_and_no`: how people say so. `alone`:
    how they say that a firm is one person. `numbers`: word → figure.
    """

    facts: Mapping[str, frozenset[Words]]
    options: Mapping[str, Mapping[Words, str]]
    stages: Mapping[str, frozenset[Words]]
    roles: Mapping[Words, str]
    units: Mapping[str, float]
    numbers: Mapping[str, int]
    short: dict[str, Words]
    unknown: frozenset[Words]
    alone: frozenset[Words]
    negations: frozenset[str]
    less: frozenset[Words]
    more: frozenset[Words]
    noise: frozenset[str]
    elsewhere: frozenset[Words]
    before: frozenset[str]
    selling: frozenset[str]
    hints: Mapping[str, frozenset[Words]]
    tells: Mapping[str, frozenset[Words]]
    kinds: Mapping[Words, str]
    outcomes: Mapping[Words, str]
    parts: Mapping[str, frozenset[str]]
    yes_and_no: frozenset[Words]

    def has(self, part: str, joined: str) -> bool:
        """Whether words written as one have a part of a name in them."""
        return any(it in joined for it in self.parts.get(part, ()))


def vocabulary_from(languages: Iterable[Mapping[str, Any]]) -> NamePhrases:
    """Of the files' content. Of two languages that differ about an option's text the first counts."""
    files = tuple(languages)
    options: dict[str, dict[Words, str]] = {}
    for file in files:
        for fact, values in file["options"].items():
            for word, phrases in values.items():
                for phrase in phrases:
                    options.setdefault(fact, {}).setdefault(words_in(phrase), word)
    return NamePhrases(
        facts=_grouped(files, "facts"),
        options=options,
        stages=_grouped(files, "stages"),
        roles=_first(files, "roles"),
        units={word[0]: months for unit, months in UNITS.items() for word in _phrases(files, unit)},
        numbers=_numbers(files),
        short={words_in(key)[0]: words_in(full) for file in files for key, full in file["short"].items()},
        unknown=_phrases(files, "unknown"),
        alone=_phrases(files, "alone"),
        negations=frozenset(phrase[0] for phrase in _phrases(files, "negations")),
        less=_phrases(files, "less"),
        more=_phrases(files, "more"),
        noise=frozenset(phrase[0] for phrase in _phrases(files, "noise")),
        elsewhere=_phrases(files, "elsewhere"),
        before=frozenset(phrase[0] for phrase in _phrases(files, "before")),
        selling=frozenset(phrase[0] for phrase in _phrases(files, "selling")),
        hints=_grouped(files, "hints"),
        tells=_grouped(files, "tells"),
        kinds=_first(files, "kinds"),
        outcomes=_first(files, "outcomes"),
        parts={name: frozenset(map("".join, found)) for name, found in _grouped(files, "parts").items()},
        yes_and_no=frozenset(options.get(_YES_OR_NO, {})),
    )


def _phrases(files: Iterable[Mapping[str, Any]], part: str) -> frozenset[Words]:
    return frozenset(words_in(phrase) for file in files for phrase in file[part])


def _numbers(files: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """Word → figure, in the first language that has the word."""
    found: dict[str, int] = {}
    for figure, word in ((figure, word) for file in files for figure, word in file["numbers"].items()):
        found.setdefault(words_in(word)[0], int(figure))
    return found


def _first(files: Iterable[Mapping[str, Any]], part: str) -> Mapping[Words, str]:
    """Phrase → what it means in the first file that has it."""
    found: dict[Words, str] = {}
    for name, phrase in ((name, phrase) for file in files for name, phrase in _pairs(file[part])):
        found.setdefault(words_in(phrase), name)
    return found


def _grouped(files: Iterable[Mapping[str, Any]], part: str) -> Mapping[str, frozenset[Words]]:
    found: dict[str, set[Words]] = {}
    for name, phrase in ((name, phrase) for file in files for name, phrase in _pairs(file[part])):
        found.setdefault(name, set()).add(words_in(phrase))
    return {name: frozenset(phrases) for name, phrases in found.items()}


def _pairs(part: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    for name, phrases in part.items():
        for phrase in phrases:
            yield name, phrase
