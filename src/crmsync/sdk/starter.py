"""The starter mapping that a connector brings, as a file of its distribution."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from crmsync.errors import UsageError


def starter_file(package: str, name: str, *, in_checkout: str | None = None) -> Callable[[], str]:
    """What `ConnectorPlugin.starter_mapping` takes: reads the YAML file `name` of a connector's package when asked.

    `in_checkout`: the folder, as seen from the package's, where the file stands in a checkout whose build puts it
    into the package; an editable install runs from there. The file is read as UTF-8; a missing one is a `UsageError`.
    """

    def text() -> str:
        packaged = files(package).joinpath(name)
        if packaged.is_file():
            return packaged.read_text(encoding="utf-8")
        source = import_module(package).__file__
        if in_checkout is not None and source is not None:
            checkout = Path(source).resolve().parent / in_checkout / name
            if checkout.is_file():
                return checkout.read_text(encoding="utf-8")
        raise UsageError(
            f"the connector's package {package} lacks its starter mapping {name}",
            hint="reinstall the connector, or write a mapping file without it",
        )

    return text
