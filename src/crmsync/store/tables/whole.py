"""The schema with every table in it; a table is known to it once its module is imported."""

from crmsync.store.tables import of_leads, of_people, of_runs, of_the_service
from crmsync.store.tables.base import metadata

__all__ = ["metadata", "of_leads", "of_people", "of_runs", "of_the_service"]
