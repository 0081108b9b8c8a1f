"""What nobody foresaw, in words."""

from __future__ import annotations

from pathlib import Path

from crmsync.run.unforeseen import in_words


def test_a_name_longer_than_the_system_takes_is_no_fault_of_crmsync() -> None:
    try:
        Path("y" * 5_000).stat()
    except OSError as error:
        told = in_words(error)
    assert told.message == "the name of a file is longer than this system takes"
    assert "maintainers" not in (told.hint or "")
