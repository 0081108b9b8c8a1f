"""The Salesforce side of the practice CRM."""

from crmsync_practice.salesforce.side import SalesforceSide

__all__ = ["SalesforceSide"]
