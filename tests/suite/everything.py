"""Names of all our modules, and importing them all: what is imported must not depend on which tests ran before."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

PACKAGES = ("crmsync", "crmsync_practice", "crmsync_salesforce", "crmsync_hubspot")
NOT_FOR_IMPORT = ("__main__", "migrations")
"""Parts of a module's name: `__main__` runs when it is imported, migrations are run by Alembic."""


@cache
def module_names() -> tuple[str, ...]:
    """In a fixed order; the packages themselves come first."""
    names = list(PACKAGES)
    for package in PACKAGES:
        paths = importlib.import_module(package).__path__
        names += [module.name for module in pkgutil.walk_packages(paths, f"{package}.")]
    return tuple(name for name in names if not set(name.split(".")) & set(NOT_FOR_IMPORT))


@cache
def import_everything() -> None:
    """Import every module; once."""
    for name in module_names():
        importlib.import_module(name)
