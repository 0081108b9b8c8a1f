"""Kits that prove a part keeps its contract. They need pytest, which crmsync itself does not."""

import pytest

pytest.register_assert_rewrite("crmsync.testing.connector_kit")  # so that a failed check shows its values

from crmsync.testing.connector_kit import ConnectorConformance, World  # noqa: E402 - after the line above

__all__ = ["ConnectorConformance", "World"]
