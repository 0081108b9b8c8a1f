"""A changed policy or mapping held against everything else, as `check` does, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.operations.check.connections import ConnectionCheck, check_all
from crmsync.operations.run.ready import NeverRead, stored
from crmsync.progress import Progress, silent
from crmsync.settings import Settings, with_mapping_text, with_policy_text
from crmsync.store import Store


def policy_tried(settings: Settings, text: str) -> tuple[Settings | None, tuple[Finding, ...]]:
    """The settings with this policy, where it is right; what is wrong, in it or between it and what is stored.

    Asks no CRM: mappings and people are those that the last run saw.
    """
    try:
        tried = with_policy_text(settings, text)
    except ConfigurationError as error:
        return None, tuple(error.findings)
    found = tuple(_against_what_is_stored(tried))
    return (None if found else tried), found


def mapping_tried(settings: Settings, connection: str, text: str) -> tuple[Settings | None, tuple[Finding, ...]]:
    """The settings with this mapping, where it is right by itself."""
    try:
        return with_mapping_text(settings, connection, text), ()
    except ConfigurationError as error:
        return None, tuple(error.findings)


def mapping_checked(
    settings: Settings, connection: str, text: str, now: Callable[[], datetime], progress: Progress = silent
) -> ConnectionCheck:
    """What `crmsync check --data` says of the connection with this mapping. Reads the CRM, writes nothing.

    Raises `ConfigurationError` for a text that is no mapping.
    """
    [checked] = check_all(
        with_mapping_text(settings, connection, text), (connection,), now(), data=True, progress=progress
    )
    return checked


def _against_what_is_stored(tried: Settings) -> Iterator[Finding]:
    with closing(Store(tried.store)) as store:
        for configuration in tried.connections.values():
            try:
                stored(tried, configuration, store)
            except ConfigurationError as error:
                yield from error.findings
            except (NeverRead, UsageError):
                continue  # nothing to hold it against
