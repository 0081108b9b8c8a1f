"""Settings as they would be with another text of one file: read and validated as if it stood there."""

from __future__ import annotations

from pathlib import Path

from crmsync.configuration import Document, read_document
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable
from crmsync.mapping import mapping_from
from crmsync.route.roster.roster import roster_from
from crmsync.settings.documents import plain_text
from crmsync.settings.load import connector_differs
from crmsync.settings.policy_file import criteria_of, policy_of
from crmsync.settings.settings import ConnectionConfiguration, Settings
from crmsync.values import replace


def with_policy_text(settings: Settings, text: str) -> Settings:
    """With another policy, and the roster held against it. Raises `ConfigurationError`."""
    path = settings.policy_path
    document = document_of(path, text)
    policy = policy_of(document, path)
    names = tuple(each.name for each in policy.hand_overs)
    roster = roster_from(settings.roster_document, criteria_of(policy), names)
    return replace(settings, policy=policy, policy_document=document, roster=roster)


def with_roster_text(settings: Settings, text: str) -> Settings:
    """With another roster, held against the policy. Raises `ConfigurationError`."""
    document = document_of(settings.roster_path, text)
    names = tuple(each.name for each in settings.policy.hand_overs)
    roster = roster_from(document, criteria_of(settings.policy), names)
    return replace(settings, roster=roster, roster_document=document)


def with_mapping_text(settings: Settings, connection: str, text: str) -> Settings:
    """With another mapping of one connection. Raises `ConfigurationError`."""
    document = document_of(settings.mapping_path(connection), text)
    configured = settings.configured[connection]
    mapping = mapping_from(document)
    if findings := connector_differs(mapping, document, configured):
        raise ConfigurationError(findings)
    made = ConnectionConfiguration(
        connection, configured, mapping, document, configured.language or settings.language
    )
    return replace(
        settings,
        connections={**settings.connections, connection: made},
        broken={name: error for name, error in settings.broken.items() if name != connection},
    )


def document_of(path: Path, text: str) -> Document:
    """A text as if it stood in this file. Raises `ConfigurationError`."""
    try:
        return read_document(plain_text(text.removeprefix("\ufeff")), str(path))
    except Unreadable as error:
        raise ConfigurationError([Finding(str(path), 0, 0, str(error), error.hint)]) from None
