"""Small programs that tests write."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def python_program(path: Path, code: str) -> None:
    """Make a program of this code, which sees this Python's standard library and nothing else.

    A shell begins it: a first line of `#!` takes no path with a space in it, and none of more than some 120 letters.
    """
    written = path.with_suffix(".py")
    written.write_text(code, encoding="utf-8")
    line = f'exec {shlex.quote(sys.executable)} -IS {shlex.quote(str(written))} "$@"'
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
