"""A changed policy, roster or mapping held against everything else, as `check` does, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.operations.check.connections import ConnectionCheck, check_all
from crmsync.operations.edit.opened_file import inside
from crmsync.operations.run.ready import NeverRead, stored
from crmsync.progress import Progress, silent
from crmsync.qualify.language.reading import files_needed
from crmsync.settings import Settings, document_of, presets, with_mapping_text, with_policy_text, with_roster_text
from crmsync.store import Store

LIST_ENDINGS = (".txt", ".csv")
"""Of files that a policy typed into a page may newly name."""


def policy_tried(settings: Settings, text: str) -> tuple[Settings | None, tuple[Finding, ...]]:
    """The settings with this policy, where it is right; what is wrong, in it or between it and what is stored.

    Asks no CRM: mappings and people are those that the last run saw.
    """
    try:
        if beyond := tuple(_lists_elsewhere(settings, text)):
            return None, beyond
        tried = with_policy_text(settings, text)
    except ConfigurationError as error:
        return None, tuple(error.findings)
    found = tuple(_against_what_is_stored(tried))
    return (None if found else tried), found


def roster_tried(settings: Settings, text: str) -> tuple[Settings | None, tuple[Finding, ...]]:
    """The settings with this roster, where it is right, also beside what is stored; what is wrong. Asks no CRM."""
    try:
        tried = with_roster_text(settings, text)
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


def _lists_elsewhere(settings: Settings, text: str) -> Iterator[Finding]:
    """Files that the text newly names, and that are outside the folder or no lists: what stands there is for whoever
    may log in there. In the folder itself lie secrets, too, and pages tell what lists hold.
    """
    path = settings.policy_path
    document = document_of(path, text)
    before = files_needed(settings.policy_document, presets())
    for name, place in files_needed(document, presets()).items():
        if name in before:
            continue
        found = inside(settings.directory, path.parent / name)
        if found is None:
            message = f"`{name[:60]}` does not lie in the configuration's folder"
            yield document.finding(place, message, "put the list into that folder, and name it there")
        elif not _may_be_a_list(found.relative_to(settings.directory.resolve())):
            endings = " or ".join(f"`{each}`" for each in LIST_ENDINGS)
            yield document.finding(
                place, f"`{name[:60]}` is no list by its name", f"name a file that ends in {endings}"
            )


def _may_be_a_list(path: Path) -> bool:
    return path.suffix.lower() in LIST_ENDINGS and not any(part.startswith(".") for part in path.parts)


def _against_what_is_stored(tried: Settings) -> Iterator[Finding]:
    with closing(Store(tried.store)) as store:
        for configuration in tried.connections.values():
            try:
                stored(tried, configuration, store)
            except ConfigurationError as error:
                yield from error.findings
            except (NeverRead, UsageError):
                continue  # nothing to hold it against
