"""The Salesforce side of the practice CRM."""

from crmsync.practice.salesforce.side import SalesforceSide

__all__ = ["SalesforceSide"]
