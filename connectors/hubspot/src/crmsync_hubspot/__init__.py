"""HubSpot connector for crmsync. Importing this package does not load HubSpot's client library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.sdk import ConnectorPlugin, starter_file
from crmsync_hubspot.lead_pages import lead_id, record_page
from crmsync_hubspot.setting_up import SIGN_IN_WAYS
from crmsync_hubspot.settings import HubSpotSettings

if TYPE_CHECKING:
    from crmsync.sdk import Connector, TellingReader

__all__ = ["HubSpotSettings", "connector"]


_STARTERS = "../../../../mappings"


def _open(settings: HubSpotSettings) -> Connector:
    from crmsync_hubspot.connection import HubSpotConnector  # noqa: PLC0415 - the client library loads slowly

    return HubSpotConnector(settings)


def _tellings(settings: HubSpotSettings) -> TellingReader | None:
    from crmsync_hubspot.tellings import reader  # noqa: PLC0415 - only a service is told anything

    return reader(settings)


connector = ConnectorPlugin(
    settings=HubSpotSettings,
    open=_open,
    starter_mapping=starter_file(__name__, "hubspot.yaml", in_checkout=_STARTERS),
    other_starters={"leads": starter_file(__name__, "hubspot-leads.yaml", in_checkout=_STARTERS)},
    lead_id=lead_id,
    record_page=record_page,
    title="HubSpot",
    sign_in_ways=SIGN_IN_WAYS,
    tellings=_tellings,
)
