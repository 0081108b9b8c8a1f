"""Faults on demand: rules that make chosen requests fail in chosen ways, deterministic from a seed.

A rule is `{method, path, status, body, after, times, delay_seconds, retry_after_seconds, drop, truncate,
probability, seed}`, every key optional:

- `method`, `path`: what it applies to. `method` is a name, several of them, or `*`. `path` is matched as a
  glob against the whole path and as a regular expression anywhere in it; either will do, and so will a
  match with the query string behind the path. A composite request is met by what its subrequests are met by.
- `after`: lets the first n matches pass; `times`: fires at most n times; `probability`: 0 to 1, drawn from
  `seed`.
- `drop`: `before` closes the connection without doing the request, `after` does it and then closes without
  an answer.
- `status`, `body`: answers that instead of doing the request (without `body`: the CRM's own body for that
  status).
- `truncate`: does the request, then cuts the answer's body after n bytes (true: in the middle) and closes.
- `delay_seconds`: waits first, so long or until the rules are set anew or cleared; alone, it only slows the
  request down. `retry_after_seconds` adds the header, which knows whole seconds only.

The first rule that fires decides. Counting is per rule and starts when the rule is set.
"""

from __future__ import annotations

import asyncio
import fnmatch
import random
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert

from crmsync_practice.records import Crm

PROFILES = ("calm", "busy", "stormy", "quota-poor")
"""`quota-poor` has no rules: each side gives a small daily quota under it."""


class FaultRule(Struct, forbid_unknown_fields=True):
    """One rule; the module's docstring says what each key means."""

    method: str | list[str] | None = None
    path: str | None = None
    status: int | None = None
    body: Any = None
    after: int = 0
    times: int | None = None
    delay_seconds: float = 0.0
    retry_after_seconds: float | None = None
    drop: Literal["before", "after"] | None = None
    truncate: int | bool | None = None
    probability: float = 1.0
    seed: int = 0


class FaultsRefused(ValueError):
    """A fault rule or profile cannot be understood."""


class _Armed:
    """A rule with its counts."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self.matches = 0
        self.fired = 0
        self._draws = random.Random(rule.seed)  # noqa: S311 - repeatable faults, not secrets
        named = [rule.method] if isinstance(rule.method, str) else rule.method or ["*"]
        self._methods = None if "*" in named else {name.upper() for name in named}
        self._pattern = None
        if rule.path is not None:
            try:
                self._pattern = re.compile(rule.path)
            except re.error:
                self._pattern = re.compile(fnmatch.translate(rule.path))

    def _matches(self, method: str, path: str, query: str) -> bool:
        if self._methods is not None and method.upper() not in self._methods:
            return False
        if self._pattern is None:
            return True
        whole = f"{path}?{query}" if query else path
        return any(
            fnmatch.fnmatchcase(text, self.rule.path or "*") or self._pattern.search(text) for text in (path, whole)
        )

    def fires(self, requests: Iterable[tuple[str, str, str]]) -> bool:
        rule = self.rule
        if not any(self._matches(*request) for request in requests):
            return False
        self.matches += 1
        if self.matches <= rule.after or (rule.times is not None and self.fired >= rule.times):
            return False
        if rule.probability < 1.0 and self._draws.random() >= rule.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force on one port."""

    def __init__(self, crm: Crm, profile: str, seed: int) -> None:
        self._crm: Crm = crm
        self._armed: list[_Armed] = []
        self._no_longer_in_force = asyncio.Event()
        self.set({"profile": profile, "seed": seed})

    def set(self, wanted: object) -> None:
        """Replaces all rules: a list of rules, one rule, or `{profile, seed, rules}` (`faults` for `rules`
        will do, and null means none). Raises FaultsRefused.
        """
        rules: list[FaultRule] = []
        if not wanted and isinstance(wanted, Mapping | None):
            wanted = []
        if isinstance(wanted, Mapping) and {"profile", "rules", "faults"} & set(wanted):
            profile = wanted.get("profile") or "calm"
            if profile not in PROFILES:
                raise FaultsRefused(f"profile: expected one of {', '.join(PROFILES)}")
            seed = wanted.get("seed") or 0
            if not isinstance(seed, int):
                raise FaultsRefused("seed: expected a whole number")
            listed = wanted.get("rules") or wanted.get("faults") or []
            rules += _read(listed if isinstance(listed, list) else [listed])
            rules += profile_rules(profile, self._crm, seed)
        else:
            rules += _read(wanted if isinstance(wanted, list) else [wanted])
        self._arm(rules)

    def clear(self) -> None:
        """No faults any more."""
        self._arm(())

    def _arm(self, rules: Iterable[FaultRule]) -> None:
        self._armed = [_Armed(rule) for rule in rules]
        self._no_longer_in_force.set()
        self._no_longer_in_force = asyncio.Event()

    async def delay(self, rule: FaultRule) -> None:
        """The wait of a rule that `decide` has just given."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._no_longer_in_force.wait(), rule.delay_seconds)

    def decide(
        self, method: str, path: str, query: str = "", within: Iterable[tuple[str, str]] = ()
    ) -> FaultRule | None:
        """The rule that this request falls to, if any; counts the match. `within`: requests carried inside it."""
        requests = [(method, path, query), *((inner, at, "") for inner, at in within)]
        for armed in self._armed:
            if armed.fires(requests):
                return armed.rule
        return None

    def report(self) -> list[dict[str, Any]]:
        """The rules in force with how often each matched and fired."""
        return [
            {
                **{key: getattr(armed.rule, key) for key in FaultRule.__struct_fields__},
                "matches": armed.matches,
                "fired": armed.fired,
            }
            for armed in self._armed
        ]


def profile_rules(profile: str, crm: Crm, seed: int) -> list[FaultRule]:
    """The rules of a named profile. `busy`: slow, now and then turned away; `stormy`: everything at
    once.
    """
    throttled = 429 if crm == "hubspot" else 503
    if profile == "busy":
        return [
            FaultRule(status=throttled, retry_after_seconds=1, probability=0.03, seed=seed),
            FaultRule(status=503, retry_after_seconds=1, probability=0.01, seed=seed + 1),
            FaultRule(delay_seconds=0.05, probability=0.2, seed=seed + 2),
        ]
    if profile == "stormy":
        return [
            FaultRule(status=401, after=20, times=1, seed=seed),
            FaultRule(drop="after", probability=0.02, seed=seed + 1),
            FaultRule(drop="before", probability=0.02, seed=seed + 2),
            FaultRule(status=throttled, retry_after_seconds=1, probability=0.04, seed=seed + 3),
            FaultRule(status=503, probability=0.02, seed=seed + 4),
            FaultRule(status=502, probability=0.02, seed=seed + 5),
            FaultRule(status=500, probability=0.01, seed=seed + 6),
            FaultRule(method="GET", truncate=40, probability=0.02, seed=seed + 7),
            FaultRule(delay_seconds=0.15, probability=0.05, seed=seed + 8),
        ]
    return []


def _read(wanted: Iterable[object]) -> list[FaultRule]:
    try:
        rules = [convert(rule, FaultRule) for rule in wanted]
    except (ValidationError, TypeError) as error:
        raise FaultsRefused(f"not a fault rule: {error}") from error
    for rule in rules:
        if rule.status is not None and not 200 <= rule.status <= 599:
            raise FaultsRefused("status: expected 200 to 599")
        if rule.delay_seconds < 0 or (rule.truncate is not None and rule.truncate < 0):
            raise FaultsRefused("delay_seconds and truncate must not be negative")
    return rules
