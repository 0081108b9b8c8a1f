"""Words in a CRM's own fields for which the rules of kind, outcome or direction have no answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from crmsync.mapping.conditions import holds
from crmsync.mapping.convert import filled
from crmsync.mapping.schema import Rule


def named_words(rules: tuple[Rule, ...]) -> Mapping[str, frozenset[str]]:
    """Native field → the words of it that `values` translate; fields that are taken as they stand are left out."""
    words: dict[str, set[str]] = {}
    for rule in rules:
        if rule.from_ is not None and rule.values is not None:
            words.setdefault(rule.from_, set()).update(rule.values)
    free = {rule.from_ for rule in rules if rule.from_ is not None and rule.values is None}
    return {field: frozenset(known) for field, known in words.items() if field not in free}


def asked_words(rules: tuple[Rule, ...]) -> Mapping[str, frozenset[str]]:
    """Native field → the words that `when` asks for; true and false are no words of anybody's."""
    words: dict[str, set[str]] = {}
    for rule in rules:
        for field, test in rule.when.items():
            if test.equals is not None and not {"true", "false"}.issuperset(test.equals):
                words.setdefault(field, set()).update(test.equals)
    return {field: frozenset(known) for field, known in words.items()}


def unnamed_words(rules: tuple[Rule, ...], native: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """(native field, which rows hold a word that its translation does not name, and have no answer but the last
    resort's).

    The last resort is a fixed word without any `when`: it says what the rest is, not what this word means.
    """
    if native.is_empty():
        return
    if named := named_words(rules):
        answered = native.select(_answered(rules, last_resort=False)).to_series()
        yield from _beyond(named, native, answered)


def left_out_words(rules: tuple[Rule, ...], native: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Likewise of the words that `when` asks for, in rows for which there is no answer at all."""
    if native.is_empty():
        return
    if asked := {field: words for field, words in asked_words(rules).items() if field not in named_words(rules)}:
        answered = native.select(_answered(rules, last_resort=True)).to_series()
        yield from _beyond(asked, native, answered)


def _beyond(
    known: Mapping[str, frozenset[str]], native: pl.DataFrame, answered: pl.Series
) -> Iterator[tuple[str, pl.Series]]:
    for field, words in known.items():
        held = native.select(filled(field)).to_series()
        unnamed = held.is_not_null() & ~held.is_in(sorted(words)) & ~answered
        if unnamed.any():
            yield field, unnamed


def _answered(rules: tuple[Rule, ...], *, last_resort: bool) -> pl.Expr:
    """Whether a rule gives an answer, the last resort aside unless it counts, too."""
    answers = [pl.lit(value=False)]
    for rule in rules:
        if rule.is_ is not None and not rule.when and not last_resort:
            break
        answer = pl.lit(value=True)
        if rule.from_ is not None:
            word = filled(rule.from_)
            answer = word.is_not_null() if rule.values is None else word.is_in(sorted(rule.values))
        answers.append(answer & holds(rule.when) if rule.when else answer)
    return pl.any_horizontal(answers).fill_null(value=False)
