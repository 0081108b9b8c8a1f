"""Lists in files: what cannot be read is told at its place in the policy, and nothing is waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crmsync.errors import ConfigurationError
from crmsync.operations.policy.named import policy_in

POLICY = """name: small
facts: {t: {type: text}}
lists: {names: {file: names.txt}}
criteria: {named: {fact: t, in: names}}
ladder: [{stage: lead}, {stage: sql, when: named}]
"""


def written(directory: Path) -> Path:
    """The policy beside which its list belongs."""
    (directory / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return directory / "names.txt"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file or directory"),
        (Path.mkdir, "is a directory"),
        (os.mkfifo, "is not a file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"\xff\xfea\0"), "is not UTF-8 text\n  → save it as UTF-8"),
        (lambda path: path.write_bytes(b"a\0b"), "is not plain text: it has NUL characters"),
        (lambda path: path.write_bytes(b"a\n" * 4_000_001), "is larger than 8,000,000 bytes"),
    ],
    ids=["missing", "directory", "pipe", "device", "loop", "utf-16", "nul", "large"],
)
def test_what_is_no_list_is_told_at_its_place(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    make(written(tmp_path))
    with pytest.raises(ConfigurationError) as caught:
        policy_in(tmp_path / "policy.yaml")
    assert str(caught.value).startswith(f"{tmp_path / 'policy.yaml'}:3:23: the list file `names.txt`: {words}")


def test_a_byte_order_mark_is_no_part_of_the_first_value(tmp_path: Path) -> None:
    written(tmp_path).write_bytes("Acme\r\nAlder GmbH  # ours\r\n".encode("utf-8-sig"))
    assert policy_in(tmp_path / "policy.yaml").lists["names"] == ("Acme", "Alder GmbH")
