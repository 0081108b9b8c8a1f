"""What rules answer for an activity's kind, outcome and direction, as expressions over native records. Pure.

Words are compared as `spelling` says. Of kinds, a word that no rule names is the kind itself where the field is taken
as it stands, else the next rule is tried. Of outcomes and directions it makes the answer *unknown*: whatever rules
below would say, nobody knows what this word takes back.

The expressions need the columns `words_read` beside the fields: many rules ask for the word of one field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from crmsync.mapping.activity_mapping import Rule
from crmsync.mapping.conditions import holds, word_in
from crmsync.mapping.convert import filled
from crmsync.mapping.spelling import one_spelling, plain
from crmsync.model import UNKNOWN_OUTCOME

_NO_ANSWER = pl.lit(None, pl.String)


def words_read(rules: tuple[Rule, ...]) -> dict[str, pl.Expr]:
    """The word in each field that the rules ask, as it is compared, made once however many ask for it."""
    fields = dict.fromkeys((*fields_of(rules), *(field for rule in rules for field in rule.when)))
    return {_word_column(field): word_in(field) for field in fields}


def word_read(field: str) -> pl.Expr:
    """That column: null where the field is empty; String."""
    return pl.col(_word_column(field))


def kind_answer(rules: tuple[Rule, ...], known: Collection[str]) -> pl.Expr:
    """The first rule's answer that is not null; String."""
    return pl.coalesce([*(_when(rule, _kind(rule, rules, known)) for rule in rules), _NO_ANSWER])


def word_answer(rules: tuple[Rule, ...], known: Collection[str]) -> pl.Expr:
    """Likewise of an outcome or a direction; `UNKNOWN_OUTCOME` where a word comes first that no rule names."""
    answers = []
    for rule in rules:
        answer = _translated(rule, known)
        if rule.from_ is not None:
            answer = pl.when(unnamed(rule.from_, rules, known)).then(pl.lit(UNKNOWN_OUTCOME)).otherwise(answer)
        answers.append(_when(rule, answer))
    return pl.coalesce([*answers, _NO_ANSWER])


def unnamed(field: str, rules: tuple[Rule, ...], known: Collection[str]) -> pl.Expr:
    """Whether the field holds a word that none of the rules on it names whose tests hold; Boolean, never null."""
    word = word_read(field)
    named = pl.any_horizontal([_when(rule, word.is_in(_words(rule, known))) for rule in rules if rule.from_ == field])
    return word.is_not_null() & ~named.fill_null(value=False)


def fields_of(rules: tuple[Rule, ...]) -> Iterator[str]:
    """The fields whose words are answers, once each."""
    yield from dict.fromkeys(rule.from_ for rule in rules if rule.from_ is not None)


def _kind(rule: Rule, rules: tuple[Rule, ...], known: Collection[str]) -> pl.Expr:
    answer = _translated(rule, known)
    if rule.from_ is None or rule.values is not None:
        return answer
    elsewhere = [plain(word) for each in rules if each.from_ == rule.from_ for word in each.values or ()]
    word = filled(rule.from_)
    own = pl.when(~word_read(rule.from_).is_in(elsewhere)).then(word) if elsewhere else word
    return pl.coalesce(answer, own)


def _translated(rule: Rule, known: Collection[str]) -> pl.Expr:
    if rule.is_ is not None:
        return pl.lit(rule.is_)
    into = one_spelling(known) if rule.values is None else {plain(word): to for word, to in rule.values.items()}
    return word_read(str(rule.from_)).replace_strict(into, default=None, return_dtype=pl.String)


def _words(rule: Rule, known: Collection[str]) -> list[str]:
    return sorted({plain(word) for word in (known if rule.values is None else rule.values)})


def _when(rule: Rule, answer: pl.Expr) -> pl.Expr:
    return pl.when(holds(rule.when, word_read)).then(answer) if rule.when else answer


def _word_column(field: str) -> str:
    return f"@word in {field}"
