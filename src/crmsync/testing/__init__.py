"""Kits that prove a part keeps its contract. They need pytest, which crmsync itself does not."""

from pathlib import Path

import pytest

# So that a failed check shows its values.
for _kit in Path(__file__).parent.glob("[a-z]*.py"):
    pytest.register_assert_rewrite(f"crmsync.testing.{_kit.stem}")

from crmsync.testing.connector_kit import ConnectorConformance  # noqa: E402 - after the lines above
from crmsync.testing.memory_crm import MemoryCrm  # noqa: E402
from crmsync.testing.store_kit import StoreConformance  # noqa: E402
from crmsync.testing.world import World  # noqa: E402

__all__ = ["ConnectorConformance", "MemoryCrm", "StoreConformance", "World"]
