"""Checks of the kit on addresses of records' pages: `ConnectorPlugin.record_page`, and `lead_id` beside it."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from crmsync.contract import Connector, ConnectorPlugin
from crmsync.testing.world import NOWHERE, World

_LOOPBACK = ("127.0.0.1", "localhost")
_NO_IDS = ("", "../x", "a b", "x?y=1", "x#y", '"><b>', "javascript:x", "a\nb", "ü", NOWHERE * 100)
"""What no CRM gives as a record's id, and what would lead elsewhere or break the text around a link."""


class RecordPageChecks:
    """`plugin`: what the entry point names; without it, and where it makes no addresses, nothing is checked."""

    plugin: ClassVar[ConnectorPlugin | None] = None

    def test_a_records_address_is_a_page_of_the_crm_with_the_id_alone(
        self, connector: Connector, world: World
    ) -> None:
        if self.plugin is None or self.plugin.record_page is None:
            pytest.skip("this connector makes no addresses of records")
        org = connector.org()
        for lead in sorted(world.values())[:5]:
            address = self.plugin.record_page(org, world.object, lead)
            assert address is not None, "a lead of this CRM has a page"
            parts = urlsplit(address)
            assert parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK), address
            assert org.pages == f"{parts.scheme}://{parts.netloc}", "the page is where `pages` of the account says"
            assert lead in address
            assert address.isascii()
            assert not set(address) & set(" \"'<>()[]\\`|"), "the address stands as it is in any text"
            if self.plugin.lead_id is not None:
                assert self.plugin.lead_id(address, world.object) == lead, "what is pasted from a plan names its lead"
                assert self.plugin.lead_id(address, NOWHERE) is None, "it names no record of another object"
                assert self.plugin.lead_id(address, None) is None, "nor one of an object that is not known"

    def test_an_address_is_made_without_a_call_and_for_ids_alone(self, connector: Connector, world: World) -> None:
        if self.plugin is None or self.plugin.record_page is None:
            pytest.skip("this connector makes no addresses of records")
        org = connector.org()
        before = connector.usage().calls
        for text in _NO_IDS:
            assert self.plugin.record_page(org, world.object, text) is None, ascii(text[:40])
        assert connector.usage().calls == before
