"""Words in a CRM's own fields for which the rules of kind, outcome or direction have no answer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from crmsync.mapping.activity_mapping import Rule
from crmsync.mapping.answers import fields_of, unnamed, word_answer, word_read, words_read
from crmsync.mapping.conditions import holds
from crmsync.mapping.spelling import plain
from crmsync.model import UNKNOWN_OUTCOME

Found = Iterator[tuple[str, pl.Series]]
"""(native field, which rows hold a word without an answer)"""
_WITHOUT_ANSWER = "@without answer"


def unknown_words(rules: tuple[Rule, ...], native: pl.DataFrame, known: Collection[str]) -> Found:
    """Of an outcome or a direction: words by which it is unknown."""
    lost = {field: unnamed(field, rules, known) for field in fields_of(rules)}
    yield from _found(lost, word_answer(rules, known) == UNKNOWN_OUTCOME, rules, native)


def unnamed_kinds(rules: tuple[Rule, ...], native: pl.DataFrame, known: Collection[str]) -> Found:
    """Words of a kind that nobody knows: those that are a kind themselves, and those that a translation does not name
    where there is no answer but the last resort's.

    The last resort is a fixed word without any `when`: it says what the rest is, not what this word means.
    """
    as_they_stand = {rule.from_ for rule in rules if rule.from_ is not None and rule.values is None}
    lost = {field: unnamed(field, rules, known) for field in fields_of(rules)}
    yield from _found(lost, ~_answered(rules, last_resort=False), rules, native, always=as_they_stand)


def left_out_words(rules: tuple[Rule, ...], native: pl.DataFrame) -> Found:
    """Likewise of the words that `when` asks for, in rows for which there is no answer at all."""
    translated = set(fields_of(rules))
    asked = {field: words for field, words in _asked_words(rules).items() if field not in translated}
    lost = {field: word_read(field).is_not_null() & ~word_read(field).is_in(sorted(asked[field])) for field in asked}
    yield from _found(lost, ~_answered(rules, last_resort=True), rules, native)


def _asked_words(rules: tuple[Rule, ...]) -> Mapping[str, frozenset[str]]:
    """Native field → the words that `when` asks for; true and false are no words of anybody's."""
    words: dict[str, set[str]] = {}
    for rule in rules:
        for field, test in rule.when.items():
            if test.equals is not None and not {"true", "false"}.issuperset(test.equals):
                words.setdefault(field, set()).update(map(plain, test.equals))
    return {field: frozenset(known) for field, known in words.items()}


def _found(
    lost: Mapping[str, pl.Expr],
    without_answer: pl.Expr,
    rules: tuple[Rule, ...],
    native: pl.DataFrame,
    always: Collection[str] = (),
) -> Found:
    """What is lost of each field in the rows `without_answer`; of the fields `always` in every row."""
    if native.is_empty() or not lost:
        return
    found = native.with_columns(**words_read(rules)).select(without_answer.alias(_WITHOUT_ANSWER), **lost)
    for field in lost:
        column = found[field] if field in always else found[field] & found[_WITHOUT_ANSWER]
        if column.any():
            yield field, column.fill_null(value=False)


def _answered(rules: tuple[Rule, ...], *, last_resort: bool) -> pl.Expr:
    """Whether a rule gives an answer, the last resort aside unless it counts, too."""
    answers = [pl.lit(value=False)]
    for rule in rules:
        if rule.is_ is not None and not rule.when and not last_resort:
            break
        answer = pl.lit(value=True)
        if rule.from_ is not None:
            word = word_read(rule.from_)
            named = sorted(map(plain, rule.values)) if rule.values is not None else []
            answer = word.is_not_null() if rule.values is None else word.is_in(named)
        answers.append(answer & holds(rule.when, word_read) if rule.when else answer)
    return pl.any_horizontal(answers).fill_null(value=False)
