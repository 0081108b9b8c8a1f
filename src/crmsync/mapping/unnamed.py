"""Words in a CRM's own fields for which the rules of kind, outcome or direction have no answer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from crmsync.mapping.answers import fields_of, unnamed, word_answer
from crmsync.mapping.conditions import holds
from crmsync.mapping.convert import filled
from crmsync.mapping.schema import Rule
from crmsync.mapping.spelling import plain, plain_text
from crmsync.model import UNKNOWN_OUTCOME

Found = Iterator[tuple[str, pl.Series]]
"""(native field, which rows hold a word without an answer)"""


def unknown_words(rules: tuple[Rule, ...], native: pl.DataFrame, known: Collection[str]) -> Found:
    """Of an outcome or a direction: words by which it is unknown."""
    unknown = word_answer(rules, known) == UNKNOWN_OUTCOME
    yield from _found({field: unknown & unnamed(field, rules, known) for field in fields_of(rules)}, native)


def unnamed_kinds(rules: tuple[Rule, ...], native: pl.DataFrame, known: Collection[str]) -> Found:
    """Words of a kind that nobody knows: those that are a kind themselves, and those that a translation does not name
    where there is no answer but the last resort's.

    The last resort is a fixed word without any `when`: it says what the rest is, not what this word means.
    """
    answered = _answered(rules, last_resort=False)
    as_they_stand = {rule.from_ for rule in rules if rule.from_ is not None and rule.values is None}
    lost = {field: unnamed(field, rules, known) for field in fields_of(rules)}
    yield from _found(
        {field: lost[field] if field in as_they_stand else lost[field] & ~answered for field in lost}, native
    )


def left_out_words(rules: tuple[Rule, ...], native: pl.DataFrame) -> Found:
    """Likewise of the words that `when` asks for, in rows for which there is no answer at all."""
    answered = _answered(rules, last_resort=True)
    translated = set(fields_of(rules))
    asked = {field: words for field, words in _asked_words(rules).items() if field not in translated}
    words = {field: plain_text(filled(field)) for field in asked}
    yield from _found(
        {
            field: words[field].is_not_null() & ~words[field].is_in(sorted(asked[field])) & ~answered
            for field in asked
        },
        native,
    )


def _asked_words(rules: tuple[Rule, ...]) -> Mapping[str, frozenset[str]]:
    """Native field → the words that `when` asks for; true and false are no words of anybody's."""
    words: dict[str, set[str]] = {}
    for rule in rules:
        for field, test in rule.when.items():
            if test.equals is not None and not {"true", "false"}.issuperset(test.equals):
                words.setdefault(field, set()).update(map(plain, test.equals))
    return {field: frozenset(known) for field, known in words.items()}


def _found(lost: Mapping[str, pl.Expr], native: pl.DataFrame) -> Found:
    if native.is_empty() or not lost:
        return
    for column in native.select(**lost).iter_columns():
        if column.any():
            yield column.name, column.fill_null(value=False)


def _answered(rules: tuple[Rule, ...], *, last_resort: bool) -> pl.Expr:
    """Whether a rule gives an answer, the last resort aside unless it counts, too."""
    answers = [pl.lit(value=False)]
    for rule in rules:
        if rule.is_ is not None and not rule.when and not last_resort:
            break
        answer = pl.lit(value=True)
        if rule.from_ is not None:
            word = plain_text(filled(rule.from_))
            named = sorted(map(plain, rule.values)) if rule.values is not None else []
            answer = word.is_not_null() if rule.values is None else word.is_in(named)
        answers.append(answer & holds(rule.when) if rule.when else answer)
    return pl.any_horizontal(answers).fill_null(value=False)
