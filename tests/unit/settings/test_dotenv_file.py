"""`.env` is a small text file, or words for why not: it is read by every command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crmsync.errors import ConfigurationError
from crmsync.settings.environment import environment


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "is a directory"),
        (os.mkfifo, "is not a file but a pipe or a device\n  → name a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file but a pipe or a device"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"A=\xff\xfe"), "is not UTF-8 text\n  → save it as UTF-8"),
        (lambda path: path.write_bytes(b"# " + b"x" * 1_000_000), "is larger than 1,000,000 bytes"),
    ],
    ids=["directory", "pipe", "device", "loop", "utf-16", "large"],
)
def test_what_is_no_such_file_is_told_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / ".env")
    with pytest.raises(ConfigurationError) as caught:
        environment(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / '.env'}: {words}")


def test_no_file_is_no_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRMSYNC_LOG_LEVEL", raising=False)
    assert environment(tmp_path).log_level == "info"


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRMSYNC_LOG_LEVEL", raising=False)
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfCRMSYNC_LOG_LEVEL=debug\n")
    assert environment(tmp_path).log_level == "debug"
