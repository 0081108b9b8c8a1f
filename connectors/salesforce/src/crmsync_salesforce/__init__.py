"""Salesforce connector for crmsync."""
