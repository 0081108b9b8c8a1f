"""Practice CRMs without the rest of crmsync, started warm: what `python -m crmsync_practice serve` does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from suite.warm import WarmProcess


class PracticeServer:
    """One at work. `urls`: base URLs by CRM. Whoever starts it ends it."""

    def __init__(self, *options: str) -> None:
        self._folder = TemporaryDirectory(prefix="practice-")
        self._process = WarmProcess.start(
            serve_practice,
            ["crmsync_practice", "serve", "--port", "0", *options],
            cwd=Path.cwd(),
            env=os.environ,
            said=Path(self._folder.name) / "said",
        )
        self._ready = self._process.first_line()
        assert self._ready, f"the practice CRM did not start: {self._process.stderr}"
        self.urls: dict[str, str] = json.loads(self._ready)

    def end(self) -> str:
        """SIGTERM, as an operator would; it must end well and have said nothing on stdout but that it is ready.

        Gives what it said on stderr.
        """
        assert self._process.end() == 0, self._process.stderr
        assert self._process.stdout == f"{self._ready}\n"
        said = self._process.stderr
        self._folder.cleanup()
        return said


def serve_practice() -> None:
    """The program."""
    from crmsync_practice.command import practice

    practice(prog_name="python -m crmsync_practice")
