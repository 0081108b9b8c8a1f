"""A HubSpot portal on loopback."""

from crmsync.practice.hubspot.side import HubSpotSide

__all__ = ["HubSpotSide"]
