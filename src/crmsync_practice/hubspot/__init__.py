"""A HubSpot portal on loopback."""

from crmsync_practice.hubspot.side import HubSpotSide

__all__ = ["HubSpotSide"]
