"""The strategies by name: every file under `strategies/` is one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import cleandoc
from pkgutil import iter_modules
from types import ModuleType

from crmsync.route import strategies
from crmsync.route.choosing.strategy import Need, Strategy


def strategy_in(module: ModuleType) -> Strategy:
    """The strategy that this file holds. Raises `TypeError` when the file lacks something."""
    file = module.__name__.rpartition(".")[2]
    page, needs, choose = (getattr(module, name, None) for name in ("__doc__", "NEEDS", "choose"))
    follows = getattr(module, "FOLLOWS", False)
    if not page:
        raise TypeError(f"the strategy `{file}` has no docstring: it is its page in the reference")
    if not isinstance(needs, frozenset) or not all(isinstance(need, Need) for need in needs):
        raise TypeError(f"the strategy `{file}` does not say what it needs: NEEDS = frozenset({{Need.POOL, …}})")
    if not callable(choose):
        raise TypeError(f"the strategy `{file}` has no function `choose`")
    if follows and (Need.POOL not in needs or Need.THEN in needs):
        raise TypeError(f"the strategy `{file}` cannot follow another: it must choose from a pool, and by itself")
    usual, waits = (getattr(module, name, False) for name in ("USUAL", "WAITS"))
    words = getattr(module, "WORDS", file.replace("_", " "))
    return Strategy(file, cleandoc(page), needs, choose, follows, usual, waits, words)


def strategies_found() -> Mapping[str, Strategy]:
    """Name → strategy, by name."""
    names = sorted(module.name for module in iter_modules(strategies.__path__))
    return {name: strategy_in(import_module(f"{strategies.__name__}.{name}")) for name in names}


STRATEGIES: Mapping[str, Strategy] = strategies_found()

(USUAL,) = (each.name for each in STRATEGIES.values() if each.usual)
"""The strategy of a rule that names none, also after `then`."""


def following() -> tuple[str, ...]:
    """What may be named after `then`, the usual one first."""
    return tuple(sorted((each.name for each in STRATEGIES.values() if each.follows), key=lambda name: name != USUAL))


def needing(need: Need) -> tuple[str, ...]:
    """Names of the strategies that need this, for messages."""
    return tuple(each.name for each in STRATEGIES.values() if need in each.needs)
