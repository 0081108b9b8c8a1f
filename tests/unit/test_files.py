"""Only regular files of bounded size are read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from crmsync.files import Unreadable, led_to, read_file, read_text, write_for_this_user


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe")
    assert read_text(tmp_path / "a", largest_bytes=10) == "Grüße"
    assert read_file(tmp_path / "a", largest_bytes=10)[:3] == b"\xef\xbb\xbf"


def test_what_is_no_file_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path, words in (
            (tmp_path / "pipe", "is not a file but a pipe or a device"),
            (Path("/dev/zero"), "is not a file but a pipe or a device"),
            (Path("/dev/null"), "is not a file but a pipe or a device"),
            (tmp_path, "is a directory"),
            (tmp_path / "socket", "no such device or address"),
            (tmp_path / "nothing", "no such file or directory"),
            (tmp_path / "a\0b", "is not the name of a file"),
        ):
            with pytest.raises(Unreadable, match=words):
                read_file(path, largest_bytes=10)


def test_one_byte_too_many(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 11)
    with pytest.raises(Unreadable, match="is larger than 10 bytes"):
        read_file(tmp_path / "a", largest_bytes=10)
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert read_file(tmp_path / "a", largest_bytes=10) == b"x" * 10


def test_what_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    with pytest.raises(Unreadable, match="is not UTF-8 text"):
        read_text(tmp_path / "a", largest_bytes=10)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o644)
    write_for_this_user(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    with pytest.raises(OSError, match="nowhere"):
        write_for_this_user(tmp_path / "nowhere" / "a", "new")


def test_links_are_followed_and_circles_told(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "new").symlink_to("not yet there")
    assert led_to(tmp_path / "link") == real.resolve()
    assert led_to(tmp_path / "new") == (tmp_path / "not yet there").resolve()
    (tmp_path / "loop").symlink_to("pool")
    (tmp_path / "pool").symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links"):
        led_to(tmp_path / "loop")
