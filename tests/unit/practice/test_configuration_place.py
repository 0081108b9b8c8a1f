"""A configuration that has no place is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync_practice.configuration import ConfigurationRefused, Setting, write_configuration


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nothing = Setting({}, "UTC", (), {}, {}, {}, {}, {})
    with pytest.raises(ConfigurationRefused, match="cannot be written: Not a directory"):
        write_configuration(tmp_path / "file" / "folder", nothing)
