"""What every kind of criterion can do. One kind per file; trivial comparisons share `comparison.py`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl
from msgspec import Struct, field
from pydantic import model_validator

from crmsync.model import FactType
from crmsync.qualify.terms.shape import Name, PolicyPart, Value, Words, refuse_keys_without_value
from crmsync.qualify.terms.since import Since
from crmsync.tongue import ENGLISH, Tongue

if TYPE_CHECKING:
    from crmsync.qualify.columns.builder import Builder
    from crmsync.qualify.criteria import Criterion
    from crmsync.qualify.terms.activities import Selector
    from crmsync.qualify.terms.changes import Change, Situation

Path = tuple[str | int, ...]
Sort = Literal["fact", "list", "criterion", "score", "stage", "standing"]


class Scope(Struct, frozen=True):
    """The names a policy has, for checking references.

    `facts` maps each fact to its type. `ranges`: facts of which only the ends may be known. `stages`: those of the
    ladder; `standings`: the disqualified one as well. `lists`: each with one value of every kind that it holds.
    """

    facts: Mapping[str, FactType]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: frozenset[str] = frozenset()
    criteria: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    scores: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    standings: frozenset[str] = frozenset()

    def names(self, sort: Sort) -> frozenset[str]:
        """All names of one sort."""
        return {
            "fact": frozenset(self.facts),
            "list": frozenset(self.lists),
            "criterion": self.criteria,
            "score": self.scores,
            "stage": self.stages,
            "standing": self.standings,
        }[sort]


class Mistake(Struct, frozen=True):
    """Something wrong at `path` below the criterion. `known` are the words it could have been."""

    path: Path
    message: str
    known: tuple[str, ...] = ()
    hint: str | None = None


class Vocabulary(Struct, frozen=True):
    """What sentences need to speak of a policy's parts in its own words. All but `tongue` is in that language."""

    facts: Mapping[str, str]
    criteria: Mapping[str, str]
    stages: Mapping[str, str]
    scores: Mapping[str, str]
    units: Mapping[str, str]
    denied: Mapping[str, str]
    """Named criteria → the same denied, where that is more than “not …”."""
    tongue: Tongue = ENGLISH


class BaseCriterion(PolicyPart):
    """One criterion. `label` replaces the sentence made from the parameters."""

    begins: ClassVar[tuple[str, ...]]
    """Keys one of which tells that a mapping is of this kind."""
    beside: ClassVar[tuple[str, ...]] = ()
    """Where other kinds begin alike: further keys one of which tells this kind."""

    label: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _says_what_it_names(cls, value: Any) -> Any:
        refuse_keys_without_value(value)
        return value

    def children(self) -> Iterator[tuple[Path, Criterion]]:
        """Nested criteria with their places."""
        yield from ()

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        """Names used directly (not by nested criteria), with their places."""
        yield from ()

    def selectors(self) -> Iterator[Selector]:
        """The activities asked for directly: evidence."""
        yield from ()

    def facts(self) -> Iterator[str]:
        """The facts asked for directly: evidence, and questions where unknown."""
        for _, sort, name in self.references():
            if sort == "fact":
                yield name
        for selector in self.selectors():
            if isinstance(selector.since, Since) and selector.since.fact is not None:
                yield selector.since.fact

    def mistakes(self, scope: Scope) -> Iterator[Mistake]:
        """What is wrong beside names that do not exist; called when all its facts exist."""
        yield from ()

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        """Small changes of a lead that could give the verdict `wanted`; of nested criteria not."""
        yield from ()

    @abstractmethod
    def expression(self, builder: Builder) -> pl.Expr:
        """The verdict: true, false, or null for unknown. Adds the edges at which it may change by time."""

    @abstractmethod
    def sentence(self, words: Vocabulary) -> str:
        """What it asks, as part of a sentence."""

    def denial(self, words: Vocabulary) -> str | None:
        """What holds when it is not met, as part of a sentence; null where no plain words say that."""
        return None


class FactQuestion(BaseCriterion):
    """A criterion that asks about one fact, of one of a few types."""

    begins = ("fact",)

    fact: Name
    asked_of: ClassVar[tuple[FactType, ...]]
    only: ClassVar[str]
    """What to say of a fact of another type."""

    @model_validator(mode="before")
    @classmethod
    def _asks_not_whether_it_is_known(cls, value: Any) -> Any:
        refuse_known(value)
        return value

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("fact",), "fact", self.fact

    def mistakes(self, scope: Scope) -> Iterator[Mistake]:
        kind = scope.facts[self.fact]
        if kind not in self.asked_of:
            yield Mistake(("fact",), f"`{self.fact}` is of type {kind}; {self.only}")


def refuse_known(value: Any) -> None:
    """A criterion of a fact's value does not ask whether it is known. Raises `ValueError` with what to write."""
    if isinstance(value, dict):
        for key in ("known", "not_known"):
            if key in value and "fact" in value:
                other = {"known": "not_known", "not_known": "known"}[key]
                mend = key if value[key] is not False else other
                raise ValueError(f"`{key}` names the fact itself\n→ write `{{{mend}: {value['fact']}}}`")


def plain(word: Any, tongue: Tongue = ENGLISH) -> str:
    """A name or value for people: underscores are spaces."""
    if isinstance(word, bool):
        return tongue.say("yes") if word else tongue.say("no")
    if isinstance(word, date) and not isinstance(word, datetime):
        return tongue.day(word)
    if isinstance(word, (int, float)):
        return tongue.plain_number(word)
    return tongue.own(str(word).replace("_", " "))


def bounds(tongue: Tongue, least: float | None, most: float | None) -> list[str]:
    """`at least 2`, `at most 5`: what is given of both."""
    told = [tongue.say("at least {bound}", bound=least)] if least is not None else []
    return told + ([tongue.say("at most {bound}", bound=most)] if most is not None else [])
