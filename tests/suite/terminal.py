"""Warm processes at a terminal of their own: what it shows, and who types there."""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suite.warm import PATIENCE, WarmProcess

QUIET = 2.0
"""Seconds without a sign after which somebody who types may do something."""
STREAMS = (0, 1, 2)


@dataclass(frozen=True)
class Terminal:
    """`process` is at work at it; `leader` is the end at which somebody sits."""

    process: WarmProcess
    leader: int

    def pieces(self) -> Iterator[str]:
        """What is shown, as it comes, until the process has ended; "" when nothing has come for a while."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a sign may come in two pieces
        ends, last = [self.leader, self.process.sentinel], time.monotonic()
        while time.monotonic() - last < PATIENCE:
            ready = select.select(ends, [], [], QUIET)[0]
            if self.leader in ready:
                last = time.monotonic()
                yield decoder.decode(os.read(self.leader, 65536)).replace("\r", "")
            elif ready:
                return
            else:
                yield ""
        raise AssertionError(f"nothing was shown for {PATIENCE} s")

    def type(self, text: str) -> None:
        """As on the keyboard."""
        os.write(self.leader, text.encode())


@contextmanager
def terminal(
    main: Callable[[], None],
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    said: Path,
    streams: Collection[int] = STREAMS,
) -> Iterator[Terminal]:
    """`main` with this `sys.argv` at a new terminal, which is these of its standard streams; see `WarmProcess`."""
    leader, follower = pty.openpty()
    try:
        device = dict.fromkeys(streams, os.ttyname(follower))
        with WarmProcess.start(main, arguments, cwd=cwd, env=env, said=said, terminal=device) as process:
            yield Terminal(process, leader)
    finally:
        os.close(leader)
        os.close(follower)  # not before: a terminal that nobody has opened yet would be over


def plain(text: str) -> str:
    """Without colours and moves of the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
