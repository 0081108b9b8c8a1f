"""A mapping of another connector is told with the file to mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from crmsync.configuration import read_document
from crmsync.mapping import mapping_from
from crmsync.settings.load import connector_differs

MAPPING = """
connector: NAME
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: New, mql: Marketing}}
"""


@dataclass
class Configured:
    """As much of a connection's settings as is looked at."""

    connector: str
    options: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("mapped", "configured", "mend"),
    [
        ("hubspot", "HubSpot", "write `connector: hubspot` in crmsync.yaml"),
        ("HubSpot", "hubspot", "write `connector: hubspot` in the mapping"),
        ("HubSpot", "Hubspot", "write `connector: hubspot` in the mapping and crmsync.yaml"),
        ("hubspot", "salesforce", "name the right mapping file"),
    ],
)
def test_the_file_to_mend_is_named(mapped: str, configured: str, mend: str) -> None:
    document = read_document(MAPPING.replace("NAME", mapped), "mapping.yaml")
    [finding] = connector_differs(mapping_from(document), document, cast(Any, Configured(configured)))
    assert mend in (finding.hint or "")


def test_the_same_connector_is_no_mistake() -> None:
    document = read_document(MAPPING.replace("NAME", "hubspot"), "mapping.yaml")
    assert connector_differs(mapping_from(document), document, cast(Any, Configured("hubspot"))) == []
