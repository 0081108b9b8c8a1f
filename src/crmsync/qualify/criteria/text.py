"""Looks into a text.

Asks: does the text contain, start or end with one of these words, or match this pattern?
Parameters: `fact` (a text), and one or more of `contains_any`, `contains_all`, `contains_words`, `starts_with`,
`ends_with` (one text or a list) and `matches` (a regular expression found anywhere in the text; run by an engine
whose time grows only with the text's length, so it has no look-around and no back-references). Several must all
hold. Defaults: none. Upper and lower case do not matter. `contains_any` and `contains_all` also meet parts of words
(`cto` in "Contractor"); `contains_words` meets one of its words only where no letter or digit touches it.
Meets: a lead whose `title` is "VP Revenue Operations", under `{fact: title, contains_any: [operations, revenue]}`.
Does not meet: a lead whose `title` is "Student". Unknown: a lead without a title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import polars as pl
from pydantic import Field

from crmsync.patterns import late_pattern
from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import FactQuestion, Mistake, Scope, Vocabulary
from crmsync.qualify.terms.changes import Change, FactBecomes, Situation
from crmsync.qualify.terms.shape import OneOrMore, many
from crmsync.tongue import Tongue, to_say

KEYS = ("contains_any", "contains_all", "contains_words", "starts_with", "ends_with", "matches")
_REPEATED = late_pattern(r"\{(?P<least>\d{1,9}),?(?P<most>\d{0,9})\}")
_CLASS_SIZE = 20
_CONTAINS = to_say("contains {texts}"), to_say("does not contain {texts}")
_HAS_WORD = to_say("contains the word {texts}"), to_say("does not contain the word {texts}")
_STARTS = to_say("starts with {texts}"), to_say("does not start with {texts}")
_ENDS = to_say("ends with {texts}"), to_say("does not end with {texts}")
_MATCHES = to_say("matches the pattern {pattern}"), to_say("does not match the pattern {pattern}")
Listed = Callable[[Sequence[str]], str]


class TextLook(FactQuestion):
    """See the module."""

    beside = KEYS
    asked_of = ("text", "choice")
    only = "only texts can be looked into"

    contains_any: OneOrMore | None = None
    contains_all: OneOrMore | None = None
    contains_words: OneOrMore | None = None
    starts_with: OneOrMore | None = None
    ends_with: OneOrMore | None = None
    matches: Annotated[str, Field(min_length=1, max_length=300)] | None = None

    def mistakes(self, scope: Scope) -> Iterator[Mistake]:
        yield from super().mistakes(scope)
        for word in many(self.contains_words):
            if not word.strip():
                yield Mistake(("contains_words",), "an empty text is no word")
        if self.matches is not None and not _runs(self.matches):
            yield Mistake(
                ("matches",),
                f"`{self.matches[:60]}` is not a pattern crmsync can run",
                hint="look-around, back-references and very large repetitions are not possible",
            )

    @property
    def pattern_size(self) -> int:
        """About how much work the pattern is to prepare: classes such as `\\w` are long, what repeats is copied."""
        pattern = self.matches or ""
        size = len(pattern) + _CLASS_SIZE * (pattern.count("\\") + pattern.count("["))
        for repeated in _REPEATED.finditer(pattern):
            size *= max(1, int(repeated["most"] or repeated["least"]))
        return size + sum(map(len, many(self.contains_words)))

    def expression(self, builder: Builder) -> pl.Expr:
        text = builder.fact(self.fact)
        if builder.fact_type(self.fact) == "choice":
            text = text.str.to_lowercase()
        verdict = pl.lit(True)
        if self.contains_any is not None:
            verdict &= text.str.contains_any(_lower(self.contains_any))
        for word in _lower(self.contains_all):
            verdict &= text.str.contains(word, literal=True)
        if self.contains_words is not None:
            verdict &= text.str.contains(_whole(self.contains_words))
        if self.starts_with is not None:
            verdict &= pl.any_horizontal([text.str.starts_with(word) for word in _lower(self.starts_with)])
        if self.ends_with is not None:
            verdict &= pl.any_horizontal([text.str.ends_with(word) for word in _lower(self.ends_with)])
        if self.matches is not None:
            verdict &= text.str.contains(f"(?i){self.matches}")
        return verdict

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        words = [*many(self.starts_with)[:1], *many(self.contains_any)[:1], *many(self.contains_all)]
        words += [*many(self.contains_words)[:1], *many(self.ends_with)[:1]]
        free = situation.types[self.fact] == "text" and situation.settable(self.fact)
        if wanted and words and free:
            yield FactBecomes(self.fact, " ".join(dict.fromkeys(words)))

    def sentence(self, words: Vocabulary) -> str:
        told = [said for said, _ in self._parts(words.tongue)]
        return f"{words.facts[self.fact]} {words.tongue.all_of(told)}"

    def denial(self, words: Vocabulary) -> str | None:
        told = [denied for _, denied in self._parts(words.tongue)]
        return f"{words.facts[self.fact]} {told[0]}" if len(told) == 1 else None

    def _parts(self, tongue: Tongue) -> Iterator[tuple[str, str]]:
        """What each key asks, and the same denied."""

        def said(asked: str, denied: str, texts: OneOrMore, listed: Listed = tongue.either) -> tuple[str, str]:
            what = listed([tongue.quoted(text) for text in many(texts)])
            return tongue.say(asked, texts=what), tongue.say(denied, texts=what)

        if self.contains_any is not None:
            yield said(*_CONTAINS, self.contains_any)
        if self.contains_all is not None:
            yield said(*_CONTAINS, self.contains_all, tongue.both)
        if self.contains_words is not None:
            yield said(*_HAS_WORD, self.contains_words)
        if self.starts_with is not None:
            yield said(*_STARTS, self.starts_with)
        if self.ends_with is not None:
            yield said(*_ENDS, self.ends_with)
        if self.matches is not None:
            asked, denied = _MATCHES
            yield tongue.say(asked, pattern=self.matches), tongue.say(denied, pattern=self.matches)


def _runs(pattern: str) -> bool:
    try:
        pl.Series([""]).str.contains(f"(?i){pattern}", strict=True)
    except (pl.exceptions.ComputeError, UnicodeEncodeError):
        return False
    return True


def _lower(words: OneOrMore | None) -> list[str]:
    return [word.lower() for word in many(words)]


def _whole(words: OneOrMore) -> str:
    """A pattern for any of these where no letter, digit or `_` touches it; for a space any number may stand."""
    told = "|".join(r"\s+".join(map(re.escape, word.split())) for word in _lower(words))
    return rf"(?:^|\W)(?:{told})(?:\W|$)"
