"""The practice CRM: a Salesforce org and a HubSpot portal on loopback, for rehearsal, tests and
measurements.

An island: nothing in here imports any other part of crmsync, so that a fake does not share its client's
mistakes.
"""
