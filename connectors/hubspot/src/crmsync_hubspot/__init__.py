"""HubSpot connector for crmsync."""
