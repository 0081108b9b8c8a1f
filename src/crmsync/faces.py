"""Packages that show names of their modules, and import a module when the first of its names is asked for.

What a face shows stands there three times: for readers and type checkers as imports, for whoever takes everything as
`__all__`, and for Python as the table that this takes. A test holds the three against one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def shown_late(face: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`. `modules`: `.name` of a module of the package, or another's whole
    name, with the names that are shown of it.

    A command that explains one lead needs a third of the modules that stand behind the faces which it asks.
    """
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def shown(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {face!r} has no attribute {name!r}")
        value = getattr(import_module(module_of[name], face), name)
        setattr(import_module(face), name, value)
        return value

    return shown


class LateModule:
    """A module that is imported when the first of its names is asked for. Only for `from … import …` beside it that a
    type checker reads.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
