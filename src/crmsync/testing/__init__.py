"""Kits that prove a part keeps its contract. They need pytest, which crmsync itself does not."""

import pytest

# So that a failed check shows its values.
pytest.register_assert_rewrite("crmsync.testing.connector_kit", "crmsync.testing.store_kit")

from crmsync.testing.connector_kit import ConnectorConformance, World  # noqa: E402 - after the line above
from crmsync.testing.memory_crm import MemoryCrm  # noqa: E402
from crmsync.testing.store_kit import StoreConformance  # noqa: E402

__all__ = ["ConnectorConformance", "MemoryCrm", "StoreConformance", "World"]
