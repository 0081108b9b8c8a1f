"""HubSpot connector for crmsync. Importing this package does not load HubSpot's client library."""

from crmsync.contract import Connector, ConnectorPlugin
from crmsync.sdk import shipped_mapping
from crmsync_hubspot.settings import HubSpotSettings

__all__ = ["HubSpotSettings", "connector"]


def _open(settings: HubSpotSettings) -> Connector:
    from crmsync_hubspot.connection import HubSpotConnector  # noqa: PLC0415 - the client library loads slowly

    return HubSpotConnector(settings)


connector = ConnectorPlugin(
    name="hubspot",
    settings=HubSpotSettings,
    open=_open,
    starter_mapping=lambda: shipped_mapping("hubspot"),
)
