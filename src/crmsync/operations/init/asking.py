"""How `crmsync init` asks, whoever answers; and the one who answers nothing but what is suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crmsync.contract import SignInWay
from crmsync.errors import RunStopped, UsageError
from crmsync.operations.init.chosen import ChosenSetUp
from crmsync.suggest.shapes import KnownOrg, Suggestions


@dataclass(frozen=True, slots=True)
class OtherWishes:
    """What somebody wants instead of the suggestions. `stages`: null = none; `values`: fact → native value → word."""

    facts: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str | None] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.facts or self.stages)


class Asking(Protocol):
    """What there is to ask. `default` null: there is no answer without somebody who gives it.

    `a_person`: whether answers are somebody's, and so worth keeping.
    """

    a_person: bool

    def choose(self, key: str, question: str, options: Mapping[str, str], default: str | None) -> str:
        """One of the options (answer → words)."""

    def text(self, key: str, question: str, default: str | None, *, secret: bool = False) -> str:
        """A line. `secret`: not shown while it is typed."""

    def steps(self, title: str, way: SignInWay) -> None:
        """Tell what to do in the CRM before the credentials are asked for."""

    def again(self, error: RunStopped | UsageError) -> bool:
        """Signing in failed: whether address and credentials shall be asked for once more."""

    def facts(self, org: KnownOrg, chosen: ChosenSetUp, found: Suggestions) -> OtherWishes:
        """Show what stands where; gives what shall be otherwise."""

    def people(self, chosen: ChosenSetUp) -> dict[str, str]:
        """Show who has which role, and who has none; gives what shall be otherwise: user → role."""

    def replace(self, path: str, diff: str) -> bool:
        """Whether a file that says something else may be replaced."""

    def tell(self, words: str) -> None:
        """A line on what is being done."""


class Nobody:
    """Takes what is suggested. What only a person or an option can say is a `UsageError` that names the option."""

    a_person = False

    def __init__(self, *, replaces: bool = False) -> None:
        self._replaces = replaces

    def choose(self, key: str, question: str, options: Mapping[str, str], default: str | None) -> str:
        """The suggested one."""
        if default is None:
            raise UsageError(f"not told: {question}", hint=f"give --{key}: {', '.join(options)}")
        return default

    def text(self, key: str, question: str, default: str | None, *, secret: bool = False) -> str:
        """The suggested one."""
        if default is None:
            place = f"set {key} in the environment or `.env`" if key.isupper() else f"give --{key}"
            raise UsageError(f"not told: {question}", hint=place)
        return default

    def steps(self, title: str, way: SignInWay) -> None:
        """Nobody reads them."""

    def again(self, error: RunStopped | UsageError) -> bool:
        """There is nobody who would know better."""
        return False

    def facts(self, org: KnownOrg, chosen: ChosenSetUp, found: Suggestions) -> OtherWishes:
        """As suggested."""
        return OtherWishes()

    def people(self, chosen: ChosenSetUp) -> dict[str, str]:
        """As suggested."""
        return {}

    def replace(self, path: str, diff: str) -> bool:
        """Only where it was said beforehand."""
        return self._replaces

    def tell(self, words: str) -> None:
        """Nobody listens."""
