"""Who holds a connection: the process, its machine and since when, as a text that another process reads."""

from __future__ import annotations

import json
import os
import platform
from datetime import datetime

from crmsync.errors import AnotherRunInProgress


def this_process(now: datetime) -> str:
    """What this process leaves where it holds something."""
    since = now.isoformat(timespec="seconds")
    return json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since})


def another_run(connection: str, holder: str | bytes, now: datetime) -> AnotherRunInProgress:
    """The refusal that names the holder."""
    return AnotherRunInProgress(
        f"another run works on {connection} {told(holder, now)}",
        hint="wait until it has ended, or stop that process",
    )


def told(holder: str | bytes, now: datetime) -> str:
    """Since when, and which process."""
    try:
        who = json.loads(holder)
        ahead = " by a clock that runs ahead" if datetime.fromisoformat(who["since"]) > now else ""
        return f"since {who['since']}{ahead} (process {who['pid']} on {who['host']})"
    except (ValueError, KeyError, TypeError):  # it has just begun and not yet written its name
        return "since this moment"
